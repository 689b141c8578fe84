#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/base64.h"
#include "common/jcanon.h"
#include "common/timestamp.h"
#include "common/transcode.h"
#include "format/content.h"

#define CBOR_SUFFIX "+cbor"

struct content {
	struct jcanon json;
	struct buf line; /* scratch: one event */
	struct buf text; /* scratch: JSON that is not canonical yet */
};

struct content *
content_new(void)
{
	struct content *c = xcalloc(1, sizeof(*c));

	jcanon_init(&c->json);
	return c;
}

void
content_free(struct content *c)
{
	if (!c)
		return;
	jcanon_release(&c->json);
	buf_release(&c->line);
	buf_release(&c->text);
	free(c);
}

/* Each member ends with a comma, but for the version, which is the last one and always there. */
static inline void
put_key(struct buf *out, const char *name, const char *more)
{
	buf_add_byte(out, '"');
	buf_add_str(out, name);
	buf_add_str(out, more);
	buf_add_str(out, "\":");
}

static void
put_text(struct buf *out, const char *name, struct slice text)
{
	if (!text.p)
		return;
	put_key(out, name, "");
	jcanon_quote(text, out);
	buf_add_byte(out, ',');
}

static void
put_json(struct content *c, const char *name, struct slice json, struct buf *out)
{
	put_key(out, name, "");
	jcanon_add(&c->json, json, out);
	buf_add_byte(out, ',');
}

/* Each name is there once; jcanon_add() puts them in order. */
static void
put_attributes(struct content *c, const struct event *e, struct buf *out)
{
	uint32_t i;

	c->text.len = 0;
	for (i = 0; i < e->n_attrs; i++) {
		if (attr_is_hint(&e->attrs[i]))
			continue;
		buf_add_byte(&c->text, c->text.len ? ',' : '{');
		jcanon_quote(e->attrs[i].name, &c->text);
		buf_add_byte(&c->text, ':');
		buf_add_slice(&c->text, e->attrs[i].value);
	}
	if (!c->text.len)
		return;
	buf_add_byte(&c->text, '}');
	put_json(c, "attributes", buf_slice(&c->text), out);
}

static void
put_payload(struct content *c, const char *name, const struct payload *p, struct buf *out)
{
	if (p->kind == PAYLOAD_JSON)
		put_json(c, name, p->bytes, out);
	if (p->kind == PAYLOAD_JSON || p->kind == PAYLOAD_NONE)
		return;
	put_key(out, name, "_base64");
	buf_add_byte(out, '"');
	base64_encode(p->bytes, out);
	buf_add_str(out, "\",");
}

/*
 * esimport --payload-codec makes CBOR of JSON and JSON of CBOR: what has an exact
 * JSON is taken as that, with the content type that goes with it.  Whether it is
 * one of these is returned; the JSON is in c->text then.
 */
static bool
has_json(struct content *c, const struct payload *data)
{
	struct err ignored;

	if (data->kind != PAYLOAD_CBOR)
		return false;
	ignored = (struct err)ERR_INIT;
	c->text.len = 0;
	return transcode_cbor_to_json(data->bytes, &c->text, &ignored) == 0;
}

/* x+cbor becomes x+json; the type of JSON that has no type of its own is absent. */
static void
put_type_of_json(struct buf *out, struct slice cbor_type)
{
	size_t suffix = sizeof(CBOR_SUFFIX) - 1;

	if (!slice_is(cbor_type, "application/cbor")) {
		assert(cbor_type.len > suffix); /* else it would not be CBOR: event_settle_cbor() */
		cbor_type.len -= suffix;
		put_text(out, "content_type", cbor_type);
		out->len -= sizeof("\",") - 1;
		buf_add_str(out, "+json\",");
	}
}

static void
put_tags(struct buf *out, const struct event *e)
{
	uint32_t i;

	if (!e->tags)
		return;
	put_key(out, "tags", "");
	buf_add_byte(out, '[');
	for (i = 0; i < e->n_tags; i++) {
		if (i)
			buf_add_byte(out, ',');
		jcanon_quote(e->tags[i], out);
	}
	buf_add_str(out, "],");
}

static void
put_time(struct buf *out, int64_t time_ns)
{
	char text[TIMESTAMP_BYTES];
	size_t len;

	if (time_ns == EVENT_NO_TIME)
		return;
	len = timestamp_format(time_ns, TIMESTAMP_RFC3339, text);
	put_text(out, "time", (struct slice){(uint8_t *)text, len});
}

/* In the order of the keys. */
void
content_write(struct content *c, const struct event *e, struct buf *out)
{
	bool converted;

	buf_reserve(out, event_weight_bytes(e));
	buf_add_byte(out, '{');
	put_attributes(c, e, out);
	put_text(out, "causation_id", e->causation_id);
	converted = has_json(c, &e->data);
	if (converted)
		put_type_of_json(out, e->content_type);
	else
		put_text(out, "content_type", e->content_type);
	put_text(out, "correlation_id", e->correlation_id);
	if (converted)
		put_json(c, "data", buf_slice(&c->text), out);
	else
		put_payload(c, "data", &e->data, out);
	put_text(out, "id", e->id);
	put_payload(c, "metadata", &e->metadata, out);
	put_text(out, "stream", e->stream);
	put_tags(out, e);
	put_time(out, e->time_ns);
	put_text(out, "type", e->type);
	put_key(out, "version", "");
	jcanon_uint(e->version, out);
	buf_add_byte(out, '}');
}

void
content_digest(struct content *c, const struct event *e, struct digest *out)
{
	c->line.len = 0;
	content_write(c, e, &c->line);
	*out = digest_of(buf_slice(&c->line));
}

void
content_digests(struct content *c, const struct batch *b, struct buf *out)
{
	struct digest one;
	size_t i;

	out->len = 0;
	for (i = 0; i < b->len; i++) {
		content_digest(c, &b->events[i], &one);
		buf_add(out, one.bytes, sizeof(one.bytes));
	}
}
