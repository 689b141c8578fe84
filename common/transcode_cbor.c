#include <assert.h>
#include <inttypes.h>
#include <math.h>

#include "common/cborscan.h"
#include "common/decimal.h"
#include "common/jscan.h"
#include "common/transcode.h"
#include "common/transcode_stack.h"

#define UNTIL_BREAK UINT64_MAX

/*
 * One pass over an item that cborscan_skip() has accepted, so that it nests
 * well is not looked at again.
 */
struct writer {
	const uint8_t *start;
	struct slice in;
	size_t at; /* of the item at hand */
	struct buf *out, joined;
	struct err *err;
	struct transcode_stack stack;
};

static void
next(struct writer *w, struct cborscan_item *item)
{
	const char *why;
	int rc = cborscan_next(&w->in, item, &why);

	assert(rc > 0);
	(void)rc;
}

static int
refuse(struct writer *w, const char *what)
{
	return err_set(w->err, ERR_DATA, "%s at byte %zu", what, w->at);
}

/* The bytes of a string, whose chunks are joined until the next such string. */
static struct slice
whole_string(struct writer *w, const struct cborscan_item *item)
{
	struct cborscan_item chunk;

	if (item->kind == CBORSCAN_TEXT || item->kind == CBORSCAN_BYTES)
		return item->bytes;
	w->joined.len = 0;
	for (next(w, &chunk); chunk.kind != CBORSCAN_BREAK; next(w, &chunk))
		buf_add_slice(&w->joined, chunk.bytes);
	return buf_slice(&w->joined);
}

static void
print_uint(struct buf *out, uint64_t n)
{
	uint8_t digits[20];
	size_t first = sizeof(digits);

	do
		digits[--first] = (uint8_t)('0' + n % 10);
	while (n /= 10);
	buf_add(out, digits + first, sizeof(digits) - first);
}

static void
print_negint(struct buf *out, uint64_t n)
{
	if (n == UINT64_MAX) {
		buf_add_str(out, "-18446744073709551616");
		return;
	}
	buf_add_byte(out, '-');
	print_uint(out, n + 1);
}

static int
print_float(struct writer *w, double value)
{
	struct decimal d;

	if (!isfinite(value))
		return refuse(w, isnan(value) ? "NaN" : "infinity");
	decimal_set_double(&d, value);
	decimal_print(&d, w->out);
	return 0;
}

/* An integer of any size, of which `item` is the first. */
static int
read_integer(struct writer *w, struct cborscan_item *item, struct decimal *d)
{
	bool negative = item->kind == CBORSCAN_NEGINT;
	uint8_t bytes[8];
	struct slice n = {bytes, sizeof(bytes)};
	size_t i;

	if (item->kind == CBORSCAN_UINT || item->kind == CBORSCAN_NEGINT) {
		for (i = 0; i < sizeof(bytes); i++)
			bytes[i] = (uint8_t)(item->n >> (56 - 8 * i));
	} else if (item->kind == CBORSCAN_TAG && (item->n == 2 || item->n == 3)) {
		negative = item->n == 3;
		next(w, item);
		if (item->kind != CBORSCAN_BYTES && item->kind != CBORSCAN_INDEFINITE_BYTES)
			return refuse(w, "bignum that is not a byte string");
		n = whole_string(w, item);
	} else {
		return refuse(w, "decimal fraction whose mantissa is not an integer");
	}
	if (decimal_set_integer(d, negative, n) < 0)
		return refuse(w, "number of more than 10000 digits");
	return 0;
}

/* RFC 8949 section 3.4.4, behind its tag. */
static int
print_fraction(struct writer *w)
{
	struct cborscan_item head, item;
	struct decimal d;
	int64_t exponent;

	next(w, &head);
	if (head.kind != CBORSCAN_INDEFINITE_ARRAY && (head.kind != CBORSCAN_ARRAY || head.n != 2))
		return refuse(w, "decimal fraction that is not a pair");
	next(w, &item);
	if (item.kind != CBORSCAN_UINT && item.kind != CBORSCAN_NEGINT)
		return refuse(w, "decimal fraction whose exponent is not an integer");
	if (item.n > INT64_MAX)
		return refuse(w, "number with an exponent beyond 64 bits");
	exponent = item.kind == CBORSCAN_UINT ? (int64_t)item.n : -1 - (int64_t)item.n;
	next(w, &item);
	if (read_integer(w, &item, &d) < 0)
		return -1;
	if (head.kind == CBORSCAN_INDEFINITE_ARRAY) {
		next(w, &item);
		if (item.kind != CBORSCAN_BREAK)
			return refuse(w, "decimal fraction that is not a pair");
	}
	d.integer = false;
	d.exponent = exponent;
	decimal_print(&d, w->out);
	return 0;
}

static int
print_tag(struct writer *w, struct cborscan_item *item)
{
	struct decimal d;

	if (item->n == 4)
		return print_fraction(w);
	if (item->n != 2 && item->n != 3)
		return err_set(w->err, ERR_DATA, "tag %" PRIu64 " at byte %zu", item->n, w->at);
	if (read_integer(w, item, &d) < 0)
		return -1;
	decimal_print(&d, w->out);
	return 0;
}

