#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/jscan.h"
#include "common/layoutfit.h"
#include "common/pgtable.h"

#define ROW_ARENA_BYTES ((size_t)16 << 10)

#define BIT(type) (1U << (type))
#define WHOLE_NUMBERS (BIT(PGTYPE_INT2) | BIT(PGTYPE_INT4) | BIT(PGTYPE_INT8))
#define JSONS (BIT(PGTYPE_JSON) | BIT(PGTYPE_JSONB) | BIT(PGTYPE_TEXT))

/* What each conversion reads from. */
static const struct {
	unsigned types;
	const char *wanted;
} takes[LAYOUT_CONVS] = {
    [LAYOUT_TEXT] = {BIT(PGTYPE_TEXT) | BIT(PGTYPE_BPCHAR) | BIT(PGTYPE_UUID) | BIT(PGTYPE_OTHER) |
                         WHOLE_NUMBERS,
                     "text, uuid or a number"},
    [LAYOUT_INT] = {WHOLE_NUMBERS, "bigint, integer or smallint"},
    [LAYOUT_UUID_HEX] = {BIT(PGTYPE_TEXT) | BIT(PGTYPE_BPCHAR), "text"},
    [LAYOUT_UUID_BLOB] = {BIT(PGTYPE_BYTEA), "bytea"},
    [LAYOUT_JSON] = {JSONS, "json, jsonb or text"},
    [LAYOUT_JSON_BLOB] = {BIT(PGTYPE_BYTEA), "bytea"},
    [LAYOUT_BYTES] = {BIT(PGTYPE_BYTEA), "bytea"},
    [LAYOUT_PAYLOAD] = {JSONS | BIT(PGTYPE_BYTEA), "json, jsonb, text or bytea"},
    [LAYOUT_UNIX_S] = {WHOLE_NUMBERS, "bigint or integer"},
    [LAYOUT_UNIX_MS] = {WHOLE_NUMBERS, "bigint"},
    [LAYOUT_UNIX_US] = {WHOLE_NUMBERS, "bigint"},
    [LAYOUT_UNIX_NS] = {WHOLE_NUMBERS, "bigint"},
    [LAYOUT_RFC3339] = {BIT(PGTYPE_TEXT), "text"},
    [LAYOUT_DATETIME] = {BIT(PGTYPE_TEXT), "text"},
    [LAYOUT_TIMESTAMP] = {BIT(PGTYPE_TIMESTAMP), "timestamp with or without time zone"},
    [LAYOUT_NANOSECONDS] = {WHOLE_NUMBERS, "smallint or integer"},
    [LAYOUT_JSON_ARRAY] = {JSONS | BIT(PGTYPE_TEXT_ARRAY), "json, jsonb, text or text[]"},
    [LAYOUT_JSON_OBJECT] = {JSONS, "json, jsonb or text"},
    [LAYOUT_VALUE] = {~0U, "any type"},
};

static int
list_columns(void *ctx, const char *table, bool *there, struct buf *names, struct err *err)
{
	struct buf name = BUF_INIT;
	const char *parameter;
	PGresult *r;
	int rc, i;

	pgquote_table(&name, table);
	parameter = buf_cstr(&name);
	rc = pgdb_query(ctx,
	                "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass($1::text) "
	                "AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
	                1, &parameter, &r, err);
	buf_release(&name);
	if (rc < 0)
		return -1;
	*there = PQntuples(r) > 0;
	for (i = 0; i < PQntuples(r); i++)
		buf_add(names, PQgetvalue(r, i, 0), (size_t)PQgetlength(r, i, 0) + 1);
	PQclear(r);
	return 0;
}

int
pgtable_exists(struct pgdb *db, const char *table, bool *out, struct err *err)
{
	struct buf names = BUF_INIT;
	int rc = list_columns(db, table, out, &names, err);

	buf_release(&names);
	return rc;
}

int
pgtable_choose(struct layout **out, struct pgdb *db, const char *asked, const char *shown,
               struct err *err)
{
	const struct layoutfit_store store = {
	    .name = "postgresql",
	    .ctx = db,
	    .columns = list_columns,
	    .compare = strcmp,
	};

	*out = NULL;
	if (pgdb_exec(db, "RESET search_path", err) < 0)
		return -1;
	return layoutfit_choose(out, &store, asked, shown, err);
}

static int
settle_one(struct pgdb *db, struct layout *l, const char *table, const char **place,
           struct err *err)
{
	struct buf name = BUF_INIT;
	const char *parameter, *dot = strchr(table, '.');
	struct slice full;
	PGresult *r = NULL;
	int rc;

