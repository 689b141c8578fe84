#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/jscan.h"
#include "common/sqlitedb.h"
#include "common/sqlitemap.h"
#include "common/timestamp.h"
#include "import/sink.h"
#include "import/streams_sqlite.h"

#define SCRATCH_BYTES ((size_t)64 << 10)

static const char checkpoint_schema[] =
    "CREATE TABLE IF NOT EXISTS esimport_checkpoint ("
    "origin TEXT NOT NULL, selection TEXT NOT NULL, after INTEGER, upto INTEGER NOT NULL, "
    "position INTEGER NOT NULL, "
    "event TEXT NOT NULL, events INTEGER NOT NULL, appended INTEGER NOT NULL, "
    "updated TEXT NOT NULL, PRIMARY KEY (origin, selection))";

struct sqlite_sink {
	sqlite3 *db;
	struct layout *layout;
	struct address const *to;
	sqlite3_stmt *insert, *checkpoint;
	sqlite3_stmt *by_position, *by_version, *by_id; /* rows that an event may clash with */
	struct streams_sqlite *streams;                 /* NULL: the layout has no such table */
	struct arena *scratch;
	struct batch *existing;
	bool dry;
	bool missing;     /* the file is not there */
	bool make_schema; /* the tables are not there */
	bool in_transaction;
	bool created;         /* the file is ours ... */
	bool committed;       /* ... and holds something */
	int64_t data_version; /* changes when another connection commits */
	uint64_t last;        /* greatest position in the table, for new ones */
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
		return sqlitedb_open_target(&self->db, ":memory:", true, err);
	if (self->dry)
		return sqlitedb_open_source(&self->db, self->to->path, err);
	return sqlitedb_open_target(&self->db, self->to->path, false, err);
}

static int
make_schema(struct sqlite_sink *self, struct err *err)
{
	size_t i;

	for (i = 0; i < self->layout->n_schema; i++)
		if (sqlitedb_exec(self->db, self->layout->schema[i], err) < 0)
			return -1;
	self->make_schema = false;
	return 0;
}

/* A query for the row that has the values of these fields. */
static int
prepare_lookup(struct sqlite_sink *self, const enum field *fields, size_t n, sqlite3_stmt **out,
               struct err *err)
{
	struct buf sql = BUF_INIT;
	size_t i;
	int rc;

	sqlitemap_select(self->layout, &sql);
	for (i = 0; i < n; i++) {
		buf_add_str(&sql, i ? " AND " : " WHERE ");
		sqlitemap_column(self->layout, fields[i], &sql);
		buf_printf(&sql, " = ?%zu", i + 1);
	}
	buf_add_str(&sql, " LIMIT 1");
	rc = sqlitedb_prepare(self->db, &sql, out, err);
	buf_release(&sql);
	return rc;
}

static int
prepare(struct sqlite_sink *self, struct err *err)
{
	static const enum field position[] = {FIELD_POSITION}, id[] = {FIELD_ID};
	static const enum field version[] = {FIELD_STREAM, FIELD_VERSION};
	struct buf sql = BUF_INIT;
	int rc;

	sqlitemap_insert(self->layout, &sql);
	rc = sqlitedb_prepare(self->db, &sql, &self->insert, err);
	buf_release(&sql);
	if (rc < 0 || prepare_lookup(self, position, 1, &self->by_position, err) < 0 ||
	    prepare_lookup(self, version, 2, &self->by_version, err) < 0)
		return -1;
	if (layout_column_of(self->layout, FIELD_ID) &&
	    prepare_lookup(self, id, 1, &self->by_id, err) < 0)
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
	sqlitemap_column(self->layout, FIELD_POSITION, &sql);
	buf_add_str(&sql, ") FROM ");
	sqlitedb_quote(&sql, self->layout->table);
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
	if (sqlitedb_open_target(&self->db, ":memory:", true, err) < 0 ||
	    make_schema(self, err) < 0)
		return -1;
	return prepare(self, err);
}

static int
sqlite_open(void *me, const struct address *to, const struct sink_options *options,
            struct sink_info *info, struct err *err)
{
	struct sqlite_sink *self = me;
	struct stat st;

