#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/convert.h"
#include "common/jscan.h"
#include "common/rowattrs.h"
#include "common/rowmap.h"

/*
 * Payloads: which kind of value it was matters, for a column of SQLite may
 * hold any.  The kind that a payload has anyway needs no hint.
 */
static void
read_payload(const struct layout_column *c, const struct value *v, struct event *e,
             struct arena *mem)
{
	struct payload *p = event_payload(e, c->field);
	bool blob = v->type == VALUE_BYTES, text = v->type == VALUE_TEXT;
	const char *hint = NULL;
	char name[ROWATTRS_HINT_BYTES];
	struct buf number;

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
		number = arena_take_buf(mem);
		if (v->type == VALUE_INTEGER)
			buf_printf(&number, "%" PRId64, v->integer);
		else
			value_print_real(v->real, &number);
		p->kind = PAYLOAD_JSON;
		p->bytes = arena_dup(mem, buf_slice(&number));
		hint = v->type == VALUE_INTEGER ? "\"integer\"" : "\"real\"";
		arena_give_buf(mem, &number);
	}
	if (hint) {
		p->was_text = false;
		rowattrs_hint_name(c->field, name);
		event_add_attr(e, mem, arena_dup(mem, slice_str(name)), slice_str(hint));
	}
}

/* A payload that the source held as a number, back into one. */
static bool
write_number(const struct payload *p, struct slice hint, struct arena *mem, struct value *v)
{
	enum value_type wanted = slice_is(hint, "\"integer\"") ? VALUE_INTEGER : VALUE_REAL;

	if (p->kind != PAYLOAD_JSON || (wanted == VALUE_REAL && !slice_is(hint, "\"real\"")))
		return false;
	*v = value_of_json(p->bytes, mem);
	if (wanted == VALUE_REAL && v->type == VALUE_INTEGER)
		*v = (struct value){.type = VALUE_REAL, .real = (double)v->integer};
	return v->type == wanted;
}

/* The value of a payload in a column that may hold any, where the hint says which it was. */
static bool
apply_hint(const struct layout_column *c, const struct payload *p, struct slice hint,
           struct arena *mem, struct value *v, bool *used)
{
	*used = true;
	if (write_number(p, hint, mem, v))
		return true;
	if (!slice_is(hint, "\"text\"") && !slice_is(hint, "\"blob\""))
		return false;
	v->type = slice_is(hint, "\"text\"") ? VALUE_TEXT : VALUE_BYTES;
	v->bytes = p->bytes;
	/* Where the value will not tell again what the hint says, the hint stays. */
	*used = convert_tells(c, v->type == VALUE_TEXT, p->bytes);
	return true;
}

static const char *
write_payload(const struct layout_column *c, const struct payload *p, struct slice hint,
              enum rowmap_typing typing, struct arena *mem, struct value *v, bool *hint_used)
{
	bool json = p->kind == PAYLOAD_JSON;

	if (typing == ROWMAP_TYPED && !convert_keeps_hint(c, hint))
		hint = SLICE_ABSENT;
	if (apply_hint(c, p, hint, mem, v, hint_used))
		return NULL;
	*hint_used = false;
	*v = (struct value){.type = VALUE_BYTES, .bytes = p->bytes, .is_json = json};
	if (c->conv == LAYOUT_JSON || (json && c->conv == LAYOUT_PAYLOAD))
		v->type = VALUE_TEXT;
	return !json && c->conv == LAYOUT_JSON ? "is not JSON, which the column needs" : NULL;
}

static void
read_attribute(const struct layout_column *c, const struct value *v, struct event *e,
               struct arena *mem)
{
	struct buf json = arena_take_buf(mem);

	value_to_json(v, &json);
	if (!slice_eq(buf_slice(&json), c->default_value))
		event_add_attr(e, mem, slice_str(c->attr), arena_dup(mem, buf_slice(&json)));
	arena_give_buf(mem, &json);
}

/* Read a value; whether it takes a hint to give it back. */
static bool
needs_hint(const struct layout_column *c, const struct value *v, struct event *e, struct arena *mem)
{
	struct value back = VALUE_INIT;

	if (!convert_read(c, v, e, mem))
		return true;
	return convert_lossy(c, v) &&
	       !(convert_write(c, e, mem, &back) == NULL && value_eq(&back, v));
}

