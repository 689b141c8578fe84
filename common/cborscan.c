#include <cbor.h>

#include "common/cborscan.h"
#include "common/jscan.h"

/*
 * libcbor's callbacks: each stores one kind of item.  The sizes of an integer
 * are of no interest, so those callbacks share their body by macro.
 */
#define STORE_N(name, type, what)                                                                  \
	static void store_##name(void *item, type n)                                               \
	{                                                                                          \
		((struct cborscan_item *)item)->kind = what;                                       \
		((struct cborscan_item *)item)->n = n;                                             \
	}
#define STORE_REAL(name, type)                                                                     \
	static void store_##name(void *item, type real)                                            \
	{                                                                                          \
		((struct cborscan_item *)item)->kind = CBORSCAN_FLOAT;                             \
		((struct cborscan_item *)item)->real = (double)real;                               \
	}
#define STORE_BYTES(name, what)                                                                    \
	static void store_##name(void *item, cbor_data p, size_t len)                              \
	{                                                                                          \
		((struct cborscan_item *)item)->kind = what;                                       \
		((struct cborscan_item *)item)->bytes = (struct slice){p, len};                    \
	}
#define STORE_KIND(name, what)                                                                     \
	static void store_##name(void *item)                                                       \
	{                                                                                          \
		((struct cborscan_item *)item)->kind = what;                                       \
	}

STORE_N(uint8, uint8_t, CBORSCAN_UINT)
STORE_N(uint16, uint16_t, CBORSCAN_UINT)
STORE_N(uint32, uint32_t, CBORSCAN_UINT)
STORE_N(uint64, uint64_t, CBORSCAN_UINT)
STORE_N(negint8, uint8_t, CBORSCAN_NEGINT)
STORE_N(negint16, uint16_t, CBORSCAN_NEGINT)
STORE_N(negint32, uint32_t, CBORSCAN_NEGINT)
STORE_N(negint64, uint64_t, CBORSCAN_NEGINT)
STORE_N(array, size_t, CBORSCAN_ARRAY)
STORE_N(map, size_t, CBORSCAN_MAP)
STORE_N(tag, uint64_t, CBORSCAN_TAG)
STORE_REAL(float, float)
STORE_REAL(double, double)
STORE_BYTES(bytes, CBORSCAN_BYTES)
STORE_BYTES(text, CBORSCAN_TEXT)
STORE_KIND(null, CBORSCAN_NULL)
STORE_KIND(undefined, CBORSCAN_UNDEFINED)
STORE_KIND(indefinite_bytes, CBORSCAN_INDEFINITE_BYTES)
STORE_KIND(indefinite_text, CBORSCAN_INDEFINITE_TEXT)
STORE_KIND(indefinite_array, CBORSCAN_INDEFINITE_ARRAY)
STORE_KIND(indefinite_map, CBORSCAN_INDEFINITE_MAP)
STORE_KIND(break, CBORSCAN_BREAK)

static void
store_bool(void *item, bool value)
{
	((struct cborscan_item *)item)->kind = value ? CBORSCAN_TRUE : CBORSCAN_FALSE;
}

static const struct cbor_callbacks store = {
    .uint8 = store_uint8,
    .uint16 = store_uint16,
    .uint32 = store_uint32,
    .uint64 = store_uint64,
    .negint8 = store_negint8,
    .negint16 = store_negint16,
    .negint32 = store_negint32,
    .negint64 = store_negint64,
    .byte_string_start = store_indefinite_bytes,
    .byte_string = store_bytes,
    .string = store_text,
    .string_start = store_indefinite_text,
    .indef_array_start = store_indefinite_array,
    .array_start = store_array,
    .indef_map_start = store_indefinite_map,
    .map_start = store_map,
    .tag = store_tag,
    .float2 = store_float,
    .float4 = store_float,
    .float8 = store_double,
    .undefined = store_undefined,
    .null = store_null,
    .boolean = store_bool,
    .indef_break = store_break,
};

/*
 * Well-formed heads that libcbor 0.8 refuses: the tags 6 to 20, and simple
 * values.  The length of the head, or 0 with *why.
 */
static size_t
head_beside(struct slice in, struct cborscan_item *item, const char **why)
{
	uint8_t first = in.p[0], info = first & 0x1f;

	*why = "reserved additional information";
	if (info > 27 && info < 31)
		return 0;
	*why = "no such indefinite length";
	if (info == 31)
		return 0;
	item->n = info;
	if (first >> 5 == 6) {
		item->kind = CBORSCAN_TAG;
		return 1;
	}
	item->kind = CBORSCAN_SIMPLE;
	if (info < 24)
		return 1;
	*why = "unexpected end";
	if (in.len < 2)
		return 0;
	*why = "simple value under 32 in two bytes";
	item->n = in.p[1];
	return item->n < 32 ? 0 : 2;
}

