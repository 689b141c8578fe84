#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/pgcopy.h"
#include "import/checkpoint_postgres.h"
#include "import/clash.h"
#include "import/sink_postgres.h"
#include "import/stage_postgres.h"
#include "import/streams_postgres.h"

/* Say which event of the batch the server means, and which field where it says that. */
static int
name_row(struct postgres_sink *self, const struct pgcopy_place *place, struct err *err)
{
	const struct err cause = *err;
	uint64_t line = place->line;
	struct batch *b;
	struct err ignored = ERR_INIT;
	char which[256];
	size_t end, i;

	if (line == 0 || line > self->n_begins)
		return -1;
	end = line < self->n_begins ? self->begins[line] : self->rows.len;
	b = batch_new();
	if (pgtable_read(&self->table,
	                 (struct slice){self->rows.p + self->begins[line - 1],
	                                end - self->begins[line - 1]},
	                 b, &ignored) == 0) {
		b->events[0].position = self->origins[line - 1];
		for (i = 0; i < self->layout->n_columns; i++)
			if (strcmp(self->layout->columns[i].name, place->column) == 0)
				break;
		event_describe(&b->events[0], which, sizeof(which));
		if (i == self->layout->n_columns)
			err_wrap(err, "%s", which);
		else
			rowmap_refuse(&b->events[0], &self->layout->columns[i], cause.msg, err);
		err->kind = cause.kind;
	}
	batch_free(b);
	return -1;
}

static struct stage_postgres
stage_of(struct postgres_sink *self, uint64_t last)
{
	return (struct stage_postgres){
	    .db = &self->db,
	    .table = &self->table,
	    .renumber = self->renumber,
	    .last = last,
	    .origins = self->origins,
	    .fill = self->fill,
	    .end = self->end,
	    .places = &self->places,
	    .check = self->schema.changes || self->layout->query,
	    .fresh = !self->through_stage && !self->renumber,
	    .dry = self->dry,
	};
}

static int
copy_rows(struct postgres_sink *self, struct err *err)
{
	struct stage_postgres stage;
	struct buf sql = BUF_INIT;
	const char *dot = strchr(self->layout->table, '.');
	struct pgcopy_place place = {.table = dot ? dot + 1 : self->layout->table};
	uint64_t stored = 0;
	int rc;

	buf_add_str(&sql, "COPY ");
	pgquote_table(&sql, self->layout->place);
	buf_add_str(&sql, " (");
	pgtable_put_names(self->layout, &sql);
	buf_add_str(&sql, ") FROM STDIN (FORMAT binary)");
	rc = pgdb_exec(&self->db, PGTABLE_USUAL, err);
	if (rc == 0)
		rc = pgcopy_send(&self->db, buf_cstr(&sql), buf_slice(&self->rows), &stored, &place,
		                 err);
	buf_release(&sql);
	if (rc < 0)
		return name_row(self, &place, err);
	if (stored != self->n_begins)
		return err_set(err, ERR_STORE,
		               "the table took %" PRIu64 " of %zu events: a trigger may be in the "
		               "way",
		               stored, self->n_begins);
	if (pgdb_exec(&self->db, PGTABLE_SETTLED, err) < 0)
		return -1;
	if (!self->schema.changes)
		return 0;
	stage = stage_of(self, 0);
	return stage_postgres_check(&stage, buf_slice(&self->rows), self->n_begins, err);
}

static int
stage_rows(struct postgres_sink *self, uint64_t last, struct err *err)
{
	const struct stage_postgres stage = stage_of(self, last);
	struct pgcopy_place place = {0};

	if (stage_postgres_write(&stage, buf_slice(&self->rows), self->n_begins, &self->present,
	                         &place, err) < 0)
		return name_row(self, &place, err);
	return 0;
}

static int
write_streams(struct postgres_sink *self, struct err *err)
{
	if (pgdb_exec(&self->db, PGTABLE_USUAL, err) < 0 ||
	    streams_postgres_flush(self->streams, &self->db, self->layout, self->fill, err) < 0)
		return -1;
	return pgdb_exec(&self->db, PGTABLE_SETTLED, err);
}

static int
run_after(struct postgres_sink *self, struct err *err)
{
	if (pgdb_exec(&self->db, PGTABLE_USUAL, err) < 0 ||
	    pgtable_run(&self->db, self->layout, "after", self->layout->after,
	                self->layout->n_after, err) < 0)
		return -1;
	return pgdb_exec(&self->db, PGTABLE_SETTLED, err);
}

