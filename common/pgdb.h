#ifndef COMMON_PGDB_H
#define COMMON_PGDB_H

#include <libpq-fe.h>

#include "common/address.h"
#include "common/backoff.h"
#include "common/pgquote.h"

/*
 * A connection to PostgreSQL for sources and sinks: opening, queries, what its
 * errors mean to us, and connecting again.  One thread at a time.
 *
 *	while (work(&db, err) < 0)
 *		if (db.trouble == PGDB_FATAL || pgdb_reconnect(&db, err) < 0)
 *			return -1;
 *	pgdb_progress(&db);
 */
enum pgdb_trouble {
	PGDB_FATAL, /* it would fail the same way again */
	PGDB_AGAIN, /* the transaction may be run again: serialization failure, deadlock */
	PGDB_LOST,  /* the connection is gone, or the server is starting or stopping */
};

struct pgdb {
	PGconn *conn;                  /* NULL: not open */
	const struct address *address; /* borrowed */
	enum pgdb_trouble trouble;     /* of the last failure on this connection; else PGDB_FATAL */
	char sqlstate[6];              /* of the last failure; empty: it came from no server */
	int server;                    /* its version: 150020 */
	bool stoppable; /* a stop ends what waits for the server: for who only reads; set it behind
	                   pgdb_open() */
	struct backoff backoff; /* the time since pgdb_progress() counts, work or not */
};

/*
 * Connect for the first time.  A server that is starting, stopping or has too
 * many connections is waited for, with a warning; anything else (no such host,
 * refused, no such database, password) is an error at once.  A stop ends the
 * connecting.  The session speaks UTF-8, in UTC, without timeouts of its own,
 * with a search_path that is the role's own; notices are dropped.
 */
MUST_USE int pgdb_open(struct pgdb *db, const struct address *address, struct err *err);
void pgdb_close(struct pgdb *db); /* also zeroed, or closed before */

/*
 * After trouble other than PGDB_FATAL: wait, and connect again until that works
 * or the budget of the address is spent.  With PGDB_AGAIN the connection stays,
 * and only a transaction that is open is rolled back; where a COPY is under way
 * the connection is made anew.  `err` holds the failure, which goes into the
 * message.  -1: the budget is spent or the server says what will not pass, such
 * as another password (ERR_STORE), or ERR_STOPPED; the trouble is PGDB_FATAL
 * then, and there is a connection or none.  A warning says that the connection was lost, a note
 * that it is there again.
 */
MUST_USE int pgdb_reconnect(struct pgdb *db, struct err *err);
void pgdb_progress(struct pgdb *db); /* something was achieved: the budget is whole again */

/* Record the failure of a result (NULL: of the connection), as ours: -1, ERR_STORE where the
 * table of pgstate.c has nothing better.  `doing` says what was tried; the result is cleared. */
int pgdb_fail(struct pgdb *db, PGresult *failed, const char *doing, struct err *err);

/* Run statements that give no rows. */
MUST_USE int pgdb_exec(struct pgdb *db, const char *sql, struct err *err);
/* Run one statement with text parameters (NULL: SQL's NULL); *out: rows in text, to be given to
 * PQclear(). */
MUST_USE int pgdb_query(struct pgdb *db, const char *sql, int n, const char *const *parameters,
                        PGresult **out, struct err *err);
/* Either one, with whatever result, NULL where the connection is gone; `n` is -1 for statements. */
PGresult *pgdb_run(struct pgdb *db, const char *sql, int n, const char *const *parameters);
/* The first column of the first row, as a number: 1, 0 when there is no row or it is NULL, -1. */
MUST_USE int pgdb_number(struct pgdb *db, const char *sql, int64_t *out, struct err *err);

/* A field of a result in text as a number that is 0 or more; false: it holds something else. */
bool pgdb_unsigned(const PGresult *r, int row, int column, uint64_t *out);

#endif
