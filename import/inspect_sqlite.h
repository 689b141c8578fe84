#ifndef IMPORT_INSPECT_SQLITE_H
#define IMPORT_INSPECT_SQLITE_H

#include <sqlite3.h>

#include "common/layout.h"

/*
 * A look at the table that events go into.  A view is refused (ERR_LAYOUT).
 * *converts: the types of its columns may make other values of those that are
 * written ("Type affinity" in SQLite's documentation), so that what was written
 * has to be read back.
 */
MUST_USE int inspect_sqlite(sqlite3 *db, const struct layout *l, bool *converts, struct err *err);

/* Say more of a COMMIT that failed, where it was a row that refers to none: SQLite does not say
 * which one it is.  The transaction is still open.  Always -1. */
int inspect_sqlite_orphan(sqlite3 *db, struct err *err);

/* Whether a database that keeps text in UTF-16 keeps that of the event.  -1: ERR_DATA. */
MUST_USE int inspect_sqlite_utf16(const struct event *e, struct err *err);

#endif
