#ifndef COMMON_SQLITEMAP_H
#define COMMON_SQLITEMAP_H

#include <sqlite3.h>

#include "common/layout.h"

/*
 * Rows of a layout's table of events to events and back.  What a conversion
 * cannot give back by itself travels as a hint, `$FIELD`, with the value as it
 * was (spec/LAYOUTS.md, "Hints"), so that every column comes back as it was
 * wherever events return to a table of the same layout.
 */

/* "SELECT columns FROM table": the columns in the order of the layout. */
void sqlitemap_select(const struct layout *l, struct buf *sql);
/* "INSERT INTO table (columns) VALUES (?1, ...)"; `read_back`: its one row is what was stored, as
 * sqlitemap_select() has it. */
void sqlitemap_insert(const struct layout *l, bool read_back, struct buf *sql);
/* The quoted name of the column of a field that has one. */
void sqlitemap_column(const struct layout *l, enum field f, struct buf *sql);

/* Add the event of the row under the statement; it owns its bytes.  -1: ERR_DATA. */
MUST_USE int sqlitemap_read(const struct layout *l, sqlite3_stmt *row, struct batch *into,
                            struct err *err);

/*
 * Bind an event to an insert.  Bytes that had to be made are in `scratch`, the
 * rest are the event's: both must live until the statement has run.  `typed`:
 * no hint brings back a value of a type that is not the column's, for a STRICT
 * table that refused one.  -1: ERR_DATA that names the event and what the table
 * has no place for.
 */
MUST_USE int sqlitemap_bind(const struct layout *l, sqlite3_stmt *insert, const struct event *e,
                            bool typed, struct arena *scratch, struct err *err);

/* Bind what one field that is no payload is in its column, for a lookup; absent is NULL. */
void sqlitemap_bind_field(const struct layout *l, enum field f, sqlite3_stmt *stmt, int parameter,
                          const struct event *e, struct arena *scratch);

#endif