	pgquote_table(&name, table);
	parameter = buf_cstr(&name);
	rc = pgdb_query(db,
	                "SELECT coalesce((SELECT n.nspname FROM pg_catalog.pg_class c "
	                "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
	                "WHERE c.oid = pg_catalog.to_regclass($1::text)::oid), "
	                "pg_catalog.current_schema())::text",
	                1, &parameter, &r, err);
	if (rc == 0 && !dot && PQgetisnull(r, 0, 0))
		rc = err_set(err, ERR_LAYOUT, "table %s: no schema of the search_path is there",
		             table);
	else if (rc == 0 && !dot && strchr(PQgetvalue(r, 0, 0), '.'))
		rc = err_set(err, ERR_LAYOUT, "table %s: the name of its schema has a dot", table);
	if (rc == 0) {
		name.len = 0;
		if (!dot)
			buf_printf(&name, "%s.", PQgetvalue(r, 0, 0));
		buf_add_str(&name, table);
		full = (struct slice){(uint8_t *)buf_cstr(&name), name.len + 1};
		*place = (const char *)arena_dup(l->mem, full).p;
	}
	PQclear(r);
	buf_release(&name);
	return rc;
}

int
pgtable_settle(struct pgdb *db, struct layout *l, struct err *err)
{
	if (settle_one(db, l, l->table, &l->place, err) < 0)
		return -1;
	if (l->streams_table && settle_one(db, l, l->streams_table, &l->streams_place, err) < 0)
		return -1;
	return pgdb_exec(db, PGTABLE_SETTLED, err);
}

/* Domains stand for the type below them; labels of enumerations are text on the wire. */
static const char columns_query[] =
    "SELECT attname::text, attnotnull AS needed, atttypid AS type, atttypmod AS modifier "
    "FROM pg_attribute WHERE attrelid = to_regclass(%s::text) AND attnum > 0 AND NOT attisdropped";
static const char types_query[] =
    "WITH RECURSIVE c(attname, needed, type, modifier) AS (%s "
    "UNION ALL SELECT c.attname, c.needed OR t.typnotnull, t.typbasetype, "
    "CASE WHEN t.typtypmod >= 0 THEN t.typtypmod ELSE c.modifier END "
    "FROM c JOIN pg_type t ON t.oid = c.type WHERE t.typtype = 'd') "
    "SELECT attname, needed, CASE t.typtype WHEN 'e' THEN 'text'::regtype::oid ELSE t.oid END, "
    "modifier, format_type(t.oid, modifier) "
    "FROM c JOIN pg_type t ON t.oid = c.type WHERE t.typtype <> 'd'";

static int
check_type(const struct layout *l, size_t i, const struct pgcolumn *c, struct err *err)
{
	const struct layout_column *column = &l->columns[i];

	if (takes[column->conv].types & BIT(c->type))
		return 0;
	return err_set(err, ERR_LAYOUT, "table %s: column %s is of type %s, and layout %s needs %s",
	               l->table, column->name, c->shown, l->name, takes[column->conv].wanted);
}

static int
take_types(struct pgtable *t, struct layout *l, PGresult *r, struct err *err)
{
	struct pgcolumn *c;
	size_t i;
	int row;

	for (i = 0; i < l->n_columns; i++) {
		for (row = 0; row < PQntuples(r); row++)
			if (strcmp(PQgetvalue(r, row, 0), l->columns[i].name) == 0)
				break;
		if (row == PQntuples(r))
			return err_set(err, ERR_LAYOUT, "table %s: lacks the column %s", l->table,
			               l->columns[i].name);
		c = &t->columns[i];
		pgvalue_type((uint32_t)strtoul(PQgetvalue(r, row, 2), NULL, 10),
		             (int32_t)strtol(PQgetvalue(r, row, 3), NULL, 10), c);
		c->needed = *PQgetvalue(r, row, 1) == 't';
		snprintf(c->shown, sizeof(c->shown), "%s", PQgetvalue(r, row, 4));
		if (check_type(l, i, c, err) < 0)
			return -1;
		if (l->columns[i].conv == LAYOUT_PAYLOAD)
			l->columns[i].conv =
			    c->type == PGTYPE_BYTEA ? LAYOUT_JSON_BLOB : LAYOUT_JSON;
	}
	return 0;
}

/* Whether the server refused what a statement says, and not what came of it: syntax, names, types.
 */
static bool
is_wrong(const struct pgdb *db)
{
	static const char no_privilege[] = "42501";

	return strncmp(db->sqlstate, "42", 2) == 0 && strcmp(db->sqlstate, no_privilege) != 0;
}

