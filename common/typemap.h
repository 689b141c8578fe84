#ifndef COMMON_TYPEMAP_H
#define COMMON_TYPEMAP_H

#include "common/err.h"
#include "common/mem.h"

/*
 * Names of types to other names, by a table: a file that holds one JSON object.
 *
 *	{"OrderPlaced": "order_placed", "OrderPaid": "order_paid"}
 *
 * Types that are not in it keep their names.  No two become one.  Not changed once it is
 * made; any thread.  Slices that come out live as long as the map.
 */
struct typemap;

/* -1: ERR_USAGE that names file and line, or key. */
MUST_USE int typemap_open(struct typemap **out, const char *path, struct err *err);
MUST_USE int typemap_parse(struct typemap **out, struct slice text, const char *name,
                           struct err *err);
void typemap_free(struct typemap *m); /* NULL is fine */

/* false: the table has no name for it, and another type gets its own. */
bool typemap_convert(const struct typemap *m, struct slice *type);
/* What it was before.  false: no type becomes it. */
bool typemap_back(const struct typemap *m, struct slice *type);

/* Append the table as CBOR; the same names give the same bytes. */
void typemap_encode(const struct typemap *m, struct buf *out);

#endif
