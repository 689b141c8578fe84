#include <inttypes.h>
#include <string.h>
#include <xxhash.h>

#include "common/natstext.h"

#define DIGEST_BYTES 32 /* hexadecimal */

static bool
is_edge_blank(struct slice s, size_t i)
{
	return s.p[i] == ' ' && (i == 0 || i + 1 == s.len);
}

/* A value ends at the end of its line, and blanks around it are not of it. */
static bool
value_holds(enum layout_escape how, struct slice s, size_t i)
{
	uint8_t c = s.p[i];

	if (how == LAYOUT_CLOUDEVENTS)
		return c > ' ' && c < 0x7F && c != '"' && c != '%';
	if (how == LAYOUT_PERCENT)
		return c >= ' ' && c != 0x7F && c != '%' && !is_edge_blank(s, i);
	return c != '\r' && c != '\n' && c != '\0' && !is_edge_blank(s, i) &&
	       !(c == '\t' && (i == 0 || i + 1 == s.len));
}

static bool
token_holds(enum layout_escape how, uint8_t c, bool dots)
{
	if (c == '.')
		return dots;
	if (how == LAYOUT_PERCENT)
		return c > ' ' && c < 0x7F && c != '%' && c != '*' && c != '>';
	return c > ' ' && c != 0x7F;
}

static void
put_percent(struct buf *out, uint8_t c)
{
	static const char digits[] = "0123456789ABCDEF";

	buf_add_byte(out, '%');
	buf_add_byte(out, (uint8_t)digits[c >> 4]);
	buf_add_byte(out, (uint8_t)digits[c & 15]);
}

const char *
natstext_write_value(enum layout_escape how, struct slice text, struct buf *out)
{
	size_t i, n;

	if (text.len == 0 && how == LAYOUT_PERCENT)
		buf_add_byte(out, '%');
	for (i = 0; i < text.len; i += n) {
		for (n = 0; i + n < text.len && value_holds(how, text, i + n); n++)
			;
		buf_add(out, text.p + i, n);
		if (i + n == text.len)
			break;
		if (how == LAYOUT_RAW)
			return "has bytes that cannot stand in a header";
		put_percent(out, text.p[i + n++]);
	}
	return NULL;
}

/* Of a subject every part must have something in it, and `*` and `>` alone mean others. */
static const char *
check_parts(const uint8_t *p, size_t len)
{
	size_t i, begin = 0;

	for (i = 0; i <= len; i++) {
		if (i < len && p[i] != '.')
			continue;
		if (i == begin)
			return "has an empty part, which no subject can have";
		if (i == begin + 1 && (p[begin] == '*' || p[begin] == '>'))
			return "has a part * or >, which no subject can have";
		begin = i + 1;
	}
	return NULL;
}

/* Cut, and made different from others that begin the same. */
static void
shorten(struct slice text, struct buf *out, size_t begin)
{
	XXH128_hash_t h = XXH3_128bits(text.p, text.len);
	size_t keep = NATSTEXT_TOKEN_MOST_BYTES - DIGEST_BYTES - 2;

	while (keep > 0 && out->p[begin + keep - 1] == '%')
		keep--;
	if (out->p[begin + keep - 2] == '%')
		keep -= 2;
	out->len = begin + keep;
	buf_printf(out, "%%~%016" PRIx64 "%016" PRIx64, (uint64_t)h.high64, (uint64_t)h.low64);
}

const char *
natstext_write_token(enum layout_escape how, struct slice text, bool dots, struct buf *out)
{
	size_t begin = out->len, i;

	if (text.len == 0 && how == LAYOUT_PERCENT && !dots)
		buf_add_byte(out, '%');
	for (i = 0; i < text.len; i++) {
		if (token_holds(how, text.p[i], dots))
			buf_add_byte(out, text.p[i]);
		else if (how == LAYOUT_PERCENT)
			put_percent(out, text.p[i]);
		else
			return "has bytes that cannot stand in a subject";
	}
	if (how == LAYOUT_PERCENT && !dots && out->len - begin > NATSTEXT_TOKEN_MOST_BYTES)
		shorten(text, out, begin);
	return check_parts(buf_slice(out).p + begin, out->len - begin);
}

static int
hex(uint8_t c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	                              : -1;
}

/* Every %XX as its byte; what is none stays. */
static void
undo_percent(struct slice text, struct buf *out)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		if (text.p[i] == '%' && i + 2 < text.len && hex(text.p[i + 1]) >= 0 &&
		    hex(text.p[i + 2]) >= 0) {
			buf_add_byte(out, (uint8_t)(hex(text.p[i + 1]) * 16 + hex(text.p[i + 2])));
			i += 2;
		} else {
			buf_add_byte(out, text.p[i]);
		}
}

enum place { PLACE_VALUE, PLACE_TOKEN, PLACE_TOKENS };

static struct slice
read_text(enum layout_escape how, struct slice text, enum place place, struct arena *mem)
{
	struct buf plain, again;
	const char *why;

	if (how == LAYOUT_RAW || !memchr(text.p, '%', text.len))
		return text;
	if (text.len == 1 && how == LAYOUT_PERCENT && place != PLACE_TOKENS)
		return (struct slice){text.p, 0};
	plain = arena_take_buf(mem);
	again = arena_take_buf(mem);
	undo_percent(text, &plain);
	why = place == PLACE_VALUE
	          ? natstext_write_value(how, buf_slice(&plain), &again)
	          : natstext_write_token(how, buf_slice(&plain), place == PLACE_TOKENS, &again);
	if (how == LAYOUT_CLOUDEVENTS || (!why && slice_eq(buf_slice(&again), text)))
		text = arena_dup(mem, buf_slice(&plain));
	arena_give_buf(mem, &again);
	arena_give_buf(mem, &plain);
	return text;
}

struct slice
natstext_read_value(enum layout_escape how, struct slice text, struct arena *mem)
{
	return read_text(how, text, PLACE_VALUE, mem);
}

struct slice
natstext_read_token(enum layout_escape how, struct slice text, bool dots, struct arena *mem)
{
	return read_text(how, text, dots ? PLACE_TOKENS : PLACE_TOKEN, mem);
}