static int
close_container(struct writer *w)
{
	bool map = transcode_stack_top(&w->stack)->map;
	const struct transcode_key *twice = transcode_stack_pop(&w->stack, w->out->p);

	if (twice)
		return transcode_stack_refuse_key((struct slice){w->out->p + twice->from,
		                                                 twice->len},
		                                  twice->at, w->err);
	buf_add_byte(w->out, map ? '}' : ']');
	return 0;
}

/* An item is complete: count it, and close what it completes. */
static int
complete(struct writer *w)
{
	struct transcode_level *top;

	while ((top = transcode_stack_top(&w->stack))) {
		top->count++;
		if (top->left == UNTIL_BREAK || --top->left > 0)
			return 0;
		if (close_container(w) < 0)
			return -1;
	}
	return 0;
}

static int
open_container(struct writer *w, bool map, uint64_t items)
{
	struct transcode_level *top = transcode_stack_push(&w->stack, map);

	if (!top)
		return err_set(w->err, ERR_DATA, "nested deeper than %d at byte %zu",
		               TRANSCODE_MAX_DEPTH, w->at);
	top->left = items;
	buf_add_byte(w->out, map ? '{' : '[');
	if (items > 0)
		return 0;
	return close_container(w) < 0 ? -1 : complete(w);
}

static void
print_text(struct writer *w, const struct cborscan_item *item, bool key)
{
	size_t from = w->out->len;

	jscan_quote(whole_string(w, item), w->out);
	if (key)
		transcode_stack_add_key(&w->stack, (struct transcode_key){
						       .from = from,
						       .len = w->out->len - from,
						       .at = w->at,
						   });
}

static int
print_scalar(struct writer *w, struct cborscan_item *item)
{
	switch (item->kind) {
	case CBORSCAN_UINT:
		print_uint(w->out, item->n);
		return 0;
	case CBORSCAN_NEGINT:
		print_negint(w->out, item->n);
		return 0;
	case CBORSCAN_FLOAT:
		return print_float(w, item->real);
	case CBORSCAN_TAG:
		return print_tag(w, item);
	case CBORSCAN_FALSE:
		buf_add_str(w->out, "false");
		return 0;
	case CBORSCAN_TRUE:
		buf_add_str(w->out, "true");
		return 0;
	case CBORSCAN_NULL:
		buf_add_str(w->out, "null");
		return 0;
	case CBORSCAN_BYTES:
	case CBORSCAN_INDEFINITE_BYTES:
		return refuse(w, "byte string");
	case CBORSCAN_UNDEFINED:
		return refuse(w, "undefined");
	default:
		assert(item->kind == CBORSCAN_SIMPLE);
		return err_set(w->err, ERR_DATA, "simple value %" PRIu64 " at byte %zu", item->n,
		               w->at);
	}
}

/* The comma or colon that is due, and whether a map's key is: only text may be one. */
static int
print_separator(struct writer *w, bool text, bool *key)
{
	const struct transcode_level *top = transcode_stack_top(&w->stack);

	*key = top && top->map && top->count % 2 == 0;
	if (*key && !text)
		return refuse(w, "map key that is not text");
	if (top && top->count > 0)
		buf_add_byte(w->out, top->map && !*key ? ':' : ',');
	return 0;
}

static int
print_item(struct writer *w, struct cborscan_item *item)
{
	bool text = item->kind == CBORSCAN_TEXT || item->kind == CBORSCAN_INDEFINITE_TEXT;
	bool key;

	if (print_separator(w, text, &key) < 0)
		return -1;
	switch (item->kind) {
	case CBORSCAN_ARRAY:
		return open_container(w, false, item->n);
	case CBORSCAN_MAP:
		return open_container(w, true, 2 * item->n);
	case CBORSCAN_INDEFINITE_ARRAY:
		return open_container(w, false, UNTIL_BREAK);
	case CBORSCAN_INDEFINITE_MAP:
		return open_container(w, true, UNTIL_BREAK);
	default:
		break;
	}
	if (text)
		print_text(w, item, key);
	else if (print_scalar(w, item) < 0)
		return -1;
	return complete(w);
}

static int
print_all(struct writer *w)
{
	struct cborscan_item item;

	while (w->in.len > 0) {
		w->at = (size_t)(w->in.p - w->start);
		next(w, &item);
		if (item.kind != CBORSCAN_BREAK) {
			if (print_item(w, &item) < 0)
				return -1;
		} else if (close_container(w) < 0 || complete(w) < 0) {
			return -1;
		}
	}
	return 0;
}

int
transcode_cbor_to_json(struct slice cbor, struct buf *out, struct err *err)
{
	struct writer w = {.start = cbor.p, .in = cbor, .out = out, .err = err};
	struct slice rest = cbor;
	size_t was = out->len;
	const char *why = "";
	int rc;

	if (cborscan_skip(&rest, &why) < 0)
		return err_set(err, ERR_DATA, "not well-formed CBOR: %s at byte %zu", why,
		               cbor.len - rest.len);
	if (rest.len > 0)
		return err_set(err, ERR_DATA, "more than one CBOR item: the next at byte %zu",
		               cbor.len - rest.len);
	transcode_stack_init(&w.stack);
	rc = print_all(&w);
	if (rc < 0)
		out->len = was;
	transcode_stack_release(&w.stack);
	buf_release(&w.joined);
	return rc;
}
