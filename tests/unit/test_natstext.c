#include <string.h>

#include "common/natstext.h"
#include "tests/tap.h"

static const char in_header[] = "has bytes that cannot stand in a header";
static const char in_subject[] = "has bytes that cannot stand in a subject";
static const char empty_part[] = "has an empty part, which no subject can have";
static const char wildcard[] = "has a part * or >, which no subject can have";

enum place { VALUE, TOKEN, TOKENS };

static const char *
write_text(enum layout_escape how, enum place place, struct slice text, struct buf *out)
{
	return place == VALUE ? natstext_write_value(how, text, out)
	                      : natstext_write_token(how, text, place == TOKENS, out);
}

static struct slice
read_text(enum layout_escape how, enum place place, struct slice text, struct arena *mem)
{
	return place == VALUE ? natstext_read_value(how, text, mem)
	                      : natstext_read_token(how, text, place == TOKENS, mem);
}

/* Written behind what is there, and read again. */
static void
both(enum layout_escape how, enum place place, struct slice text, const char *spelt)
{
	struct arena *mem = arena_new(4096);
	struct buf out = BUF_INIT;
	struct slice back;

	buf_add_str(&out, "before");
	if (!ok(!write_text(how, place, text, &out)) ||
	    !eq_mem(out.p + 6, out.len - 6, spelt, strlen(spelt)))
		eq_str("written", spelt);
	back = read_text(how, place, slice_str(spelt), mem);
	if (!eq_mem(back.p, back.len, text.p, text.len))
		eq_str("read", spelt);
	buf_release(&out);
	arena_free(mem);
}

static void
refuses(enum layout_escape how, enum place place, struct slice text, const char *why)
{
	struct buf out = BUF_INIT;

	if (!eq_str(write_text(how, place, text, &out), why))
		eq_mem(text.p, text.len, "", 0);
	buf_release(&out);
}

/* What others wrote, and what it is. */
static void
reads(enum layout_escape how, enum place place, const char *foreign, struct slice text)
{
	struct arena *mem = arena_new(4096);
	struct slice got = read_text(how, place, slice_str(foreign), mem);

	if (!eq_mem(got.p, got.len, text.p, text.len))
		eq_str("read", foreign);
	arena_free(mem);
}

void
test_raw_values_are_as_they_are_or_refused(void)
{
	both(LAYOUT_RAW, VALUE, SLICE_LIT(""), "");
	both(LAYOUT_RAW, VALUE, SLICE_LIT("a b\tc%20%\x01\x7f"), "a b\tc%20%\x01\x7f");
	both(LAYOUT_RAW, VALUE, SLICE_LIT("\xc3\xa9"), "\xc3\xa9");
	refuses(LAYOUT_RAW, VALUE, SLICE_LIT("a\nb"), in_header);
	refuses(LAYOUT_RAW, VALUE, SLICE_LIT("a\rb"), in_header);
	refuses(LAYOUT_RAW, VALUE, SLICE_LIT("a\0b"), in_header);
	refuses(LAYOUT_RAW, VALUE, SLICE_LIT(" a"), in_header);
	refuses(LAYOUT_RAW, VALUE, SLICE_LIT("a "), in_header);
	refuses(LAYOUT_RAW, VALUE, SLICE_LIT("\ta"), in_header);
	refuses(LAYOUT_RAW, VALUE, SLICE_LIT("a\t"), in_header);
	refuses(LAYOUT_RAW, VALUE, SLICE_LIT(" "), in_header);
}

void
test_percent_values_hold_every_text(void)
{
	both(LAYOUT_PERCENT, VALUE, SLICE_LIT(""), "%");
	both(LAYOUT_PERCENT, VALUE, SLICE_LIT("%"), "%25");
	both(LAYOUT_PERCENT, VALUE, SLICE_LIT("%20"), "%2520");
	both(LAYOUT_PERCENT, VALUE, SLICE_LIT(" a b "), "%20a b%20");
	both(LAYOUT_PERCENT, VALUE, SLICE_LIT("  "), "%20%20");
	both(LAYOUT_PERCENT, VALUE, SLICE_LIT("a\r\n\t\0\x7f"), "a%0D%0A%09%00%7F");
	both(LAYOUT_PERCENT, VALUE, SLICE_LIT("\xc3\xa9\xff"), "\xc3\xa9\xff");
	both(LAYOUT_PERCENT, VALUE, SLICE_LIT("a.b*>\"{}"), "a.b*>\"{}");
}

