#ifndef IMPORT_REFUSE_H
#define IMPORT_REFUSE_H

#include "import/deadletter.h"
#include "import/sink.h"

/*
 * Events that a target refuses, with --dead-letter: a batch is kept until its commit, and
 * where that fails for an event, it is written again in smaller and smaller pieces, each
 * of them committed, until the event is alone.  One thread.
 *
 *	refuse_keep(r, event, NULL);               // behind each sink_write()
 *	if (sink_commit(...) == 0)
 *		refuse_committed(r, &tail);
 *	else if (refuse_sort(r, err) == 0)
 *		... r->base is the tail now, and the counts say what became of the batch ...
 */
struct refuse {
	struct sink *sink;          /* opened with `careful`; borrowed */
	struct deadletter *letters; /* borrowed */
	struct batch *kept;         /* events since the last commit; owned */
	struct place **places;      /* of those, or NULL; their memory is that of `kept` */
	size_t places_cap;
	struct sink_tail base;     /* as of the last commit, or of the beginning */
	uint64_t written, present; /* by the last refuse_sort(): also by one that failed */
	uint64_t refused;          /* the same */
};

void refuse_init(struct refuse *r, struct sink *sink, struct deadletter *letters);
void refuse_release(struct refuse *r); /* also zeroed */

/* `place`: as for sink_write(); it is copied. */
void refuse_keep(struct refuse *r, const struct event *e, const struct place *place);
void refuse_committed(struct refuse *r, const struct sink_tail *tail);

/* `err` holds the failure of the commit.  -1: it is none of an event, or another failure. */
MUST_USE int refuse_sort(struct refuse *r, struct err *err);

#endif
