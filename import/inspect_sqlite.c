#include <string.h>

#include "common/convert.h"
#include "common/sqlitedb.h"
#include "import/inspect_sqlite.h"

enum affinity { AFFINITY_NONE, AFFINITY_TEXT, AFFINITY_NUMBER, AFFINITY_REAL };

/* The rules of "Determination Of Column Affinity", in their order. */
static enum affinity
affinity_of(const char *type)
{
	static const struct {
		const char *part;
		enum affinity affinity;
	} rules[] = {
	    {"INT", AFFINITY_NUMBER}, {"CHAR", AFFINITY_TEXT}, {"CLOB", AFFINITY_TEXT},
	    {"TEXT", AFFINITY_TEXT},  {"BLOB", AFFINITY_NONE}, {"REAL", AFFINITY_REAL},
	    {"FLOA", AFFINITY_REAL},  {"DOUB", AFFINITY_REAL},
	};
	size_t i;

	if (!type || !*type)
		return AFFINITY_NONE;
	for (i = 0; i < sizeof(rules) / sizeof(*rules); i++)
		if (strcasestr(type, rules[i].part))
			return rules[i].affinity;
	return AFFINITY_NUMBER;
}

/* Whether what the conversion writes stays what it is in such a column. */
static bool
stays(const struct layout_column *c, enum affinity a)
{
	if (c->conv == LAYOUT_VALUE)
		return false;
	return a == (convert_type(c->conv) == VALUE_INTEGER ? AFFINITY_NUMBER : AFFINITY_TEXT);
}

static bool
column_converts(const struct layout *l, const char *name, const char *type)
{
	enum affinity a = affinity_of(type);
	size_t i;

	for (i = 0; a != AFFINITY_NONE && i < l->n_columns; i++)
		if (sqlite3_stricmp(l->columns[i].name, name) == 0)
			return !stays(&l->columns[i], a);
	return false;
}

/* One query about the layout's table of events. */
static int
ask(sqlite3 *db, const struct layout *l, const char *text, sqlite3_stmt **out, struct err *err)
{
	struct buf sql = BUF_INIT;
	int rc;

	buf_add_str(&sql, text);
	rc = sqlitedb_prepare(db, &sql, out, err);
	buf_release(&sql);
	if (rc == 0)
		sqlite3_bind_text(*out, 1, l->table, -1, SQLITE_STATIC);
	return rc;
}

static int
check_kind(sqlite3 *db, const struct layout *l, bool *strict, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	int rc = ask(db, l, "SELECT type, strict FROM pragma_table_list(?1)", &stmt, err);

	if (rc == 0 && sqlite3_step(stmt) == SQLITE_ROW) {
		*strict = sqlite3_column_int(stmt, 1) != 0;
		if (strcmp((const char *)sqlite3_column_text(stmt, 0), "view") == 0)
			rc = err_set(err, ERR_LAYOUT,
			             "table %s: is a view, and nothing goes into one", l->table);
	}
	sqlite3_finalize(stmt);
	return rc;
}

int
inspect_sqlite(sqlite3 *db, const struct layout *l, bool *converts, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	bool strict = false;
	int rc = check_kind(db, l, &strict, err);

	*converts = false;
	if (rc < 0 || strict)
		return rc;
	if (ask(db, l, "SELECT name, type FROM pragma_table_xinfo(?1)", &stmt, err) < 0)
		return -1;
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW)
		if (column_converts(l, (const char *)sqlite3_column_text(stmt, 0),
		                    (const char *)sqlite3_column_text(stmt, 1)))
			*converts = true;
	rc = rc == SQLITE_DONE ? 0 : sqlitedb_fail(db, "schema", err);
	sqlite3_finalize(stmt);
	return rc;
}

/*
 * SQLite turns U+FFFE and U+FFFF into U+FFFD on the way into a database in
 * UTF-16: what would change without a word is refused.
 */
int
inspect_sqlite_utf16(const struct event *e, struct err *err)
{
	struct event *any = (struct event *)(uintptr_t)e; /* only looked at */
	const struct payload *payload;
	const struct slice *text;
	char which[256];
	size_t i;
	int f;

	for (f = 0; f < FIELDS; f++) {
		text = event_text(any, (enum field)f);
		payload = event_payload(any, (enum field)f);
		if (payload && payload->kind == PAYLOAD_JSON)
			text = &payload->bytes;
		for (i = 0; text && i + 2 < text->len; i++)
			if (text->p[i] == 0xEF && text->p[i + 1] == 0xBF &&
			    text->p[i + 2] >= 0xBE) {
				event_describe(e, which, sizeof(which));
				return err_set(err, ERR_DATA,
				               "%s: field %s: holds U+FFFE or U+FFFF, which a "
				               "database in UTF-16 does not keep",
				               which, event_field_name((enum field)f));
			}
	}
	return 0;
}

int
inspect_sqlite_orphan(sqlite3 *db, struct err *err)
{
	struct buf sql = BUF_INIT;
	struct err ignored = ERR_INIT;
	sqlite3_stmt *stmt;

	if (sqlite3_extended_errcode(db) != SQLITE_CONSTRAINT_FOREIGNKEY)
		return -1;
	buf_add_str(&sql, "PRAGMA foreign_key_check");
	/* What keeps from looking does not matter beside why the COMMIT failed. */
	if (sqlitedb_prepare(db, &sql, &stmt, &ignored) < 0)
		return -1;
	if (sqlite3_step(stmt) == SQLITE_ROW)
		err_hint(err, "row %lld of %s refers to a row of %s that is not there",
		         (long long)sqlite3_column_int64(stmt, 1),
		         (const char *)sqlite3_column_text(stmt, 0),
		         (const char *)sqlite3_column_text(stmt, 2));
	sqlite3_finalize(stmt);
	return -1;
}
