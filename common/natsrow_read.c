#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "common/base64.h"
#include "common/jscan.h"
#include "common/natsrow_impl.h"
#include "common/natssubject.h"
#include "common/natstext.h"
#include "common/rowmap.h"

/* One message on its way into an event. */
struct reading {
	struct natsrow *r;
	const struct natsmsg *m;
	struct arena *mem;
	bool time_told; /* by a header, be it that there is none, or nothing that can be read */
	struct slice kind;
	struct err *err;
};

/* "Rita-Meta-*" */
static bool
begins_as(struct slice name, const char *pattern)
{
	size_t n = strlen(pattern) - 1;

	return name.len > n && strncasecmp((const char *)name.p, pattern, n) == 0;
}

const struct layout_column *
natsrow_column_of(const struct layout *l, struct slice name)
{
	const struct layout_column *c;
	size_t i;

	for (i = 0; i < l->n_columns; i++) {
		c = &l->columns[i];
		if (c->at == LAYOUT_AT_HEADER &&
		    (c->conv == LAYOUT_MEMBERS ? begins_as(name, c->name)
		                               : natsmsg_name_eq(name, c->name)))
			return c;
	}
	return NULL;
}

bool
natsrow_drops(const struct layout *l, struct slice name)
{
	const char *dropped;
	size_t i;

	for (i = 0; i < l->messages->n_drop; i++) {
		dropped = l->messages->drop[i];
		if (dropped[strlen(dropped) - 1] == '*' ? begins_as(name, dropped)
		                                        : natsmsg_name_eq(name, dropped))
			return true;
	}
	for (i = 0; i < l->messages->n_copies; i++)
		if (natsmsg_name_eq(name, l->messages->copies[i].header))
			return true;
	return natsmsg_name_eq(name, NATSROW_IMPORT);
}

static bool
says_json(struct slice content_type)
{
	const uint8_t *end =
	    content_type.len ? memchr(content_type.p, ';', content_type.len) : NULL;

	if (end)
		content_type.len = (size_t)(end - content_type.p);
	while (content_type.len && content_type.p[content_type.len - 1] == ' ')
		content_type.len--;
	return content_type.len == 0 || slice_ends(content_type, "/json") ||
	       slice_ends(content_type, "+json");
}

enum payload_kind
natsrow_usual_kind(struct slice content_type, struct slice body)
{
	if (body.len == 0)
		return PAYLOAD_NONE;
	return says_json(content_type) ? PAYLOAD_JSON : PAYLOAD_BYTES;
}

static int
fail(struct reading *g, const char *name, const char *why)
{
	return err_set(g->err, ERR_DATA, "stream %s, message %" PRIu64 ": %s: %s", g->r->stream,
	               g->m->sequence, name, why);
}

static bool
parse_integer(struct slice text, int64_t *out)
{
	bool minus = text.len && text.p[0] == '-';
	size_t i = minus;
	int64_t n = 0;

	if (i == text.len || text.len - i > 19 || (text.p[i] == '0' && text.len > 1))
		return false;
	for (; i < text.len; i++)
		if (text.p[i] < '0' || text.p[i] > '9' || __builtin_mul_overflow(n, 10, &n) ||
		    __builtin_sub_overflow(n, text.p[i] - '0', &n))
			return false;
	if (!minus && n == INT64_MIN)
		return false;
	*out = minus ? n : -n;
	return true;
}

/* What the header says, by the words of the layout. */
static bool
translate(const struct layout_column *c, struct slice text, struct value *v)
{
	size_t i;

	for (i = 0; i < c->n_words; i++)
		if (slice_is(text, c->words[i].header)) {
			if (c->words[i].text)
				v->bytes = slice_str(c->words[i].text);
			else
				v->type = VALUE_NULL;
			return true;
		}
	return c->n_words == 0;
}

static int
read_bytes(struct reading *g, const struct layout_column *c, struct slice text, struct value *v)
{
	struct buf bytes = arena_take_buf(g->mem);
	int rc = base64_decode(text, &bytes);

	v->type = VALUE_BYTES;
	if (rc == 0)
		v->bytes = arena_dup(g->mem, buf_slice(&bytes));
	arena_give_buf(g->mem, &bytes);
	return rc < 0 ? fail(g, c->name, "is not base64") : 0;
}

