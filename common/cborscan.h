#ifndef COMMON_CBORSCAN_H
#define COMMON_CBORSCAN_H

#include "common/err.h"
#include "common/mem.h"

/*
 * CBOR out of a slice, a token at a time.  No tree, no recursion, no allocation;
 * strings are slices of the input.
 *
 *	struct slice in = ...;
 *	struct cborscan_item item;
 *	while ((rc = cborscan_next(&in, &item, &why)) > 0)
 *		...
 */
#define CBORSCAN_MAX_DEPTH 16384

enum cborscan_kind {
	CBORSCAN_UINT,   /* n */
	CBORSCAN_NEGINT, /* the integer -1 - n */
	CBORSCAN_BYTES,  /* bytes */
	CBORSCAN_TEXT,   /* bytes: valid UTF-8 */
	CBORSCAN_ARRAY,  /* n elements follow */
	CBORSCAN_MAP,    /* n pairs follow */
	CBORSCAN_TAG,    /* n; one item follows */
	CBORSCAN_FLOAT,  /* real */
	CBORSCAN_FALSE,
	CBORSCAN_TRUE,
	CBORSCAN_NULL,
	CBORSCAN_UNDEFINED,
	CBORSCAN_SIMPLE,           /* n */
	CBORSCAN_INDEFINITE_BYTES, /* chunks of the same kind follow, then a break */
	CBORSCAN_INDEFINITE_TEXT,
	CBORSCAN_INDEFINITE_ARRAY,
	CBORSCAN_INDEFINITE_MAP,
	CBORSCAN_BREAK,
};

struct cborscan_item {
	enum cborscan_kind kind;
	uint64_t n;
	double real;
	struct slice bytes;
};

/* 1 and *in moved past the item's head (and content, of a string); 0 when *in is empty;
 * -1 with *why (static text) and *in as it was.  Whether the items nest well is not looked
 * at, but an array or a map with more elements than bytes behind it is an error. */
MUST_USE int cborscan_next(struct slice *in, struct cborscan_item *item, const char **why);

/* Move past one whole data item, checking that it is well-formed (RFC 8949 appendix C) and
 * its text is UTF-8.  0, or -1 with *why and *in at the head that is wrong.  Arrays, maps
 * and tags nest up to CBORSCAN_MAX_DEPTH deep; it takes 128 KiB of stack, not touching it
 * further than the input is deep. */
MUST_USE int cborscan_skip(struct slice *in, const char **why);

/* Whether `in` is exactly one well-formed data item. */
bool cborscan_valid(struct slice in);

#endif
