#ifndef IMPORT_STAGE_POSTGRES_H
#define IMPORT_STAGE_POSTGRES_H

#include "common/pgcopy.h"
#include "common/pgtable.h"
#include "common/selection.h"
#include "import/place_postgres.h"

/*
 * A batch on its way into a PostgreSQL table that may hold some of its events: it
 * goes to a table beside it first, and the server finds what is there already by
 * position, by stream and version, and by id.  Both sides are as the types of the
 * columns made them, so that jsonb is compared with jsonb.  In a transaction, whose
 * end takes the table beside it away.  Statements of a layout that write events find them
 * there, too.
 */
struct stage_postgres {
	struct pgdb *db;
	struct pgtable *table;
	bool renumber; /* rows are numbered from 1, and get positions behind `last` */
	uint64_t last;
	const uint64_t *origins; /* positions in the source, by row */
	/* Rows go between those that are there; with renumber only behind `end`, a position in the
	 * source. */
	bool fill;
	struct selection_bound end;
	const struct place_postgres *places; /* with fill: of the rows */
	bool check;                          /* what was stored is compared with what was sent */
	bool fresh; /* none of the rows is in the table, as far as constraints tell */
	bool dry;   /* store nothing: sequences and triggers may do what no rollback takes back */
};

/*
 * Put `n` rows (pgtable_write()) into the table.  *present: those that it had already,
 * equal.  *place: what the server complained about.  -1: ERR_CONFLICT that names the event and what
 * differs.
 */
MUST_USE int stage_postgres_write(const struct stage_postgres *s, struct slice rows, uint64_t n,
                                  uint64_t *present, struct pgcopy_place *place, struct err *err);

/* Whether `n` rows that went into the table are there as they were sent.  -1: ERR_DATA that names
 * the event and what a trigger made of it, ERR_STORE. */
MUST_USE int stage_postgres_check(const struct stage_postgres *s, struct slice rows, uint64_t n,
                                  struct err *err);

#endif
