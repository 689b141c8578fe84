#ifndef COMMON_PIPELINE_H
#define COMMON_PIPELINE_H

#include <stdatomic.h>
#include <stdint.h>

#include "common/err.h"

/*
 * An ordered parallel map: one producer, N workers, one consumer.
 *
 *	produce() -> [ ring of `depth` items ] -> work() x N -> consume()
 *
 * consume() gets the items in the order in which produce() made them.  The
 * items are made once, by the caller, and go round: that is the only
 * backpressure and the only bound on memory.  The first failure in the order
 * of the items ends the run (a failure of item 7 is reported even when item 9
 * failed earlier), and everything before it has been consumed.  A stop signal
 * counts as a failure of the item that would be produced next.
 */
struct pipeline_ops {
	/* On a thread of its own.  Fill the item: 1, no more: 0, or -1. */
	int (*produce)(void *ctx, void *item, struct err *err);
	/* On worker `w` of 0 .. workers - 1.  May touch only the item and what is w's own. */
	int (*work)(void *ctx, unsigned w, void *item, struct err *err);
	/* On the thread that called pipeline_run(). */
	int (*consume)(void *ctx, void *item, struct err *err);
};

/* Where the stages waited, for --stats.  Read by other threads while the run goes on. */
struct pipeline_waits {
	_Atomic uint64_t produce_ns; /* the producer, for a free item: what follows is slow */
	_Atomic uint64_t work_ns;    /* all workers, for an item */
	_Atomic uint64_t
	    consume_ns; /* the consumer, for a finished item: what comes before is slow */
};

/* `items`: `depth` pointers, owned by the caller, not in use before and after.  `waits` may be
 * NULL.  0 after the last consume(), or -1. */
MUST_USE int pipeline_run(const struct pipeline_ops *ops, void *ctx, void **items, unsigned depth,
                          unsigned workers, struct pipeline_waits *waits, struct err *err);

#endif