	self->to = to;
	self->dry = options->dry;
	self->missing = stat(to->path, &st) < 0;
	self->scratch = arena_new(SCRATCH_BYTES);
	self->existing = batch_new();
	if (open_db(self, err) < 0 || choose_layout(self, options->layout, err) < 0)
		return -1;
	info->kind = "sqlite";
	info->layout = self->layout->name;
	info->creates = self->make_schema;
	info->empty = true;
	/* From here on a commit of anybody else shows. */
	if (sqlitedb_number(self->db, "PRAGMA data_version", &self->data_version, err) < 0)
		return -1;
	if (self->make_schema)
		return self->dry ? try_schema(self, err) : 0;
	return find_last(self, &info->empty, err) < 0 ? -1 : prepare(self, err);
}

/* The text of a digest in its column. */
static void
bind_digest(sqlite3_stmt *stmt, int parameter, const struct digest *d)
{
	char hex[2 * WIRE_DIGEST_BYTES + 1];

	digest_hex(d, hex);
	sqlite3_bind_text(stmt, parameter, hex, -1, SQLITE_TRANSIENT);
}

static bool
digest_of_hex(const char *hex, struct digest *out)
{
	unsigned byte;
	int i;

	if (!hex || strspn(hex, "0123456789abcdef") != 2 * WIRE_DIGEST_BYTES ||
	    hex[2 * WIRE_DIGEST_BYTES])
		return false;
	for (i = 0; i < WIRE_DIGEST_BYTES; i++) {
		if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
			return false;
		out->bytes[i] = (uint8_t)byte;
	}
	return true;
}

static int
sqlite_tail(void *me, const struct sink_key *key, struct sink_tail *out, struct err *err)
{
	struct sqlite_sink *self = me;
	struct buf sql = BUF_INIT;
	sqlite3_stmt *stmt = NULL;
	bool there;
	int rc;

	if (sqlitedb_has_table(self->db, "esimport_checkpoint", &there, err) < 0)
		return -1;
	if (!there)
		return 0;
	buf_add_str(
	    &sql, "SELECT position, event, events, appended, after, upto FROM esimport_checkpoint "
		  "WHERE origin = ?1 AND selection = ?2");
	rc = sqlitedb_prepare(self->db, &sql, &stmt, err);
	buf_release(&sql);
	if (rc < 0)
		return -1;
	bind_digest(stmt, 1, &key->origin);
	bind_digest(stmt, 2, &key->selection);
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW) {
		out->found = true;
		out->position = (uint64_t)sqlite3_column_int64(stmt, 0);
		out->events = (uint64_t)sqlite3_column_int64(stmt, 2);
		out->appended = sqlite3_column_int(stmt, 3) != 0;
		out->after.set = sqlite3_column_type(stmt, 4) != SQLITE_NULL;
		out->after.position = (uint64_t)sqlite3_column_int64(stmt, 4);
		out->upto = (uint64_t)sqlite3_column_int64(stmt, 5);
		rc = digest_of_hex((const char *)sqlite3_column_text(stmt, 1), &out->event)
		         ? 0
		         : err_set(err, ERR_STORE, "the target's esimport_checkpoint is damaged");
	} else {
		rc = rc == SQLITE_DONE ? 0 : sqlitedb_fail(self->db, "read the checkpoint", err);
	}
	sqlite3_finalize(stmt);
	return rc;
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
	self->created = true;
	if (sqlitedb_open_target(&self->db, self->to->path, true, err) < 0)
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
	if (sqlitedb_number(self->db, "PRAGMA data_version", &now, err) < 0)
		return -1;
	if (now != self->data_version)
		return written_by_another(self, err);
	if (self->make_schema && (make_schema(self, err) < 0 || prepare(self, err) < 0))
		return -1;
	if (!self->checkpoint && sqlitedb_exec(self->db, checkpoint_schema, err) < 0)
		return -1;
	return 0;
}

/* A row that clashes with the event, into `existing`: 1, 0 when there is none, -1. */
static int
look_up(struct sqlite_sink *self, sqlite3_stmt *stmt, struct err *err)
{
	int rc = sqlite3_step(stmt), found = 0;

	batch_reset(self->existing);
	if (rc == SQLITE_ROW) {
		found = 1;
		if (sqlitemap_read(self->layout, stmt, self->existing, err) < 0 ||
		    event_check(&self->existing->events[0], self->existing->mem, err) < 0)
			found = -1;
	} else if (rc != SQLITE_DONE) {
		found = sqlitedb_fail(self->db, "look for the event", err);
	}
	sqlite3_reset(stmt);
	return found;
}

