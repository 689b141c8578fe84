#ifndef IMPORT_SCHEMA_POSTGRES_H
#define IMPORT_SCHEMA_POSTGRES_H

#include "common/layout.h"
#include "common/pgdb.h"

/*
 * The tables of a PostgreSQL target: making those of a layout, the indexes that
 * wait until they are loaded, sequences, and what stands beside the table of
 * events.
 *
 * Indexes that a layout puts off are kept as statements in the table
 * esimport_pending, which is made in the transaction that makes the others: whichever
 * run ends the import makes the indexes, and takes that table away.  Statements that the
 * layout does not have are not run.
 */

/* Append the name of a table of ours, in the schema of the layout's table. */
void schema_postgres_put_beside(const struct layout *l, const char *name, struct buf *sql);
MUST_USE int schema_postgres_has(struct pgdb *db, const struct layout *l, const char *name,
                                 bool *out, struct err *err);

/* Whether the database has no tables of anybody. */
MUST_USE int schema_postgres_blank(struct pgdb *db, bool *out, struct err *err);

/* Make the layout's tables, and note the indexes that they lack. */
MUST_USE int schema_postgres_make(struct pgdb *db, const struct layout *l, struct err *err);
/* Whether indexes are still to be made. */
MUST_USE int schema_postgres_pending(struct pgdb *db, const struct layout *l, bool *out,
                                     struct err *err);
/* Make them.  -1: ERR_CONFLICT where two events are in the way of a unique one. */
MUST_USE int schema_postgres_finish(struct pgdb *db, const struct layout *l, struct err *err);

/* Sequences that give the positions of later events go on behind `last`; never lowered. */
MUST_USE int schema_postgres_advance(struct pgdb *db, const struct layout *l, uint64_t last,
                                     struct err *err);

/* What there is to know of the table before it is written to. */
struct schema_postgres {
	bool may_lock; /* the role may keep other writers out */
	bool changes;  /* triggers may change or drop rows on their way in */
};

/* -1: ERR_LAYOUT where it is no table. */
MUST_USE int schema_postgres_look(struct pgdb *db, const struct layout *l,
                                  struct schema_postgres *out, struct err *err);

#endif
