#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/stop.h"
#include "import/checkpoint_postgres.h"
#include "import/clash.h"
#include "import/renumber.h"
#include "import/sink_postgres.h"

#define SCRATCH_BYTES ((size_t)64 << 10)
/* An entry of an index holds 2704 bytes at most: with longer keys indexes are there from the
 * beginning, so that it shows at the event that does not fit. */
#define INDEXED_BYTES 2000
#define LOCK_WAIT_S 3 /* for the lock of an import that has just ended */

/* What every connection of a target needs. */
static int
set_session(struct pgdb *db, struct err *err)
{
	PGresult *r;

	/* A commit must be one; and a policy that hides rows must be an error. */
	if (pgdb_query(
		db,
		"SELECT pg_catalog.set_config('synchronous_commit'::text, 'on'::text, false) "
		"WHERE pg_catalog.current_setting('synchronous_commit'::text) = 'off'",
		0, NULL, &r, err) < 0)
		return -1;
	PQclear(r);
	/* A connection that is lost without a word must not keep its locks for hours. */
	return pgdb_exec(db,
	                 "SET row_security = off; SET tcp_keepalives_idle = 30; "
	                 "SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3; "
	                 "SET tcp_user_timeout = 60000",
	                 err);
}

/* One import a table: 1 with the lock, 0 where another one has it, -1. */
static int
try_import_lock(struct postgres_sink *self, struct err *err)
{
	const char *parameter = self->layout->place;
	PGresult *r;
	int rc;

	if (pgdb_query(&self->db,
	               "SELECT pg_try_advisory_lock(hashtextextended('esimport ' || $1::text, "
	               "0::bigint))",
	               1, &parameter, &r, err) < 0)
		return -1;
	rc = *PQgetvalue(r, 0, 0) == 't';
	PQclear(r);
	return rc;
}

/* `s`: how long the lock of our own connection that was lost may still be there. */
static int
take_import_lock(struct postgres_sink *self, uint64_t s, struct err *err)
{
	struct backoff backoff;
	int rc;

	if (self->dry)
		return 0;
	backoff_start(&backoff, s * 1000, NULL); /* of no failure: of our own lock */
	while ((rc = try_import_lock(self, err)) == 0)
		if (!backoff_wait(&backoff)) {
			if (stop_asked())
				return err_set(err, ERR_STOPPED, "stopped while waiting for %s",
				               self->to->shown);
			err_set(err, ERR_CONFLICT, "%s: another import into table %s is running",
			        self->to->shown, self->layout->table);
			return err_hint(err, "wait for it to end, then start again");
		}
	return rc < 0 ? -1 : 0;
}

/* A layout that was named and brings its schema may be made in a database that lacks it. */
static int
choose_missing_layout(struct postgres_sink *self, bool named, struct err *err)
{
	struct layout *l;
	bool there;
	int rc;

	if (layout_load(&l, named ? self->asked : "native", "postgresql", err) < 0)
		return -1;
	rc = pgtable_exists(&self->db, l->table, &there, err);
	if (rc == 0 && !there && !l->n_schema) {
		err_set(err, ERR_LAYOUT, "%s: has no table %s", self->to->shown, l->table);
		rc = err_hint(err, "make an empty store with the library that it is for");
	}
	if (rc < 0 || there) {
		layout_free(l);
		return rc;
	}
	self->layout = l;
	self->make_schema = true;
	return 0;
}

static int
choose_layout(struct postgres_sink *self, struct err *err)
{
	bool named = self->asked && strcmp(self->asked, "auto") != 0, blank = false;

	layout_free(self->layout);
	self->layout = NULL;
	self->make_schema = false;
	if (pgdb_exec(&self->db, "RESET search_path", err) < 0)
		return -1;
	if (!named && schema_postgres_blank(&self->db, &blank, err) < 0)
		return -1;
	if (named || blank) {
		if (choose_missing_layout(self, named, err) < 0)
			return -1;
	}
	if (!self->layout &&
	    pgtable_choose(&self->layout, &self->db, self->asked, self->to->shown, err) < 0)
		return -1;
	return pgtable_settle(&self->db, self->layout, err);
}

static int
look_at_table(struct postgres_sink *self, struct err *err)
{
	if (schema_postgres_look(&self->db, self->layout, &self->schema, err) < 0)
		return -1;
	return pgtable_open(&self->table, &self->db, self->layout, err);
}

