#ifndef COMMON_ROWATTRS_H
#define COMMON_ROWATTRS_H

#include "common/rowmap.h"

/*
 * Hints, and the column for attributes that have none of their own: one JSON
 * object.  Private to rowmap.c.
 *
 * How the column spelt the object travels as the hint `$attributes` where the
 * attributes alone do not tell it.  Members that would be taken for another
 * column's value travel in that hint only.
 */
#define ROWATTRS_HINT_BYTES 32 /* "$" and the longest name of a field */

void rowattrs_hint_name(enum field f, char out[ROWATTRS_HINT_BYTES]);
void rowattrs_add_hint(struct event *e, struct arena *mem, enum field f, const struct value *v);

/* Take the column's value, which is not NULL, when the event has all else.  Where columns
 * take values of their own type only, a hint of another is here because it could not go there. */
void rowattrs_read(const struct layout *l, const struct value *v, enum rowmap_typing typing,
                   struct event *e, struct arena *mem);

/* The column's value: all attributes that are not `used`, which then are. */
void rowattrs_write(const struct layout *l, const struct event *e, enum rowmap_typing typing,
                    bool *used, struct arena *mem, struct value *v);

#endif
