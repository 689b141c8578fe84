#include <stdlib.h>
#include <string.h>

#include "common/cborbuf.h"
#include "common/eventmap.h"
#include "common/nametemplate.h"
#include "common/typemap.h"

struct eventmap {
	const struct eventmap_options *o;
	struct nametemplate **templates; /* as many as the options have */
	size_t n_templates;
	struct typemap *types; /* or NULL */
	unsigned fields;       /* 1 << enum field: left out */
};

/* What an event can do without. */
static const enum field optional[] = {
    FIELD_ID,           FIELD_TIME, FIELD_CORRELATION_ID, FIELD_CAUSATION_ID,
    FIELD_CONTENT_TYPE, FIELD_TAGS, FIELD_METADATA,
};

void
eventmap_options_release(struct eventmap_options *o)
{
	free(o->templates.items);
	free(o->dropped.items);
	*o = (struct eventmap_options){0};
}

const char *
eventmap_asked(const struct eventmap_options *o)
{
	return o->templates.len ? "stream-template"
	       : o->types       ? "type-map"
	       : o->dropped.len ? "drop-attributes"
	                        : NULL;
}

static unsigned
dropped_fields(const struct selection_list *names)
{
	unsigned mask = 0;
	size_t i, j;

	for (i = 0; i < names->len; i++)
		for (j = 0; j < sizeof(optional) / sizeof(*optional); j++)
			if (strcmp(names->items[i], event_field_name(optional[j])) == 0)
				mask |= 1U << optional[j];
	return mask;
}

int
eventmap_open(struct eventmap **out, const struct eventmap_options *o, struct err *err)
{
	struct eventmap *m;
	size_t i;
	int rc = 0;

	*out = NULL;
	if (!eventmap_asked(o))
		return 0;
	m = xcalloc(1, sizeof(*m));
	m->o = o;
	m->fields = dropped_fields(&o->dropped);
	m->templates = xcalloc(o->templates.len, sizeof(struct nametemplate *));
	for (i = 0; rc == 0 && i < o->templates.len; i++) {
		rc = nametemplate_parse(&m->templates[i], o->templates.items[i], err);
		m->n_templates += rc == 0;
	}
	if (rc == 0 && o->types)
		rc = typemap_open(&m->types, o->types, err);
	if (rc < 0)
		eventmap_free(m);
	else
		*out = m;
	return rc;
}

void
eventmap_free(struct eventmap *m)
{
	size_t i;

	if (!m)
		return;
	for (i = 0; i < m->n_templates; i++)
		nametemplate_free(m->templates[i]);
	free(m->templates);
	typemap_free(m->types);
	free(m);
}

bool
eventmap_refuses(const struct eventmap *m)
{
	return m->n_templates || m->types;
}

/* By the first template that it fits. */
static bool
convert(const struct eventmap *m, bool back, struct slice name, struct buf *out)
{
	size_t i;

	out->len = 0;
	for (i = 0; i < m->n_templates; i++)
		if (nametemplate_convert(m->templates[i], back, name, out))
			return true;
	return false;
}

/* A name that leads back to where it came from is that of no other stream. */
static const char *
convert_stream(const struct eventmap *m, struct slice *name, struct buf *there, struct buf *again,
               struct arena *mem)
{
	if (!convert(m, false, *name, there))
		return "fits no --stream-template";
	if (!convert(m, true, buf_slice(there), again) || !slice_eq(buf_slice(again), *name))
		return "--stream-template makes a name of it that would not lead back to it";
	*name = arena_dup(mem, buf_slice(there));
	return NULL;
}

const char *
eventmap_stream(const struct eventmap *m, struct slice *name, struct arena *mem)
{
	struct buf there, again;
	const char *why;

	if (!m->n_templates || !name->p)
		return NULL;
	there = arena_take_buf(mem);
	again = arena_take_buf(mem);
	why = convert_stream(m, name, &there, &again, mem);
	arena_give_buf(mem, &there);
	arena_give_buf(mem, &again);
	return why;
}

static bool
drops_any(const struct eventmap *m, const struct event *e)
{
	uint32_t i;

	for (i = 0; i < e->n_attrs; i++)
		if (!attr_is_hint(&e->attrs[i]) &&
		    selection_list_has(&m->o->dropped, e->attrs[i].name))
			return true;
	return false;
}

/* Whether the attribute is the hint of one of these fields. */
static bool
is_hint_of(const struct attr *a, unsigned fields)
{
	const struct slice name = {a->name.p + 1, a->name.len - 1};
	int f;

	for (f = 0; f < FIELDS; f++)
		if (fields & 1U << f && slice_is(name, event_field_name((enum field)f)))
			return true;
	return false;
}

