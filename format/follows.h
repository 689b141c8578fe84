#ifndef FORMAT_FOLLOWS_H
#define FORMAT_FOLLOWS_H

#include "common/event.h"

/*
 * What each event of a repair archive says of its place in the source: which event is before
 * it.  It stands in the hint `$follows` (spec/FORMAT.md, "Repair archives"), and in no store.
 */
struct follows {
	bool first;        /* no event of the source is known to be before it ... */
	bool bounded;      /* ... behind `position`; else: none at all */
	uint64_t position; /* of the event before it, where that is known */
	uint64_t version;
	struct slice stream;
};

/* *out: `e` with the hint, in place of any that it has.  It borrows from `e` and from `mem`. */
void follows_put(struct event *out, const struct event *e, const struct follows *f,
                 struct arena *mem);

bool follows_says(const struct event *e); /* the event has the hint */

/*
 * Take the hint off an event that has it; what `out` holds is the event's or in `mem`.  -1:
 * ERR_FORMAT that names the event: it cannot be.
 */
MUST_USE int follows_take(struct event *e, struct arena *mem, struct follows *out, struct err *err);

#endif