/* Of a message the caller knows which it is. */
static int
refuse_row(const struct layout *l, const struct event *e, const struct layout_column *c,
           const char *why, struct err *err)
{
	if (l->messages)
		return err_set(err, ERR_DATA, "header %s %s", c->name, why);
	return err_set(err, ERR_DATA, "table %s, near position %" PRIu64 ": column %s %s", l->table,
	               e->position, c->name, why);
}

static int
read_field(const struct layout *l, const struct layout_column *c, const struct value *v,
           struct event *e, struct arena *mem, struct err *err)
{
	if (!needs_hint(c, v, e, mem))
		return 0;
	if (c->field == FIELD_POSITION || c->field == FIELD_VERSION)
		return refuse_row(l, e, c, "holds no number of an event", err);
	rowattrs_add_hint(e, mem, c->field, v);
	return 0;
}

/* The two columns of a time: microseconds, and the nanoseconds that they have no room for. */
struct split_time {
	const struct layout_column *column;
	const struct value *us, *ns;
};

static bool
join_time(const struct split_time *t, int64_t *out)
{
	int64_t us = t->us->integer, ns = t->ns->integer;

	if (us < 0 && ns > 0) { /* the least time would not be reached from below */
		us++;
		ns -= 1000;
	}
	return !__builtin_mul_overflow(us, 1000, &us) && !__builtin_add_overflow(us, ns, out) &&
	       *out != EVENT_NO_TIME;
}

static int
read_split_time(const struct layout *l, const struct split_time *t, struct event *e,
                struct arena *mem, struct err *err)
{
	if (t->ns->type == VALUE_NULL || (t->ns->type == VALUE_INTEGER && t->ns->integer == 0))
		return t->us->type == VALUE_NULL ? 0 : read_field(l, t->column, t->us, e, mem, err);
	if (t->us->type == VALUE_INTEGER && t->ns->type == VALUE_INTEGER && t->ns->integer >= 0 &&
	    t->ns->integer < 1000 && join_time(t, &e->time_ns))
		return 0;
	return err_set(err, ERR_DATA,
	               "table %s, position %" PRIu64
	               ": its nanoseconds (0 to 999) do not go with its time in column %s",
	               l->table, e->position, t->column->name);
}

/* Of two columns for one payload one has a value. */
static int
check_once(const struct layout *l, const struct layout_column *c, struct event *e, struct err *err)
{
	if (event_payload(e, c->field)->kind == PAYLOAD_NONE)
		return 0;
	return refuse_row(l, e, c, "is a second place for what another one holds", err);
}

static int
read_column(const struct layout *l, const struct layout_column *c, const struct value *v,
            struct event *e, struct arena *mem, struct err *err)
{
	if (v->type == VALUE_NULL && c->field != FIELD_POSITION && c->field != FIELD_VERSION)
		return 0;
	if (!event_payload(e, c->field))
		return read_field(l, c, v, e, mem, err);
	if (check_once(l, c, e, err) < 0)
		return -1;
	read_payload(c, v, e, mem);
	return 0;
}

int
rowmap_read(const struct layout *l, const struct value *row, enum rowmap_typing typing,
            struct batch *into, struct err *err)
{
	struct event *e = batch_add(into);
	struct split_time time = {0};
	const struct layout_column *c;
	const struct value *rest = NULL;
	size_t i;

	for (i = 0; i < l->n_columns; i++) {
		c = &l->columns[i];
		if (c->attr) {
			read_attribute(c, &row[i], e, into->mem);
		} else if (c->conv == LAYOUT_NANOSECONDS) {
			time.ns = &row[i];
		} else if (c->split && c->field == FIELD_TIME) {
			time.column = c;
			time.us = &row[i];
		} else if (c->field == FIELD_ATTRIBUTES) {
			rest = &row[i]; /* its names must not be taken for those of the others */
		} else if (read_column(l, c, &row[i], e, into->mem, err) < 0) {
			return -1;
		}
	}
	if (time.column && time.ns && read_split_time(l, &time, e, into->mem, err) < 0)
		return -1;
	if (rest && rest->type != VALUE_NULL)
		rowattrs_read(l, rest, typing, e, into->mem);
	return 0;
}

