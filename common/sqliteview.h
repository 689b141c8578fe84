#ifndef COMMON_SQLITEVIEW_H
#define COMMON_SQLITEVIEW_H

#include <sqlite3.h>

#include "common/layout.h"

/*
 * A layout with a query, in SQLite: a temporary view of the connection has its
 * rows, and a trigger on that runs the statements of `write` for each event that is
 * inserted, which is NEW in them.  So the rest of the program reads and writes it as
 * a table, layout->place.  Nothing of it is in the database file.
 */

/* Nothing where the layout has no query.  -1: ERR_LAYOUT, a statement is wrong. */
MUST_USE int sqliteview_make(sqlite3 *db, struct layout *l, struct err *err);

#endif
