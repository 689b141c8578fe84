#ifndef COMMON_NATSPULL_H
#define COMMON_NATSPULL_H

#include "common/natsdb.h"

/*
 * Messages of a stream of JetStream, in order, from a consumer of ours: it is asked
 * for so many at a time, acknowledges nothing, and is gone by itself a while after
 * we are.  A message that did not come shows by the numbers that the consumer
 * gives.  What the consumer passes over, and that it is at its end, is not taken
 * from it but asked of the stream: some servers let a consumer jump over what is
 * there when another subject is purged.
 *
 *	natspull_start(&p, db, first, last, false, err);
 *	while ((rc = natspull_next(&p, &m, err)) > 0)
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
	uint64_t at, last;  /* sequences: of the message that came last, and at which it ends */
	uint64_t delivered; /* by the consumer, of those that came */
	uint64_t pending;   /* behind the message that came last, as the consumer has it */
	uint64_t asked;     /* for, and neither come nor given up by the server */
	uint64_t heard_ns;  /* when a message came last */
	bool large;         /* the next message is larger than what is asked for at a time */
	bool headers_only;
};

/* From sequence `first` to `last`, both included; of those as many as are there. */
MUST_USE int natspull_start(struct natspull *p, struct natsdb *db, uint64_t first, uint64_t last,
                            bool headers_only, struct err *err);

/* The next message: 1; 0: there is none; -1, also where one is missing: start again behind the last
 * one that came. */
MUST_USE int natspull_next(struct natspull *p, const struct natsmsg **out, struct err *err);
void natspull_stop(struct natspull *p);    /* also zeroed, and twice */
void natspull_release(struct natspull *p); /* stops it, too */

#endif