int
pgtable_run(struct pgdb *db, const struct layout *l, const char *key, const char *const *statements,
            size_t n, struct err *err)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (pgdb_exec(db, statements[i], err) == 0)
			continue;
		if (is_wrong(db))
			err->kind = ERR_LAYOUT;
		return err_wrap(err, "layout %s: %s, statement %zu", l->name, key, i + 1);
	}
	return 0;
}

/* A query for the columns of the table. */
static void
put_table_columns(const struct layout *l, struct buf *sql)
{
	struct buf name = BUF_INIT, literal = BUF_INIT;

	pgquote_table(&name, l->place);
	pgquote_text(&literal, buf_cstr(&name));
	buf_printf(sql, columns_query, buf_cstr(&literal));
	buf_release(&name);
	buf_release(&literal);
}

static bool
has_column(const struct layout *l, const char *name)
{
	size_t i;

	for (i = 0; i < l->n_columns; i++)
		if (strcmp(l->columns[i].name, name) == 0)
			return true;
	return false;
}

/* The same for those of the layout's query, as the server describes them. */
static int
put_query_columns(const struct layout *l, struct pgdb *db, struct buf *sql, struct err *err)
{
	struct buf query = BUF_INIT;
	PGresult *r;
	int rc, i;

	buf_add_str(&query, "SELECT * FROM ");
	pgtable_put_rows(l, NULL, &query);
	buf_add_str(&query, " LIMIT 0");
	rc = pgdb_query(db, buf_cstr(&query), 0, NULL, &r, err);
	buf_release(&query);
	if (rc < 0) {
		if (db->trouble == PGDB_FATAL && err->kind == ERR_STORE)
			err->kind = ERR_LAYOUT;
		return err_wrap(err, "layout %s: events.query", l->name);
	}
	for (i = 0; rc == 0 && i < PQnfields(r); i++) {
		if (!has_column(l, PQfname(r, i)))
			rc = layout_wrong_query(l, PQfname(r, i), err);
		buf_add_str(sql, i ? ", (" : "VALUES (");
		pgquote_text(sql, PQfname(r, i));
		buf_printf(sql, "::text, false, %" PRIu32 "::oid, %d)", PQftype(r, i),
		           PQfmod(r, i));
	}
	PQclear(r);
	return rc;
}

int
pgtable_open(struct pgtable *t, struct pgdb *db, struct layout *l, struct err *err)
{
	const char *encoding = PQparameterStatus(db->conn, "server_encoding");
	struct buf columns = BUF_INIT, sql = BUF_INIT;
	PGresult *r;
	int rc = 0;

	pgtable_close(t);
	t->layout = l;
	t->columns = xcalloc(l->n_columns + 1, sizeof(*t->columns));
	t->values = xcalloc(l->n_columns + 1, sizeof(*t->values));
	t->mem = arena_new(ROW_ARENA_BYTES);
	if (pgcharset_open(&t->charset, encoding ? encoding : "", err) < 0)
		return -1;
	if (l->query)
		rc = put_query_columns(l, db, &columns, err);
	else
		put_table_columns(l, &columns);
	buf_printf(&sql, types_query, buf_cstr(&columns));
	if (rc == 0)
		rc = pgdb_query(db, buf_cstr(&sql), 0, NULL, &r, err);
	buf_release(&columns);
	buf_release(&sql);
	if (rc != 0)
		return -1;
	rc = take_types(t, l, r, err);
	PQclear(r);
	return rc;
}

void
pgtable_close(struct pgtable *t)
{
	free(t->columns);
	free(t->values);
	arena_free(t->mem);
	pgcharset_close(t->charset);
	*t = (struct pgtable){0};
}

void
pgtable_exactness(const struct pgtable *t, int64_t *time_step_ns, unsigned *by_value)
{
	const struct layout *l = t->layout;
	int32_t digits;
	size_t i;

	*time_step_ns = layout_time_step_ns(l);
	*by_value = 0;
	for (i = 0; i < l->n_columns; i++) {
		if (t->columns[i].type == PGTYPE_JSONB)
			*by_value |= 1U << l->columns[i].field;
		digits = t->columns[i].limit;
		if (&l->columns[i] == layout_column_of(l, FIELD_TIME) && !l->columns[i].split &&
		    t->columns[i].type == PGTYPE_TIMESTAMP && digits >= 0)
			for (; digits < 6; digits++)
				*time_step_ns *= 10;
	}
}

void
pgtable_put_rows(const struct layout *l, const char *alias, struct buf *sql)
{
	if (l->query)
		buf_printf(sql, "(%s) AS %s", l->query, alias ? alias : "esevents");
	else
		pgquote_table(sql, l->place);
	if (!l->query && alias)
		buf_printf(sql, " AS %s", alias);
}