int
cborscan_next(struct slice *in, struct cborscan_item *item, const char **why)
{
	struct cbor_decoder_result head;
	size_t len, left;

	if (in->len == 0)
		return 0;
	head = cbor_stream_decode(in->p, in->len, &store, item);
	if (head.status == CBOR_DECODER_NEDATA) {
		*why = "unexpected end";
		return -1;
	}
	len = head.status == CBOR_DECODER_FINISHED ? head.read : head_beside(*in, item, why);
	if (len == 0)
		return -1;
	left = in->len - len;
	if ((item->kind == CBORSCAN_ARRAY && item->n > left) ||
	    (item->kind == CBORSCAN_MAP && item->n > left / 2)) {
		*why = "more elements than bytes";
		return -1;
	}
	if (item->kind == CBORSCAN_TEXT && !jscan_utf8(item->bytes)) {
		*why = "invalid UTF-8";
		return -1;
	}
	in->p += len;
	in->len = left;
	return 1;
}

/* An item is due: end of input is an error, too. */
static int
next_due(struct slice *in, struct cborscan_item *item, const char **why)
{
	int rc = cborscan_next(in, item, why);

	if (rc == 0)
		*why = "unexpected end";
	return rc > 0 ? 0 : -1;
}

/* The chunks of an indefinite-length string and its break. */
static int
skip_chunks(struct slice *in, enum cborscan_kind kind, const char **why)
{
	struct cborscan_item chunk;
	struct slice at = *in;

	for (;;) {
		if (next_due(&at, &chunk, why) < 0)
			return -1;
		if (chunk.kind != kind && chunk.kind != CBORSCAN_BREAK) {
			*why = "chunk of another kind";
			return -1;
		}
		*in = at;
		if (chunk.kind == CBORSCAN_BREAK)
			return 0;
	}
}

/* What is open at a level: so many items to come, or one of these.  No count is as large,
 * because cborscan_next() refuses more elements than bytes. */
#define OPEN_ARRAY UINT64_MAX       /* an element or a break */
#define OPEN_KEY (UINT64_MAX - 1)   /* a key or a break */
#define OPEN_VALUE (UINT64_MAX - 2) /* the value of a key */

static int
push(uint64_t *open, size_t *depth, uint64_t level, const char **why)
{
	if (*depth == CBORSCAN_MAX_DEPTH) {
		*why = "nested too deep";
		return -1;
	}
	open[(*depth)++] = level;
	return 0;
}

/* An item is complete: count it, and close what it completes. */
static void
complete(uint64_t *open, size_t *depth)
{
	uint64_t *top;

	while (*depth > 0) {
		top = &open[*depth - 1];
		if (*top == OPEN_KEY || *top == OPEN_VALUE)
			*top ^= OPEN_KEY ^ OPEN_VALUE;
		else if (*top != OPEN_ARRAY)
			--*top;
		if (*top != 0)
			return;
		--*depth;
	}
}

/* Push what an item opens, drop what a break closes. */
static int
enter(const struct cborscan_item *item, uint64_t *open, size_t *depth, const char **why)
{
	switch (item->kind) {
	case CBORSCAN_ARRAY:
		return item->n == 0 ? 0 : push(open, depth, item->n, why);
	case CBORSCAN_MAP:
		return item->n == 0 ? 0 : push(open, depth, 2 * item->n, why);
	case CBORSCAN_TAG:
		return push(open, depth, 1, why);
	case CBORSCAN_INDEFINITE_ARRAY:
		return push(open, depth, OPEN_ARRAY, why);
	case CBORSCAN_INDEFINITE_MAP:
		return push(open, depth, OPEN_KEY, why);
	case CBORSCAN_BREAK:
		if (*depth > 0 &&
		    (open[*depth - 1] == OPEN_ARRAY || open[*depth - 1] == OPEN_KEY)) {
			--*depth;
			return 0;
		}
		*why = "unexpected break";
		return -1;
	default:
		return 0;
	}
}

int
cborscan_skip(struct slice *in, const char **why)
{
	uint64_t open[CBORSCAN_MAX_DEPTH];
	struct cborscan_item item;
	struct slice at = *in;
	size_t depth = 0, was;

	do {
		if (next_due(&at, &item, why) < 0)
			return -1;
		was = depth;
		if (enter(&item, open, &depth, why) < 0)
			return -1;
		*in = at;
		if (item.kind == CBORSCAN_INDEFINITE_BYTES &&
		    skip_chunks(in, CBORSCAN_BYTES, why) < 0)
			return -1;
		if (item.kind == CBORSCAN_INDEFINITE_TEXT &&
		    skip_chunks(in, CBORSCAN_TEXT, why) < 0)
			return -1;
		at = *in;
		if (depth <= was)
			complete(open, &depth);
	} while (depth > 0);
	return 0;
}

bool
cborscan_valid(struct slice in)
{
	const char *why;

	return cborscan_skip(&in, &why) == 0 && in.len == 0;
}