void
test_cloudevents_values_are_printable_ascii(void)
{
	both(LAYOUT_CLOUDEVENTS, VALUE, SLICE_LIT(""), "");
	both(LAYOUT_CLOUDEVENTS, VALUE, SLICE_LIT("Euro \xe2\x82\xac \xf0\x9f\x98\x80"),
	     "Euro%20%E2%82%AC%20%F0%9F%98%80");
	both(LAYOUT_CLOUDEVENTS, VALUE, SLICE_LIT("\"%\\"), "%22%25\\");
	both(LAYOUT_CLOUDEVENTS, VALUE, SLICE_LIT("\0\r\n\x7f~!"), "%00%0D%0A%7F~!");
}

void
test_of_cloudevents_every_percent_is_read(void)
{
	reads(LAYOUT_CLOUDEVENTS, VALUE, "%41%e2%82%ac", SLICE_LIT("A\xe2\x82\xac"));
	reads(LAYOUT_CLOUDEVENTS, VALUE, "a b%20c", SLICE_LIT("a b c"));
	reads(LAYOUT_CLOUDEVENTS, VALUE, "50%", SLICE_LIT("50%"));
	reads(LAYOUT_CLOUDEVENTS, VALUE, "50%2", SLICE_LIT("50%2"));
	reads(LAYOUT_CLOUDEVENTS, VALUE, "%2x%%25", SLICE_LIT("%2x%%"));
}

void
test_what_we_would_write_in_another_way_is_read_as_it_stands(void)
{
	reads(LAYOUT_PERCENT, VALUE, "100%", SLICE_LIT("100%"));
	reads(LAYOUT_PERCENT, VALUE, "%0a", SLICE_LIT("%0a"));
	reads(LAYOUT_PERCENT, VALUE, "%41", SLICE_LIT("%41"));
	reads(LAYOUT_PERCENT, VALUE, "a%20b", SLICE_LIT("a%20b"));
	reads(LAYOUT_PERCENT, VALUE, "%0A%0a", SLICE_LIT("%0A%0a"));
	reads(LAYOUT_PERCENT, VALUE, "%%", SLICE_LIT("%%"));
	reads(LAYOUT_RAW, VALUE, "%0A", SLICE_LIT("%0A"));
	reads(LAYOUT_PERCENT, TOKEN, "%41", SLICE_LIT("%41"));
	reads(LAYOUT_PERCENT, TOKENS, "%", SLICE_LIT("%"));
	reads(LAYOUT_PERCENT, TOKENS, "a%2Eb", SLICE_LIT("a%2Eb"));
	reads(LAYOUT_RAW, TOKEN, "%20", SLICE_LIT("%20"));
}

void
test_raw_tokens_are_as_they_are_or_refused(void)
{
	both(LAYOUT_RAW, TOKEN, SLICE_LIT("a*b>%"), "a*b>%");
	both(LAYOUT_RAW, TOKEN, SLICE_LIT("\xc3\xa9"), "\xc3\xa9");
	both(LAYOUT_RAW, TOKENS, SLICE_LIT("a.b"), "a.b");
	refuses(LAYOUT_RAW, TOKEN, SLICE_LIT("a.b"), in_subject);
	refuses(LAYOUT_RAW, TOKEN, SLICE_LIT("a b"), in_subject);
	refuses(LAYOUT_RAW, TOKEN, SLICE_LIT("a\tb"), in_subject);
	refuses(LAYOUT_RAW, TOKEN, SLICE_LIT("a\0"), in_subject);
	refuses(LAYOUT_RAW, TOKEN, SLICE_LIT("a\x7f"), in_subject);
	refuses(LAYOUT_RAW, TOKEN, SLICE_LIT(""), empty_part);
	refuses(LAYOUT_RAW, TOKEN, SLICE_LIT("*"), wildcard);
	refuses(LAYOUT_RAW, TOKEN, SLICE_LIT(">"), wildcard);
	refuses(LAYOUT_RAW, TOKENS, SLICE_LIT(""), empty_part);
	refuses(LAYOUT_RAW, TOKENS, SLICE_LIT("."), empty_part);
	refuses(LAYOUT_RAW, TOKENS, SLICE_LIT("a..b"), empty_part);
	refuses(LAYOUT_RAW, TOKENS, SLICE_LIT("a."), empty_part);
	refuses(LAYOUT_RAW, TOKENS, SLICE_LIT(".a"), empty_part);
	refuses(LAYOUT_RAW, TOKENS, SLICE_LIT("a.*.b"), wildcard);
	refuses(LAYOUT_RAW, TOKENS, SLICE_LIT("a.>"), wildcard);
}