/* What stands where the event should go: 1 with *what, *difference NULL when it is equal; 0, -1. */
static int
find_clash(struct sqlite_sink *self, const struct event *e, bool renumber, const char **what,
           const char **difference, struct err *err)
{
	const struct layout *l = self->layout;
	int rc = 0;

	*what = "position";
	if (!renumber) {
		sqlitemap_bind_field(l, FIELD_POSITION, self->by_position, 1, e, self->scratch);
		rc = look_up(self, self->by_position, err);
	}
	if (rc == 0) {
		*what = "stream and version";
		sqlitemap_bind_field(l, FIELD_STREAM, self->by_version, 1, e, self->scratch);
		sqlitemap_bind_field(l, FIELD_VERSION, self->by_version, 2, e, self->scratch);
		rc = look_up(self, self->by_version, err);
	}
	if (rc == 0 && self->by_id) {
		*what = "id";
		sqlitemap_bind_field(l, FIELD_ID, self->by_id, 1, e, self->scratch);
		rc = look_up(self, self->by_id, err);
	}
	if (rc > 0)
		*difference = event_difference(e, &self->existing->events[0], !renumber);
	return rc;
}

static int
settle_constraint(struct sqlite_sink *self, const struct event *e, bool renumber, bool *present,
                  struct err *err)
{
	int extended = sqlite3_extended_errcode(self->db);
	const char *what, *difference = NULL;
	char which[256], text[300];
	int rc;

	snprintf(text, sizeof(text), "%s", sqlite3_errmsg(self->db));
	sqlite3_reset(self->insert);
	event_describe(e, which, sizeof(which));
	if (extended != SQLITE_CONSTRAINT_UNIQUE && extended != SQLITE_CONSTRAINT_PRIMARYKEY &&
	    extended != SQLITE_CONSTRAINT_ROWID)
		return err_set(err, ERR_DATA, "%s: the table does not take it: %s", which, text);
	rc = find_clash(self, e, renumber, &what, &difference, err);
	if (rc < 0)
		return -1;
	if (rc == 0)
		return err_set(err, ERR_CONFLICT, "%s: %s", which, text);
	if (difference)
		return err_set(err, ERR_CONFLICT,
		               "%s: the target holds another event of this %s; their %s differs",
		               which, what, difference);
	*present = true;
	return 0;
}

/* The event under a new position, which keeps the old one where the layout has room for it. */
static struct event
renumbered(struct sqlite_sink *self, const struct event *e)
{
	struct event copy = *e;
	struct buf text = BUF_INIT;
	uint32_t i;

	copy.position = self->last + 1;
	copy.n_attrs = 0;
	copy.attrs = NULL;
	for (i = 0; i < e->n_attrs; i++)
		if (!slice_is(e->attrs[i].name, "$position"))
			event_add_attr(&copy, self->scratch, e->attrs[i].name, e->attrs[i].value);
	buf_printf(&text, "%" PRIu64, e->position);
	event_add_attr(&copy, self->scratch, SLICE_LIT("$position"),
	               arena_dup(self->scratch, buf_slice(&text)));
	buf_release(&text);
	return copy;
}

/* A STRICT table refuses a value of another type that a hint says the source had: the hint may
 * stay an attribute.  Which tables do shows only then. */
static int
insert(struct sqlite_sink *self, const struct event *e, int *code, struct err *err)
{
	bool typed = false;

	do {
		if (sqlitemap_bind(self->layout, self->insert, e, typed, self->scratch, err) < 0)
			return -1;
		if (self->dry)
			return 0;
		*code = sqlite3_step(self->insert);
		if (*code == SQLITE_DONE ||
		    sqlite3_extended_errcode(self->db) != SQLITE_CONSTRAINT_DATATYPE || typed)
			return 0;
		sqlite3_reset(self->insert);
		typed = true;
	} while (true);
}

/* Look whether the event could be written, without a write. */
static int
try_write(struct sqlite_sink *self, const struct event *e, bool renumber, bool *present,
          struct err *err)
{
	const char *what, *difference = NULL;
	char which[256];
	int rc = find_clash(self, e, renumber, &what, &difference, err);

	if (rc > 0 && difference) {
		event_describe(e, which, sizeof(which));
		return err_set(err, ERR_CONFLICT, "%s: the target holds another event of this %s",
		               which, what);
	}
	*present = rc > 0;
	return rc < 0 ? -1 : 0;
}

