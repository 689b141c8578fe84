#ifndef IMPORT_CHECKPOINT_SQLITE_H
#define IMPORT_CHECKPOINT_SQLITE_H

#include <sqlite3.h>

#include "import/sink.h"

/*
 * The table esimport_checkpoint of a SQLite target: how far each import came,
 * a row for each origin, selection and `target`, the table of events (spec/CLI.md).  Saved in the
 * transaction that writes the events.
 */
struct checkpoint_sqlite {
	sqlite3_stmt *save; /* NULL until the first one */
};

void checkpoint_sqlite_release(struct checkpoint_sqlite *c);

/* out->found says whether there is a row. */
MUST_USE int checkpoint_sqlite_read(sqlite3 *db, const char *target, const struct sink_key *key,
                                    struct sink_tail *out, struct err *err);
/*
 * Whether an import of this source, whatever it selected, wrote to `target` under new
 * positions, and if so, up to which position in the source: *out.
 */
MUST_USE int checkpoint_sqlite_appended(sqlite3 *db, const char *target,
                                        const struct digest *origin, struct selection_bound *out,
                                        struct err *err);
/* Makes the table where it is missing. */
MUST_USE int checkpoint_sqlite_save(struct checkpoint_sqlite *c, sqlite3 *db, const char *target,
                                    const struct sink_key *key, const struct sink_tail *tail,
                                    struct err *err);

#endif
