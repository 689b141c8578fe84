#ifndef COMMON_SQLITEROW_H
#define COMMON_SQLITEROW_H

#include <sqlite3.h>

#include "common/rowmap.h"

/*
 * Rows of a layout's table in SQLite: the statements that read and write them,
 * and the values of one.
 *
 *	sqliterow_open(&r, db, layout);
 *	... sqlite3_step(stmt) == SQLITE_ROW
 *	sqliterow_read(&r, stmt, batch, err);
 *	sqliterow_close(&r);
 */
struct sqliterow {
	const struct layout *layout;
	struct value *values; /* one a column */
	bool strict;          /* columns refuse values of other types */
};

/* The table need not be there yet: sqliterow_look() sees to what depends on it. */
void sqliterow_open(struct sqliterow *r, const struct layout *l);
void sqliterow_look(struct sqliterow *r, sqlite3 *db);
void sqliterow_close(struct sqliterow *r); /* also zeroed */

/* "SELECT columns FROM table": the columns in the order of the layout. */
void sqliterow_select(const struct layout *l, struct buf *sql);
/* "INSERT INTO table (columns) VALUES (?1, ...)"; `read_back`: its one row is what was stored, as
 * sqliterow_select() has it. */
void sqliterow_insert(const struct layout *l, bool read_back, struct buf *sql);
/* The quoted name of the column of a field that has one. */
void sqliterow_column(const struct layout *l, enum field f, struct buf *sql);

/* Add the event of the row under the statement; it owns its bytes.  -1: ERR_DATA. */
MUST_USE int sqliterow_read(struct sqliterow *r, sqlite3_stmt *row, struct batch *into,
                            struct err *err);

/*
 * Bind an event to an insert.  Bytes that had to be made are in `scratch`, the
 * rest are the event's: both must live until the statement has run.  `strict`: no
 * hint brings back a value of a type that is not the column's, for a STRICT
 * table that refused one.  -1: ERR_DATA that names the event and what the table
 * has no place for.
 */
MUST_USE int sqliterow_bind(struct sqliterow *r, sqlite3_stmt *insert, const struct event *e,
                            bool strict, struct arena *scratch, struct err *err);

/* Bind what one field that is no payload is in its column, for a lookup; absent is NULL. */
void sqliterow_bind_field(const struct layout *l, enum field f, sqlite3_stmt *stmt, int parameter,
                          const struct event *e, struct arena *scratch);

/* Bytes must live until the statement has run.  SQLITE_OK or SQLite's error. */
int sqliterow_bind_value(sqlite3_stmt *stmt, int parameter, const struct value *v);

#endif
