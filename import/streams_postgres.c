#include <inttypes.h>
#include <string.h>

#include "common/pgtable.h"
#include "import/streams_postgres.h"

#define STATEMENT_BYTES ((size_t)1 << 20) /* of rows, then it is sent */

struct flush {
	struct pgdb *db;
	const struct layout *layout;
	struct buf sql;
	bool look;   /* for the last version in the table of events */
	size_t head; /* length of the statement without rows */
};

/* What stands before the rows. */
static void
put_head(struct flush *f)
{
	size_t i;

	buf_add_str(&f->sql, "INSERT INTO ");
	pgquote_table(&f->sql, f->layout->streams_place);
	buf_add_str(&f->sql, " AS s (");
	for (i = 0; i < f->layout->n_stream_columns; i++) {
		buf_add_str(&f->sql, i ? ", " : "");
		pgquote_name(&f->sql, f->layout->stream_columns[i].name);
	}
	buf_add_str(&f->sql, ") VALUES ");
	f->head = f->sql.len;
}

static void
put_keys(const struct layout *l, struct buf *sql)
{
	bool any = false;
	size_t i;

	for (i = 0; i < l->n_stream_columns; i++) {
		if (!l->stream_columns[i].key)
			continue;
		buf_add_str(sql, any ? ", " : "");
		pgquote_name(sql, l->stream_columns[i].name);
		any = true;
	}
}

/* An existing row is only moved on: its version rises, the rest stays as it is. */
static void
put_tail(const struct layout *l, struct buf *sql)
{
	const struct layout_stream_column *c;
	bool any = false;
	size_t i;

	buf_add_str(sql, " ON CONFLICT (");
	put_keys(l, sql);
	buf_add_str(sql, ")");
	for (i = 0; i < l->n_stream_columns; i++) {
		c = &l->stream_columns[i];
		if (c->from != LAYOUT_FROM_VERSION || c->key)
			continue;
		buf_add_str(sql, any ? ", " : " DO UPDATE SET ");
		pgquote_name(sql, c->name);
		buf_add_str(sql, " = greatest(s.");
		pgquote_name(sql, c->name);
		buf_add_str(sql, ", excluded.");
		pgquote_name(sql, c->name);
		buf_add_str(sql, ")");
		any = true;
	}
	if (!any)
		buf_add_str(sql, " DO NOTHING");
}

/* A value as a literal whose type the column decides. */
static void
put_value(const struct value *v, struct buf *sql)
{
	struct buf text = BUF_INIT;

	switch (v->type) {
	case VALUE_INTEGER:
		buf_printf(sql, "%" PRId64, v->integer);
		break;
	case VALUE_BOOL:
		buf_add_str(sql, v->integer ? "true" : "false");
		break;
	case VALUE_TEXT:
		buf_add_slice(&text, v->bytes);
		pgquote_text(sql, buf_cstr(&text));
		break;
	case VALUE_REAL:
		value_print_real(v->real, sql);
		break;
	default:
		buf_add_str(sql, "NULL");
		break;
	}
	buf_release(&text);
}

/* The value of a column of versions, or that of the last event of the stream where it is greater.
 */
static void
put_last(struct flush *f, const struct value *row, size_t at)
{
	const struct layout *l = f->layout;
	const struct layout_column *version = layout_column_of(l, FIELD_VERSION);
	size_t i;

	buf_add_str(&f->sql, "greatest(");
	put_value(&row[at], &f->sql);
	for (i = 0; i < l->n_stream_columns; i++) {
		if (l->stream_columns[i].from != LAYOUT_FROM_STREAM)
			continue;
		buf_add_str(&f->sql, ", (SELECT max(");
		pgtable_put_field(l, FIELD_VERSION, &f->sql);
		buf_printf(&f->sql, ") - (%" PRId64 ") + (%" PRId64 ") FROM ", version->base,
		           l->stream_columns[at].base);
		pgquote_table(&f->sql, l->place);
		buf_add_str(&f->sql, " WHERE ");
		pgtable_put_field(l, FIELD_STREAM, &f->sql);
		buf_add_str(&f->sql, " = ");
		put_value(&row[i], &f->sql);
		buf_add_str(&f->sql, ")");
	}
	buf_add_str(&f->sql, ")");
}

static int
send(struct flush *f, struct err *err)
{
	int rc;

	if (f->sql.len == f->head)
		return 0;
	put_tail(f->layout, &f->sql);
	rc = pgdb_exec(f->db, buf_cstr(&f->sql), err);
	f->sql.len = f->head;
	return rc < 0 ? err_wrap(err, "table %s", f->layout->streams_table) : 0;
}

static int
write_row(void *ctx, const struct value *row, struct err *err)
{
	struct flush *f = ctx;
	size_t i;

	buf_add_str(&f->sql, f->sql.len > f->head ? ", (" : "(");
	for (i = 0; i < f->layout->n_stream_columns; i++) {
		buf_add_str(&f->sql, i ? ", " : "");
		if (f->look && f->layout->stream_columns[i].from == LAYOUT_FROM_VERSION)
			put_last(f, row, i);
		else
			put_value(&row[i], &f->sql);
	}
	buf_add_str(&f->sql, ")");
	return f->sql.len - f->head > STATEMENT_BYTES ? send(f, err) : 0;
}

int
streams_postgres_flush(struct streams *s, struct pgdb *db, const struct layout *l, bool look,
                       struct err *err)
{
	struct flush f = {.db = db, .layout = l, .look = look};
	int rc;

	put_head(&f);
	rc = streams_flush(s, write_row, &f, err);
	if (rc == 0)
		rc = send(&f, err);
	buf_release(&f.sql);
	return rc;
}
