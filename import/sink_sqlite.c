#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/jscan.h"
#include "common/sqlitedb.h"
#include "common/sqliterow.h"
#include "common/sqliteview.h"
#include "common/timestamp.h"
#include "import/checkpoint_sqlite.h"
#include "import/clash.h"
#include "import/clash_sqlite.h"
#include "import/inspect_sqlite.h"
#include "import/renumber.h"
#include "import/stored.h"
#include "import/streams_sqlite.h"

#define SCRATCH_BYTES ((size_t)64 << 10)

struct sqlite_sink {
	sqlite3 *db;
	struct sqlitedb_wait wait;
	struct layout *layout;
	struct address const *to;
	sqlite3_stmt *insert;
	struct checkpoint_sqlite checkpoint;
	struct clash_sqlite *clash;
	struct streams_sqlite *streams; /* NULL: the layout has no such table */
	struct sqliterow row;
	struct arena *scratch;
	struct batch *existing;
	bool dry;
	bool careful;
	bool made;                    /* the tables are made by the transaction that is open */
	bool fill;                    /* events go between those that are there ... */
	struct selection_bound end;   /* ... or behind this position of the source only */
	struct selection_bound taken; /* the last event that was written, or is there */
	bool missing;                 /* the file is not there */
	bool make_schema;             /* the tables are not there */
	bool in_transaction;
	bool utf16;           /* the database keeps text in UTF-16 */
	int64_t data_version; /* changes when another connection commits */
	uint64_t last;        /* greatest position in the table, for new ones */
	uint64_t present;     /* events since the last commit that were there already */
};

static int
is_blank(sqlite3 *db, bool *out, struct err *err)
{
	int64_t tables = 0;

	if (sqlitedb_number(db, "SELECT count(*) FROM sqlite_schema", &tables, err) < 0)
		return -1;
	*out = tables == 0;
	return 0;
}

/* A layout that was named and brings its schema may be made in a database that lacks it. */
static int
choose_missing_layout(struct sqlite_sink *self, const char *asked, struct err *err)
{
	bool named = asked && strcmp(asked, "auto") != 0, there = false;
	struct layout *l;

	if (layout_load(&l, named ? asked : "native", "sqlite", err) < 0)
		return -1;
	if (sqlitedb_has_table(self->db, l->table, &there, err) < 0 || there || !l->n_schema) {
		if (!there) {
			err_set(err, ERR_LAYOUT, "%s: has no table %s", self->to->shown, l->table);
			err_hint(err, "make an empty store with the library that it is for");
		}
		layout_free(l);
		return there ? 0 : -1;
	}
	self->layout = l;
	self->make_schema = true;
	return 0;
}

static int
choose_layout(struct sqlite_sink *self, const char *asked, struct err *err)
{
	bool blank;

	if (is_blank(self->db, &blank, err) < 0)
		return -1;
	if (blank || (asked && strcmp(asked, "auto") != 0)) {
		if (choose_missing_layout(self, asked, err) < 0)
			return -1;
		if (self->layout)
			return 0;
	}
	return sqlitedb_choose_layout(&self->layout, self->db, asked, self->to->shown, err);
}

/* A dry run looks at what is there without a trace, and at a store in memory where none is. */
static int
open_db(struct sqlite_sink *self, struct err *err)
{
	if (self->missing)
		return sqlitedb_open_memory(&self->db, err);
	if (self->dry)
		return sqlitedb_open_source(&self->db, self->to, &self->wait, err);
	return sqlitedb_open_target(&self->db, self->to, false, &self->wait, err);
}

static int
make_schema(struct sqlite_sink *self, struct err *err)
{
	if (sqliteview_run(self->db, self->layout, "schema", self->layout->schema,
	                   self->layout->n_schema, err) < 0)
		return -1;
	self->make_schema = false;
	if (!self->dry && sqlite3_get_autocommit(self->db))
		return err_set(err, ERR_LAYOUT,
		               "layout %s: a statement of its schema ends the transaction",
		               self->layout->name);
	return 0;
}

