#ifndef IMPORT_CLASH_SQLITE_H
#define IMPORT_CLASH_SQLITE_H

#include <sqlite3.h>

#include "common/layout.h"
#include "common/selection.h"
#include "import/place.h"

/*
 * What stands in a SQLite table where an event should go: the same event, or
 * another one of its position, of its stream and version, or of its id.
 */
struct clash_sqlite;

MUST_USE int clash_sqlite_open(struct clash_sqlite **out, sqlite3 *db, const struct layout *l,
                               struct err *err);
void clash_sqlite_close(struct clash_sqlite *c); /* NULL is fine */

/*
 * 1: the event is there, equal; 0: nothing is there; -1: ERR_CONFLICT that
 * names the event and what differs.  `renumber`: positions do not count.
 */
MUST_USE int clash_sqlite_find(struct clash_sqlite *c, const struct event *e, bool renumber,
                               struct err *err);

/* Whether an event has this position: 1, 0, -1. */
MUST_USE int clash_sqlite_holds(struct clash_sqlite *c, uint64_t position, struct err *err);
/* That event, good until the next call; NULL: there is none. */
MUST_USE int clash_sqlite_get(struct clash_sqlite *c, uint64_t position, const struct event **out,
                              struct err *err);

/* A table in which events of a repair archive have a place ... */
struct clash_sqlite_target {
	bool renumber;                /* behind `end` only, under new positions */
	bool dry;                     /* events that were taken are not in it */
	struct selection_bound end;   /* a position of the source */
	struct selection_bound taken; /* of the last event that was written, or was there */
};

/* ... and whether that is so for one that is not there; `place`: NULL where that is not known.
 * -1: ERR_CONFLICT that names the event, or another failure. */
MUST_USE int clash_sqlite_place(struct clash_sqlite *c, const struct event *e,
                                const struct place *place, const struct clash_sqlite_target *target,
                                struct err *err);

#endif
