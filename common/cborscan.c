#include <cbor.h>

#include "common/cborscan.h"
#include "common/jscan.h"

/*
 * Heads of the major types 0 to 6 are read here: they are nearly all heads there
 * are, and libcbor's decoder calls back for each, and refuses the tags 6 to 20.
 * It reads what is left: floats, simple values and indefinite lengths.
 */
static const enum cborscan_kind kinds[] = {CBORSCAN_UINT, CBORSCAN_NEGINT, CBORSCAN_BYTES,
                                           CBORSCAN_TEXT, CBORSCAN_ARRAY,  CBORSCAN_MAP,
                                           CBORSCAN_TAG};

/* libcbor's callbacks: each stores one kind of item. */
#define STORE_REAL(name, type)                                                                     \
	static void store_##name(void *item, type real)                                            \
	{                                                                                          \
		((struct cborscan_item *)item)->kind = CBORSCAN_FLOAT;                             \
		((struct cborscan_item *)item)->real = (double)real;                               \
	}
#define STORE_KIND(name, what)                                                                     \
	static void store_##name(void *item)                                                       \
	{                                                                                          \
		((struct cborscan_item *)item)->kind = what;                                       \
	}

STORE_REAL(float, float)
STORE_REAL(double, double)
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
    .byte_string_start = store_indefinite_bytes,
    .string_start = store_indefinite_text,
    .indef_array_start = store_indefinite_array,
    .indef_map_start = store_indefinite_map,
    .float2 = store_float,
    .float4 = store_float,
    .float8 = store_double,
    .undefined = store_undefined,
    .null = store_null,
    .boolean = store_bool,
    .indef_break = store_break,
};

/* What libcbor 0.8 refuses: simple values, and what is not well-formed. */
static size_t
head_beside(struct slice in, struct cborscan_item *item, const char **why)
{
	uint8_t info = in.p[0] & 0x1f;

	*why = "reserved additional information";
	if (info > 27 && info < 31)
		return 0;
	*why = "no such indefinite length";
	if (info == 31)
		return 0;
	item->kind = CBORSCAN_SIMPLE;
	item->n = info;
	if (info < 24)
		return 1;
	*why = "unexpected end";
	if (in.len < 2)
		return 0;
	*why = "simple value under 32 in two bytes";
	item->n = in.p[1];
	return item->n < 32 ? 0 : 2;
}

static size_t
head_by_libcbor(struct slice in, struct cborscan_item *item, const char **why)
{
	struct cbor_decoder_result head = cbor_stream_decode(in.p, in.len, &store, item);

	if (head.status == CBOR_DECODER_FINISHED)
		return head.read;
	*why = "unexpected end";
	return head.status == CBOR_DECODER_NEDATA ? 0 : head_beside(in, item, why);
}

/* The length of a head, 0 with *why.  RFC 8949, section 3. */
static inline size_t
head_read(struct slice in, struct cborscan_item *item, const char **why)
{
	uint8_t first = in.p[0], info = first & 0x1f;
	size_t len, i;

	if (first >> 5 == 7 || info > 27)
		return head_by_libcbor(in, item, why);
	item->kind = kinds[first >> 5];
	item->n = info;
	if (info < 24)
		return 1;
	len = 1 + ((size_t)1 << (info - 24));
	*why = "unexpected end";
	if (in.len < len)
		return 0;
	for (item->n = 0, i = 1; i < len; i++)
		item->n = item->n << 8 | in.p[i];
	return len;
}

int
cborscan_next(struct slice *in, struct cborscan_item *item, const char **why)
{
	struct slice left;
	size_t len;

	if (in->len == 0)
		return 0;
	len = head_read(*in, item, why);
	if (len == 0)
		return -1;
	left = (struct slice){in->p + len, in->len - len};
	if ((item->kind == CBORSCAN_ARRAY && item->n > left.len) ||
	    (item->kind == CBORSCAN_MAP && item->n > left.len / 2)) {
		*why = "more elements than bytes";
		return -1;
	}
	if (item->kind == CBORSCAN_BYTES || item->kind == CBORSCAN_TEXT) {
		*why = "unexpected end";
		if (item->n > left.len)
			return -1;
		item->bytes = (struct slice){left.p, (size_t)item->n};
		left.p += item->n;
		left.len -= item->n;
	}
	if (item->kind == CBORSCAN_TEXT && !jscan_utf8(item->bytes)) {
		*why = "invalid UTF-8";
		return -1;
	}
	*in = left;
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
