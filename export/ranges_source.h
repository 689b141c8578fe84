#ifndef EXPORT_RANGES_SOURCE_H
#define EXPORT_RANGES_SOURCE_H

#include "common/pgdigest.h"
#include "export/source.h"

/*
 * Sums of ranges of any place, made here by reading its events: each gets the digest that
 * its row in a table of PostgreSQL would have.  Each call reads the place anew.
 */
struct ranges_source {
	const struct address *from;
	const char *layout;
	const struct selection *select; /* of it, the range */
	bool plain;
	struct pgdigest *twin;          /* borrowed, as all above */
	uint64_t events, payload_bytes; /* that were read so far */
	bool opened;                    /* once, so what it notes was said */
};

/* Ranges rise and do not overlap.  -1: what reading a source gives, ERR_STOPPED. */
MUST_USE int ranges_source_sum(struct ranges_source *r, const struct rangesum_range *ranges,
                               size_t n, struct rangesum *out, struct err *err);

#endif
