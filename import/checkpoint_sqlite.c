#include <stdio.h>
#include <string.h>

#include "common/sqlitedb.h"
#include "common/timestamp.h"
#include "import/checkpoint_sqlite.h"

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS esimport_checkpoint ("
    "origin TEXT NOT NULL, selection TEXT NOT NULL, target TEXT NOT NULL, after INTEGER, upto INTEGER NOT NULL, "
    "position INTEGER NOT NULL, "
    "event TEXT NOT NULL, events INTEGER NOT NULL, appended INTEGER NOT NULL, "
    "updated TEXT NOT NULL, PRIMARY KEY (origin, selection, target))";

void
checkpoint_sqlite_release(struct checkpoint_sqlite *c)
{
	sqlite3_finalize(c->save);
	c->save = NULL;
}

/* The text of a digest in its column. */
static void
bind_digest(sqlite3_stmt *stmt, int parameter, const struct digest *d)
{
	char hex[2 * WIRE_DIGEST_BYTES + 1];

	digest_hex(d, hex);
	sqlite3_bind_text(stmt, parameter, hex, -1, SQLITE_TRANSIENT);
}

static int
damaged(struct err *err)
{
	return err_set(err, ERR_STORE, "the target's esimport_checkpoint is damaged");
}

/* A query of the table: 1, 0 where it is not there, -1. */
static int
prepare(sqlite3 *db, const char *text, sqlite3_stmt **out, struct err *err)
{
	struct buf sql = BUF_INIT;
	bool there;
	int rc;

	if (sqlitedb_has_table(db, "esimport_checkpoint", &there, err) < 0)
		return -1;
	if (!there)
		return 0;
	buf_add_str(&sql, text);
	rc = sqlitedb_prepare(db, &sql, out, err);
	buf_release(&sql);
	return rc < 0 ? -1 : 1;
}

static int
take_row(sqlite3_stmt *stmt, struct sink_tail *out, struct err *err)
{
	out->found = true;
	out->appended = sqlite3_column_int(stmt, 3) != 0;
	out->after.set = sqlite3_column_type(stmt, 4) != SQLITE_NULL;
	out->others = sqlite3_column_int(stmt, 6) != 0;
	if (!sqlitedb_unsigned(stmt, 0, &out->position) ||
	    !sqlitedb_unsigned(stmt, 2, &out->events) ||
	    (out->after.set && !sqlitedb_unsigned(stmt, 4, &out->after.position)) ||
	    !sqlitedb_unsigned(stmt, 5, &out->upto) ||
	    !digest_of_hex((const char *)sqlite3_column_text(stmt, 1), &out->event))
		return damaged(err);
	return 0;
}

int
checkpoint_sqlite_read(sqlite3 *db, const char *target, const struct sink_key *key,
                       struct sink_tail *out, struct err *err)
{
	sqlite3_stmt *stmt;
	int rc = prepare(
	    db,
	    "SELECT position, event, events, appended, after, upto, EXISTS (SELECT 1 "
	    "FROM esimport_checkpoint WHERE target = ?3 AND (origin, selection) <> (?1, ?2)) "
	    "FROM esimport_checkpoint WHERE origin = ?1 AND selection = ?2 AND target = ?3",
	    &stmt, err);

	if (rc <= 0)
		return rc;
	bind_digest(stmt, 1, &key->origin);
	bind_digest(stmt, 2, &key->selection);
	sqlite3_bind_text(stmt, 3, target, -1, SQLITE_STATIC);
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		rc = take_row(stmt, out, err);
	else
		rc = rc == SQLITE_DONE ? 0 : sqlitedb_fail(db, "read the checkpoint", err);
	sqlite3_finalize(stmt);
	return rc;
}

int
checkpoint_sqlite_appended(sqlite3 *db, const char *target, const struct digest *origin,
                           struct selection_bound *out, struct err *err)
{
	sqlite3_stmt *stmt;
	int rc;

	*out = (struct selection_bound){0};
	rc = prepare(db,
	             "SELECT max(position) FROM esimport_checkpoint "
	             "WHERE origin = ?1 AND target = ?2 AND appended",
	             &stmt, err);
	if (rc <= 0)
		return rc;
	rc = 0;
	bind_digest(stmt, 1, origin);
	sqlite3_bind_text(stmt, 2, target, -1, SQLITE_STATIC);
	if (sqlite3_step(stmt) != SQLITE_ROW) {
		rc = sqlitedb_fail(db, "read the checkpoint", err);
	} else if (sqlite3_column_type(stmt, 0) != SQLITE_NULL) {
		out->set = true;
		if (!sqlitedb_unsigned(stmt, 0, &out->position))
			rc = damaged(err);
	}
	sqlite3_finalize(stmt);
	return rc;
}

/* Bounds that no INTEGER holds are as good as the greatest one: no event lies behind it. */
static int64_t
clamp(uint64_t position)
{
	return position < INT64_MAX ? (int64_t)position : INT64_MAX;
}

static int
prepare_save(struct checkpoint_sqlite *c, sqlite3 *db, struct err *err)
{
	struct buf sql = BUF_INIT;
	int rc;

	if (c->save)
		return 0;
	if (sqlitedb_exec(db, schema, err) < 0)
		return -1;
	buf_add_str(&sql, "INSERT OR REPLACE INTO esimport_checkpoint "
	                  "(origin, selection, position, event, events, appended, updated, "
	                  "after, upto, target) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
	rc = sqlitedb_prepare(db, &sql, &c->save, err);
	buf_release(&sql);
	return rc;
}

int
checkpoint_sqlite_save(struct checkpoint_sqlite *c, sqlite3 *db, const char *target,
                       const struct sink_key *key, const struct sink_tail *tail, struct err *err)
{
	char now[TIMESTAMP_BYTES];
	int rc;

	if (prepare_save(c, db, err) < 0)
		return -1;
	timestamp_format(timestamp_now_ns() / 1000000000 * 1000000000, TIMESTAMP_RFC3339, now);
	bind_digest(c->save, 1, &key->origin);
	bind_digest(c->save, 2, &key->selection);
	sqlite3_bind_int64(c->save, 3, (int64_t)tail->position);
	bind_digest(c->save, 4, &tail->event);
	sqlite3_bind_int64(c->save, 5, (int64_t)tail->events);
	sqlite3_bind_int(c->save, 6, tail->appended);
	sqlite3_bind_text(c->save, 7, now, -1, SQLITE_TRANSIENT);
	if (tail->after.set)
		sqlite3_bind_int64(c->save, 8, clamp(tail->after.position));
	sqlite3_bind_int64(c->save, 9, clamp(tail->upto));
	sqlite3_bind_text(c->save, 10, target, -1, SQLITE_STATIC);
	rc = sqlite3_step(c->save);
	sqlite3_reset(c->save);
	sqlite3_clear_bindings(c->save);
	return rc == SQLITE_DONE ? 0 : sqlitedb_fail(db, "save the checkpoint", err);
}
