#ifndef IMPORT_STORED_H
#define IMPORT_STORED_H

#include "common/layout.h"

/*
 * Whether what a store gives back is the event that was written.  An attribute that
 * is the default of its column is not there then, and does not count.  `maker`: what
 * made it another one, as in "its column makes".  -1: ERR_DATA that names event and field.
 */
MUST_USE int stored_check(const struct layout *l, const struct event *e, const struct event *stored,
                          const char *maker, struct arena *scratch, struct err *err);

#endif