void
pgtable_put_columns(const struct pgtable *t, const char *alias, struct buf *sql)
{
	size_t i;

	for (i = 0; i < t->layout->n_columns; i++) {
		buf_printf(sql, "%s%s%s", i ? ", " : "", alias ? alias : "", alias ? "." : "");
		pgquote_name(sql, t->layout->columns[i].name);
		if (t->columns[i].type == PGTYPE_OTHER)
			buf_add_str(sql, "::text");
	}
}

void
pgtable_put_names(const struct layout *l, struct buf *sql)
{
	size_t i;

	for (i = 0; i < l->n_columns; i++) {
		buf_add_str(sql, i ? ", " : "");
		pgquote_name(sql, l->columns[i].name);
	}
}

void
pgtable_put_field(const struct layout *l, enum field f, struct buf *sql)
{
	pgquote_name(sql, layout_column_of(l, f)->name);
}

/* Take `n` bytes as a big-endian number off the front. */
static bool
take_number(struct slice *from, size_t n, uint32_t *out)
{
	size_t i;

	if (from->len < n)
		return false;
	*out = 0;
	for (i = 0; i < n; i++)
		*out = *out << 8 | from->p[i];
	from->p += n;
	from->len -= n;
	return true;
}

/* The bytes of the next field; absent where it is NULL. */
static bool
take_field(struct slice *row, struct slice *out)
{
	uint32_t len;

	*out = SLICE_ABSENT;
	if (!take_number(row, sizeof(len), &len))
		return false;
	if (len == UINT32_MAX) /* -1 */
		return true;
	if (len > row->len)
		return false;
	*out = (struct slice){row->p, len};
	row->p += len;
	row->len -= len;
	return true;
}

/* The server's own white space in jsonb tells nothing: it puts it there again. */
static void
compact(struct pgtable *t, size_t i)
{
	enum layout_conv conv = t->layout->columns[i].conv;
	struct value *v = &t->values[i];
	struct buf text = BUF_INIT;

	if (t->columns[i].type != PGTYPE_JSONB || v->type != VALUE_TEXT ||
	    (conv != LAYOUT_JSON_ARRAY && conv != LAYOUT_JSON_OBJECT) ||
	    !jscan_valid(v->bytes, NULL, NULL))
		return;
	jscan_compact(v->bytes, &text);
	v->bytes = arena_dup(t->mem, buf_slice(&text));
	buf_release(&text);
}

/* The events of a row that has all columns `times` times. */
static int
read_row(struct pgtable *t, struct slice row, unsigned times, struct batch *into, struct err *err)
{
	const struct layout *l = t->layout;
	struct slice field;
	uint32_t n = 0;
	size_t i;

	if (!take_number(&row, 2, &n) || n != l->n_columns * times)
		return err_set(err, ERR_STORE,
		               "table %s: a row came with another number of columns", l->table);
	for (; times; times--) {
		arena_reset(t->mem);
		for (i = 0; i < l->n_columns; i++) {
			if (!take_field(&row, &field) ||
			    !pgvalue_read(&t->columns[i], field, t->mem, &t->values[i]))
				return err_set(
				    err, ERR_STORE,
				    "table %s: column %s came in a form that is not known here",
				    l->table, l->columns[i].name);
			compact(t, i);
		}
		if (rowmap_read(l, t->values, ROWMAP_TYPED, into, err) < 0)
			return -1;
	}
	if (row.len)
		return err_set(err, ERR_STORE, "table %s: a row came with bytes behind it",
		               l->table);
	return 0;
}

int
pgtable_read(struct pgtable *t, struct slice row, struct batch *into, struct err *err)
{
	return read_row(t, row, 1, into, err);
}

int
pgtable_read_two(struct pgtable *t, struct slice row, struct batch *into, struct err *err)
{
	return read_row(t, row, 2, into, err);
}

int
pgtable_write(struct pgtable *t, const struct event *e, struct arena *scratch, struct buf *out,
              struct err *err)
{
	const struct layout *l = t->layout;
	const char *why;
	size_t i;

	if (rowmap_write(l, e, ROWMAP_TYPED, scratch, t->values, err) < 0)
		return -1;
	buf_add_byte(out, (uint8_t)(l->n_columns >> 8));
	buf_add_byte(out, (uint8_t)l->n_columns);
	for (i = 0; i < l->n_columns; i++) {
		why = pgvalue_write(&t->columns[i], t->charset, &t->values[i], out);
		if (why)
			return rowmap_refuse(e, &l->columns[i], why, err);
	}
	return 0;
}