void
test_percent_tokens_hold_every_text(void)
{
	both(LAYOUT_PERCENT, TOKEN, SLICE_LIT(""), "%");
	both(LAYOUT_PERCENT, TOKEN, SLICE_LIT("%"), "%25");
	both(LAYOUT_PERCENT, TOKEN, SLICE_LIT("a.b c*>\0\x7f"), "a%2Eb%20c%2A%3E%00%7F");
	both(LAYOUT_PERCENT, TOKEN, SLICE_LIT("*"), "%2A");
	both(LAYOUT_PERCENT, TOKEN, SLICE_LIT("\xc3\xa9"), "%C3%A9");
	both(LAYOUT_PERCENT, TOKEN, SLICE_LIT("$-_~"), "$-_~");
	both(LAYOUT_PERCENT, TOKENS, SLICE_LIT("a b.*"), "a%20b.%2A");
	refuses(LAYOUT_PERCENT, TOKENS, SLICE_LIT(""), empty_part);
	refuses(LAYOUT_PERCENT, TOKENS, SLICE_LIT("a..b"), empty_part);
}

/* A text of n times one byte, and how it is written. */
static size_t
write_long(uint8_t byte, size_t n, char out[NATSTEXT_TOKEN_MOST_BYTES + 1])
{
	struct buf text = BUF_INIT, spelt = BUF_INIT;
	size_t len;

	while (n-- > 0)
		buf_add_byte(&text, byte);
	ok(!natstext_write_token(LAYOUT_PERCENT, buf_slice(&text), false, &spelt));
	len = spelt.len;
	ok(len <= NATSTEXT_TOKEN_MOST_BYTES);
	memcpy(out, buf_cstr(&spelt), len + 1);
	buf_release(&text);
	buf_release(&spelt);
	return len;
}

void
test_long_tokens_are_cut_and_get_a_digest(void)
{
	char a[NATSTEXT_TOKEN_MOST_BYTES + 1], b[NATSTEXT_TOKEN_MOST_BYTES + 1];

	eq_uint(write_long('a', 200, a), 200);
	ok(!strchr(a, '%'));
	eq_uint(write_long('a', 201, a), 200);
	eq_uint(write_long('a', 202, b), 200);
	ok(strstr(a, "a%~") == a + 165 && memcmp(a, b, 168) == 0 && strcmp(a, b) != 0);
	eq_uint(strspn(a + 168, "0123456789abcdef"), 32);
	reads(LAYOUT_PERCENT, TOKEN, a, slice_str(a));
	write_long('a', 201, b);
	eq_str(b, a);
}

void
test_no_token_is_cut_in_the_middle_of_a_percent(void)
{
	struct buf text = BUF_INIT, spelt = BUF_INIT;
	size_t before, i, at;

	for (before = 0; before < 6; before++) {
		text.len = spelt.len = 0;
		for (i = 0; i < 100; i++)
			buf_add_byte(&text, i < before ? 'x' : '.');
		buf_add_str(&spelt, "S.");
		ok(!natstext_write_token(LAYOUT_PERCENT, buf_slice(&text), false, &spelt));
		ok(spelt.len <= 202);
		for (at = 2 + before; memcmp(spelt.p + at, "%~", 2) != 0 && at < spelt.len; at += 3)
			eq_mem(spelt.p + at, 3, "%2E", 3);
		eq_uint(spelt.len - at, 34);
	}
	buf_release(&text);
	buf_release(&spelt);
}

void
test_parts_are_never_cut(void)
{
	struct buf text = BUF_INIT, spelt = BUF_INIT;
	size_t i;

	for (i = 0; i < 300; i++)
		buf_add_byte(&text, 'a');
	ok(!natstext_write_token(LAYOUT_PERCENT, buf_slice(&text), true, &spelt));
	eq_mem(spelt.p, spelt.len, text.p, text.len);
	spelt.len = 0;
	ok(!natstext_write_token(LAYOUT_RAW, buf_slice(&text), false, &spelt));
	eq_mem(spelt.p, spelt.len, text.p, text.len);
	buf_release(&text);
	buf_release(&spelt);
}