/* Tables that are not there are made and taken back: their types are needed, and what is in the way
 * shows before anything is read. */
static int
try_schema(struct postgres_sink *self, struct err *err)
{
	if (pgdb_exec(&self->db, "BEGIN", err) < 0 ||
	    schema_postgres_make(&self->db, self->layout, err) < 0 || look_at_table(self, err) < 0)
		return -1;
	return pgdb_exec(&self->db, "ROLLBACK", err);
}

int
sink_postgres_last(struct postgres_sink *self, uint64_t *last, bool *empty, struct err *err)
{
	struct buf sql = BUF_INIT;
	int64_t greatest = 0;
	int rc;

	buf_add_str(&sql, "SELECT max(");
	pgtable_put_field(self->layout, FIELD_POSITION, &sql);
	buf_add_str(&sql, ") FROM ");
	if (layout_numbers_table(self->layout))
		pgquote_table(&sql, self->layout->place);
	else
		pgtable_put_rows(self->layout, NULL, &sql);
	rc = pgdb_number(&self->db, buf_cstr(&sql), &greatest, err);
	buf_release(&sql);
	*empty = rc == 0;
	*last = greatest > 0 ? (uint64_t)greatest : 0;
	return rc < 0 ? -1 : 0;
}

static int
prepare(struct postgres_sink *self, struct err *err)
{
	uint64_t last;

	if (set_session(&self->db, err) < 0 || choose_layout(self, err) < 0 ||
	    layout_check_writes(self->layout, err) < 0 ||
	    take_import_lock(self, LOCK_WAIT_S, err) < 0)
		return -1;
	/* Who had the lock before may have made them. */
	if (self->make_schema && choose_layout(self, err) < 0)
		return -1;
	self->info->empty = true;
	self->info->unfinished = false;
	if (self->make_schema)
		return try_schema(self, err);
	if (look_at_table(self, err) < 0 ||
	    schema_postgres_pending(&self->db, self->layout, &self->info->unfinished, err) < 0)
		return -1;
	return sink_postgres_last(self, &last, &self->info->empty, err);
}

static int
postgres_open(void *me, const struct address *to, const struct sink_options *options,
              struct sink_info *info, struct err *err)
{
	struct postgres_sink *self = me;

	self->to = to;
	self->info = info;
	self->asked = options->layout;
	self->dry = options->dry;
	self->append = options->append;
	self->scratch = arena_new(SCRATCH_BYTES);
	if (pgdb_open(&self->db, to, err) < 0)
		return -1;
	while (prepare(self, err) < 0)
		if (self->db.trouble == PGDB_FATAL || pgdb_reconnect(&self->db, err) < 0)
			return -1;
	pgdb_progress(&self->db);
	if (self->layout->streams_table)
		streams_open(&self->streams, self->layout);
	info->kind = "postgresql";
	info->layout = self->layout->name;
	info->creates = self->make_schema;
	info->picky = !layout_takes_all(self->layout);
	return 0;
}

int
sink_postgres_come_back(struct postgres_sink *self, struct err *err)
{
	for (;;) {
		if (self->db.trouble == PGDB_FATAL || pgdb_reconnect(&self->db, err) < 0)
			return -1;
		if (set_session(&self->db, err) == 0 &&
		    pgdb_exec(&self->db, PGTABLE_SETTLED, err) == 0 &&
		    take_import_lock(self, self->to->pg.retry_s, err) == 0)
			return 0;
	}
}

/* A checkpoint over events that are gone would pass over what is missing. */
static int
check_held(struct postgres_sink *self, const struct sink_tail *tail, struct err *err)
{
	struct buf sql = BUF_INIT;
	int64_t there;
	int rc;

	if (!tail->found || tail->events == 0 || tail->appended)
		return 0;
	buf_add_str(&sql, "SELECT 1 FROM ");
	pgtable_put_rows(self->layout, NULL, &sql);
	buf_add_str(&sql, " WHERE ");
	pgtable_put_field(self->layout, FIELD_POSITION, &sql);
	buf_printf(&sql, " = %" PRIu64, tail->position);
	rc = pgdb_number(&self->db, buf_cstr(&sql), &there, err);
	buf_release(&sql);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	return clash_gone(self->to->shown, tail->position, err);
}

