#include <stdlib.h>
#include <string.h>

#include "common/base64.h"
#include "common/jsame.h"
#include "common/jscan.h"
#include "common/natsrow_impl.h"
#include "common/natssubject.h"
#include "common/natstext.h"
#include "common/rowmap.h"

#define SUBJECT_MOST_BYTES 1024 /* a line of the protocol has 4096, with the reply and numbers */

int
natsrow_open(struct natsrow *r, const struct layout *l, const char *stream, struct err *err)
{
	*r = (struct natsrow){.layout = l};
	r->values = xcalloc(l->n_columns + 1, sizeof(*r->values));
	r->again = batch_new();
	return natsrow_turn(r, stream, err);
}

int
natsrow_turn(struct natsrow *r, const char *stream, struct err *err)
{
	const struct layout *l = r->layout;

	free(r->stream);
	r->stream = xstrdup(stream);
	if (natssubject_store(l->messages, slice_str(r->stream), &r->store))
		return 0;
	return err_set(err, ERR_LAYOUT, "stream %s: layout %s is for streams named %s", stream,
	               l->name, l->messages->stream);
}

void
natsrow_close(struct natsrow *r)
{
	free(r->stream);
	free(r->values);
	batch_free(r->again);
	*r = (struct natsrow){0};
}

/* One event on its way into a message. */
struct making {
	struct natsrow *r;
	const struct event *e;
	struct arena *mem;
	struct natsmsg *out;
	size_t room; /* in out->headers */
	struct natssubject_made subject;
	struct err *err;
};

static void
add_header(struct making *g, struct slice name, struct slice value)
{
	struct natsheader *grown;

	if (g->out->n_headers == g->room) {
		g->room = g->room ? 2 * g->room : 16;
		grown = arena_alloc(g->mem, g->room * sizeof(*grown));
		if (g->out->n_headers)
			memcpy(grown, g->out->headers, g->out->n_headers * sizeof(*grown));
		g->out->headers = grown;
	}
	g->out->headers[g->out->n_headers++] = (struct natsheader){name, value};
}

static int
refuse(struct making *g, const struct layout_column *c, const char *why)
{
	return rowmap_refuse(g->e, c, why, g->err);
}

/* Add a header with a text, spelt as the layout spells them.  NULL, or why it cannot be. */
static const char *
add_text(struct making *g, struct slice name, struct slice text)
{
	struct buf value = arena_take_buf(g->mem);
	const char *why = natstext_write_value(g->r->layout->messages->values, text, &value);

	if (!why)
		add_header(g, name, arena_dup(g->mem, buf_slice(&value)));
	arena_give_buf(g->mem, &value);
	return why;
}

/* The word for what the field says, or for nothing; false: there is none. */
static bool
find_word(const struct layout_column *c, const struct value *v, struct slice *out)
{
	size_t i;

	for (i = 0; i < c->n_words; i++)
		if (c->words[i].text ? v->type == VALUE_TEXT && slice_is(v->bytes, c->words[i].text)
		                     : v->type == VALUE_NULL) {
			*out = slice_str(c->words[i].header);
			return true;
		}
	return false;
}

/* {"user":"anna"}: a header a member. */
static int
add_members(struct making *g, const struct layout_column *c, struct slice json)
{
	struct buf name = arena_take_buf(g->mem), text = arena_take_buf(g->mem);
	struct jscan_iter it;
	struct slice key, value;
	const char *why = NULL;
	int rc;

	jscan_object(&it, json);
	while (!why && (rc = jscan_member(&it, &key, &value)) > 0) {
		name.len = text.len = 0;
		buf_add(&name, c->name, strlen(c->name) - 1);
		if (value.p[0] != '"' || jscan_string(key, &name) < 0 ||
		    jscan_string(value, &text) < 0)
			why = "has a member that is no text, and headers hold texts";
		else if (name.len < strlen(c->name) || !natsmsg_is_name(buf_slice(&name)))
			why = "has a member whose name cannot be in that of a header";
		else
			why = add_text(g, arena_dup(g->mem, buf_slice(&name)), buf_slice(&text));
	}
	if (!why && rc < 0)
		why = "is no object of texts, which the headers need";
	arena_give_buf(g->mem, &name);
	arena_give_buf(g->mem, &text);
	return why ? refuse(g, c, why) : 0;
}

/* A number, or bytes, of a field that has such. */
static void
add_other(struct making *g, struct slice name, const struct value *v)
{
	struct buf text = arena_take_buf(g->mem);

	if (v->type == VALUE_BYTES)
		base64_encode(v->bytes, &text);
	else
		buf_printf(&text, "%lld", (long long)v->integer);
	add_header(g, name, arena_dup(g->mem, buf_slice(&text)));
	arena_give_buf(g->mem, &text);
}

