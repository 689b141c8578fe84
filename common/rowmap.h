#ifndef COMMON_ROWMAP_H
#define COMMON_ROWMAP_H

#include "common/layout.h"
#include "common/value.h"

/*
 * Rows of a layout's table of events to events and back, for every SQL store: a
 * row is one value a column, in the order of the layout.  What a conversion
 * cannot give back by itself travels as a hint, `$FIELD`, with the value as it
 * was (spec/LAYOUTS.md, "Hints"), so that every column comes back as it was
 * wherever events return to a table of the same layout.
 */

/* Which values a column takes. */
enum rowmap_typing {
	ROWMAP_FREE,   /* any: SQLite */
	ROWMAP_STRICT, /* of its own type, but for payloads: STRICT tables of SQLite */
	ROWMAP_TYPED,  /* of its own type */
};

/* Add the event of a row; it owns its bytes.  -1: ERR_DATA. */
MUST_USE int rowmap_read(const struct layout *l, const struct value *row, enum rowmap_typing typing,
                         struct batch *into, struct err *err);

/*
 * Make the row of an event.  Bytes that had to be made are in `scratch`, the rest
 * are the event's.  Hints bring back values of the types that columns take only.
 * -1: ERR_DATA that names the event and what the table has no place for.
 */
MUST_USE int rowmap_write(const struct layout *l, const struct event *e, enum rowmap_typing typing,
                          struct arena *scratch, struct value *row, struct err *err);

/*
 * Everything of an event that rowmap_write() would refuse it for: `what` is "field" or
 * "attribute".  The texts are good for the call.
 */
typedef void rowmap_tell(void *ctx, const char *what, struct slice name, const char *why);
void rowmap_misfits(const struct layout *l, const struct event *e, enum rowmap_typing typing,
                    struct arena *scratch, rowmap_tell *tell, void *ctx);

/* What one field that is no payload is in its column, for a lookup; NULL where it is absent, and
 * where the column cannot hold it: then no row has it, and NULL finds none, either. */
void rowmap_write_field(const struct layout_column *c, const struct event *e, struct arena *scratch,
                        struct value *out);

/* The error for a column that does not take what rowmap_write() made: -1, ERR_DATA. */
int rowmap_refuse(const struct event *e, const struct layout_column *c, const char *why,
                  struct err *err);

#endif
