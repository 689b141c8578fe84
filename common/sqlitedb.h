#ifndef COMMON_SQLITEDB_H
#define COMMON_SQLITEDB_H

#include <sqlite3.h>

#include "common/address.h"
#include "common/layout.h"

/*
 * SQLite for sources and sinks: opening, statements, what its errors mean to us.
 * A connection belongs to one thread.
 */
#define SQLITEDB_BUSY_MS 10000 /* how long another program may hold its lock */

/*
 * How a lock of another program is waited for: it belongs to a connection, stays where it is as
 * long as that is open, and is made by opening.  A warning says once that there is one.
 */
struct sqlitedb_wait {
	struct backoff backoff;
	const char *shown; /* borrowed */
	bool told;
};

/*
 * Read-only, and nothing in the database changes, not even by a checkpoint.  A
 * database in WAL mode on a read-only file system is opened as immutable, when
 * it has no WAL left to read.
 */
MUST_USE int sqlitedb_open_source(sqlite3 **out, const struct address *from,
                                  struct sqlitedb_wait *wait, struct err *err);
/*
 * The same of a target, where a program that was killed may have left a
 * transaction: SQLite takes it back, as far as the user may write there.
 */
MUST_USE int sqlitedb_open_begun(sqlite3 **out, const struct address *to,
                                 struct sqlitedb_wait *wait, struct err *err);
/* For writing, durable.  `create`: make the file, with mode 0600, when there is none. */
MUST_USE int sqlitedb_open_target(sqlite3 **out, const struct address *to, bool create,
                                  struct sqlitedb_wait *wait, struct err *err);
MUST_USE int sqlitedb_open_memory(sqlite3 **out, struct err *err); /* for a dry run */
void sqlitedb_close(sqlite3 *db);                                  /* NULL is fine; rolls back */

/* The last error of the connection as ours, -1.  `doing` says what was tried. */
int sqlitedb_fail(sqlite3 *db, const char *doing, struct err *err);
bool sqlitedb_has_moved(sqlite3 *db); /* the name of its file is that of another, or of none */
/* The file lost its name while it was written, -1. */
int sqlitedb_fail_moved(const char *what, struct err *err);

MUST_USE int sqlitedb_exec(sqlite3 *db, const char *sql, struct err *err);
MUST_USE int sqlitedb_prepare(sqlite3 *db, struct buf *sql, sqlite3_stmt **out, struct err *err);
/* The first column of the first row of a query: 1, 0 when there is none, -1. */
MUST_USE int sqlitedb_number(sqlite3 *db, const char *sql, int64_t *out, struct err *err);

/* Append an identifier, quoted: names from layouts never become SQL by themselves. */
void sqlitedb_quote(struct buf *sql, const char *name);

MUST_USE int sqlitedb_has_table(sqlite3 *db, const char *table, bool *out, struct err *err);

/* Whether the columns of the table refuse values of other types. */
bool sqlitedb_is_strict(sqlite3 *db, const char *table);

/*
 * The layout for a database: the one asked for ("auto" or NULL: the only
 * built-in that fits), checked against the schema.  -1: ERR_LAYOUT.
 */
MUST_USE int sqlitedb_choose_layout(struct layout **out, sqlite3 *db, const char *asked,
                                    const char *shown, struct err *err);

/* A column of a row as a number that is 0 or more; false: it holds something else. */
bool sqlitedb_unsigned(sqlite3_stmt *stmt, int column, uint64_t *out);

#endif