/* One event on its way into a row. */
struct making {
	const struct layout *l;
	const struct event *e;
	struct arena *mem;
	enum rowmap_typing typing;
	bool *used; /* the attributes that a column or a conversion took */
	struct err *err;
	rowmap_tell *tell; /* NULL: the first thing that has no place is an error */
	void *ctx;
};

static int
refuse(const struct event *e, const char *what, struct slice name, const char *why, struct err *err)
{
	char which[256];

	event_describe(e, which, sizeof(which));
	return err_set(err, ERR_DATA, "%s: %s %.*s: %s", which, what,
	               name.len < 100 ? (int)name.len : 100, (const char *)name.p, why);
}

int
rowmap_refuse(const struct event *e, const struct layout_column *c, const char *why,
              struct err *err)
{
	return c->attr ? refuse(e, "attribute", slice_str(c->attr), why, err)
	               : refuse(e, "field", slice_str(event_field_name(c->field)), why, err);
}

/* Something has no place in the row: -1, or 0 where all of that is told. */
static int
misfit(struct making *m, const char *what, struct slice name, const char *why)
{
	if (!m->tell)
		return refuse(m->e, what, name, why, m->err);
	m->tell(m->ctx, what, name, why);
	return 0;
}

static int
misfit_field(struct making *m, enum field f, const char *why)
{
	return misfit(m, "field", slice_str(event_field_name(f)), why);
}

static int
misfit_column(struct making *m, const struct layout_column *c, const char *why)
{
	return c->attr ? misfit(m, "attribute", slice_str(c->attr), why)
	               : misfit_field(m, c->field, why);
}

/* Find an attribute that nobody took yet. */
static struct slice
peek_attr(struct making *m, const char *name, uint32_t *at)
{
	for (*at = 0; *at < m->e->n_attrs; ++*at)
		if (!m->used[*at] && slice_is(m->e->attrs[*at].name, name))
			return m->e->attrs[*at].value;
	return SLICE_ABSENT;
}

/* Whether the value that a hint keeps goes into the column; where there is one type only, it must
 * read as the hint again. */
static bool
hint_holds(struct making *m, const struct layout_column *c, struct slice hint, struct value *v)
{
	struct event again = {.time_ns = EVENT_NO_TIME};

	*v = value_of_json(hint, m->mem);
	/* Where every column is text, any hint would do: only what can be read is kept there. */
	if (!convert_holds(c, v, m->typing != ROWMAP_FREE, m->e, m->mem) ||
	    (m->l->messages && !convert_read(c, v, &again, m->mem)))
		return false;
	again = (struct event){.time_ns = EVENT_NO_TIME};
	if (m->typing != ROWMAP_TYPED)
		return true;
	return needs_hint(c, v, &again, m->mem) &&
	       (c->conv != LAYOUT_JSON_ARRAY || jscan_valid(v->bytes, NULL, NULL));
}

static const char *
value_of_field(struct making *m, const struct layout_column *c, struct value *v)
{
	struct event *any =
	    (struct event *)(uintptr_t)m->e; /* event_payload() only finds the place */
	const struct payload *p = event_payload(any, c->field);
	char name[ROWATTRS_HINT_BYTES];
	struct slice hint = SLICE_ABSENT;
	const char *why;
	uint32_t at;
	bool applied;

	*v = VALUE_INIT;
	if (p && !convert_takes(c, p))
		return NULL;
	if (c->conv == LAYOUT_NANOSECONDS)
		return convert_absent(c, m->e) ? NULL : convert_write(c, m->e, m->mem, v);
	if (m->e->n_attrs) { /* printing a name for each field would show */
		rowattrs_hint_name(c->field, name);
		hint = peek_attr(m, name, &at);
	}
	if (p) {
		if (p->kind == PAYLOAD_NONE)
			return NULL;
		why = write_payload(c, p, hint, m->typing, m->mem, v, &applied);
		if (hint.p && applied)
			m->used[at] = true;
		return why;
	}
	if (hint.p && hint_holds(m, c, hint, v)) {
		m->used[at] = true;
		return NULL;
	}
	*v = VALUE_INIT;
	return convert_absent(c, m->e) ? NULL : convert_write(c, m->e, m->mem, v);
}

