#ifndef IMPORT_PLACE_POSTGRES_H
#define IMPORT_PLACE_POSTGRES_H

#include "common/pgtable.h"
#include "common/selection.h"
#include "import/place.h"

/*
 * Which event of the source comes before each row of a batch of a repair archive.  The server
 * looks for it, by a table beside that of stage_postgres.h whose columns are of the types of the
 * table of events.
 */
struct place_postgres {
	struct place *items; /* one a row */
	size_t len, cap;
	struct arena *mem; /* their streams */
	/* A dry run: position of the last event of the batches before, which are in no table. */
	struct selection_bound taken;
};

/* NULL: nothing is known of it, and nothing is checked. */
void place_postgres_add(struct place_postgres *p, const struct place *place);
void place_postgres_reset(struct place_postgres *p);   /* for the next batch; keeps the memory */
void place_postgres_release(struct place_postgres *p); /* also zeroed */

/* The batch on its way: rows are numbered from 1 where it gets new positions (`renumber`), behind
 * what the target has up to `end` of the source. */
struct place_batch {
	const char *stage;       /* the table with the rows that the target lacks */
	const uint64_t *origins; /* positions in the source, one a row */
	bool renumber;
	struct selection_bound end;
};

/*
 * Whether one of those rows would stand elsewhere than behind the event that it follows, which is
 * in the target or in the stage; with `renumber` it need only be there.  1 and the number of the
 * first such row (from 0), 0, -1.
 */
MUST_USE int place_postgres_check(const struct place_postgres *p, struct pgdb *db,
                                  struct pgtable *t, const struct place_batch *b, size_t *row,
                                  struct err *err);

#endif
