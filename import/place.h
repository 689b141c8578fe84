#ifndef IMPORT_PLACE_H
#define IMPORT_PLACE_H

#include "format/follows.h"
#include "format/header.h"

/*
 * Where an event of a repair archive belongs: directly behind the event before it in the source.
 * A target that does not hold that one at its place has other positions, or another end, than the
 * copy for which the archive was made.
 */
struct place {
	struct follows follows;
	bool directly; /* of the source nothing was filtered out: no event stands between the two */
};

/* The events of a repair archive as they come by, selected or not. */
struct places {
	struct place at; /* of the last one, until the next or until its batch goes */
	bool known;      /* `at` is set */
	bool begun;
	uint64_t position, version; /* of the last one ... */
	struct buf stream;          /* ... which the next one may follow */
};

/* `header`: of the archive; NULL: there is none. */
void places_begin(struct places *p, const struct header *header);
void places_release(struct places *p); /* also zeroed */

/* Whether each event of a repair archive says its place; dead letters need not.  -1: ERR_FORMAT. */
MUST_USE int places_require(const struct batch *b, struct err *err);

/*
 * Take off an event what it says of its place, which is p->at then, if it does; `mem` is that of
 * its batch.  -1: ERR_FORMAT, the events of the archive contradict each other.
 */
MUST_USE int places_take(struct places *p, struct event *e, struct arena *mem, struct err *err);

#endif
