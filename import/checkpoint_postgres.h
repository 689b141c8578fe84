#ifndef IMPORT_CHECKPOINT_POSTGRES_H
#define IMPORT_CHECKPOINT_POSTGRES_H

#include "common/layout.h"
#include "common/pgdb.h"
#include "import/sink.h"

/*
 * The table esimport_checkpoint of a PostgreSQL target, beside the table of
 * events: how far each import came, a row for each origin, selection and table
 * (spec/CLI.md).  Saved in the transaction that writes the events.
 */

/* out->found says whether there is a row. */
MUST_USE int checkpoint_postgres_read(struct pgdb *db, const struct layout *l,
                                      const struct sink_key *key, struct sink_tail *out,
                                      struct err *err);
/*
 * Whether an import of this source, whatever it selected, wrote to the layout's table
 * under new positions, and if so, up to which position in the source: *out.
 */
MUST_USE int checkpoint_postgres_appended(struct pgdb *db, const struct layout *l,
                                          const struct digest *origin, struct selection_bound *out,
                                          struct err *err);
/* Makes the table where it is missing. */
MUST_USE int checkpoint_postgres_save(struct pgdb *db, const struct layout *l,
                                      const struct sink_key *key, const struct sink_tail *tail,
                                      struct err *err);

#endif
