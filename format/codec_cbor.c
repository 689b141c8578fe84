#include <string.h>

#include "common/cborbuf.h"
#include "common/cborscan.h"
#include "common/jscan.h"
#include "common/timestamp.h"
#include "common/uuid.h"
#include "format/codec.h"

/* Tags: RFC 8949 section 3.4 and the IANA registry. */
#define TAG_TIME 0   /* RFC 3339 text */
#define TAG_CBOR 24  /* a byte string that is CBOR */
#define TAG_UUID 37  /* a byte string of 16 */
#define TAG_JSON 262 /* a byte string that is JSON */

static void
put_name(struct buf *out, const char *text)
{
	cborbuf_text(out, slice_str(text));
}

static bool
is_id(enum field f)
{
	return f == FIELD_ID || f == FIELD_CORRELATION_ID || f == FIELD_CAUSATION_ID;
}

static void
put_text(struct buf *out, const struct event *e, enum field f)
{
	struct event *any = (struct event *)(uintptr_t)e; /* event_text() only finds the place */
	struct slice text = *event_text(any, f);
	uint8_t uuid[UUID_BYTES];

	if (!text.p)
		return;
	cborbuf_text(out, event_field_key(f));
	if (is_id(f) && uuid_parse(text, uuid) == 0) {
		cborbuf_tag(out, TAG_UUID);
		cborbuf_bytes(out, (struct slice){uuid, sizeof(uuid)});
	} else {
		cborbuf_text(out, text);
	}
}

static void
put_json(struct buf *out, struct slice json)
{
	cborbuf_tag(out, TAG_JSON);
	cborbuf_bytes(out, json);
}

static void
put_payload(struct buf *out, enum field f, const struct payload *p)
{
	if (p->kind == PAYLOAD_NONE)
		return;
	cborbuf_text(out, event_field_key(f));
	if (p->kind == PAYLOAD_JSON) {
		put_json(out, p->bytes);
		return;
	}
	if (p->kind == PAYLOAD_CBOR)
		cborbuf_tag(out, TAG_CBOR);
	cborbuf_bytes(out, p->bytes);
}

static void
put_lists(struct buf *out, const struct event *e)
{
	uint32_t i;

	if (e->tags) {
		put_name(out, "tags");
		cborbuf_array(out, e->n_tags);
		for (i = 0; i < e->n_tags; i++)
			cborbuf_text(out, e->tags[i]);
	}
	if (e->n_attrs) {
		put_name(out, "attributes");
		cborbuf_map(out, e->n_attrs);
		for (i = 0; i < e->n_attrs; i++) {
			cborbuf_text(out, e->attrs[i].name);
			put_json(out, e->attrs[i].value);
		}
	}
}

static uint64_t
count_pairs(const struct event *e)
{
	return 4U + (e->id.p != NULL) + (e->time_ns != EVENT_NO_TIME) +
	       (e->correlation_id.p != NULL) + (e->causation_id.p != NULL) +
	       (e->content_type.p != NULL) + (e->tags != NULL) + (e->n_attrs > 0) +
	       (e->metadata.kind != PAYLOAD_NONE) + (e->data.kind != PAYLOAD_NONE);
}

static int
encode_event(const struct event *e, unsigned flags, struct buf *out, struct err *err)
{
	char time[TIMESTAMP_BYTES];
	size_t n;

	(void)flags;
	(void)err; /* every checked event can be written */
	buf_reserve(out, event_weight_bytes(e));
	cborbuf_map(out, count_pairs(e));
	put_name(out, "position");
	cborbuf_uint(out, e->position);
	put_text(out, e, FIELD_STREAM);
	put_name(out, "version");
	cborbuf_uint(out, e->version);
	put_text(out, e, FIELD_ID);
	put_text(out, e, FIELD_TYPE);
	if (e->time_ns != EVENT_NO_TIME) {
		n = timestamp_format(e->time_ns, TIMESTAMP_RFC3339, time);
		put_name(out, "time");
		cborbuf_tag(out, TAG_TIME);
		cborbuf_text(out, (struct slice){(uint8_t *)time, n});
	}
	put_text(out, e, FIELD_CORRELATION_ID);
	put_text(out, e, FIELD_CAUSATION_ID);
	put_text(out, e, FIELD_CONTENT_TYPE);
	put_lists(out, e);
	put_payload(out, FIELD_METADATA, &e->metadata);
	put_payload(out, FIELD_DATA, &e->data);
	return 0;
}

struct decoder {
	struct slice *in;
	struct event *e;
	struct arena *mem;
};

