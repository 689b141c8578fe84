#ifndef COMMON_CONVERT_H
#define COMMON_CONVERT_H

#include "common/layout.h"
#include "common/value.h"

/*
 * One column's value to one field of an event and back, by the layout's
 * conversion.  For rowmap.c and rowattrs.c: attributes and hints are their matter.
 */

/* Read a value that is not NULL into the field.  False: it is nothing that the conversion can
 * read; the field stays absent.  Bytes go to the arena. */
bool convert_read(const struct layout_column *c, const struct value *v, struct event *e,
                  struct arena *mem);

/* The value for a field that is not absent.  NULL, or why the column cannot hold it. */
const char *convert_write(const struct layout_column *c, const struct event *e, struct arena *mem,
                          struct value *v);

/* Whether the field is absent in the event. */
bool convert_absent(const struct layout_column *c, const struct event *e);

/*
 * A hint counts when the value that it keeps still reads as what the event says,
 * or as nothing where the event says nothing.  `typed`: values of other types
 * than the conversion writes do not count.
 */
bool convert_holds(const struct layout_column *c, const struct value *raw, bool typed,
                   const struct event *e, struct arena *mem);

/* Of two columns for one payload: whether it goes to this one.  Else true. */
bool convert_takes(const struct layout_column *c, const struct payload *p);

/* Whether a payload gets a hint again when it is read from the column as text, or as bytes. */
bool convert_tells(const struct layout_column *c, bool text, struct slice bytes);

/* Whether a payload with this hint has the type of a column that takes no other. */
bool convert_keeps_hint(const struct layout_column *c, struct slice hint);

/* Whether what was read may not be what convert_write() makes of it. */
bool convert_lossy(const struct layout_column *c, const struct value *v);

/* The type of what the conversion writes; of LAYOUT_PAYLOAD, where it is JSON. */
enum value_type convert_type(enum layout_conv conv);

#endif
