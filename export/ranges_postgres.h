#ifndef EXPORT_RANGES_POSTGRES_H
#define EXPORT_RANGES_POSTGRES_H

#include "common/pgdigest.h"
#include "export/bound_postgres.h"

/*
 * Sums of ranges of a PostgreSQL store, made by the server: a few numbers for each range
 * come over the wire, and no event does.  All of them are of one moment, up to the bound of
 * bound_postgres.h; where a connection is lost, the rest is of a later one, up to the same
 * bound.
 *
 *	if (ranges_postgres_open(&r, address, NULL, &selection, err) == 0)
 *		... ranges_postgres_sum(&r, ranges, n, sums, err);
 *	ranges_postgres_close(&r);
 */
struct ranges_postgres {
	struct pgdb db;
	struct layout *layout;
	struct pgtable table;
	struct bound_postgres bound;
	const struct selection *select; /* borrowed: of it, the range */
	struct rangesum all;            /* of the range, without digests */
	uint64_t queries;               /* of ranges, so far */
};

/* -1: what opening a source gives, ERR_DATA where a row has no position. */
MUST_USE int ranges_postgres_open(struct ranges_postgres *r, const struct address *from,
                                  const char *layout, const struct selection *select,
                                  struct err *err);
/* The sums of ranges that rise and do not overlap; one query for those without a gap between. */
MUST_USE int ranges_postgres_sum(struct ranges_postgres *r, const struct rangesum_range *ranges,
                                 size_t n, struct rangesum *out, struct err *err);
void ranges_postgres_close(struct ranges_postgres *r); /* also zeroed, also after a failed open */

#endif
