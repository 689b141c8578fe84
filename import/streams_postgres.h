#ifndef IMPORT_STREAMS_POSTGRES_H
#define IMPORT_STREAMS_POSTGRES_H

#include "common/pgdb.h"
#include "import/streams.h"

/*
 * Write the rows of a batch into the layout's table of streams: new ones as they are, of others the
 * version rises.  `look`: events of the batch may stand before others of their stream, and the
 * last of those that are in the table counts.
 */
MUST_USE int streams_postgres_flush(struct streams *s, struct pgdb *db, const struct layout *l,
                                    bool look, struct err *err);

#endif
