#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/sqliteattrs.h"
#include "common/sqliteconv.h"
#include "common/sqlitedb.h"
#include "common/sqlitemap.h"

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
sqlitemap_select(const struct layout *l, struct buf *sql)
{
	buf_add_str(sql, "SELECT ");
	list_columns(l, sql);
	buf_add_str(sql, " FROM ");
	sqlitedb_quote(sql, l->table);
}

void
sqlitemap_insert(const struct layout *l, bool read_back, struct buf *sql)
{
	size_t i;

	buf_add_str(sql, "INSERT OR ABORT INTO ");
	sqlitedb_quote(sql, l->table);
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
sqlitemap_column(const struct layout *l, enum field f, struct buf *sql)
{
	sqlitedb_quote(sql, layout_column_of(l, f)->name);
}

/*
 * Payloads: which of SQLite's kinds of value it was matters, for a column may
 * hold any.  The kind that a payload has anyway needs no hint.
 */
static void
read_payload(const struct layout_column *c, const struct sqlitevalue *v, struct event *e,
             struct arena *mem)
{
	struct payload *p = event_payload(e, c->field);
	bool blob = v->type == SQLITE_BLOB, text = v->type == SQLITE_TEXT;
	const char *hint = NULL;
	char name[SQLITEATTRS_HINT_BYTES];
	struct buf number = BUF_INIT;

	if (text || blob) {
		p->bytes = arena_dup(mem, v->bytes);
		p->kind = c->conv == LAYOUT_BYTES || (blob && c->conv != LAYOUT_JSON_BLOB)
		              ? PAYLOAD_BYTES
		              : PAYLOAD_JSON;
		p->was_text = text;
		if (text && (c->conv == LAYOUT_BYTES || c->conv == LAYOUT_JSON_BLOB))
			hint = "\"text\"";
		if (blob && c->conv == LAYOUT_JSON)
			hint = "\"blob\"";
	} else {
		if (v->type == SQLITE_INTEGER)
			buf_printf(&number, "%" PRId64, v->integer);
		else
			sqlitevalue_print_real(v->real, &number);
		p->kind = PAYLOAD_JSON;
		p->bytes = arena_dup(mem, buf_slice(&number));
		hint = v->type == SQLITE_INTEGER ? "\"integer\"" : "\"real\"";
		buf_release(&number);
	}
	if (hint) {
		p->was_text = false;
		sqliteattrs_hint_name(c->field, name);
		event_add_attr(e, mem, arena_dup(mem, slice_str(name)), slice_str(hint));
	}
}

/* A payload that the source held as a number, back into one. */
static bool
write_number(const struct payload *p, struct slice hint, struct arena *mem, struct sqlitevalue *v)
{
	int wanted = slice_is(hint, "\"integer\"") ? SQLITE_INTEGER : SQLITE_FLOAT;

	if (p->kind != PAYLOAD_JSON || (wanted == SQLITE_FLOAT && !slice_is(hint, "\"real\"")))
		return false;
	*v = sqlitevalue_of_json(p->bytes, mem);
	if (wanted == SQLITE_FLOAT && v->type == SQLITE_INTEGER)
		*v = (struct sqlitevalue){.type = SQLITE_FLOAT, .real = (double)v->integer};
	return v->type == wanted;
}

static const char *
write_payload(const struct layout_column *c, const struct payload *p, struct slice hint,
              struct arena *mem, struct sqlitevalue *v, bool *hint_used)
{
	bool json = p->kind == PAYLOAD_JSON, text = slice_is(hint, "\"text\"");

	*hint_used = true;
	if (write_number(p, hint, mem, v))
		return NULL;
	*v = (struct sqlitevalue){.type = text ? SQLITE_TEXT : SQLITE_BLOB, .bytes = p->bytes};
	/* Where the value will not tell again what the hint says, the hint stays. */
	*hint_used = sqliteconv_tells(c, v->type, p->bytes);
	if (text || slice_is(hint, "\"blob\""))
		return NULL;
	*hint_used = false;
	if (json && (c->conv == LAYOUT_JSON || c->conv == LAYOUT_PAYLOAD))
		v->type = SQLITE_TEXT;
	return !json && c->conv == LAYOUT_JSON ? "is not JSON, which the column needs" : NULL;
}

static void
read_attribute(const struct layout_column *c, const struct sqlitevalue *v, struct event *e,
               struct arena *mem)
{
	struct buf json = BUF_INIT;

	sqlitevalue_to_json(v, &json);
	if (!slice_eq(buf_slice(&json), c->default_value))
		event_add_attr(e, mem, slice_str(c->attr), arena_dup(mem, buf_slice(&json)));
	buf_release(&json);
}

static int
read_field(const struct layout *l, const struct layout_column *c, const struct sqlitevalue *v,
           struct event *e, struct arena *mem, struct err *err)
{
	struct sqlitevalue back = SQLITEVALUE_NULL;

	if (sqliteconv_read(c, v, e, mem)) {
		if (!sqliteconv_lossy(c, v))
			return 0;
		if (sqliteconv_write(c, e, mem, &back) == NULL && sqlitevalue_eq(&back, v))
			return 0;
	} else if (c->field == FIELD_POSITION || c->field == FIELD_VERSION) {
		return err_set(err, ERR_DATA,
		               "table %s, near position %" PRIu64
		               ": column %s holds no number of an event",
		               l->table, e->position, c->name);
	}
	sqliteattrs_add_hint(e, mem, c->field, v);
	return 0;
}

int
sqlitemap_read(const struct layout *l, sqlite3_stmt *row, struct batch *into, struct err *err)
{
	struct event *e = batch_add(into);
	const struct layout_column *c;
	struct sqlitevalue v, rest = SQLITEVALUE_NULL;
	size_t i;

	for (i = 0; i < l->n_columns; i++) {
		c = &l->columns[i];
		v = sqlitevalue_column(row, (int)i);
		if (c->attr) {
			read_attribute(c, &v, e, into->mem);
			continue;
		}
		if (v.type == SQLITE_NULL && c->field != FIELD_POSITION &&
		    c->field != FIELD_VERSION)
			continue;
		if (event_payload(e, c->field))
			read_payload(c, &v, e, into->mem);
		else if (c->field == FIELD_ATTRIBUTES)
			rest = v; /* its names must not be taken for those of the others */
		else if (read_field(l, c, &v, e, into->mem, err) < 0)
			return -1;
	}
	if (rest.type != SQLITE_NULL)
		sqliteattrs_read(l, &rest,
		                 rest.type == SQLITE_TEXT &&
		                     memchr(rest.bytes.p, '$', rest.bytes.len) &&
		                     sqlitedb_is_strict(sqlite3_db_handle(row), l->table),
		                 e, into->mem);
	return 0;
}

/* One event on its way into a row. */
struct binder {
	const struct layout *l;
	sqlite3_stmt *insert;
	const struct event *e;
	struct arena *mem;
	bool typed; /* columns take nothing but values of their own type */
	bool *used; /* the attributes that a column or a conversion took */
	struct err *err;
};

static int
refuse(struct binder *b, const char *what, struct slice name, const char *why)
{
	char which[256];

	event_describe(b->e, which, sizeof(which));
	return err_set(b->err, ERR_DATA, "%s: %s %.*s: %s", which, what,
	               name.len < 100 ? (int)name.len : 100, (const char *)name.p, why);
}

/* Find an attribute that nobody took yet. */
static struct slice
peek_attr(struct binder *b, const char *name, uint32_t *at)
{
	for (*at = 0; *at < b->e->n_attrs; ++*at)
		if (!b->used[*at] && slice_is(b->e->attrs[*at].name, name))
			return b->e->attrs[*at].value;
	return SLICE_ABSENT;
}

static const char *
value_of_field(struct binder *b, const struct layout_column *c, struct sqlitevalue *v)
{
	struct event *any =
	    (struct event *)(uintptr_t)b->e; /* event_payload() only finds the place */
	const struct payload *p = event_payload(any, c->field);
	char name[SQLITEATTRS_HINT_BYTES];
	struct slice hint = SLICE_ABSENT;
	const char *why;
	uint32_t at;
	bool applied;

	*v = SQLITEVALUE_NULL;
	if (b->e->n_attrs) { /* printing a name for each field would show */
		sqliteattrs_hint_name(c->field, name);
		hint = peek_attr(b, name, &at);
	}
	if (p) {
		if (p->kind == PAYLOAD_NONE)
			return NULL;
		why = write_payload(c, p, hint, b->mem, v, &applied);
		if (hint.p && applied)
			b->used[at] = true;
		return why;
	}
	if (hint.p) {
		*v = sqlitevalue_of_json(hint, b->mem);
		if (sqliteconv_holds(c, v, b->typed, b->e, b->mem)) {
			b->used[at] = true;
			return NULL;
		}
		*v = SQLITEVALUE_NULL;
	}
	return sqliteconv_absent(c, b->e) ? NULL : sqliteconv_write(c, b->e, b->mem, v);
}

static void
value_of_attribute(struct binder *b, const struct layout_column *c, struct sqlitevalue *v)
{
	struct slice json;
	uint32_t at;

	json = peek_attr(b, c->attr, &at);
	if (json.p)
		b->used[at] = true;
	*v = sqlitevalue_of_json(json.p ? json : c->default_value, b->mem);
}

static bool
is_absent(struct event *e, enum field f)
{
	const struct slice *text = event_text(e, f);
	const struct payload *p = event_payload(e, f);

	if (text)
		return !text->p;
	if (p)
		return p->kind == PAYLOAD_NONE;
	return f == FIELD_TIME ? e->time_ns == EVENT_NO_TIME : f == FIELD_TAGS ? !e->tags : true;
}

static int
check_fields(struct binder *b)
{
	struct event *any = (struct event *)(uintptr_t)b->e; /* only looked at */
	int f;

	for (f = 0; f < FIELDS; f++)
		if (!layout_column_of(b->l, (enum field)f) && !is_absent(any, (enum field)f))
			return refuse(b, "field", slice_str(event_field_name((enum field)f)),
			              "the table has no column for it");
	return 0;
}

/* What no column takes must not vanish; a hint may, unless the field that it is for is absent. */
static int
check_attributes(struct binder *b)
{
	const struct attr *a;
	uint32_t i;

	for (i = 0; i < b->e->n_attrs; i++) {
		a = &b->e->attrs[i];
		if (b->used[i])
			continue;
		if (!attr_is_hint(a))
			return refuse(b, "attribute", a->name, "the table has no column for it");
		if (slice_is(a->name, "$time") && b->e->time_ns == EVENT_NO_TIME)
			return refuse(b, "field", SLICE_LIT("time"),
			              "the column cannot hold what the source had");
	}
	return 0;
}

static int
bind_all(struct binder *b)
{
	const struct layout_column *c, *rest = NULL;
	struct sqlitevalue v;
	const char *why;
	size_t i, rest_at = 0;

	for (i = 0; i < b->l->n_columns; i++) {
		c = &b->l->columns[i];
		why = NULL;
		if (c->field == FIELD_ATTRIBUTES && !c->attr) {
			rest = c; /* what is left shows when all others have taken theirs */
			rest_at = i;
			continue;
		}
		if (c->attr)
			value_of_attribute(b, c, &v);
		else
			why = value_of_field(b, c, &v);
		if (why)
			return refuse(b, "field", slice_str(event_field_name(c->field)), why);
		if (sqlitevalue_bind(b->insert, (int)i + 1, &v) != SQLITE_OK)
			return refuse(b, "column", slice_str(c->name),
			              "is larger than SQLite takes");
	}
	if (rest) {
		sqliteattrs_write(b->e, b->used, b->l, b->mem, &v);
		if (sqlitevalue_bind(b->insert, (int)rest_at + 1, &v) != SQLITE_OK)
			return refuse(b, "column", slice_str(rest->name),
			              "is larger than SQLite takes");
	}
	return check_fields(b) < 0 ? -1 : check_attributes(b);
}

int
sqlitemap_bind(const struct layout *l, sqlite3_stmt *insert, const struct event *e, bool typed,
               struct arena *scratch, struct err *err)
{
	struct binder b =
	    {.l = l, .insert = insert, .e = e, .mem = scratch, .typed = typed, .err = err};

	b.used = arena_alloc(scratch, e->n_attrs + 1);
	memset(b.used, 0, e->n_attrs + 1);
	return bind_all(&b);
}

void
sqlitemap_bind_field(const struct layout *l, enum field f, sqlite3_stmt *stmt, int parameter,
                     const struct event *e, struct arena *scratch)
{
	const struct layout_column *c = layout_column_of(l, f);
	struct sqlitevalue v = SQLITEVALUE_NULL;

	/* A value that the column cannot hold is in no row: NULL finds none, either. */
	if (sqliteconv_absent(c, e) || sqliteconv_write(c, e, scratch, &v))
		v = SQLITEVALUE_NULL;
	sqlitevalue_bind(stmt, parameter, &v);
}