static int
prepare(struct sqlite_sink *self, struct err *err)
{
	struct buf sql = BUF_INIT;
	bool converts;
	int rc;

	sqliterow_close(&self->row);
	sqliterow_open(&self->row, self->layout);
	sqliterow_look(&self->row, self->db);
	if (inspect_sqlite(self->db, self->layout, &converts, err) < 0)
		return -1;
	sqliterow_insert(self->layout, converts && !self->layout->query, &sql);
	rc = sqlitedb_prepare(self->db, &sql, &self->insert, err);
	buf_release(&sql);
	if (rc < 0 || clash_sqlite_open(&self->clash, self->db, self->layout, err) < 0)
		return -1;
	if (self->layout->streams_table)
		return streams_sqlite_open(&self->streams, self->db, self->layout, err);
	return 0;
}

/* The greatest position, and with it whether there are events. */
static int
find_last(struct sqlite_sink *self, bool *empty, struct err *err)
{
	struct buf sql = BUF_INIT;
	int64_t last = 0;
	int rc;

	buf_add_str(&sql, "SELECT max(");
	sqliterow_column(self->layout, FIELD_POSITION, &sql);
	buf_add_str(&sql, ") FROM ");
	sqlitedb_quote(&sql, layout_numbers_table(self->layout) ? self->layout->table
	                                                        : self->layout->place);
	rc = sqlitedb_number(self->db, buf_cstr(&sql), &last, err);
	buf_release(&sql);
	*empty = rc == 0;
	self->last = last > 0 ? (uint64_t)last : 0;
	return rc < 0 ? -1 : 0;
}

/* A dry run makes the tables in memory, to see what they would take. */
static int
try_schema(struct sqlite_sink *self, struct err *err)
{
	sqlitedb_close(self->db);
	self->db = NULL;
	if (sqlitedb_open_memory(&self->db, err) < 0 || make_schema(self, err) < 0)
		return -1;
	return prepare(self, err);
}

static int
find_encoding(struct sqlite_sink *self, struct err *err)
{
	int64_t is_utf16 = 0;

	if (sqlitedb_number(self->db, "SELECT encoding <> 'UTF-8' FROM pragma_encoding", &is_utf16,
	                    err) < 0)
		return -1;
	self->utf16 = is_utf16 != 0;
	return 0;
}

static int
sqlite_open(void *me, const struct address *to, const struct sink_options *options,
            struct sink_info *info, struct err *err)
{
	struct sqlite_sink *self = me;
	struct stat st;

	self->to = to;
	self->dry = options->dry;
	self->careful = options->careful;
	self->missing = stat(to->path, &st) < 0;
	self->scratch = arena_new(SCRATCH_BYTES);
	self->existing = batch_new();
	if (open_db(self, err) < 0 || choose_layout(self, options->layout, err) < 0 ||
	    layout_check_writes(self->layout, err) < 0 ||
	    sqliteview_make_writes(self->db, self->layout, err) < 0)
		return -1;
	info->kind = "sqlite";
	info->layout = self->layout->name;
	info->creates = self->make_schema;
	info->empty = true;
	info->picky = !layout_takes_all(self->layout);
	if (find_encoding(self, err) < 0)
		return -1;
	/* From here on a commit of anybody else shows. */
	if (sqlitedb_number(self->db, "PRAGMA data_version", &self->data_version, err) < 0)
		return -1;
	if (self->make_schema)
		return self->dry ? try_schema(self, err) : 0;
	return find_last(self, &info->empty, err) < 0 ? -1 : prepare(self, err);
}

static int
written_by_another(const struct sqlite_sink *self, struct err *err)
{
	err_set(err, ERR_CONFLICT, "%s: another program wrote to it during the import",
	        self->to->shown);
	return err_hint(err, "stop what writes there and start again: it goes on from there");
}

/*
 * The file that was missing gets its name only now, with the first transaction.
 * data_version is asked for first: then whatever comes before it is seen in the
 * file, and what comes behind it changes it.
 */