static int
take(struct decoder *d, struct cborscan_item *item, struct err *err)
{
	const char *why = "unexpected end";

	if (cborscan_next(d->in, item, &why) > 0)
		return 0;
	return err_set(err, ERR_FORMAT, "not well-formed CBOR: %s", why);
}

static int
bad_value(const char *key, const char *want, struct err *err)
{
	return err_set(err, ERR_FORMAT, "\"%s\" is not %s", key, want);
}

static int
take_kind(struct decoder *d, struct cborscan_item *item, enum cborscan_kind kind, const char *key,
          const char *want, struct err *err)
{
	if (take(d, item, err) < 0)
		return -1;
	return item->kind == kind ? 0 : bad_value(key, want, err);
}

static int
take_uint(struct decoder *d, const char *key, uint64_t *out, struct err *err)
{
	struct cborscan_item item;

	if (take_kind(d, &item, CBORSCAN_UINT, key, "an unsigned integer", err) < 0)
		return -1;
	if (item.n == UINT64_MAX) /* EVENT_NO_POSITION */
		return bad_value(key, "an integer from 0 to 2^64 - 2", err);
	*out = item.n;
	return 0;
}

static int
take_text(struct decoder *d, enum field f, struct err *err)
{
	const char *key = event_field_name(f);
	struct cborscan_item item;
	char *text;

	if (take(d, &item, err) < 0)
		return -1;
	if (item.kind == CBORSCAN_TEXT) {
		*event_text(d->e, f) = item.bytes;
		return 0;
	}
	if (!is_id(f) || item.kind != CBORSCAN_TAG || item.n != TAG_UUID)
		return bad_value(key, "text", err);
	if (take_kind(d, &item, CBORSCAN_BYTES, key, "a UUID", err) < 0)
		return -1;
	if (item.bytes.len != UUID_BYTES)
		return bad_value(key, "a UUID of 16 bytes", err);
	text = arena_alloc(d->mem, UUID_TEXT_BYTES + 1);
	uuid_format(item.bytes.p, text);
	*event_text(d->e, f) = (struct slice){(uint8_t *)text, UUID_TEXT_BYTES};
	return 0;
}

static int
take_time(struct decoder *d, struct err *err)
{
	struct cborscan_item item;

	if (take_kind(d, &item, CBORSCAN_TAG, "time", "a time (tag 0)", err) < 0)
		return -1;
	if (item.n != TAG_TIME)
		return bad_value("time", "a time (tag 0)", err);
	if (take_kind(d, &item, CBORSCAN_TEXT, "time", "a time as text", err) < 0)
		return -1;
	if (timestamp_parse(item.bytes, &d->e->time_ns) < 0)
		return bad_value("time", "an RFC 3339 time from 1677 to 2262", err);
	return 0;
}

/* The JSON text behind tag 262. */
static int
take_json(struct decoder *d, const char *key, struct slice *out, unsigned *flags, struct err *err)
{
	struct cborscan_item item;

	if (take_kind(d, &item, CBORSCAN_BYTES, key, "a byte string behind its tag", err) < 0)
		return -1;
	if (!jscan_valid(item.bytes, flags, NULL))
		return bad_value(key, "the JSON that its tag says", err);
	*out = item.bytes;
	return 0;
}

static int
take_tags(struct decoder *d, struct err *err)
{
	struct cborscan_item item;
	uint64_t i, n;

	if (take_kind(d, &item, CBORSCAN_ARRAY, "tags", "an array", err) < 0)
		return -1;
	n = item.n; /* not more than there are bytes: cborscan_next() */
	d->e->tags = arena_alloc(d->mem, n * sizeof(*d->e->tags) + 1);
	for (i = 0; i < n; i++) {
		if (take_kind(d, &item, CBORSCAN_TEXT, "tags", "an array of text", err) < 0)
			return -1;
		d->e->tags[d->e->n_tags++] = item.bytes;
	}
	return 0;
}

static int
take_attributes(struct decoder *d, struct err *err)
{
	struct cborscan_item item;
	struct slice name, value = SLICE_ABSENT;
	unsigned flags = 0;
	uint64_t i, n;

	if (take_kind(d, &item, CBORSCAN_MAP, "attributes", "a map", err) < 0)
		return -1;
	for (i = 0, n = item.n; i < n; i++) {
		if (take_kind(d, &item, CBORSCAN_TEXT, "attributes", "a map of text", err) < 0)
			return -1;
		name = item.bytes;
		if (take_kind(d, &item, CBORSCAN_TAG, "attributes", "JSON (tag 262)", err) < 0)
			return -1;
		if (item.n != TAG_JSON)
			return bad_value("attributes", "JSON (tag 262)", err);
		if (take_json(d, "attributes", &value, &flags, err) < 0)
			return -1;
		if (flags & JSCAN_SPACE)
			return bad_value("attributes", "compact JSON", err);
		event_add_attr(d->e, d->mem, name, value);
	}
	if (!event_attrs_unique(d->e))
		return err_set(err, ERR_FORMAT, "an attribute is there twice");
	return 0;
}