static int
read_header(struct reading *g, const struct layout_column *c, struct slice raw, struct value *v)
{
	struct slice text;

	g->time_told |= c->field == FIELD_TIME;
	if (c->none && slice_is(raw, c->none))
		return 0;
	text = natstext_read_value(g->r->layout->messages->values, raw, g->mem);
	*v = (struct value){.type = VALUE_TEXT, .bytes = text};
	switch (c->conv) {
	case LAYOUT_BYTES:
		return read_bytes(g, c, text, v);
	case LAYOUT_INT:
	case LAYOUT_UNIX_S:
	case LAYOUT_UNIX_MS:
	case LAYOUT_UNIX_US:
	case LAYOUT_UNIX_NS:
		if (parse_integer(text, &v->integer))
			v->type = VALUE_INTEGER;
		return 0;
	default:
		return translate(c, text, v)
		           ? 0
		           : fail(g, c->name, "says what the layout has no word for");
	}
}

/* The members of an object are in no order of their own: headers come as they like. */
static int
add_member(struct reading *g, const struct layout_column *c, const struct natsheader *h,
           struct buf *members)
{
	size_t n = strlen(c->name) - 1;
	struct slice key = {h->name.p + n, h->name.len - n};
	struct slice text = natstext_read_value(g->r->layout->messages->values, h->value, g->mem);

	if (!jscan_utf8(key) || !jscan_utf8(text))
		return fail(g, c->name, "is not UTF-8");
	buf_add_byte(members, members->len ? ',' : '{');
	jscan_quote(key, members);
	buf_add_byte(members, ':');
	jscan_quote(text, members);
	return 0;
}

static int
read_headers(struct reading *g, struct buf *members, struct value **members_value)
{
	const struct layout *l = g->r->layout;
	const struct layout_column *c;
	const struct natsheader *h;
	size_t i, twin;

	for (i = 0; i < g->m->n_headers; i++) {
		h = &g->m->headers[i];
		if (l->messages->kind_header && natsmsg_name_eq(h->name, l->messages->kind_header))
			g->kind = h->value;
		c = natsrow_column_of(l, h->name);
		if (!c)
			continue;
		if (c->conv == LAYOUT_MEMBERS) {
			if (add_member(g, c, h, members) < 0)
				return -1;
			*members_value = &g->r->values[c - l->columns];
			continue;
		}
		/* One of them may say that there is nothing, which leaves no trace in the value. */
		twin = i + 1;
		if (natsmsg_find(g->m, h->name, &twin))
			return fail(g, c->name, "is there more than once");
		if (read_header(g, c, h->value, &g->r->values[c - l->columns]) < 0)
			return -1;
	}
	return 0;
}

/* What is in the subject where no header has told it. */
static int
read_subject(struct reading *g)
{
	const struct layout *l = g->r->layout;
	struct slice stream, type, text;
	size_t i;
	bool fits =
	    natssubject_read(l->messages, g->r->store, g->m->subject, g->mem, &stream, &type);

	for (i = 0; i < l->n_columns; i++) {
		if (l->columns[i].field != FIELD_STREAM && l->columns[i].field != FIELD_TYPE)
			continue;
		text = l->columns[i].field == FIELD_STREAM ? stream : type;
		if (g->r->values[i].type != VALUE_NULL || l->columns[i].attr)
			continue;
		if (fits && text.p)
			g->r->values[i] = (struct value){.type = VALUE_TEXT, .bytes = text};
		else if (!fits)
			return fail(g, "its subject",
			            "does not fit the layout, and no header says what it tells");
	}
	return 0;
}

static void
read_place(struct reading *g, uint64_t position, bool *has_version)
{
	const struct layout *l = g->r->layout;
	struct value *v;
	size_t i;

	for (i = 0; i < l->n_columns; i++) {
		v = &g->r->values[i];
		if (l->columns[i].attr)
			continue;
		if (l->columns[i].field == FIELD_POSITION) /* the caller sets it, however large */
			*v = (struct value){.type = VALUE_INTEGER,
			                    .integer = (int64_t)(position & 1)};
		if (l->columns[i].field == FIELD_VERSION && v->type == VALUE_NULL) {
			*v = (struct value){.type = VALUE_INTEGER, .integer = l->columns[i].base};
			*has_version = false;
		}
	}
}

static void
read_body(struct reading *g)
{
	const struct layout *l = g->r->layout;
	const struct layout_column *type = layout_column_of(l, FIELD_CONTENT_TYPE);
	const struct value *says = type ? &g->r->values[type - l->columns] : NULL;
	enum payload_kind kind;
	size_t i;

	kind = natsrow_usual_kind(says && says->type == VALUE_TEXT ? says->bytes : SLICE_ABSENT,
	                          g->m->body);
	if (slice_is(g->kind, "json"))
		kind = PAYLOAD_JSON;
	if (slice_is(g->kind, "bytes"))
		kind = PAYLOAD_BYTES;
	for (i = 0; i < l->n_columns; i++)
		if (l->columns[i].at == LAYOUT_AT_BODY &&
		    kind == (l->columns[i].conv == LAYOUT_JSON ? PAYLOAD_JSON : PAYLOAD_BYTES))
			g->r->values[i] =
			    (struct value){.type = kind == PAYLOAD_JSON ? VALUE_TEXT : VALUE_BYTES,
			                   .bytes = g->m->body};
}

