#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "common/convert.h"
#include "common/jscan.h"
#include "common/rowattrs.h"

#define OWN_HINT "$attributes"

void
rowattrs_hint_name(enum field f, char out[ROWATTRS_HINT_BYTES])
{
	snprintf(out, ROWATTRS_HINT_BYTES, "$%s", event_field_name(f));
}

void
rowattrs_add_hint(struct event *e, struct arena *mem, enum field f, const struct value *v)
{
	struct buf json = arena_take_buf(mem);
	char name[ROWATTRS_HINT_BYTES];

	rowattrs_hint_name(f, name);
	value_to_json(v, &json);
	event_add_attr(e, mem, arena_dup(mem, slice_str(name)), arena_dup(mem, buf_slice(&json)));
	arena_give_buf(mem, &json);
}

/* The members of an object, compact, as attributes of an event that has none. */
static bool
add_members(struct slice text, struct event *e, struct arena *mem)
{
	struct buf compact, name;
	struct slice key, value;
	struct jscan_iter it;
	int rc;

	if (!jscan_valid(text, NULL, NULL))
		return false;
	compact = arena_take_buf(mem);
	name = arena_take_buf(mem);
	jscan_compact(text, &compact);
	jscan_object(&it, arena_dup(mem, buf_slice(&compact)));
	while ((rc = jscan_member(&it, &key, &value)) > 0) {
		name.len = 0;
		if (jscan_string(key, &name) < 0)
			break;
		event_add_attr(e, mem, arena_dup(mem, buf_slice(&name)), value);
	}
	arena_give_buf(mem, &compact);
	arena_give_buf(mem, &name);
	return rc == 0 && event_attrs_unique(e);
}

static void
put_members(struct buf *out, const struct event *e, const bool *skip)
{
	uint32_t i;

	for (i = 0; i < e->n_attrs; i++) {
		if (skip && skip[i])
			continue;
		buf_add_byte(out, out->len ? ',' : '{');
		jscan_quote(e->attrs[i].name, out);
		buf_add_byte(out, ':');
		assert(e->attrs[i].value.p); /* the text of a JSON value, never absent */
		buf_add_slice(out, e->attrs[i].value);
	}
	if (out->len)
		buf_add_byte(out, '}');
}

static bool
has_own_column(const struct layout *l, struct slice name)
{
	size_t i;

	for (i = 0; i < l->n_columns; i++)
		if (l->columns[i].attr && slice_is(name, l->columns[i].attr))
			return true;
	return false;
}

static bool
attr_eq(const struct attr *a, const struct attr *b)
{
	return slice_eq(a->name, b->name) && slice_eq(a->value, b->value);
}

/* What may have been kept back as another column's. */
static bool
may_be_taken(const struct layout *l, const struct attr *a)
{
	return attr_is_hint(a) || has_own_column(l, a->name);
}

enum cover { COVER_NO, COVER_BUT_HINTS, COVER_ALL };

/*
 * Whether the object `spelt` has the attributes that are left, in this order.  It
 * may have more: what was kept back as another column's.  The attributes may have
 * more hints (then they are to stay beside it), and the own hint is none of them.
 */
static enum cover
cover(const struct layout *l, struct slice spelt, const struct event *e, const bool *skip,
      struct arena *mem)
{
	struct event s = {0};
	enum cover all = COVER_ALL;
	uint32_t i, n, at = 0;

	if (!add_members(spelt, &s, mem))
		s.n_attrs = 0;
	for (i = 0; i < e->n_attrs; i++) {
		const struct attr *a = &e->attrs[i];

		if (skip[i] || slice_is(a->name, OWN_HINT))
			continue;
		n = at;
		while (n < s.n_attrs && !attr_eq(&s.attrs[n], a) && may_be_taken(l, &s.attrs[n]))
			n++;
		if (n < s.n_attrs && attr_eq(&s.attrs[n], a))
			at = n + 1;
		else if (attr_is_hint(a))
			all = COVER_BUT_HINTS;
		else
			return COVER_NO;
	}
	while (at < s.n_attrs && may_be_taken(l, &s.attrs[at]))
		at++;
	return at < s.n_attrs ? COVER_NO : all;
}