static int
create_db(struct sqlite_sink *self, struct err *err)
{
	bool blank = false;

	sqlitedb_close(self->db);
	self->db = NULL;
	self->missing = false;
	if (sqlitedb_open_target(&self->db, self->to, true, &self->wait, err) < 0)
		return -1;
	if (sqlitedb_number(self->db, "PRAGMA data_version", &self->data_version, err) < 0 ||
	    is_blank(self->db, &blank, err) < 0)
		return -1;
	return blank ? 0 : written_by_another(self, err);
}

static int
begin(struct sqlite_sink *self, struct err *err)
{
	int64_t now = 0;

	if (self->in_transaction)
		return 0;
	if (self->missing && create_db(self, err) < 0)
		return -1;
	if (sqlitedb_exec(self->db, "BEGIN IMMEDIATE", err) < 0)
		return -1;
	self->in_transaction = true;
	/* Rows of a batch may stand in any order; at its end they must fit. */
	if (sqlitedb_exec(self->db, "PRAGMA defer_foreign_keys=1", err) < 0)
		return -1;
	if (sqlitedb_number(self->db, "PRAGMA data_version", &now, err) < 0)
		return -1;
	if (now != self->data_version)
		return written_by_another(self, err);
	if (!self->make_schema)
		return 0;
	self->made = true;
	return make_schema(self, err) < 0 ? -1 : prepare(self, err);
}

static int
settle_constraint(struct sqlite_sink *self, const struct event *e, bool renumber, bool *present,
                  struct err *err)
{
	int extended = sqlite3_extended_errcode(self->db);
	char which[256], text[300];
	int rc;

	snprintf(text, sizeof(text), "%s", sqlite3_errmsg(self->db));
	sqlite3_reset(self->insert);
	event_describe(e, which, sizeof(which));
	if (extended != SQLITE_CONSTRAINT_UNIQUE && extended != SQLITE_CONSTRAINT_PRIMARYKEY &&
	    extended != SQLITE_CONSTRAINT_ROWID)
		return err_set(err, ERR_DATA, "%s: the table does not take it: %s", which, text);
	rc = clash_sqlite_find(self->clash, e, renumber, err);
	*present = rc > 0;
	if (rc == 0)
		return err_set(err, ERR_CONFLICT, "%s: %s", which, text);
	return rc < 0 ? -1 : 0;
}

/* By the row that the insert returns. */
static int
check_row(struct sqlite_sink *self, const struct event *e, struct err *err)
{
	batch_reset(self->existing);
	if (sqliterow_read(&self->row, self->insert, self->existing, err) < 0 ||
	    event_check(&self->existing->events[0], self->existing->mem, err) < 0)
		return -1;
	return stored_check(self->layout, e, &self->existing->events[0],
	                    "the type of its column makes", self->scratch, err);
}

/* By the query, where statements of the layout have written it. */
static int
check_written(struct sqlite_sink *self, const struct event *e, struct err *err)
{
	const struct event *stored = NULL;
	char which[256];

	if (clash_sqlite_get(self->clash, e->position, &stored, err) < 0)
		return -1;
	if (stored)
		return stored_check(self->layout, e, stored, "the layout's statements make",
		                    self->scratch, err);
	event_describe(e, which, sizeof(which));
	return err_set(err, ERR_STORE, "%s: the layout's statements did not store it", which);
}

/* Run the insert that is bound: 0 with SQLite's *code, or -1. */
static int
step_insert(struct sqlite_sink *self, const struct event *e, int *code, struct err *err)
{
	char which[256];

	*code = sqlite3_step(self->insert);
	if (*code == SQLITE_ROW) {
		if (check_row(self, e, err) < 0)
			return -1;
		*code = sqlite3_step(self->insert);
	}
	if (*code == SQLITE_DONE && self->layout->query)
		return check_written(self, e, err);
	if (*code != SQLITE_DONE || sqlite3_changes(self->db) == 1)
		return 0;
	event_describe(e, which, sizeof(which));
	return err_set(err, ERR_STORE,
	               "%s: the table did not store it: a trigger may be in the way", which);
}