/* Another header of this name from number i on, by exact name; or n_headers. */
static size_t
find_twin(const struct natsmsg *m, struct slice name, size_t i)
{
	while (i < m->n_headers && !slice_eq(m->headers[i].name, name))
		i++;
	return i;
}

static void
put_value(struct reading *g, struct slice raw, struct buf *json)
{
	const struct value v = {.type = VALUE_TEXT,
	                        .bytes = natstext_read_value(g->r->layout->messages->values, raw,
	                                                     g->mem)};

	value_to_json(&v, json);
}

/* Header number i, which the layout does not name, and its twins behind it, as an attribute. */
static int
add_other(struct reading *g, struct event *e, size_t i, struct buf *names)
{
	struct buf json = arena_take_buf(g->mem);
	struct slice name = g->m->headers[i].name;
	size_t j = find_twin(g->m, name, i + 1);
	bool many = j < g->m->n_headers;
	int rc = 0;

	if (many)
		buf_add_byte(&json, '[');
	put_value(g, g->m->headers[i].value, &json);
	for (; j < g->m->n_headers; j = find_twin(g->m, name, j + 1)) {
		buf_add_byte(&json, ',');
		put_value(g, g->m->headers[j].value, &json);
	}
	if (many)
		buf_add_byte(&json, ']');
	if (event_has_attr(e, name))
		rc = fail(g, "its attributes", "have the name of one of its headers");
	else if (name.len && name.p[0] == '$')
		rc = fail(g, "one of its headers", "begins with $, as no attribute can");
	event_add_attr(e, g->mem, arena_dup(g->mem, name), arena_dup(g->mem, buf_slice(&json)));
	arena_give_buf(g->mem, &json);
	buf_add_byte(names, names->len ? ',' : '[');
	jscan_quote(name, names);
	return rc;
}

/* A hint says which attributes were headers, so that they become headers again. */
static int
read_others(struct reading *g, struct event *e)
{
	const struct layout *l = g->r->layout;
	const char *kind = l->messages->kind_header;
	struct buf names = arena_take_buf(g->mem);
	struct slice name;
	size_t i;
	int rc = 0;

	for (i = 0; i < g->m->n_headers && rc == 0; i++) {
		name = g->m->headers[i].name;
		if (!natsrow_column_of(l, name) && !natsrow_drops(l, name) &&
		    !(kind && natsmsg_name_eq(name, kind)) && find_twin(g->m, name, 0) == i)
			rc = add_other(g, e, i, &names);
	}
	if (names.len && rc == 0) {
		buf_add_byte(&names, ']');
		event_add_attr(e, g->mem, SLICE_LIT(NATSROW_HEADERS_HINT),
		               arena_dup(g->mem, buf_slice(&names)));
	}
	arena_give_buf(g->mem, &names);
	return rc;
}

static int
read_row(struct reading *g, uint64_t position, struct natsrow_told *told)
{
	struct buf members = arena_take_buf(g->mem);
	struct value *members_value = NULL;
	size_t i;
	int rc;

	for (i = 0; i < g->r->layout->n_columns; i++)
		g->r->values[i] = VALUE_INIT;
	told->version = true;
	rc = read_headers(g, &members, &members_value);
	if (members_value && rc == 0) {
		buf_add_byte(&members, '}');
		*members_value = (struct value){.type = VALUE_TEXT,
		                                .bytes = arena_dup(g->mem, buf_slice(&members))};
	}
	arena_give_buf(g->mem, &members);
	if (rc == 0)
		rc = read_subject(g);
	read_place(g, position, &told->version);
	read_body(g);
	return rc;
}

int
natsrow_read(struct natsrow *r, const struct natsmsg *m, uint64_t position, struct batch *into,
             struct natsrow_told *told, struct err *err)
{
	struct reading g = {.r = r, .m = m, .mem = into->mem, .err = err};
	struct event *e;

	if (read_row(&g, position, told) < 0)
		return -1;
	if (rowmap_read(r->layout, r->values, ROWMAP_TYPED, into, err) < 0)
		return err_wrap(err, "stream %s, message %" PRIu64, r->stream, m->sequence);
	e = &into->events[into->len - 1];
	e->position = position;
	if (e->time_ns == EVENT_NO_TIME && !g.time_told)
		e->time_ns = m->time_ns;
	/* That it came as text is nothing that a stream would have to be told again. */
	e->data.was_text = e->metadata.was_text = false;
	return read_others(&g, e);
}