static void
value_of_attribute(struct making *m, const struct layout_column *c, struct value *v)
{
	struct slice json;
	uint32_t at;

	json = peek_attr(m, c->attr, &at);
	if (json.p)
		m->used[at] = true;
	*v = value_of_json(json.p ? json : c->default_value, m->mem);
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
check_fields(struct making *m)
{
	struct event *any = (struct event *)(uintptr_t)m->e; /* only looked at */
	int f;

	for (f = 0; f < FIELDS; f++)
		if (!layout_column_of(m->l, (enum field)f) && !is_absent(any, (enum field)f) &&
		    misfit_field(m, (enum field)f, "the layout has no place for it") < 0)
			return -1;
	return 0;
}

/* The field that a hint is for, one that can be absent and is no attribute; else FIELDS. */
static int
field_of_hint(struct slice name)
{
	char hint[ROWATTRS_HINT_BYTES];
	int f;

	for (f = 0; f < FIELDS; f++) {
		rowattrs_hint_name((enum field)f, hint);
		if (slice_is(name, hint))
			break;
	}
	return f == FIELD_POSITION || f == FIELD_VERSION || f == FIELD_ATTRIBUTES ? FIELDS : f;
}

/* What no column takes must not vanish; a hint may, unless the field that it is for is absent. */
static int
check_attributes(struct making *m)
{
	struct event *any = (struct event *)(uintptr_t)m->e; /* only looked at */
	const struct attr *a;
	uint32_t i;
	int f;

	for (i = 0; i < m->e->n_attrs; i++) {
		a = &m->e->attrs[i];
		if (m->used[i])
			continue;
		f = attr_is_hint(a) ? field_of_hint(a->name) : FIELDS;
		if (!attr_is_hint(a) &&
		    misfit(m, "attribute", a->name, "the layout has no place for it") < 0)
			return -1;
		if (f < FIELDS && is_absent(any, (enum field)f) &&
		    misfit_field(m, (enum field)f, "the column cannot hold what the source had") <
		        0)
			return -1;
	}
	return 0;
}

static int
make_all(struct making *m, struct value *row)
{
	const struct layout_column *c;
	struct value *rest = NULL;
	const char *why;
	size_t i;

	for (i = 0; i < m->l->n_columns; i++) {
		c = &m->l->columns[i];
		why = NULL;
		if (c->attr)
			value_of_attribute(m, c, &row[i]);
		else if (c->field == FIELD_ATTRIBUTES)
			rest = &row[i]; /* what is left shows when all others have taken theirs */
		else if (c->at == LAYOUT_AT_SEQUENCE)
			row[i] = VALUE_INIT; /* the server gives it, however large the event's is */
		else
			why = value_of_field(m, c, &row[i]);
		if (why && misfit_column(m, c, why) < 0)
			return -1;
	}
	if (rest)
		rowattrs_write(m->l, m->e, m->typing, m->used, m->mem, rest);
	return check_fields(m) < 0 ? -1 : check_attributes(m);
}

int
rowmap_write(const struct layout *l, const struct event *e, enum rowmap_typing typing,
             struct arena *scratch, struct value *row, struct err *err)
{
	struct making m = {.l = l, .e = e, .mem = scratch, .typing = typing, .err = err};

	m.used = arena_alloc(scratch, e->n_attrs + 1);
	memset(m.used, 0, e->n_attrs + 1);
	return make_all(&m, row);
}

void
rowmap_misfits(const struct layout *l, const struct event *e, enum rowmap_typing typing,
               struct arena *scratch, rowmap_tell *tell, void *ctx)
{
	struct err none = ERR_INIT;
	struct making m = {.l = l, .e = e, .mem = scratch, .typing = typing, .err = &none};

	m.tell = tell;
	m.ctx = ctx;
	m.used = arena_alloc(scratch, e->n_attrs + 1);
	memset(m.used, 0, e->n_attrs + 1);
	(void)make_all(&m, arena_alloc(scratch, l->n_columns * sizeof(struct value)));
}

void
rowmap_write_field(const struct layout_column *c, const struct event *e, struct arena *scratch,
                   struct value *out)
{
	*out = VALUE_INIT;
	if (convert_absent(c, e) || convert_write(c, e, scratch, out))
		*out = VALUE_INIT;
}
