#ifndef IMPORT_STREAMS_POSTGRES_H
#define IMPORT_STREAMS_POSTGRES_H

#include "common/pgdb.h"
#include "import/streams.h"

/* Write the rows of a batch into the layout's table of streams: new ones as they are, of others the
 * version rises. */
MUST_USE int streams_postgres_flush(struct streams *s, struct pgdb *db, const struct layout *l,
                                    struct err *err);

#endif
