#ifndef COMMON_PGSTATE_H
#define COMMON_PGSTATE_H

#include "common/pgdb.h"

/*
 * What the SQLSTATEs of PostgreSQL mean to us (its manual, appendix A), and its
 * messages on one line.
 */
struct pgstate {
	const char *code; /* all of it, or the class: two characters */
	enum err_kind kind;
	enum pgdb_trouble trouble;
	const char *hint; /* what the user should do next, or NULL */
};

const struct pgstate *pgstate_find(const char *code); /* never NULL; "": nothing is known */

/* Append `text` with `between` for each run of line ends and blanks around it. */
void pgstate_squeeze(struct buf *out, const char *text, const char *between);

/*
 * Append a message that libpq makes of its own, on one line, without what it
 * explains, or what PQERRORS_VERBOSE adds.  The last SQLSTATE that this added
 * goes to `code`, or "": of a connection that failed libpq 15 tells it in no
 * other way.
 */
void pgstate_read(struct buf *out, char code[6], const char *text);

#endif
