#ifndef COMMON_RANGESUM_H
#define COMMON_RANGESUM_H

#include "common/sha256.h"

/*
 * What a range of positions holds, in a few numbers: how many events, the least and the
 * greatest of their positions, and the sum of their digests, 128 bits of each.  A digest
 * covers the position, so that no order is lost in a sum.  Sums are equal where the events
 * are; where they are not, or where one cannot be told, somebody has to look closer.
 */
struct rangesum_range {
	uint64_t first, last; /* positions, both inclusive */
};

struct rangesum {
	uint64_t events;
	uint64_t least, greatest; /* positions, where there are events */
	uint64_t halves[2];       /* each modulo 2^64 */
	bool unknown;             /* an event has no digest */
};

#define RANGESUM_INIT ((struct rangesum){.least = UINT64_MAX})

/* Add an event; NULL: it has no digest. */
void rangesum_add(struct rangesum *s, uint64_t position, const uint8_t digest[SHA256_BYTES]);
bool rangesum_eq(const struct rangesum *a, const struct rangesum *b);

/* How many of the rising ranges follow one another without a gap, from the first on. */
size_t rangesum_run(const struct rangesum_range *ranges, size_t n);

/* "-123", the sum of numbers of 64 bits with a sign, modulo 2^64.  -1: it is no number. */
int rangesum_parse(const char *decimal, uint64_t *out);

#endif
