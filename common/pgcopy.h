#ifndef COMMON_PGCOPY_H
#define COMMON_PGCOPY_H

#include "common/pgdb.h"

/*
 * COPY in its binary form (PostgreSQL's documentation, "COPY", "Binary Format"):
 * rows out of a query as they come, and rows that were made before into a table.
 *
 *	pgcopy_start(&c, db, "SELECT ...", err);
 *	while ((rc = pgcopy_next(&c, &row, err)) > 0)
 *		...
 *	pgcopy_stop(&c);
 */
struct pgcopy {
	struct pgdb *db;
	char *message; /* libpq's, with the row that was given last */
	bool running;
	bool begun; /* the header has come */
};

MUST_USE int pgcopy_start(struct pgcopy *c, struct pgdb *db, const char *query, struct err *err);
/* The next row, good until the next call: 1, 0 at the end, -1. */
MUST_USE int pgcopy_next(struct pgcopy *c, struct slice *row, struct err *err);
/* Let go of what is held.  Rows that have not come make the connection useless: it is closed. */
void pgcopy_stop(struct pgcopy *c);

/* What the server complained about. */
struct pgcopy_place {
	const char *table; /* the name of the table without its schema, to be set before */
	uint64_t line;     /* number of the row, from 1, or 0 */
	char column[64];   /* or empty; names have 63 bytes at most */
};

/*
 * Send rows, one behind the other, through "COPY ... FROM STDIN (FORMAT binary)".
 * *stored: how many the server says that it stored.  On failure *place says where.
 */
MUST_USE int pgcopy_send(struct pgdb *db, const char *copy, struct slice rows, uint64_t *stored,
                         struct pgcopy_place *place, struct err *err);

#endif
