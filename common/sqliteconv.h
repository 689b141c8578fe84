#ifndef COMMON_SQLITECONV_H
#define COMMON_SQLITECONV_H

#include "common/layout.h"
#include "common/sqlitevalue.h"

/*
 * One column's value to one field of an event and back, by the layout's
 * conversion.  Private to sqlitemap.c and
 * sqliteattrs.c: attributes and hints are their matter.
 */

/* Read a value that is not NULL into the field.  False: it is nothing that the conversion can
 * read; the field stays absent.  Bytes go to the arena. */
bool sqliteconv_read(const struct layout_column *c, const struct sqlitevalue *v, struct event *e,
                     struct arena *mem);

/* The value for a field that is not absent.  NULL, or why the column cannot hold it. */
const char *sqliteconv_write(const struct layout_column *c, const struct event *e,
                             struct arena *mem, struct sqlitevalue *v);

/* Whether the field is absent in the event. */
bool sqliteconv_absent(const struct layout_column *c, const struct event *e);

/*
 * A hint counts when the value that it keeps still reads as what the event says,
 * or as nothing where the event says nothing.  `typed`: values of other types
 * than the conversion writes do not count.
 */
bool sqliteconv_holds(const struct layout_column *c, const struct sqlitevalue *raw, bool typed,
                      const struct event *e, struct arena *mem);

/* Whether a payload of this type of SQLite gets a hint again when it is read from the column. */
bool sqliteconv_tells(const struct layout_column *c, int type, struct slice bytes);

/* Whether what was read may not be what sqliteconv_write() makes of it. */
bool sqliteconv_lossy(const struct layout_column *c, const struct sqlitevalue *v);

#endif