static int
sqlite_write(void *me, const struct event *e, bool renumber, bool *present, struct err *err)
{
	struct sqlite_sink *self = me;
	struct event copy;
	int rc = SQLITE_DONE;

	if (!self->dry && begin(self, err) < 0)
		return -1;
	arena_reset(self->scratch);
	copy = renumber ? renumbered(self, e) : *e;
	/* What is added to a store may be there, and not every table has an index that says so. */
	if (renumber && !self->dry && try_write(self, e, renumber, present, err) < 0)
		return -1;
	if (*present)
		return 0;
	if (insert(self, &copy, &rc, err) < 0)
		return -1;
	if (self->dry)
		return try_write(self, e, renumber, present, err);
	if (rc == SQLITE_DONE)
		sqlite3_reset(self->insert);
	else if ((rc & 0xFF) != SQLITE_CONSTRAINT)
		return sqlitedb_fail(self->db, "insert an event", err);
	else if (settle_constraint(self, e, renumber, present, err) < 0)
		return -1;
	if (*present)
		return 0;
	self->last = copy.position > self->last ? copy.position : self->last;
	if (self->streams)
		streams_sqlite_add(self->streams, &copy);
	return 0;
}

/* Bounds that no INTEGER holds are as good as the greatest one: no event lies behind it. */
static int64_t
clamp(uint64_t position)
{
	return position < INT64_MAX ? (int64_t)position : INT64_MAX;
}

static int
save_checkpoint(struct sqlite_sink *self, const struct sink_key *key, const struct sink_tail *upto,
                struct err *err)
{
	struct buf sql = BUF_INIT;
	char now[TIMESTAMP_BYTES];
	int rc = 0;

	buf_add_str(&sql, "INSERT OR REPLACE INTO esimport_checkpoint "
	                  "(origin, selection, position, event, events, appended, updated, "
	                  "after, upto) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
	if (!self->checkpoint)
		rc = sqlitedb_prepare(self->db, &sql, &self->checkpoint, err);
	buf_release(&sql);
	if (rc < 0)
		return -1;
	timestamp_format(timestamp_now_ns() / 1000000000 * 1000000000, TIMESTAMP_RFC3339, now);
	bind_digest(self->checkpoint, 1, &key->origin);
	bind_digest(self->checkpoint, 2, &key->selection);
	sqlite3_bind_int64(self->checkpoint, 3, (int64_t)upto->position);
	bind_digest(self->checkpoint, 4, &upto->event);
	sqlite3_bind_int64(self->checkpoint, 5, (int64_t)upto->events);
	sqlite3_bind_int(self->checkpoint, 6, upto->appended);
	sqlite3_bind_text(self->checkpoint, 7, now, -1, SQLITE_TRANSIENT);
	if (upto->after.set)
		sqlite3_bind_int64(self->checkpoint, 8, clamp(upto->after.position));
	sqlite3_bind_int64(self->checkpoint, 9, clamp(upto->upto));
	rc = sqlite3_step(self->checkpoint);
	sqlite3_reset(self->checkpoint);
	sqlite3_clear_bindings(self->checkpoint);
	return rc == SQLITE_DONE ? 0 : sqlitedb_fail(self->db, "save the checkpoint", err);
}

static int
sqlite_commit(void *me, const struct sink_key *key, const struct sink_tail *upto, struct err *err)
{
	struct sqlite_sink *self = me;

	if (self->dry)
		return 0;
	if (upto && upto->position > INT64_MAX)
		return err_set(err, ERR_DATA,
		               "position %" PRIu64 " is larger than an INTEGER can be",
		               upto->position);
	if (begin(self, err) < 0)
		return -1;
	if (self->streams && streams_sqlite_flush(self->streams, err) < 0)
		return -1;
	if (upto && save_checkpoint(self, key, upto, err) < 0)
		return -1;
	if (sqlitedb_exec(self->db, "COMMIT", err) < 0)
		return -1;
	self->in_transaction = false;
	self->committed = true;
	return 0;
}

static void
sqlite_close(void *me)
{
	struct sqlite_sink *self = me;

	sqlite3_finalize(self->insert);
	sqlite3_finalize(self->checkpoint);
	sqlite3_finalize(self->by_position);
	sqlite3_finalize(self->by_version);
	sqlite3_finalize(self->by_id);
	streams_sqlite_close(self->streams);
	sqlitedb_close(self->db);
	if (self->created && !self->committed)
		unlink(self->to->path);
	layout_free(self->layout);
	arena_free(self->scratch);
	batch_free(self->existing);
}

const struct sink_driver sink_sqlite = {
    .size = sizeof(struct sqlite_sink),
    .open = sqlite_open,
    .tail = sqlite_tail,
    .write = sqlite_write,
    .commit = sqlite_commit,
    .close = sqlite_close,
};
