#ifndef COMMON_NATSPULL_H
#define COMMON_NATSPULL_H

#include "common/natsdb.h"

/*
 * Messages of a stream of JetStream, in order, from a consumer of ours: it is asked
 * for so many at a time, acknowledges nothing, and is gone by itself a while after
 * we are.  A message that did not come shows by the numbers that the consumer
 * gives, and one that was deleted from the stream does not.
 *
 *	natspull_start(&p, db, first, false, err);
 *	while ((rc = natspull_next(&p, &m, &pending, err)) > 0)
 *		...     // m->sequence, and until the next call all of it
 *	natspull_stop(&p);
 */
struct natspull {
	struct natsdb *db;
	natsSubscription *sub; /* NULL: not running */
	char consumer[64];
	char reply[300]; /* to which messages are sent */
	natsMsg *current;
	struct natsmsg msg;
	struct arena *mem;
	uint64_t delivered; /* by the consumer, of those that came */
	uint64_t asked;     /* for, and neither come nor given up by the server */
	uint64_t max_bytes; /* of one request */
	uint64_t heard_ns;  /* when something came last */
	bool headers_only;
};

/* From sequence `first` on.  *pending: how many there are just now. */
MUST_USE int natspull_start(struct natspull *p, struct natsdb *db, uint64_t first,
                            bool headers_only, uint64_t *pending, struct err *err);

/*
 * The next message: 1, with the number of those behind it just now; 0: there is
 * none, and at the moment none is on its way; -1, also where one is missing: start
 * again behind the last one that came.
 */
MUST_USE int natspull_next(struct natspull *p, const struct natsmsg **out, uint64_t *pending,
                           struct err *err);
void natspull_stop(struct natspull *p);    /* also zeroed, and twice */
void natspull_release(struct natspull *p); /* stops it, too */

#endif