/* A STRICT table refuses a value of another type that a hint says the source had: the hint may
 * stay an attribute.  Which tables do shows only then. */
static int
insert(struct sqlite_sink *self, const struct event *e, int *code, struct err *err)
{
	int pass;

	for (pass = 0; pass < 2; pass++) {
		if (sqliterow_bind(&self->row, self->insert, e, pass > 0, self->scratch, err) < 0)
			return -1;
		if (self->dry)
			return 0;
		if (step_insert(self, e, code, err) < 0)
			return -1;
		if (*code == SQLITE_DONE ||
		    sqlite3_extended_errcode(self->db) != SQLITE_CONSTRAINT_DATATYPE)
			break;
		sqlite3_reset(self->insert);
	}
	return 0;
}

static int
store(struct sqlite_sink *self, const struct event *e, bool renumber, struct err *err)
{
	int code = SQLITE_DONE;
	bool present = false;

	if (insert(self, e, &code, err) < 0)
		return -1;
	if (self->dry)
		return 0;
	if (code == SQLITE_DONE)
		sqlite3_reset(self->insert);
	else if ((code & 0xFF) != SQLITE_CONSTRAINT)
		return sqlitedb_fail(self->db, "insert an event", err);
	else if (settle_constraint(self, e, renumber, &present, err) < 0)
		return -1;
	self->present += present;
	if (present)
		return 0;
	self->last = e->position > self->last ? e->position : self->last;
	if (self->streams && self->fill)
		return streams_sqlite_add_last(self->streams, e, self->scratch, err);
	if (self->streams)
		streams_sqlite_add(self->streams, e);
	return 0;
}

/* The same, of which nothing stays where it fails: what a column made of a value may be in the
 * table already. */
static int
store_apart(struct sqlite_sink *self, const struct event *e, bool renumber, struct err *err)
{
	struct err undo = ERR_INIT;

	if (sqlitedb_exec(self->db, "SAVEPOINT esimport_event", err) < 0)
		return -1;
	if (store(self, e, renumber, err) == 0)
		return sqlitedb_exec(self->db, "RELEASE esimport_event", err);
	sqlite3_reset(self->insert);
	/* A trigger may have ended the whole transaction. */
	if (sqlitedb_exec(self->db, "ROLLBACK TO esimport_event; RELEASE esimport_event", &undo) <
	    0)
		err->kind = ERR_STORE;
	return -1;
}

/* What is there already: 1, 0, -1. */
static int
find_there(struct sqlite_sink *self, const struct event *e, const struct place *place,
           bool renumber, struct err *err)
{
	const struct clash_sqlite_target target = {renumber, self->dry, self->end, self->taken};
	int there = clash_sqlite_find(self->clash, e, renumber, err);

	self->present += there > 0;
	if (there == 0 && self->fill && clash_sqlite_place(self->clash, e, place, &target, err) < 0)
		return -1;
	self->taken = (struct selection_bound){true, e->position};
	return there;
}

static int
sqlite_write(void *me, const struct event *e, const struct place *place, bool renumber,
             struct err *err)
{
	struct sqlite_sink *self = me;
	struct event placed;
	int there;

	if (!self->dry && begin(self, err) < 0)
		return -1;
	if (self->utf16 && inspect_sqlite_utf16(e, err) < 0)
		return -1;
	arena_reset(self->scratch);
	/* What is added to a store may be there, and not every table has an index that says so. */
	if (renumber || self->dry || self->fill) {
		there = find_there(self, e, place, renumber, err);
		if (there != 0)
			return there < 0 ? -1 : 0;
	}
	placed = renumber ? renumber_event(e, self->last + 1, self->scratch) : *e;
	return self->careful ? store_apart(self, &placed, renumber, err)
	                     : store(self, &placed, renumber, err);
}

static void
sqlite_misfits(void *me, const struct event *e, struct arena *scratch, rowmap_tell *tell, void *ctx)
{
	const struct sqlite_sink *self = me;

	rowmap_misfits(self->layout, e, ROWMAP_FREE, scratch, tell, ctx);
}