static bool
payload_is_taken(const struct layout_column *c, const struct payload *p, struct slice hint)
{
	if (p->kind == PAYLOAD_NONE)
		return false;
	return !slice_is(hint, p->was_text ? "\"text\"" : "\"blob\"") ||
	       convert_tells(c, p->was_text, p->bytes);
}

/* Whether a member of this name and value would go to another column when it is written. */
static bool
is_taken(const struct layout *l, const struct attr *a, bool strict, struct event *e,
         struct arena *mem)
{
	char name[ROWATTRS_HINT_BYTES];
	const struct layout_column *c;
	const struct payload *p;
	struct value raw;
	size_t i;

	if (!attr_is_hint(a))
		return has_own_column(l, a->name);
	for (i = 0; i < l->n_columns; i++) {
		c = &l->columns[i];
		rowattrs_hint_name(c->field, name);
		p = event_payload(e, c->field);
		if (c->field == FIELD_ATTRIBUTES || !slice_is(a->name, name) ||
		    c->conv == LAYOUT_NANOSECONDS || (p && !convert_takes(c, p)))
			continue;
		if (p)
			return payload_is_taken(c, p, a->value);
		raw = value_of_json(a->value, mem);
		return convert_holds(c, &raw, strict && convert_absent(c, e), e, mem);
	}
	return false;
}

/* Which members must not travel as attributes; whether there are any. */
static bool
find_taken(const struct layout *l, const struct event *members, bool strict, struct event *e,
           bool *taken, struct arena *mem)
{
	struct slice own = event_attr(members, OWN_HINT);
	struct value v;
	bool any = false;
	uint32_t i, j;

	for (i = 0; i < members->n_attrs; i++) {
		taken[i] = is_taken(l, &members->attrs[i], strict, e, mem);
		for (j = 0; j < e->n_attrs; j++)
			taken[i] |= slice_eq(e->attrs[j].name, members->attrs[i].name);
		any |= taken[i];
	}
	if (!own.p)
		return any;
	v = value_of_json(own, mem);
	return any || cover(l, v.type == VALUE_TEXT ? v.bytes : SLICE_LIT(""), members, taken,
	                    mem) != COVER_BUT_HINTS;
}

static void
read_untyped(const struct layout *l, const struct value *v, bool strict, struct event *e,
             struct arena *mem)
{
	struct event members = {0};
	struct buf again = arena_take_buf(mem);
	bool *taken, tells;
	uint32_t i;

	if (v->type != VALUE_TEXT || !add_members(v->bytes, &members, mem))
		members.n_attrs = 0;
	taken = arena_alloc(mem, members.n_attrs + 1);
	put_members(&again, &members, NULL);
	tells = !find_taken(l, &members, strict, e, taken, mem) && v->type == VALUE_TEXT &&
	        v->bytes.len && slice_eq(buf_slice(&again), v->bytes);
	arena_give_buf(mem, &again);
	for (i = 0; i < members.n_attrs; i++)
		if (!taken[i] && (tells || !slice_is(members.attrs[i].name, OWN_HINT)))
			event_add_attr(e, mem, members.attrs[i].name, members.attrs[i].value);
	if (!tells)
		rowattrs_add_hint(e, mem, FIELD_ATTRIBUTES, v);
}

static void
write_untyped(const struct layout *l, const struct event *e, bool *used, struct arena *mem,
              struct value *v)
{
	struct value spelt = VALUE_INIT;
	struct buf all = arena_take_buf(mem);
	enum cover covers = COVER_NO;
	uint32_t i;

