#include <cbor.h>
#include <stdlib.h>
#include <string.h>

#include "common/cborbuf.h"
#include "common/decimal.h"
#include "common/jscan.h"
#include "common/transcode.h"
#include "common/transcode_stack.h"

#define HEAD_MAX 9
#define SMALL_COUNT 23 /* the largest count that the first byte of a head holds */

/* A head that needs more than the byte that was left for it. */
struct wide {
	size_t head;
	uint64_t count;
};

/*
 * One pass over text that jscan_valid() has accepted, so the grammar is not
 * looked at again.  A container gets one byte for its head when it opens.  Its
 * count is known when it closes; a large one goes to `wide`, and spread() makes
 * the room for all of them in one move.
 */
struct reader {
	const uint8_t *start, *p, *end;
	struct buf *out;
	struct err *err;
	bool key_next; /* the next string is a key */
	struct transcode_stack stack;
	struct wide *wide;
	size_t n_wide, wide_cap;
};

static size_t
position(const struct reader *r)
{
	return (size_t)(r->p - r->start);
}

/* The string at p, with its quotes. */
static struct slice
string_at(const uint8_t *p, const uint8_t *end)
{
	const uint8_t *q = p, *back;

	do {
		q = memchr(q + 1, '"', (size_t)(end - q - 1));
		for (back = q; back[-1] == '\\';)
			back--;
	} while ((q - back) % 2 != 0);
	return (struct slice){p, (size_t)(q + 1 - p)};
}

/*
 * The decoded length is known only after decoding, and the head stands in front
 * of it: decode behind the largest head, then close the gap.
 */
static int
add_decoded(struct buf *out, struct slice quoted, struct transcode_key *key)
{
	size_t from = out->len, head, len;

	buf_reserve(out, HEAD_MAX);
	out->len += HEAD_MAX;
	if (jscan_string(quoted, out) < 0)
		return -1;
	len = out->len - from - HEAD_MAX;
	head = cbor_encode_string_start(len, out->p + from, HEAD_MAX);
	memmove(out->p + from + head, out->p + from + HEAD_MAX, len);
	out->len = from + head + len;
	key->from = from + head;
	key->len = len;
	return 0;
}

static int
add_string(struct reader *r, struct slice quoted, struct transcode_key *key)
{
	struct slice plain = jscan_plain(quoted);

	if (plain.p) {
		cborbuf_text(r->out, plain);
		key->from = r->out->len - plain.len;
		key->len = plain.len;
		return 0;
	}
	if (add_decoded(r->out, quoted, key) < 0)
		return err_set(r->err, ERR_DATA, "lone surrogate in the string at byte %zu",
		               position(r));
	return 0;
}

static int
read_string(struct reader *r)
{
	struct transcode_key key = {.at = position(r)};
	struct slice quoted = string_at(r->p, r->end);

	if (add_string(r, quoted, &key) < 0)
		return -1;
	if (r->key_next) {
		transcode_stack_add_key(&r->stack, key);
		r->key_next = false;
	}
	r->p += quoted.len;
	return 0;
}

/* The integer n or -1 - n, whatever the exponent of `d`. */
static void
add_integer(struct buf *out, const struct decimal *d)
{
	uint8_t bytes[DECIMAL_MAX_BYTES];
	struct slice n = {bytes, decimal_integer(d, bytes)};
	uint64_t small = 0;
	size_t i;

	if (n.len > 8) {
		cborbuf_tag(out, d->negative ? 3 : 2);
		cborbuf_bytes(out, n);
		return;
	}
	for (i = 0; i < n.len; i++)
		small = small << 8 | n.p[i];
	if (d->negative)
		cborbuf_negint(out, small);
	else
		cborbuf_uint(out, small);
}

static int
add_number(struct reader *r, struct slice number)
{
	struct decimal d;
	const char *why = "";
	double real;

	if (decimal_read(&d, number, &why) < 0)
		return err_set(r->err, ERR_DATA, "%s at byte %zu", why, position(r));
	if (decimal_double(&d, &real)) {
		cborbuf_double(r->out, real);
		return 0;
	}
	if (d.negative && d.n_digits == 1 && d.digits[0] == '0')
		return err_set(r->err, ERR_DATA, "negative zero other than -0.0 at byte %zu",
		               position(r));
	if (!d.integer) {
		cborbuf_tag(r->out, 4);
		cborbuf_array(r->out, 2);
		cborbuf_int(r->out, d.exponent);
	}
	add_integer(r->out, &d);
	return 0;
}

/* Most numbers are integers of less than 20 digits: those need no decimal.  The end of
 * the number, or NULL when it is not one of these. */
static const uint8_t *
read_small(const uint8_t *p, const uint8_t *end, struct buf *out)
{
	const uint8_t *start = p;
	bool negative = *p == '-';
	uint64_t n = 0;

	for (p += negative; p < end && *p >= '0' && *p <= '9'; p++)
		n = n * 10 + (*p - '0');
	if (p - start > 19 || (negative && n == 0) || (p < end && strchr(".eE", *p)))
		return NULL;
	if (negative)
		cborbuf_negint(out, n - 1);
	else
		cborbuf_uint(out, n);
	return p;
}

