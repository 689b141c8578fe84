#ifndef FORMAT_CBORMAP_H
#define FORMAT_CBORMAP_H

#include "common/err.h"
#include "common/mem.h"

/*
 * Reading the small CBOR maps of the blocks: find a key, take a value apart.
 * All are slices of the block.  A getter is true when the key is there and its
 * value is of the kind asked for.
 */
MUST_USE int cbormap_check(struct slice map, struct err *err); /* a map with text keys, all of it */
struct slice cbormap_get(struct slice map, const char *key);   /* the value's bytes, or absent */

bool cbormap_uint(struct slice map, const char *key, uint64_t *out);
bool cbormap_bool(struct slice map, const char *key, bool *out);
bool cbormap_text(struct slice map, const char *key, struct slice *out);
bool cbormap_bytes(struct slice map, const char *key, size_t len, uint8_t *out);

/* A table of keys whose unsigned values go to members of a struct.  True when all are there. */
struct cbormap_number {
	const char *key;
	size_t offset;
};
bool cbormap_numbers(struct slice map, const struct cbormap_number *table, size_t n, void *into);

/* The same for one value, taken off the front of *in. */
bool cbormap_take_uint(struct slice *in, uint64_t *out);
bool cbormap_take_int(struct slice *in, int64_t *out);
bool cbormap_take_text(struct slice *in, struct slice *out);
bool cbormap_take_array(struct slice *in, uint64_t *elements);
bool cbormap_take_map(struct slice *in, uint64_t *pairs);

#endif
