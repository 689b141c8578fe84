#include <stdlib.h>

#include "common/sqlitedb.h"
#include "common/sqliterow.h"

void
sqliterow_open(struct sqliterow *r, const struct layout *l)
{
	r->layout = l;
	r->values = xcalloc(l->n_columns + 1, sizeof(*r->values));
	r->strict = false;
}

void
sqliterow_look(struct sqliterow *r, sqlite3 *db)
{
	r->strict = sqlitedb_is_strict(db, r->layout->place);
}

void
sqliterow_close(struct sqliterow *r)
{
	free(r->values);
	*r = (struct sqliterow){0};
}

static void
list_columns(const struct layout *l, struct buf *sql)
{
	size_t i;

	for (i = 0; i < l->n_columns; i++) {
		buf_add_str(sql, i ? ", " : "");
		sqlitedb_quote(sql, l->columns[i].name);
	}
}

void
sqliterow_select(const struct layout *l, struct buf *sql)
{
	buf_add_str(sql, "SELECT ");
	list_columns(l, sql);
	buf_add_str(sql, " FROM ");
	sqlitedb_quote(sql, l->place);
}

void
sqliterow_insert(const struct layout *l, bool read_back, struct buf *sql)
{
	size_t i;

	buf_add_str(sql, "INSERT OR ABORT INTO ");
	sqlitedb_quote(sql, l->place);
	buf_add_str(sql, " (");
	list_columns(l, sql);
	buf_add_str(sql, ") VALUES (");
	for (i = 0; i < l->n_columns; i++)
		buf_printf(sql, "%s?%zu", i ? ", " : "", i + 1);
	buf_add_str(sql, ")");
	if (read_back) {
		buf_add_str(sql, " RETURNING ");
		list_columns(l, sql);
	}
}

void
sqliterow_column(const struct layout *l, enum field f, struct buf *sql)
{
	sqlitedb_quote(sql, layout_column_of(l, f)->name);
}

/* Bytes are good until the statement moves on. */
static struct value
value_of(sqlite3_stmt *stmt, int column)
{
	static const uint8_t empty[1];
	struct value v = VALUE_INIT;

	switch (sqlite3_column_type(stmt, column)) {
	case SQLITE_INTEGER:
		v.type = VALUE_INTEGER;
		v.integer = sqlite3_column_int64(stmt, column);
		return v;
	case SQLITE_FLOAT:
		v.type = VALUE_REAL;
		v.real = sqlite3_column_double(stmt, column);
		return v;
	case SQLITE_TEXT:
		v.type = VALUE_TEXT;
		v.bytes.p = sqlite3_column_text(stmt, column);
		break;
	case SQLITE_BLOB:
		v.type = VALUE_BYTES;
		v.bytes.p = sqlite3_column_blob(stmt, column);
		break;
	default:
		return v;
	}
	v.bytes.len = (size_t)sqlite3_column_bytes(stmt, column);
	if (!v.bytes.p) /* an empty BLOB comes as NULL */
		v.bytes.p = empty;
	return v;
}

int
sqliterow_read(struct sqliterow *r, sqlite3_stmt *row, struct batch *into, struct err *err)
{
	size_t i;

	for (i = 0; i < r->layout->n_columns; i++)
		r->values[i] = value_of(row, (int)i);
	return rowmap_read(r->layout, r->values, r->strict ? ROWMAP_STRICT : ROWMAP_FREE, into,
	                   err);
}

int
sqliterow_bind_value(sqlite3_stmt *stmt, int parameter, const struct value *v)
{
	switch (v->type) {
	case VALUE_INTEGER:
	case VALUE_BOOL: /* SQLite has no other */
		return sqlite3_bind_int64(stmt, parameter, v->integer);
	case VALUE_REAL:
		return sqlite3_bind_double(stmt, parameter, v->real);
	case VALUE_TEXT:
		return sqlite3_bind_text64(stmt, parameter, (const char *)v->bytes.p, v->bytes.len,
		                           SQLITE_STATIC, SQLITE_UTF8);
	case VALUE_BYTES:
		return sqlite3_bind_blob64(stmt, parameter, v->bytes.p, v->bytes.len,
		                           SQLITE_STATIC);
	case VALUE_NULL:
		break;
	}
	return sqlite3_bind_null(stmt, parameter);
}

int
sqliterow_bind(struct sqliterow *r, sqlite3_stmt *insert, const struct event *e, bool strict,
               struct arena *scratch, struct err *err)
{
	size_t i;

	if (rowmap_write(r->layout, e, strict ? ROWMAP_STRICT : ROWMAP_FREE, scratch, r->values,
	                 err) < 0)
		return -1;
	for (i = 0; i < r->layout->n_columns; i++)
		if (sqliterow_bind_value(insert, (int)i + 1, &r->values[i]) != SQLITE_OK)
			return rowmap_refuse(e, &r->layout->columns[i],
			                     "is larger than SQLite takes", err);
	return 0;
}

void
sqliterow_bind_field(const struct layout *l, enum field f, sqlite3_stmt *stmt, int parameter,
                     const struct event *e, struct arena *scratch)
{
	struct value v;

	rowmap_write_field(layout_column_of(l, f), e, scratch, &v);
	sqliterow_bind_value(stmt, parameter, &v);
}
