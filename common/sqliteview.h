#ifndef COMMON_SQLITEVIEW_H
#define COMMON_SQLITEVIEW_H

#include <sqlite3.h>

#include "common/layout.h"

/*
 * What a layout says in SQL, in SQLite.  Of one with a query a temporary view of the connection has
 * the rows, and a trigger on that runs the statements of `write` for each event that is
 * inserted, which is NEW in them.  So the rest of the program reads and writes it as
 * a table, layout->place.  Nothing of it is in the database file.
 */

/* The view; nothing where the layout has no query.  -1: ERR_LAYOUT, it is wrong. */
MUST_USE int sqliteview_make(sqlite3 *db, struct layout *l, struct err *err);
/* The trigger, for who writes; nothing likewise.  -1: ERR_LAYOUT, a statement is wrong: it is
 * named. */
MUST_USE int sqliteview_make_writes(sqlite3 *db, const struct layout *l, struct err *err);

/* Run statements of a layout, which stand under `key` in its file.  -1: ERR_LAYOUT where one of
 * them is wrong, with its number. */
MUST_USE int sqliteview_run(sqlite3 *db, const struct layout *l, const char *key,
                            const char *const *statements, size_t n, struct err *err);

#endif