/* The events of the batch, and the rows of their streams, to which they may refer. */
static int
write_events(struct postgres_sink *self, uint64_t last, struct err *err)
{
	if (self->streams && !self->dry && write_streams(self, err) < 0)
		return -1;
	if (self->through_stage || self->renumber || self->layout->query)
		return stage_rows(self, last, err);
	return copy_rows(self, err);
}

/* The rows of the batch, which may be none, and what goes with them. */
static int
write_rows(struct postgres_sink *self, struct err *err)
{
	uint64_t last = self->greatest;
	bool empty;

	self->present = 0;
	if (self->n_begins == 0)
		return 0;
	if (self->renumber && sink_postgres_last(self, &last, &empty, err) < 0)
		return -1;
	if (write_events(self, last, err) < 0)
		return -1;
	if (self->dry)
		return 0;
	if (self->renumber)
		last += self->n_begins - self->present;
	if (schema_postgres_advance(&self->db, self->layout, last, err) < 0)
		return -1;
	return self->layout->n_after ? run_after(self, err) : 0;
}

/* Nobody else writes while a batch is compared and stored, where the role may see to that. */
static int
begin(struct postgres_sink *self, struct err *err)
{
	struct buf sql = BUF_INIT;
	int rc;

	if (pgdb_exec(&self->db, "BEGIN ISOLATION LEVEL READ COMMITTED", err) < 0 ||
	    pgdb_exec(&self->db, PGTABLE_SETTLED, err) < 0)
		return -1;
	if (self->make_schema && schema_postgres_make(&self->db, self->layout, err) < 0)
		return -1;
	if (!self->schema.may_lock || self->dry)
		return 0;
	buf_add_str(&sql, "SET LOCAL lock_timeout = '5s'; LOCK TABLE ");
	pgquote_table(&sql, self->layout->place);
	buf_add_str(&sql, " IN SHARE ROW EXCLUSIVE MODE");
	rc = pgdb_exec(&self->db, buf_cstr(&sql), err);
	buf_release(&sql);
	return rc;
}

struct commit {
	const struct sink_key *key;
	struct sink_tail *upto;
	bool last;
};

/* A repair archive leaves checkpoints alone. */
static int
save_checkpoint(struct postgres_sink *self, const struct commit *c, struct err *err)
{
	struct sink_tail tail;

	if (!c->upto || self->fill)
		return 0;
	tail = *c->upto;
	tail.events -= self->present;
	return checkpoint_postgres_save(&self->db, self->layout, c->key, &tail, err);
}

static int
try_commit(struct postgres_sink *self, const struct commit *c, struct err *err)
{
	bool pending = self->make_schema ? self->layout->n_indexes > 0 : self->info->unfinished;

	if (begin(self, err) < 0)
		return -1;
	if (pending && self->indexes_now) {
		if (schema_postgres_finish(&self->db, self->layout, err) < 0)
			return -1;
		pending = false;
	}
	if (write_rows(self, err) < 0)
		return -1;
	if (self->dry)
		return pgdb_exec(&self->db, "ROLLBACK", err);
	if (save_checkpoint(self, c, err) < 0)
		return -1;
	if (c->last && pending) {
		log_note("making the indexes of table %s", self->layout->table);
		if (schema_postgres_finish(&self->db, self->layout, err) < 0) {
			self->failed_index = strcmp(self->db.sqlstate, "23505") == 0;
			return -1;
		}
		pending = false;
	}
	/* Triggers that were put off run now. */
	if (pgdb_exec(&self->db, PGTABLE_USUAL, err) < 0 || pgdb_exec(&self->db, "COMMIT", err) < 0)
		return -1;
	self->make_schema = false;
	self->info->unfinished = pending;
	return 0;
}

/* Whether a checkpoint that was read is where another one says, as far as a bigint can. */
static bool
is_at(const struct sink_tail *found, const struct sink_tail *t)
{
	const uint64_t most = INT64_MAX;

	return found->found == t->found &&
	       found->position == (t->position < most ? t->position : most) &&
	       found->upto == (t->upto < most ? t->upto : most);
}

