#ifndef IMPORT_CLASH_H
#define IMPORT_CLASH_H

#include "common/layout.h"
#include "import/place.h"

/*
 * What stands in a store where an event should go, as every SQL target sees it: by
 * what an event is looked for, in this order, and what is said where another one
 * is there.
 */
#define CLASH_KEYS 3
#define CLASH_MOST_FIELDS 3

struct clash_key {
	const char *what; /* for messages */
	enum field fields[CLASH_MOST_FIELDS];
	int n_fields;
};

/* Position, stream and version, id.  The first one does not count under new positions. */
extern const struct clash_key clash_keys[CLASH_KEYS];

/*
 * Whether the event that was found by a key is the one that should go there.
 * `renumber`: positions do not count.  -1: ERR_CONFLICT that names the event and
 * what differs.
 */
MUST_USE int clash_compare(const struct event *e, const struct event *found,
                           const struct clash_key *key, bool renumber, struct err *err);

/* The error for an event of a repair archive that has no place: it is missing between events whose
 * positions are not those of the source.  -1, ERR_CONFLICT that does not name the event. */
int clash_between(struct err *err);
/* The same for one whose neighbours in its stream stand on the wrong side of its position. */
int clash_misplaced(struct err *err);
/* The same for one whose event before it in the source is not at its place, or does not stand
 * directly before it. */
int clash_displaced(const struct place *place, struct err *err);

/* The error for a checkpoint whose last event is gone: a run that went on would pass over what is
 * missing.  -1, ERR_CONFLICT. */
int clash_gone(const char *shown, uint64_t position, struct err *err);

#endif
