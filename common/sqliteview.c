#include <stdio.h>

#include "common/sha1.h"
#include "common/sqlitedb.h"
#include "common/sqliteview.h"

#define NAME "esevents"

/* Whether SQLite refused what a statement says, and not what came of it. */
static bool
is_wrong(sqlite3 *db)
{
	return (sqlite3_errcode(db) & 0xFF) == SQLITE_ERROR;
}

/* A statement of ours around one of the layout's, which is `key`. */
static int
run(sqlite3 *db, const struct layout *l, const char *key, struct buf *sql, struct err *err)
{
	struct err why = ERR_INIT;

	if (sqlitedb_exec(db, buf_cstr(sql), &why) == 0)
		return 0;
	if (!is_wrong(db)) {
		*err = why;
		return -1;
	}
	return err_set(err, ERR_LAYOUT, "layout %s: %s: %s", l->name, key, sqlite3_errmsg(db));
}

int
sqliteview_run(sqlite3 *db, const struct layout *l, const char *key, const char *const *statements,
               size_t n, struct err *err)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (sqlitedb_exec(db, statements[i], err) == 0)
			continue;
		if (is_wrong(db))
			err->kind = ERR_LAYOUT;
		return err_wrap(err, "layout %s: %s, statement %zu", l->name, key, i + 1);
	}
	return 0;
}

static bool
has_column(const struct layout *l, const char *name)
{
	size_t i;

	for (i = 0; i < l->n_columns; i++)
		if (sqlite3_stricmp(l->columns[i].name, name) == 0)
			return true;
	return false;
}

/* What the query gives besides must not be left behind unseen. */
static int
check_columns(sqlite3 *db, const struct layout *l, struct err *err)
{
	struct buf sql = BUF_INIT;
	sqlite3_stmt *stmt;
	const char *name;
	int rc, i;

	buf_add_str(&sql, "SELECT * FROM temp." NAME);
	rc = sqlitedb_prepare(db, &sql, &stmt, err);
	if (rc < 0)
		return -1;
	for (i = 0; rc == 0 && i < sqlite3_column_count(stmt); i++) {
		name = sqlite3_column_name(stmt, i);
		if (!has_column(l, name))
			rc = layout_wrong_query(l, name, err);
	}
	sqlite3_finalize(stmt);
	return rc;
}

/* Errors in a view show when it is used. */
static int
try_view(sqlite3 *db, const struct layout *l, struct err *err)
{
	struct buf sql = BUF_INIT;
	size_t i;
	int rc;

	buf_add_str(&sql, "SELECT ");
	for (i = 0; i < l->n_columns; i++) {
		buf_add_str(&sql, i ? ", e." : "e.");
		sqlitedb_quote(&sql, l->columns[i].name);
	}
	buf_add_str(&sql, " FROM temp." NAME " AS e LIMIT 0");
	rc = run(db, l, "events.query", &sql, err);
	buf_release(&sql);
	return rc < 0 ? -1 : check_columns(db, l, err);
}

static int
make_trigger(sqlite3 *db, const struct layout *l, const char *key, const char *const *statements,
             size_t n, struct err *err)
{
	struct buf sql = BUF_INIT;
	size_t i;
	int rc;

	buf_add_str(&sql,
	            "CREATE TEMP TRIGGER " NAME "_write INSTEAD OF INSERT ON temp." NAME " BEGIN ");
	for (i = 0; i < n; i++)
		buf_printf(&sql, "%s; ", statements[i]);
	buf_add_str(&sql, "END");
	rc = run(db, l, key, &sql, err);
	buf_release(&sql);
	return rc;
}

/* Names in a trigger are looked for when it is used, and then nothing says in which of its
 * statements one is wrong. */
static int
try_statement(sqlite3 *db, const struct layout *l, size_t i, struct err *err)
{
	struct buf sql = BUF_INIT;
	char key[64];
	int rc;

	snprintf(key, sizeof(key), "events.write, statement %zu", i + 1);
	rc = make_trigger(db, l, key, &l->write[i], 1, err);
	buf_add_str(&sql, "EXPLAIN INSERT INTO temp." NAME " DEFAULT VALUES");
	if (rc == 0)
		rc = run(db, l, key, &sql, err);
	buf_release(&sql);
	return rc < 0 ? -1 : sqlitedb_exec(db, "DROP TRIGGER temp." NAME "_write", err);
}

static int
make_writes(sqlite3 *db, const struct layout *l, struct err *err)
{
	size_t i;

	for (i = 0; i < l->n_write; i++)
		if (try_statement(db, l, i, err) < 0)
			return -1;
	return make_trigger(db, l, "events.write", l->write, l->n_write, err);
}

static int
make_view(sqlite3 *db, const struct layout *l, struct err *err)
{
	struct buf sql = BUF_INIT;
	int rc;

	buf_printf(&sql, "CREATE TEMP VIEW " NAME " AS %s", l->query);
	rc = run(db, l, "events.query", &sql, err);
	buf_release(&sql);
	return rc < 0 ? -1 : try_view(db, l, err);
}

/* sha1(X), as SQLite's own extension of that name has it: 40 digits in lower case. */
static void
call_sha1(sqlite3_context *ctx, int n, sqlite3_value **arguments)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *bytes = sqlite3_value_blob(arguments[0]);
	uint8_t digest[SHA1_BYTES];
	char text[2 * SHA1_BYTES];
	struct slice s = {(uint8_t *)(uintptr_t)bytes, (size_t)sqlite3_value_bytes(arguments[0])};
	size_t i;

	(void)n;
	if (sqlite3_value_type(arguments[0]) == SQLITE_NULL)
		return;
	sha1_of(s, digest);
	for (i = 0; i < SHA1_BYTES; i++) {
		text[2 * i] = digits[digest[i] >> 4];
		text[2 * i + 1] = digits[digest[i] & 0xF];
	}
	sqlite3_result_text(ctx, text, sizeof(text), SQLITE_TRANSIENT);
}

static int
add_functions(sqlite3 *db, struct err *err)
{
	int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;

	if (sqlite3_create_function_v2(db, "sha1", 1, flags, NULL, call_sha1, NULL, NULL, NULL) !=
	    SQLITE_OK)
		return sqlitedb_fail(db, "sha1", err);
	return 0;
}

/* A connection that only reads must not make what is temporary either, which no file has. */
static int
unlock(sqlite3 *db, int64_t *reads_only, struct err *err)
{
	if (sqlitedb_number(db, "PRAGMA query_only", reads_only, err) < 0)
		return -1;
	return sqlitedb_exec(db, "PRAGMA query_only=0", err);
}

static int
lock(sqlite3 *db, int64_t reads_only, struct err *err)
{
	return reads_only ? sqlitedb_exec(db, "PRAGMA query_only=1", err) : 0;
}

int
sqliteview_make(sqlite3 *db, struct layout *l, struct err *err)
{
	int64_t reads_only = 0;

	if (!l->query)
		return 0;
	l->place = NAME;
	if (add_functions(db, err) < 0 || unlock(db, &reads_only, err) < 0 ||
	    make_view(db, l, err) < 0)
		return -1;
	return lock(db, reads_only, err);
}

int
sqliteview_make_writes(sqlite3 *db, const struct layout *l, struct err *err)
{
	int64_t reads_only = 0;

	if (!l->query)
		return 0;
	if (unlock(db, &reads_only, err) < 0 || make_writes(db, l, err) < 0)
		return -1;
	return lock(db, reads_only, err);
}