static int
add_column(struct making *g, const struct layout_column *c, const struct value *v)
{
	bool number = v->type == VALUE_INTEGER || v->type == VALUE_BYTES;
	struct slice name = slice_str(c->name), word;
	const char *why = NULL;

	if (c->n_words > 0)
		why = find_word(c, v, &word) ? add_text(g, name, word)
		                             : "is something that the layout has no word for";
	else if (v->type == VALUE_TEXT)
		why = add_text(g, name, v->bytes);
	else if (v->type != VALUE_NULL && (c->attr || !number))
		why = "is no text, and headers hold texts";
	else if (v->type != VALUE_NULL)
		add_other(g, name, v);
	else if (c->none)
		add_header(g, name, slice_str(c->none));
	return why ? refuse(g, c, why) : 0;
}

static int
add_columns(struct making *g)
{
	const struct layout *l = g->r->layout;
	const struct layout_column *c;
	const struct value *v;
	size_t i;

	for (i = 0; i < l->n_columns; i++) {
		c = &l->columns[i];
		v = &g->r->values[i];
		if (c->at == LAYOUT_AT_BODY && v->type != VALUE_NULL)
			g->out->body = v->bytes;
		if (c->at != LAYOUT_AT_HEADER || (c->if_changed && !g->subject.changed))
			continue;
		if (c->conv == LAYOUT_MEMBERS) {
			if (v->type != VALUE_NULL && add_members(g, c, v->bytes) < 0)
				return -1;
		} else if (add_column(g, c, v) < 0) {
			return -1;
		}
	}
	return 0;
}

static int
add_copies(struct making *g)
{
	const struct layout_messages *m = g->r->layout->messages;
	struct event copy = *g->e;
	struct slice text;
	const char *why;
	size_t i;

	for (i = 0; i < m->n_copies; i++) {
		text = *event_text(&copy, m->copies[i].field);
		why = text.p ? add_text(g, slice_str(m->copies[i].header), text) : NULL;
		if (why)
			return refuse(g, layout_column_of(g->r->layout, m->copies[i].field), why);
	}
	return 0;
}

/* Where the body alone would be taken for something else. */
static void
add_kind(struct making *g)
{
	const char *name = g->r->layout->messages->kind_header;
	const struct event *e = g->e;
	bool json = e->data.kind == PAYLOAD_JSON;
	enum payload_kind usual = natsrow_usual_kind(e->content_type, e->data.bytes);

	if (!name || e->data.kind == PAYLOAD_NONE || usual == (json ? PAYLOAD_JSON : PAYLOAD_BYTES))
		return;
	add_header(g, slice_str(name), json ? SLICE_LIT("json") : SLICE_LIT("bytes"));
}

static bool
begins_with(struct slice s, const char *begin)
{
	size_t n = strlen(begin), i;

	for (i = 0; i < n && i < s.len && (s.p[i] | 0x20) == (uint8_t)begin[i]; i++)
		;
	return i == n;
}

/* Whether the hint names the attribute; whoever made the hint, for it may hold anything. */
static bool
was_header(struct making *g, struct slice name)
{
	struct slice names = event_attr(g->e, NATSROW_HEADERS_HINT), item;
	struct buf quoted;
	struct jscan_iter it;
	bool found = false;

	if (!names.p)
		return false;
	quoted = arena_take_buf(g->mem);
	jscan_quote(name, &quoted);
	jscan_array(&it, names);
	while (!found && jscan_element(&it, &item) > 0)
		found = slice_eq(item, buf_slice(&quoted));
	arena_give_buf(g->mem, &quoted);
	return found;
}

/* Whether an attribute may be a header of its name, which comes back as the attribute: what would
 * act on the server, or mean something to the layout, must not come from an event. */
static bool
may_be_header(struct natsrow *r, const struct attr *a)
{
	const char *kind = r->layout->messages->kind_header;
	size_t i;

	if (attr_is_hint(a) || !natsmsg_is_name(a->name) || begins_with(a->name, "nats-") ||
	    begins_with(a->name, "es-") || natsrow_column_of(r->layout, a->name) ||
	    natsrow_drops(r->layout, a->name) || (kind && natsmsg_name_eq(a->name, kind)))
		return false;
	for (i = 0; i < r->layout->n_columns; i++)
		if (r->layout->columns[i].attr && slice_is(a->name, r->layout->columns[i].attr))
			return false;
	return true;
}

/* One text of an attribute as a header; false: it cannot be, or would be spelt in another way when
 * it comes back. */
static bool
add_attr_text(struct making *g, struct slice name, struct slice json)
{
	struct buf again;
	struct value v;
	bool same;

	if (json.p[0] != '"')
		return false;
	v = value_of_json(json, g->mem);
	again = arena_take_buf(g->mem);
	value_to_json(&v, &again);
	same = v.type == VALUE_TEXT && slice_eq(buf_slice(&again), json);
	arena_give_buf(g->mem, &again);
	return same && !add_text(g, name, v.bytes);
}

/* As one header, or several; false: nothing was added. */
static bool
add_attr(struct making *g, const struct attr *a)
{
	size_t before = g->out->n_headers, n = 0;
	struct jscan_iter it;
	struct slice value;
	int rc;

	if (!may_be_header(g->r, a))
		return false;
	if (a->value.p[0] != '[')
		return add_attr_text(g, a->name, a->value);
	jscan_array(&it, a->value);
	while ((rc = jscan_element(&it, &value)) > 0 && add_attr_text(g, a->name, value))
		n++;
	if (rc == 0 && n >= 2)
		return true;
	g->out->n_headers = before;
	return false;
}