/* The attributes but for those that are left out, and the hints of fields that are others now. */
static void
drop_attrs(const struct eventmap *m, const struct event *e, unsigned changed, struct arena *mem,
           struct event *out)
{
	const struct attr *a;
	uint32_t i;

	out->attrs = NULL;
	out->n_attrs = 0;
	for (i = 0; i < e->n_attrs; i++) {
		a = &e->attrs[i];
		if (attr_is_hint(a) ? !is_hint_of(a, changed)
		                    : !selection_list_has(&m->o->dropped, a->name))
			event_add_attr(out, mem, a->name, a->value);
	}
}

/* Take a field out; whether it was there. */
static bool
drop_field(struct event *e, enum field f)
{
	struct slice *text = event_text(e, f);
	struct payload *p = event_payload(e, f);
	bool there;

	if (text) {
		there = text->p != NULL;
		*text = SLICE_ABSENT;
	} else if (p) {
		there = p->kind != PAYLOAD_NONE;
		*p = (struct payload){0};
	} else if (f == FIELD_TIME) {
		there = e->time_ns != EVENT_NO_TIME;
		e->time_ns = EVENT_NO_TIME;
	} else {
		there = e->tags != NULL;
		e->tags = NULL;
		e->n_tags = 0;
	}
	return there;
}

struct eventmap_result
eventmap_map(const struct eventmap *m, const struct event *e, struct arena *mem, struct event *out)
{
	struct eventmap_result r = {0};
	unsigned changed = m->fields;
	size_t i;

	*out = *e;
	r.stream = eventmap_stream(m, &out->stream, mem);
	if (m->types && !typemap_convert(m->types, &out->type))
		r.type = "has the name that --type-map gives to another type";
	for (i = 0; i < sizeof(optional) / sizeof(*optional); i++)
		if (m->fields & 1U << optional[i])
			r.dropped |= drop_field(out, optional[i]);
	changed |= (unsigned)!slice_eq(out->stream, e->stream) << FIELD_STREAM;
	changed |= (unsigned)!slice_eq(out->type, e->type) << FIELD_TYPE;
	/* CBOR is what the content type says; without it these are bytes. */
	if (changed & 1U << FIELD_CONTENT_TYPE && out->data.kind == PAYLOAD_CBOR)
		out->data.kind = PAYLOAD_BYTES;
	if (drops_any(m, e)) {
		r.dropped = true;
		changed |= 1U << FIELD_ATTRIBUTES;
	}
	if (changed && e->n_attrs)
		drop_attrs(m, e, changed, mem, out);
	return r;
}

static int
refuse(const struct event *e, enum field f, const char *why, struct err *err)
{
	char which[256], type[EVENT_PRINTABLE_BYTES] = "";

	event_describe(e, which, sizeof(which));
	if (f == FIELD_TYPE)
		event_printable(e->type, type);
	return err_set(err, ERR_DATA, "%s: field %s: %s%s%s", which, event_field_name(f), type,
	               *type ? " " : "", why);
}

int
eventmap_apply(const struct eventmap *m, const struct event *e, struct arena *mem,
               struct event *out, bool *dropped, struct err *err)
{
	struct eventmap_result r = eventmap_map(m, e, mem, out);

	*dropped = r.dropped;
	if (r.stream)
		return refuse(e, FIELD_STREAM, r.stream, err);
	return r.type ? refuse(e, FIELD_TYPE, r.type, err) : 0;
}

bool
eventmap_back(const struct eventmap *m, struct event *e, struct arena *mem)
{
	struct slice type = e->type;
	struct buf name;
	bool found = true;

	if (m->types && !typemap_back(m->types, &type))
		return false;
	if (m->n_templates) {
		name = arena_take_buf(mem);
		found = convert(m, true, e->stream, &name);
		if (found)
			e->stream = arena_dup(mem, buf_slice(&name));
		arena_give_buf(mem, &name);
	}
	if (found)
		e->type = type;
	return found;
}

/* The order of templates counts, that of what is left out does not. */
void
eventmap_encode(const struct eventmap *m, struct buf *out)
{
	size_t i;

	cborbuf_array(out, m->n_templates);
	for (i = 0; i < m->n_templates; i++)
		cborbuf_str(out, m->o->templates.items[i]);
	if (m->types)
		typemap_encode(m->types, out);
	else
		cborbuf_null(out);
	selection_encode_list(&m->o->dropped, out);
}