/* After the connection was lost: whether the commit had come through.  1, 0, -1. */
static int
was_committed(struct postgres_sink *self, const struct commit *c, struct err *err)
{
	struct sink_tail found = {0};
	bool there;

	if (pgtable_exists(&self->db, self->layout->place, &there, err) < 0)
		return -1;
	if (!there)
		return 0;
	/* Tables that were made by the commit are there: they are not made again. */
	self->make_schema = false;
	if (schema_postgres_pending(&self->db, self->layout, &self->info->unfinished, err) < 0)
		return -1;
	/* No checkpoint says it, but what is there already is found. */
	if (self->fill && self->n_begins > 0)
		return 0;
	if (!c->upto || self->fill)
		return !(c->last && self->info->unfinished);
	if (checkpoint_postgres_read(&self->db, self->layout, c->key, &found, err) < 0)
		return -1;
	if (is_at(&found, c->upto))
		return !(c->last && self->info->unfinished);
	if (is_at(&found, &self->held))
		return 0;
	err_set(err, ERR_CONFLICT,
	        "%s: another import wrote to table %s while the connection was lost",
	        self->to->shown, self->layout->table);
	return err_hint(err, "start again, which goes on behind it");
}

/* Two events of one key, where the index of it is missing: 1 and their positions, 0, -1. */
static int
find_twins(struct postgres_sink *self, const struct clash_key *key, char out[64], struct err *err)
{
	struct buf sql = BUF_INIT, columns = BUF_INIT;
	PGresult *r;
	int rc, i;

	for (i = 0; i < key->n_fields; i++) {
		buf_add_str(&columns, i ? ", " : "");
		pgtable_put_field(self->layout, key->fields[i], &columns);
	}
	buf_add_str(&sql, "SELECT min(");
	pgtable_put_field(self->layout, FIELD_POSITION, &sql);
	buf_add_str(&sql, "), max(");
	pgtable_put_field(self->layout, FIELD_POSITION, &sql);
	buf_add_str(&sql, ") FROM ");
	pgtable_put_rows(self->layout, NULL, &sql);
	buf_printf(&sql, " WHERE (%s) IS NOT NULL GROUP BY %s HAVING count(*) > 1 LIMIT 1",
	           buf_cstr(&columns), buf_cstr(&columns));
	rc = pgdb_query(&self->db, buf_cstr(&sql), 0, NULL, &r, err);
	buf_release(&sql);
	buf_release(&columns);
	if (rc < 0)
		return -1;
	rc = PQntuples(r) > 0;
	if (rc)
		snprintf(out, 64, "%s and %s", PQgetvalue(r, 0, 0), PQgetvalue(r, 0, 1));
	PQclear(r);
	return rc;
}

/* An index could not be made: say which events of the table are in its way, as far as batches
 * before this one had them. */
static int
name_twins(struct postgres_sink *self, struct err *err)
{
	struct err ignored = ERR_INIT;
	char positions[64];
	size_t i;

	if (pgdb_exec(&self->db, "ROLLBACK", &ignored) < 0)
		return -1;
	for (i = 1; i < CLASH_KEYS && !self->make_schema; i++)
		if (layout_column_of(self->layout, clash_keys[i].fields[0]) &&
		    find_twins(self, &clash_keys[i], positions, &ignored) > 0)
			return err_hint(err,
			                "events %s have the same %s: delete one of them and start "
			                "again, or begin anew with an empty store",
			                positions, clash_keys[i].what);
	return -1;
}

/* After a failure: 1 when the batch is in after all, 0 to try again, -1. */
static int
recover(struct postgres_sink *self, const struct commit *c, struct err *err)
{
	bool lost = self->db.trouble == PGDB_LOST;
	int rc;

	if (self->failed_index)
		return name_twins(self, err);
	if (self->db.trouble == PGDB_FATAL) {
		if (strcmp(self->db.sqlstate, "23505") != 0 || self->through_stage ||
		    !self->n_begins)
			return -1;
		/* Events of the batch may be there: which ones is seen on another way. */
		self->through_stage = true;
		if (pgdb_exec(&self->db, "ROLLBACK", err) == 0)
			return 0;
	}
	for (;;) {
		if (sink_postgres_come_back(self, err) < 0)
			return -1;
		rc = lost ? was_committed(self, c, err) : 0;
		if (rc >= 0)
			return rc;
	}
}

int
commit_postgres(void *me, const struct sink_key *key, struct sink_tail *upto, bool last,
                uint64_t *present, struct err *err)
{
	struct postgres_sink *self = me;
	const struct commit c = {key, upto, last};
	int rc = 0;

	self->through_stage = self->dry || self->fill;
	self->failed_index = false;
	while (rc == 0 && try_commit(self, &c, err) < 0) {
		rc = recover(self, &c, err);
		if (rc < 0)
			return -1;
	}
	pgdb_progress(&self->db);
	*present = self->present;
	if (upto) {
		upto->events -= self->present;
		self->held = *upto;
	}
	if (self->dry && self->n_begins > 0)
		self->places.taken =
		    (struct selection_bound){true, self->origins[self->n_begins - 1]};
	sink_postgres_forget(self);
	return 0;
}