static bool
has_place_for_others(const struct layout *l)
{
	size_t i;

	for (i = 0; i < l->n_columns; i++)
		if (l->columns[i].field == FIELD_ATTRIBUTES && !l->columns[i].attr)
			return true;
	return false;
}

/*
 * Those attributes that are headers of their own; the others stay in the event.
 * Where one header takes all attributes, only those are that were headers before.
 */
static void
add_attrs(struct making *g, struct event *left)
{
	bool all = !has_place_for_others(g->r->layout);
	const struct attr *a;
	uint32_t i;

	left->attrs = NULL;
	left->n_attrs = 0;
	for (i = 0; i < g->e->n_attrs; i++) {
		a = &g->e->attrs[i];
		if (slice_is(a->name, NATSROW_HEADERS_HINT))
			continue;
		if (!(all || was_header(g, a->name)) || !add_attr(g, a))
			event_add_attr(left, g->mem, a->name, a->value);
	}
}

static int
make_subject(struct making *g)
{
	struct buf subject = arena_take_buf(g->mem);
	const char *why =
	    natssubject_write(g->r->layout->messages, g->r->store, g->e, &g->subject, &subject);

	if (!why && subject.len > SUBJECT_MOST_BYTES) {
		g->subject.culprit = FIELD_STREAM;
		why = "makes a subject of more than 1024 bytes";
	}
	g->out->subject = arena_dup(g->mem, buf_slice(&subject));
	arena_give_buf(g->mem, &subject);
	return why ? refuse(g, layout_column_of(g->r->layout, g->subject.culprit), why) : 0;
}

/* Metadata that is headers has no order and no spelling of its own. */
static bool
same_members(const struct layout *l, const char *field, const struct event *a,
             const struct event *z)
{
	const struct layout_column *c = layout_column_of(l, FIELD_METADATA);

	return c && c->conv == LAYOUT_MEMBERS && strcmp(field, "metadata") == 0 &&
	       a->metadata.kind == PAYLOAD_JSON && z->metadata.kind == PAYLOAD_JSON &&
	       jsame(a->metadata.bytes, z->metadata.bytes);
}

/* Of attributes the one that is to blame, where it has a header of its own. */
static int
refuse_changed(struct making *g, const char *field, const struct event *back)
{
	const char *why = "would come back from this layout as something else";
	const struct layout_column *c;
	char which[256];
	size_t i;

	for (i = 0; i < g->r->layout->n_columns; i++) {
		c = &g->r->layout->columns[i];
		if (c->attr && strcmp(event_field_name(c->field), field) == 0 &&
		    !slice_eq(event_attr(g->e, c->attr), event_attr(back, c->attr)))
			return refuse(g, c, why);
	}
	if (g->e->time_ns == EVENT_NO_TIME && strcmp(field, "time") == 0)
		why = "is absent, and the server would put its own there";
	event_describe(g->e, which, sizeof(which));
	return err_set(g->err, ERR_DATA, "%s: field %s: %s", which, field, why);
}

/* What no place was found for, and what would come back as something else, must not go there. */
static int
check_again(struct making *g)
{
	const struct layout *l = g->r->layout;
	struct natsrow_told told;
	struct event *back;
	const char *field;

	batch_reset(g->r->again);
	g->out->time_ns = g->e->time_ns == 0; /* another one than the event's */
	if (natsrow_read(g->r, g->out, g->e->position, g->r->again, &told, g->err) < 0)
		return -1;
	back = &g->r->again->events[0];
	if (back->data.kind != g->e->data.kind && event_check(back, g->r->again->mem, g->err) < 0)
		return -1;
	field = event_difference(g->e, back, true);
	if (!field || same_members(l, field, g->e, back))
		return 0;
	return refuse_changed(g, field, back);
}

int
natsrow_write(struct natsrow *r, const struct event *e, struct arena *scratch, struct natsmsg *out,
              struct err *err)
{
	struct making g = {.r = r, .e = e, .mem = scratch, .out = out, .err = err};
	struct event left = *e;

	*out = (struct natsmsg){.body = SLICE_LIT("")};
	if (make_subject(&g) < 0)
		return -1;
	add_attrs(&g, &left);
	if (rowmap_write(r->layout, &left, ROWMAP_TYPED, scratch, r->values, err) < 0)
		return -1;
	if (add_columns(&g) < 0 || add_copies(&g) < 0)
		return -1;
	add_kind(&g);
	return check_again(&g);
}

void
natsrow_misfits(struct natsrow *r, const struct event *e, struct arena *scratch, rowmap_tell *tell,
                void *ctx)
{
	struct err none = ERR_INIT;
	struct natsmsg message = {0};
	struct making g = {.r = r, .e = e, .mem = scratch, .out = &message, .err = &none};
	struct event left = *e;

	add_attrs(&g, &left);
	rowmap_misfits(r->layout, &left, ROWMAP_TYPED, scratch, tell, ctx);
}