static int
take_payload(struct decoder *d, enum field f, struct err *err)
{
	struct payload *p = event_payload(d->e, f);
	const char *key = event_field_name(f);
	struct cborscan_item item;

	if (take(d, &item, err) < 0)
		return -1;
	if (item.kind == CBORSCAN_BYTES) {
		*p = (struct payload){.kind = PAYLOAD_BYTES, .bytes = item.bytes};
		return 0;
	}
	if (item.kind == CBORSCAN_TAG && item.n == TAG_JSON) {
		p->kind = PAYLOAD_JSON;
		return take_json(d, key, &p->bytes, &p->json_flags, err);
	}
	if (item.kind != CBORSCAN_TAG || item.n != TAG_CBOR || f != FIELD_DATA)
		return bad_value(key, "JSON (tag 262), CBOR (tag 24) or bytes", err);
	if (take_kind(d, &item, CBORSCAN_BYTES, key, "a byte string behind its tag", err) < 0)
		return -1;
	if (!cborscan_valid(item.bytes))
		return bad_value(key, "the CBOR that its tag says", err);
	*p = (struct payload){.kind = PAYLOAD_BYTES, .bytes = item.bytes};
	return 0;
}

static int
take_field(struct decoder *d, enum field f, struct err *err)
{
	switch (f) {
	case FIELD_POSITION:
		return take_uint(d, "position", &d->e->position, err);
	case FIELD_VERSION:
		return take_uint(d, "version", &d->e->version, err);
	case FIELD_TIME:
		return take_time(d, err);
	case FIELD_TAGS:
		return take_tags(d, err);
	case FIELD_ATTRIBUTES:
		return take_attributes(d, err);
	case FIELD_METADATA:
	case FIELD_DATA:
		return take_payload(d, f, err);
	default:
		return take_text(d, f, err);
	}
}

/* Fields come in order as a rule: look on from the last one found. */
static int
find_field(struct slice key, int after)
{
	int i, f;

	for (i = 1; i <= FIELDS; i++) {
		f = (after + i) % FIELDS;
		if (slice_eq(key, event_field_key((enum field)f)))
			return f;
	}
	return -1;
}

static int
decode_map(struct decoder *d, unsigned *seen, struct err *err)
{
	struct cborscan_item item;
	uint64_t i, pairs;
	int f = -1;

	if (take(d, &item, err) < 0)
		return -1;
	if (item.kind != CBORSCAN_MAP)
		return err_set(err, ERR_FORMAT, "an event is not a map");
	for (i = 0, pairs = item.n; i < pairs; i++) {
		if (take_kind(d, &item, CBORSCAN_TEXT, "a key", "text", err) < 0)
			return -1;
		f = find_field(item.bytes, f);
		if (f < 0 && slice_is(item.bytes, "kind"))
			return err_set(err, ERR_FORMAT,
			               "an item of a \"kind\" that this version does not know");
		if (f < 0)
			return err_set(err, ERR_FORMAT, "unknown key \"%.*s\"",
			               item.bytes.len < 60 ? (int)item.bytes.len : 60,
			               (const char *)item.bytes.p);
		if (*seen & 1U << f)
			return err_set(err, ERR_FORMAT, "\"%s\" is there twice",
			               event_field_name((enum field)f));
		*seen |= 1U << f;
		if (take_field(d, (enum field)f, err) < 0)
			return -1;
	}
	return 0;
}

static int
decode_event(struct slice *in, unsigned flags, struct batch *into, struct err *err)
{
	struct decoder d = {.in = in, .e = batch_add(into), .mem = into->mem};
	unsigned seen = 0;

	if (decode_map(&d, &seen, err) < 0 || codec_check_present(seen, flags, err) < 0) {
		batch_drop_last(into);
		return -1;
	}
	event_settle_cbor(d.e);
	return 0;
}

const struct codec codec_cbor = {.name = "cbor",
                                 .suffix = ".cbor.zst",
                                 .encode = encode_event,
                                 .decode = decode_event};
