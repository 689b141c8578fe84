#ifndef IMPORT_STREAMS_SQLITE_H
#define IMPORT_STREAMS_SQLITE_H

#include <sqlite3.h>

#include "common/layout.h"

/*
 * The rows of a layout's table of streams: one a stream, with its last version.
 * Written once a batch for the streams that are in it.
 */
struct streams_sqlite;

MUST_USE int streams_sqlite_open(struct streams_sqlite **out, sqlite3 *db, const struct layout *l,
                                 struct err *err);
void streams_sqlite_close(struct streams_sqlite *s); /* NULL is fine */

void streams_sqlite_add(struct streams_sqlite *s, const struct event *e);
/* The same for an event that may stand before others of its stream: the last of those that are in
 * the table counts. */
MUST_USE int streams_sqlite_add_last(struct streams_sqlite *s, const struct event *e,
                                     struct arena *scratch, struct err *err);
void streams_sqlite_forget(struct streams_sqlite *s); /* what was added since then */
MUST_USE int streams_sqlite_flush(struct streams_sqlite *s, struct err *err);

#endif
