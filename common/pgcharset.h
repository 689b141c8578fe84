#ifndef COMMON_PGCHARSET_H
#define COMMON_PGCHARSET_H

#include "common/err.h"
#include "common/mem.h"

/*
 * Which text a database can hold, by its encoding (server_encoding).  The
 * connection speaks UTF-8 and the server converts; what it could not convert is
 * found here first.  One thread.
 */
struct pgcharset;

/* `name` as the server says it: "UTF8", "LATIN1", "SQL_ASCII", ...  An encoding that is not known
 * here holds everything as far as we can tell: the server has the last word. */
MUST_USE int pgcharset_open(struct pgcharset **out, const char *name, struct err *err);
void pgcharset_close(struct pgcharset *c); /* NULL is fine */

/* Whether the database holds this UTF-8 text: no NUL, and every character in its encoding. */
bool pgcharset_holds(const struct pgcharset *c, struct slice utf8);

#endif