	*v = VALUE_INIT;
	for (i = 0; i < e->n_attrs; i++) {
		if (used[i] || !slice_is(e->attrs[i].name, OWN_HINT))
			continue;
		spelt = value_of_json(e->attrs[i].value, mem);
		covers =
		    cover(l, spelt.type == VALUE_TEXT ? spelt.bytes : SLICE_LIT(""), e, used, mem);
		/* Beside hints that are not this table's it stays for the table that they are for.
		 */
		used[i] = covers != COVER_BUT_HINTS;
	}
	put_members(&all, e, used);
	if (covers == COVER_ALL) {
		*v = spelt;
	} else if (all.len) {
		v->type = VALUE_TEXT;
		v->bytes = arena_dup(mem, buf_slice(&all));
	}
	memset(used, true, e->n_attrs);
	arena_give_buf(mem, &all);
}

/*
 * A column that takes JSON only: its object is the attributes as they are, hints
 * too, so that each table says of an event what the last one said.  How another
 * spelt the object goes back as it was where that reads as just these attributes.
 */
static void
read_typed(const struct value *v, struct event *e, struct arena *mem)
{
	struct event members = {0};
	struct buf again = arena_take_buf(mem);
	bool tells = v->type == VALUE_TEXT && add_members(v->bytes, &members, mem);
	uint32_t i;

	if (!tells)
		members.n_attrs = 0;
	put_members(&again, &members, NULL);
	tells = tells && slice_eq(buf_slice(&again), v->bytes);
	arena_give_buf(mem, &again);
	for (i = 0; i < members.n_attrs; i++)
		tells = tells && !event_has_attr(e, members.attrs[i].name);
	for (i = 0; i < members.n_attrs; i++)
		if (tells || !(slice_is(members.attrs[i].name, OWN_HINT) ||
		               event_has_attr(e, members.attrs[i].name)))
			event_add_attr(e, mem, members.attrs[i].name, members.attrs[i].value);
	if (!tells)
		rowattrs_add_hint(e, mem, FIELD_ATTRIBUTES, v);
}

/* Whether reading `spelt` beside what columns tell (`used`) gives the attributes of the event. */
static bool
reads_as(const struct value *spelt, const struct event *e, const bool *used, struct arena *mem)
{
	struct event told = {0}, rest = {0};
	uint32_t i, n;

	for (i = 0; i < e->n_attrs; i++)
		event_add_attr(used[i] ? &told : &rest, mem, e->attrs[i].name, e->attrs[i].value);
	n = told.n_attrs;
	read_typed(spelt, &told, mem);
	if (told.n_attrs - n != rest.n_attrs)
		return false;
	for (i = 0; rest.attrs && i < rest.n_attrs; i++)
		if (!attr_eq(&told.attrs[n + i], &rest.attrs[i]))
			return false;
	return true;
}

static void
write_typed(const struct event *e, bool *used, struct arena *mem, struct value *v)
{
	struct slice own = SLICE_ABSENT;
	struct buf all = arena_take_buf(mem);
	uint32_t i;

	*v = VALUE_INIT;
	for (i = 0; i < e->n_attrs; i++)
		if (!used[i] && slice_is(e->attrs[i].name, OWN_HINT))
			own = e->attrs[i].value;
	if (own.p)
		*v = value_of_json(own, mem);
	if (v->type != VALUE_TEXT || !jscan_valid(v->bytes, NULL, NULL) ||
	    !reads_as(v, e, used, mem)) {
		*v = VALUE_INIT;
		put_members(&all, e, used);
	}
	if (all.len) {
		v->type = VALUE_TEXT;
		v->bytes = arena_dup(mem, buf_slice(&all));
	}
	memset(used, true, e->n_attrs);
	arena_give_buf(mem, &all);
}

void
rowattrs_read(const struct layout *l, const struct value *v, enum rowmap_typing typing,
              struct event *e, struct arena *mem)
{
	if (typing == ROWMAP_TYPED)
		read_typed(v, e, mem);
	else
		read_untyped(l, v, typing == ROWMAP_STRICT, e, mem);
}

void
rowattrs_write(const struct layout *l, const struct event *e, enum rowmap_typing typing, bool *used,
               struct arena *mem, struct value *v)
{
	if (typing == ROWMAP_TYPED)
		write_typed(e, used, mem, v);
	else
		write_untyped(l, e, used, mem, v);
}
