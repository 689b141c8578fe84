#include <stdlib.h>

#include "common/sqlitedb.h"
#include "common/sqliterow.h"
#include "import/streams.h"
#include "import/streams_sqlite.h"

struct streams_sqlite {
	sqlite3 *db;
	const struct layout *layout;
	sqlite3_stmt *upsert;
	sqlite3_stmt
	    *last; /* version of a stream in the table of events; NULL until it is needed */
	struct streams *streams;
};

static void
put_columns(const struct layout *l, bool keys_only, struct buf *sql)
{
	bool any = false;
	size_t i;

	for (i = 0; i < l->n_stream_columns; i++) {
		if (keys_only && !l->stream_columns[i].key)
			continue;
		buf_add_str(sql, any ? ", " : "");
		sqlitedb_quote(sql, l->stream_columns[i].name);
		any = true;
	}
}

/* An existing row is only moved on: its version rises, the rest stays as it is. */
static void
put_update(const struct layout *l, struct buf *sql)
{
	const struct layout_stream_column *c;
	bool any = false;
	size_t i;

	for (i = 0; i < l->n_stream_columns; i++) {
		c = &l->stream_columns[i];
		if (c->from != LAYOUT_FROM_VERSION || c->key)
			continue;
		buf_add_str(sql, any ? ", " : " DO UPDATE SET ");
		sqlitedb_quote(sql, c->name);
		buf_add_str(sql, " = max(");
		sqlitedb_quote(sql, c->name);
		buf_add_str(sql, ", excluded.");
		sqlitedb_quote(sql, c->name);
		buf_add_str(sql, ")");
		any = true;
	}
	if (!any)
		buf_add_str(sql, " DO NOTHING");
}

static int
prepare(struct streams_sqlite *s, struct err *err)
{
	const struct layout *l = s->layout;
	struct buf sql = BUF_INIT;
	size_t i;
	int rc;

	buf_add_str(&sql, "INSERT INTO ");
	sqlitedb_quote(&sql, l->streams_table);
	buf_add_str(&sql, " (");
	put_columns(l, false, &sql);
	buf_add_str(&sql, ") VALUES (");
	for (i = 0; i < l->n_stream_columns; i++)
		buf_printf(&sql, "%s?%zu", i ? ", " : "", i + 1);
	buf_add_str(&sql, ") ON CONFLICT (");
	put_columns(l, true, &sql);
	buf_add_str(&sql, ")");
	put_update(l, &sql);
	rc = sqlitedb_prepare(s->db, &sql, &s->upsert, err);
	buf_release(&sql);
	return rc;
}

int
streams_sqlite_open(struct streams_sqlite **out, sqlite3 *db, const struct layout *l,
                    struct err *err)
{
	struct streams_sqlite *s = xcalloc(1, sizeof(*s));

	s->db = db;
	s->layout = l;
	streams_open(&s->streams, l);
	if (prepare(s, err) < 0) {
		streams_sqlite_close(s);
		return -1;
	}
	*out = s;
	return 0;
}

void
streams_sqlite_close(struct streams_sqlite *s)
{
	if (!s)
		return;
	sqlite3_finalize(s->upsert);
	sqlite3_finalize(s->last);
	streams_close(s->streams);
	free(s);
}

void
streams_sqlite_add(struct streams_sqlite *s, const struct event *e)
{
	streams_add(s->streams, e);
}

static int
prepare_last(struct streams_sqlite *s, struct err *err)
{
	struct buf sql = BUF_INIT;
	int rc;

	if (s->last)
		return 0;
	buf_add_str(&sql, "SELECT max(");
	sqliterow_column(s->layout, FIELD_VERSION, &sql);
	buf_add_str(&sql, ") FROM ");
	sqlitedb_quote(&sql, s->layout->place);
	buf_add_str(&sql, " WHERE ");
	sqliterow_column(s->layout, FIELD_STREAM, &sql);
	buf_add_str(&sql, " = ?1");
	rc = sqlitedb_prepare(s->db, &sql, &s->last, err);
	buf_release(&sql);
	return rc;
}

int
streams_sqlite_add_last(struct streams_sqlite *s, const struct event *e, struct arena *scratch,
                        struct err *err)
{
	const struct layout_column *version = layout_column_of(s->layout, FIELD_VERSION);
	struct event last = *e;
	int64_t found;
	int rc;

	if (prepare_last(s, err) < 0)
		return -1;
	sqliterow_bind_field(s->layout, FIELD_STREAM, s->last, 1, e, scratch);
	rc = sqlite3_step(s->last);
	found = rc == SQLITE_ROW ? sqlite3_column_int64(s->last, 0) : 0;
	sqlite3_reset(s->last);
	if (rc != SQLITE_ROW)
		return sqlitedb_fail(s->db, "look for the end of a stream", err);
	/* The event itself is there, so there is one. */
	if (!__builtin_sub_overflow(found, version->base, &found) && found > 0 &&
	    (uint64_t)found > last.version)
		last.version = (uint64_t)found;
	streams_add(s->streams, &last);
	return 0;
}

static int
write_row(void *ctx, const struct value *row, struct err *err)
{
	struct streams_sqlite *s = ctx;
	size_t i;
	int rc;

	for (i = 0; i < s->layout->n_stream_columns; i++)
		if (sqliterow_bind_value(s->upsert, (int)i + 1, &row[i]) != SQLITE_OK)
			return sqlitedb_fail(s->db, "write a stream", err);
	rc = sqlite3_step(s->upsert);
	sqlite3_reset(s->upsert);
	return rc == SQLITE_DONE ? 0 : sqlitedb_fail(s->db, "write a stream", err);
}

void
streams_sqlite_forget(struct streams_sqlite *s)
{
	streams_forget(s->streams);
}

int
streams_sqlite_flush(struct streams_sqlite *s, struct err *err)
{
	if (streams_flush(s->streams, write_row, s, err) < 0)
		return -1;
	streams_forget(s->streams);
	return 0;
}
