#ifndef VERIFY_NARROW_SIDE_H
#define VERIFY_NARROW_SIDE_H

#include "export/ranges_postgres.h"
#include "export/ranges_source.h"
#include "verify/compare.h"

/*
 * The two sides of a bisection.  A store of PostgreSQL sums its ranges in the server; a side
 * that is something else, or a store with other columns than the first, is read here, and
 * summed as its events would be in the other one.
 *
 *	rc = narrow_sides_open(&sides, options, err);
 *	if (rc > 0)
 *		... narrow_sides_sum(&sides, ranges, n, a, b, err);
 *	narrow_sides_close(&sides);
 */
struct narrow_side {
	bool is_postgres, in_server;
	struct ranges_postgres server; /* open where it is PostgreSQL */
	struct ranges_source here;
};

struct narrow_sides {
	struct narrow_side a, b;
	struct pgdigest twin;
	char why[256]; /* there can be no sums of both sides */
};

/* 1, 0: no (`why` says so), -1. */
MUST_USE int narrow_sides_open(struct narrow_sides *s, const struct compare_options *o,
                               struct err *err);
void narrow_sides_close(struct narrow_sides *s); /* also zeroed, also after a failed open */

/* About what there is: of the side that is summed in a server, with the least and the greatest
 * positions of both where both are. */
struct rangesum narrow_sides_all(const struct narrow_sides *s);

/* Ranges rise and do not overlap.  Both sides work at the same time. */
MUST_USE int narrow_sides_sum(struct narrow_sides *s, const struct rangesum_range *ranges, size_t n,
                              struct rangesum *a, struct rangesum *b, struct err *err);

#endif
