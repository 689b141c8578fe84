#ifndef EXPORT_BOUND_POSTGRES_H
#define EXPORT_BOUND_POSTGRES_H

#include "common/pgtable.h"
#include "common/selection.h"

/*
 * A moment of a PostgreSQL store that is a prefix of its global order.
 *
 * Positions come from a sequence before a transaction commits, so that a
 * snapshot may lack an event whose position is below that of one it has: who goes
 * on behind the greatest position never sees it.  So everybody who was writing
 * when the greatest position was seen must have ended before the snapshot is taken:
 *
 *	lock  SHARE MODE on the table waits for them, and keeps others out for a
 *	      moment; the snapshot is exported to the connection that reads.  For
 *	      roles that may (UPDATE, DELETE or TRUNCATE).
 *	wait  the transactions that hold a lock for writing are seen in pg_locks, and
 *	      waited for.  Nobody is kept out, and no right is needed.
 *	xmin  all transactions that are running are waited for: for a standby, where
 *	      pg_locks does not show the writers, and for a view.
 *	none  no wait: for a store that nobody writes to.
 *
 * None of them helps where a writer takes a position (nextval) in an earlier
 * statement than its INSERT, or a sequence has a CACHE, which a warning says.
 * xmin on a standby or of a view misses who has a position, and no row yet.
 */
struct bound_postgres {
	struct selection_bound upto; /* the greatest position; not set: there are no events */
	enum pgaddress_bound method; /* never AUTO */
};

/*
 * Begin a transaction that reads one moment (REPEATABLE READ, READ ONLY) on the
 * connection, and find the greatest position that is safe in it.  A note in the
 * log says how, unless `quiet`.  -1: ERR_STORE, also where writers did not end in time,
 * ERR_STOPPED.
 */
MUST_USE int bound_postgres_begin(struct bound_postgres *out, struct pgdb *db,
                                  const struct layout *l, bool quiet, struct err *err);

/* The same again on a new connection, for a bound that was found before: what it has is final.  -1:
 * ERR_STORE, where the event at the bound is not there any more. */
MUST_USE int bound_postgres_resume(const struct bound_postgres *bound, struct pgdb *db,
                                   const struct layout *l, struct err *err);

#endif