/* A checkpoint over events that are gone would pass over what is missing. */
static int
check_held(struct sqlite_sink *self, const struct sink_tail *tail, struct err *err)
{
	int rc;

	if (!tail->found || tail->events == 0 || tail->appended)
		return 0;
	rc = clash_sqlite_holds(self->clash, tail->position, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	return clash_gone(self->to->shown, tail->position, err);
}

static int
sqlite_tail(void *me, const struct sink_key *key, struct sink_tail *out, struct err *err)
{
	struct sqlite_sink *self = me;

	if (checkpoint_sqlite_read(self->db, self->layout->table, key, out, err) < 0)
		return -1;
	return check_held(self, out, err);
}

static int
sqlite_fill(void *me, const struct sink_key *key, struct sink_tail *out, struct err *err)
{
	struct sqlite_sink *self = me;

	self->fill = true;
	if (checkpoint_sqlite_appended(self->db, self->layout->table, &key->origin, &self->end,
	                               err) < 0)
		return -1;
	out->appended = self->end.set;
	return 0;
}

/* A file that lost its name takes what is written, and takes it away. */
static int
check_name(struct sqlite_sink *self, struct err *err)
{
	return sqlitedb_has_moved(self->db) ? sqlitedb_fail_moved(self->to->shown, err) : 0;
}

static int
commit(struct sqlite_sink *self, const struct sink_key *key, struct sink_tail *upto,
       struct err *err)
{
	if (upto && upto->position > INT64_MAX)
		return err_set(err, ERR_DATA,
		               "position %" PRIu64 " is larger than an INTEGER can be",
		               upto->position);
	if (begin(self, err) < 0)
		return -1;
	if (self->streams && streams_sqlite_flush(self->streams, err) < 0)
		return -1;
	if (sqliteview_run(self->db, self->layout, "after", self->layout->after,
	                   self->layout->n_after, err) < 0)
		return -1;
	if (upto) {
		upto->events -= self->present;
		if (!self->fill && checkpoint_sqlite_save(&self->checkpoint, self->db,
		                                          self->layout->table, key, upto, err) < 0)
			return -1;
	}
	if (sqlitedb_exec(self->db, "COMMIT", err) < 0)
		return inspect_sqlite_orphan(self->db, err);
	self->in_transaction = self->made = false;
	return check_name(self, err);
}

static int
sqlite_rollback(void *me, struct err *err)
{
	struct sqlite_sink *self = me;
	bool empty;

	if (self->made) /* statements know tables that would be gone */
		return -1;
	if (!sqlite3_get_autocommit(self->db) && sqlitedb_exec(self->db, "ROLLBACK", err) < 0)
		return -1;
	self->in_transaction = false;
	self->present = 0;
	checkpoint_sqlite_release(&self->checkpoint); /* its table may be gone */
	if (self->streams)
		streams_sqlite_forget(self->streams);
	return find_last(self, &empty, err);
}

static int
sqlite_commit(void *me, const struct sink_key *key, struct sink_tail *upto, bool last,
              uint64_t *present, struct err *err)
{
	struct sqlite_sink *self = me;

	(void)last; /* nothing waits for it */
	if (!self->dry && commit(self, key, upto, err) < 0)
		return -1;
	*present = self->present;
	self->present = 0;
	return 0;
}

static void
sqlite_close(void *me)
{
	struct sqlite_sink *self = me;

	sqlite3_finalize(self->insert);
	checkpoint_sqlite_release(&self->checkpoint);
	clash_sqlite_close(self->clash);
	streams_sqlite_close(self->streams);
	sqliterow_close(&self->row);
	sqlitedb_close(self->db);
	layout_free(self->layout);
	arena_free(self->scratch);
	batch_free(self->existing);
}

const struct sink_driver sink_sqlite = {
    .size = sizeof(struct sqlite_sink),
    .open = sqlite_open,
    .tail = sqlite_tail,
    .fill = sqlite_fill,
    .write = sqlite_write,
    .misfits = sqlite_misfits,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .close = sqlite_close,
};