static int
read_number(struct reader *r)
{
	const uint8_t *p = read_small(r->p, r->end, r->out);

	if (!p) {
		for (p = r->p; p < r->end && *p && strchr("0123456789.+-eE", *p);)
			p++;
		if (add_number(r, (struct slice){r->p, (size_t)(p - r->p)}) < 0)
			return -1;
	}
	r->p = p;
	return 0;
}

static int
open_container(struct reader *r)
{
	bool map = *r->p == '{';
	struct transcode_level *top = transcode_stack_push(&r->stack, map);

	if (!top)
		return err_set(r->err, ERR_DATA, "nested deeper than %d at byte %zu",
		               TRANSCODE_MAX_DEPTH, position(r));
	top->head = r->out->len;
	buf_add_byte(r->out, map ? 0xa0 : 0x80);
	r->key_next = map;
	r->p++;
	return 0;
}

static int
close_container(struct reader *r)
{
	const struct transcode_level *top = transcode_stack_top(&r->stack);
	const struct transcode_key *twice;

	if (top->count <= SMALL_COUNT) {
		r->out->p[top->head] |= (uint8_t)top->count;
	} else {
		r->wide = xgrow(r->wide, &r->wide_cap, r->n_wide + 1, sizeof(*r->wide));
		r->wide[r->n_wide++] = (struct wide){top->head, top->count};
	}
	twice = transcode_stack_pop(&r->stack, r->out->p);
	if (twice)
		return transcode_stack_refuse_key(string_at(r->start + twice->at, r->end),
		                                  twice->at, r->err);
	r->key_next = false;
	r->p++;
	return 0;
}

static int
read_value(struct reader *r)
{
	struct transcode_level *top = transcode_stack_top(&r->stack);

	if (top && top->map == r->key_next)
		top->count++; /* of a map, the keys */
	switch (*r->p) {
	case '{':
	case '[':
		return open_container(r);
	case '"':
		return read_string(r);
	case 't':
	case 'f':
		cborbuf_bool(r->out, *r->p == 't');
		r->p += *r->p == 't' ? 4 : 5;
		return 0;
	case 'n':
		cborbuf_null(r->out);
		r->p += 4;
		return 0;
	default:
		return read_number(r);
	}
}

static int
read_all(struct reader *r)
{
	while (r->p < r->end) {
		switch (*r->p) {
		case ',':
			r->key_next = transcode_stack_top(&r->stack)->map;
			r->p++;
			break;
		case ':':
		case ' ':
		case '\t':
		case '\n':
		case '\r':
			r->p++;
			break;
		case ']':
		case '}':
			if (close_container(r) < 0)
				return -1;
			break;
		default:
			if (read_value(r) < 0)
				return -1;
		}
	}
	return 0;
}

static int
cmp_wide(const void *va, const void *vb)
{
	const struct wide *a = va, *b = vb;

	return (a->head > b->head) - (a->head < b->head);
}

static size_t
encode_head(uint8_t major, uint64_t count, uint8_t head[HEAD_MAX])
{
	return major == 0xa0 ? cbor_encode_map_start(count, head, HEAD_MAX)
	                     : cbor_encode_array_start(count, head, HEAD_MAX);
}

/* Put the wide heads in, from the back, so that every byte moves once. */
static void
spread(struct reader *r)
{
	uint8_t head[HEAD_MAX];
	size_t more = 0, i, len, end = r->out->len;

	qsort(r->wide, r->n_wide, sizeof(*r->wide), cmp_wide);
	for (i = 0; i < r->n_wide; i++)
		more += encode_head(0x80, r->wide[i].count, head) - 1;
	buf_reserve(r->out, more);
	r->out->len += more;
	for (i = r->n_wide; i-- > 0;) {
		uint8_t *p = r->out->p + r->wide[i].head;

		memmove(p + 1 + more, p + 1, end - r->wide[i].head - 1);
		len = encode_head(*p, r->wide[i].count, head);
		more -= len - 1;
		memcpy(p + more, head, len);
		end = r->wide[i].head;
	}
}

int
transcode_json_to_cbor(struct slice json, struct buf *out, struct err *err)
{
	struct reader r = {.start = json.p, .p = json.p, .out = out, .err = err};
	struct jscan_fault fault;
	size_t was = out->len;
	int rc;

	if (!jscan_valid(json, NULL, &fault))
		return err_set(err, ERR_DATA, "not JSON: %s at byte %zu", fault.why, fault.at);
	r.end = json.p + json.len;
	transcode_stack_init(&r.stack);
	rc = read_all(&r);
	if (rc == 0 && r.n_wide > 0)
		spread(&r);
	if (rc < 0)
		out->len = was;
	transcode_stack_release(&r.stack);
	free(r.wide);
	return rc;
}