static int
ask(struct postgres_sink *self, const struct sink_key *key, struct sink_tail *out, struct err *err)
{
	*out = (struct sink_tail){0};
	if (checkpoint_postgres_read(&self->db, self->layout, key, out, err) < 0)
		return -1;
	self->held = *out;
	return check_held(self, out, err);
}

static int
postgres_tail(void *me, const struct sink_key *key, struct sink_tail *out, struct err *err)
{
	struct postgres_sink *self = me;

	if (self->make_schema)
		return 0;
	while (ask(self, key, out, err) < 0)
		if (sink_postgres_come_back(self, err) < 0)
			return -1;
	return 0;
}

static int
postgres_fill(void *me, const struct sink_key *key, struct sink_tail *out, struct err *err)
{
	struct postgres_sink *self = me;

	self->fill = self->indexes_now = true;
	while (checkpoint_postgres_appended(&self->db, self->layout, &key->origin, &self->end,
	                                    err) < 0)
		if (sink_postgres_come_back(self, err) < 0)
			return -1;
	out->appended = self->end.set;
	return 0;
}

static int
postgres_write(void *me, const struct event *e, const struct place *place, bool renumber,
               struct err *err)
{
	struct postgres_sink *self = me;
	struct event placed = *e;
	size_t begin = self->rows.len;

	arena_reset(self->scratch);
	self->renumber = renumber;
	if (renumber) /* its place in the batch, until the server knows which are there already */
		placed = renumber_event(e, self->n_begins + 1, self->scratch);
	if (placed.position > INT64_MAX)
		return rowmap_refuse(e, layout_column_of(self->layout, FIELD_POSITION),
		                     "is larger than a bigint can be", err);
	if (pgtable_write(&self->table, &placed, self->scratch, &self->rows, err) < 0) {
		self->rows.len = begin;
		return -1;
	}
	self->indexes_now |= renumber || e->stream.len + e->id.len > INDEXED_BYTES;
	self->begins =
	    xgrow(self->begins, &self->begins_cap, self->n_begins + 1, sizeof(*self->begins));
	self->origins =
	    xgrow(self->origins, &self->origins_cap, self->n_begins + 1, sizeof(*self->origins));
	self->origins[self->n_begins] = e->position;
	self->begins[self->n_begins++] = begin;
	self->greatest = placed.position;
	if (self->fill)
		place_postgres_add(&self->places, place);
	if (self->streams)
		streams_add(self->streams, e);
	return 0;
}

static void
postgres_misfits(void *me, const struct event *e, struct arena *scratch, rowmap_tell *tell,
                 void *ctx)
{
	const struct postgres_sink *self = me;

	rowmap_misfits(self->layout, e, ROWMAP_TYPED, scratch, tell, ctx);
}

void
sink_postgres_forget(struct postgres_sink *self)
{
	self->present = 0;
	self->rows.len = 0;
	self->n_begins = 0;
	place_postgres_reset(&self->places);
	if (self->streams)
		streams_forget(self->streams);
}

/* What the server has of the batch ends with the transaction. */
static int
postgres_rollback(void *me, struct err *err)
{
	struct postgres_sink *self = me;
	struct err now = ERR_INIT;

	/* A session that is lost has taken the transaction with it. */
	if (PQtransactionStatus(self->db.conn) != PQTRANS_IDLE &&
	    pgdb_exec(&self->db, "ROLLBACK", &now) < 0 && sink_postgres_come_back(self, &now) < 0) {
		*err = now;
		return -1;
	}
	sink_postgres_forget(self);
	return 0;
}

static void
postgres_close(void *me)
{
	struct postgres_sink *self = me;

	pgtable_close(&self->table);
	pgdb_close(&self->db);
	layout_free(self->layout);
	streams_close(self->streams);
	arena_free(self->scratch);
	buf_release(&self->rows);
	place_postgres_release(&self->places);
	free(self->begins);
	free(self->origins);
}

const struct sink_driver sink_postgres = {
    .size = sizeof(struct postgres_sink),
    .open = postgres_open,
    .tail = postgres_tail,
    .fill = postgres_fill,
    .write = postgres_write,
    .misfits = postgres_misfits,
    .commit = commit_postgres,
    .rollback = postgres_rollback,
    .close = postgres_close,
};
