#ifndef COMMON_SQLITEATTRS_H
#define COMMON_SQLITEATTRS_H

#include "common/layout.h"
#include "common/sqlitevalue.h"

/*
 * Hints, and the column for attributes that have none of their own: one JSON
 * object.  Private to sqlitemap.c.
 *
 * How the column spelt the object travels as the hint `$attributes` where the
 * attributes alone do not tell it.  Members that would be taken for another
 * column's value travel in that hint only.
 */
#define SQLITEATTRS_HINT_BYTES 32 /* "$" and the longest name of a field */

void sqliteattrs_hint_name(enum field f, char out[SQLITEATTRS_HINT_BYTES]);
void sqliteattrs_add_hint(struct event *e, struct arena *mem, enum field f,
                          const struct sqlitevalue *v);

/* Take the column's value, which is not NULL, when the event has all else.  `strict`: the table
 * refuses values of other types, and so a hint of one is here because it could not go there. */
void sqliteattrs_read(const struct layout *l, const struct sqlitevalue *v, bool strict,
                      struct event *e, struct arena *mem);

/* The column's value: all attributes that are not `used`, which then are. */
void sqliteattrs_write(const struct event *e, bool *used, const struct layout *l, struct arena *mem,
                       struct sqlitevalue *v);

#endif
