#ifndef COMMON_PGCHARSET_H
#define COMMON_PGCHARSET_H

#include "common/err.h"
#include "common/mem.h"

/*
 * Which text a database can hold, by its encoding (server_encoding).  The
 * connection speaks UTF-8 and the server converts; what it could not convert, or
 * would give back as another character, is found here first.  All texts are
 * valid UTF-8.
 *
 *	if (pgcharset_open(&charset, "LATIN1", err) < 0)
 *		return -1;
 *	if (!pgcharset_holds(charset, text))
 *		...
 *	pgcharset_close(charset);
 *
 * Any number of threads may ask.
 */
struct pgcharset;

/*
 * `name` as the server says it: "UTF8", "LATIN1", "SQL_ASCII", ...  An encoding that is not known
 * here holds everything as far as we can tell: the server has the last word.  -1: ERR_IO, the
 * system has no conversion for an encoding that is known.
 */
MUST_USE int pgcharset_open(struct pgcharset **out, const char *name, struct err *err);
void pgcharset_close(struct pgcharset *c); /* NULL is fine */

/* Whether the database holds this text: no NUL, and every character in its encoding. */
bool pgcharset_holds(const struct pgcharset *c, struct slice utf8);

/*
 * Whether the server can make this character of an escape in JSON.  What a
 * database without an encoding (SQL_ASCII) takes as bytes it cannot make.
 */
bool pgcharset_makes(const struct pgcharset *c, uint32_t character);

/* The length of a text as the database counts it: in characters, of SQL_ASCII in bytes. */
size_t pgcharset_length(const struct pgcharset *c, struct slice utf8);

#endif
