#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/pgcopy.h"
#include "common/stop.h"
#include "import/checkpoint_postgres.h"
#include "import/clash.h"
#include "import/renumber.h"
#include "import/schema_postgres.h"
#include "import/stage_postgres.h"
#include "import/streams_postgres.h"

#define SCRATCH_BYTES ((size_t)64 << 10)
/* An entry of an index holds 2704 bytes at most: with longer keys indexes are there from the
 * beginning, so that it shows at the event that does not fit. */
#define INDEXED_BYTES 2000
#define LOCK_WAIT_S 3 /* for the lock of an import that has just ended */

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
	bool make_schema; /* the tables are not there */
	bool renumber;    /* as the writes of this batch say */
	bool through_stage;
	bool failed_index; /* two events are in the way of one */
	bool indexes_now;  /* indexes do not wait for the end: looking up and naming events needs
	                      them */
};

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
	backoff_start(&backoff, s * 1000);
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

/* The greatest position, and with it whether there are events. */
static int
find_last(struct postgres_sink *self, uint64_t *last, bool *empty, struct err *err)
{
	struct buf sql = BUF_INIT;
	int64_t greatest = 0;
	int rc;

	buf_add_str(&sql, "SELECT max(");
	pgtable_put_field(self->layout, FIELD_POSITION, &sql);
	buf_add_str(&sql, ") FROM ");
	pgdb_quote_table(&sql, self->layout->place);
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
	return find_last(self, &last, &self->info->empty, err);
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
	return 0;
}

/* On a new connection: the lock again, which the old one may still have for a moment. */
static int
come_back(struct postgres_sink *self, struct err *err)
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
	pgdb_quote_table(&sql, self->layout->place);
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
		if (come_back(self, err) < 0)
			return -1;
	return 0;
}

static int
postgres_write(void *me, const struct event *e, bool renumber, struct err *err)
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
	if (self->streams)
		streams_add(self->streams, e);
	return 0;
}

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

static int
copy_rows(struct postgres_sink *self, struct err *err)
{
	struct buf sql = BUF_INIT;
	const char *dot = strchr(self->layout->table, '.');
	struct pgcopy_place place = {.table = dot ? dot + 1 : self->layout->table};
	uint64_t stored = 0;
	int rc;

	buf_add_str(&sql, "COPY ");
	pgdb_quote_table(&sql, self->layout->place);
	buf_add_str(&sql, " (");
	pgtable_put_names(self->layout, &sql);
	buf_add_str(&sql, ") FROM STDIN (FORMAT binary)");
	rc = pgcopy_send(&self->db, buf_cstr(&sql), buf_slice(&self->rows), &stored, &place, err);
	buf_release(&sql);
	if (rc < 0)
		return name_row(self, &place, err);
	if (stored != self->n_begins)
		return err_set(err, ERR_STORE,
		               "the table took %" PRIu64 " of %zu events: a trigger may be in the "
		               "way",
		               stored, self->n_begins);
	return 0;
}

static int
stage_rows(struct postgres_sink *self, uint64_t last, struct err *err)
{
	const struct stage_postgres stage = {
	    .db = &self->db,
	    .table = &self->table,
	    .renumber = self->renumber,
	    .last = last,
	    .origins = self->origins,
	    .check = self->schema.changes,
	    .dry = self->dry,
	};
	struct pgcopy_place place = {0};

	if (stage_postgres_write(&stage, buf_slice(&self->rows), self->n_begins, &self->present,
	                         &place, err) < 0)
		return name_row(self, &place, err);
	return 0;
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
	if (self->renumber && find_last(self, &last, &empty, err) < 0)
		return -1;
	if (self->through_stage || self->renumber || self->schema.changes) {
		if (stage_rows(self, last, err) < 0)
			return -1;
	} else if (copy_rows(self, err) < 0) {
		return -1;
	}
	if (self->dry)
		return 0;
	if (self->streams &&
	    streams_postgres_flush(self->streams, &self->db, self->layout, err) < 0)
		return -1;
	if (self->renumber)
		last += self->n_begins - self->present;
	return schema_postgres_advance(&self->db, self->layout, last, err);
}

/* Nobody else writes while a batch is compared and stored, where the role may see to that. */
static int
begin(struct postgres_sink *self, struct err *err)
{
	struct buf sql = BUF_INIT;
	int rc;

	if (pgdb_exec(&self->db, "BEGIN ISOLATION LEVEL READ COMMITTED", err) < 0)
		return -1;
	if (self->make_schema && schema_postgres_make(&self->db, self->layout, err) < 0)
		return -1;
	if (!self->schema.may_lock || self->dry)
		return 0;
	buf_add_str(&sql, "SET LOCAL lock_timeout = '5s'; LOCK TABLE ");
	pgdb_quote_table(&sql, self->layout->place);
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

static int
try_commit(struct postgres_sink *self, const struct commit *c, struct err *err)
{
	struct sink_tail tail;
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
	if (c->upto) {
		tail = *c->upto;
		tail.events -= self->present;
		if (checkpoint_postgres_save(&self->db, self->layout, c->key, &tail, err) < 0)
			return -1;
	}
	if (c->last && pending) {
		log_note("making the indexes of table %s", self->layout->table);
		if (schema_postgres_finish(&self->db, self->layout, err) < 0) {
			self->failed_index = strcmp(self->db.sqlstate, "23505") == 0;
			return -1;
		}
		pending = false;
	}
	if (pgdb_exec(&self->db, "COMMIT", err) < 0)
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
	if (!c->upto)
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
	pgdb_quote_table(&sql, self->layout->place);
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
		if (come_back(self, err) < 0)
			return -1;
		rc = lost ? was_committed(self, c, err) : 0;
		if (rc >= 0)
			return rc;
	}
}

static int
postgres_commit(void *me, const struct sink_key *key, struct sink_tail *upto, bool last,
                uint64_t *present, struct err *err)
{
	struct postgres_sink *self = me;
	const struct commit c = {key, upto, last};
	int rc = 0;

	self->through_stage = self->dry;
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
	self->present = 0;
	self->rows.len = 0;
	self->n_begins = 0;
	if (self->streams)
		streams_forget(self->streams);
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
	free(self->begins);
	free(self->origins);
}

const struct sink_driver sink_postgres = {
    .size = sizeof(struct postgres_sink),
    .open = postgres_open,
    .tail = postgres_tail,
    .write = postgres_write,
    .commit = postgres_commit,
    .close = postgres_close,
};
