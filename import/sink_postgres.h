#ifndef IMPORT_SINK_POSTGRES_H
#define IMPORT_SINK_POSTGRES_H

#include "common/pgtable.h"
#include "import/place_postgres.h"
#include "import/schema_postgres.h"
#include "import/sink.h"
#include "import/streams.h"

/* Private to sink_postgres.c, which opens a target and collects a batch, and commit_postgres.c,
 * which brings it in. */

/*
 * A batch is kept as the rows that COPY takes until it is committed, so that it
 * can be sent again: by another way, where events of it are there already, and on
 * another connection.
 */
struct postgres_sink {
	struct pgdb db;
	const struct address *to;
	struct sink_info *info;
	const char *asked; /* layout */
	struct layout *layout;
	struct pgtable table;
	struct schema_postgres schema;
	struct streams *streams; /* NULL: the layout has no such table */
	struct arena *scratch;
	struct buf rows;
	size_t *begins; /* where each row of the batch is */
	size_t n_begins, begins_cap;
	uint64_t *origins; /* position in the source of each row */
	size_t origins_cap;
	uint64_t greatest;     /* position in the batch */
	uint64_t present;      /* in the batch that is being committed */
	struct sink_tail held; /* as this run left the checkpoint, or found it */
	bool dry, append;
	bool fill;                  /* events go between those that are there ... */
	struct selection_bound end; /* ... or behind this position of the source only */
	struct place_postgres places;
	bool make_schema; /* the tables are not there */
	bool renumber;    /* as the writes of this batch say */
	bool through_stage;
	bool failed_index; /* two events are in the way of one */
	bool indexes_now;  /* indexes do not wait for the end: looking up and naming events needs
	                      them */
};

/* On a new connection: the session as it was, and the lock again, which the old one may still have
 * for a moment. */
MUST_USE int sink_postgres_come_back(struct postgres_sink *self, struct err *err);

/* The greatest position, and with it whether there are events. */
MUST_USE int sink_postgres_last(struct postgres_sink *self, uint64_t *last, bool *empty,
                                struct err *err);

void sink_postgres_forget(struct postgres_sink *self); /* the batch that was collected */

/* sink_driver.commit: the batch that was collected, in one transaction with its checkpoint, again
 * until that is certain. */
int commit_postgres(void *me, const struct sink_key *key, struct sink_tail *upto, bool last,
                    uint64_t *present, struct err *err);

#endif
