#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cborscan.h"
#include "common/event.h"
#include "common/jscan.h"
#include "common/printable.h"

#define BATCH_ARENA_BYTES ((size_t)256 << 10)
#define EVENT_OVERHEAD_BYTES 160 /* keys, position, version, time, punctuation */
#define FEW_ATTRS 64             /* are compared each with each */
#define KEEP_EVENTS 65536        /* a batch that held more gives the array back */

#define KEY(name)                                                                                  \
	{                                                                                          \
		(const uint8_t *)(name), sizeof(name) - 1                                          \
	}

static const struct {
	struct slice key;
	size_t text; /* offset of the slice, or 0 */
} fields[FIELDS] = {
    [FIELD_POSITION] = {KEY("position"), 0},
    [FIELD_STREAM] = {KEY("stream"), offsetof(struct event, stream)},
    [FIELD_VERSION] = {KEY("version"), 0},
    [FIELD_ID] = {KEY("id"), offsetof(struct event, id)},
    [FIELD_TYPE] = {KEY("type"), offsetof(struct event, type)},
    [FIELD_TIME] = {KEY("time"), 0},
    [FIELD_CORRELATION_ID] = {KEY("correlation_id"), offsetof(struct event, correlation_id)},
    [FIELD_CAUSATION_ID] = {KEY("causation_id"), offsetof(struct event, causation_id)},
    [FIELD_CONTENT_TYPE] = {KEY("content_type"), offsetof(struct event, content_type)},
    [FIELD_TAGS] = {KEY("tags"), 0},
    [FIELD_ATTRIBUTES] = {KEY("attributes"), 0},
    [FIELD_METADATA] = {KEY("metadata"), 0},
    [FIELD_DATA] = {KEY("data"), 0},
};

const char *
event_field_name(enum field f)
{
	return (const char *)fields[f].key.p;
}

struct slice
event_field_key(enum field f)
{
	return fields[f].key;
}

struct slice *
event_text(struct event *e, enum field f)
{
	return fields[f].text ? (struct slice *)(void *)((char *)e + fields[f].text) : NULL;
}

struct payload *
event_payload(struct event *e, enum field f)
{
	return f == FIELD_DATA ? &e->data : f == FIELD_METADATA ? &e->metadata : NULL;
}

struct batch *
batch_new(void)
{
	struct batch *b = xcalloc(1, sizeof(*b));

	b->mem = arena_new(BATCH_ARENA_BYTES);
	return b;
}

struct event *
batch_add(struct batch *b)
{
	struct event *e;

	b->before_last = arena_mark(b->mem);
	b->events = xgrow(b->events, &b->cap, b->len + 1, sizeof(*b->events));
	e = &b->events[b->len++];
	*e = (struct event){.position = EVENT_NO_POSITION, .time_ns = EVENT_NO_TIME};
	return e;
}

void
batch_drop_last(struct batch *b)
{
	b->len--;
	arena_rewind(b->mem, b->before_last);
}

struct event *
batch_add_copy(struct batch *b, const struct event *e)
{
	struct event *copy = batch_add(b);
	struct slice *text;
	uint32_t i;
	int f;

	*copy = *e;
	for (f = 0; f < FIELDS; f++) {
		text = event_text(copy, (enum field)f);
		if (text)
			*text = arena_dup(b->mem, *text);
	}
	copy->metadata.bytes = arena_dup(b->mem, e->metadata.bytes);
	copy->data.bytes = arena_dup(b->mem, e->data.bytes);
	if (e->tags)
		copy->tags = arena_alloc(b->mem, e->n_tags * sizeof(*e->tags) + 1);
	for (i = 0; i < e->n_tags; i++)
		copy->tags[i] = arena_dup(b->mem, e->tags[i]);
	copy->n_attrs = 0;
	copy->attrs = NULL;
	for (i = 0; i < e->n_attrs; i++)
		event_add_attr(copy, b->mem, arena_dup(b->mem, e->attrs[i].name),
		               arena_dup(b->mem, e->attrs[i].value));
	return copy;
}

void
batch_reset(struct batch *b)
{
	if (b->cap > KEEP_EVENTS) {
		free(b->events);
		b->events = NULL;
		b->cap = 0;
	}
	b->len = 0;
	b->weight_bytes = 0;
	b->filtered = 0;
	arena_reset(b->mem);
}

void
batch_free(struct batch *b)
{
	if (!b)
		return;
	arena_free(b->mem);
	free(b->events);
	free(b);
}

size_t
event_weight_bytes(const struct event *e)
{
	size_t sum = EVENT_OVERHEAD_BYTES + e->stream.len + e->id.len + e->type.len +
	             e->correlation_id.len + e->causation_id.len + e->content_type.len +
	             e->metadata.bytes.len + e->data.bytes.len;
	uint32_t i;

	for (i = 0; i < e->n_tags; i++)
		sum += e->tags[i].len + 3;
	for (i = 0; i < e->n_attrs; i++)
		sum += e->attrs[i].name.len + e->attrs[i].value.len + 4;
	return sum;
}

void
event_add_attr(struct event *e, struct arena *mem, struct slice name, struct slice value)
{
	struct attr *grown;

	/* The array has room for the next power of two; attributes are few. */
	if ((e->n_attrs & (e->n_attrs - 1)) == 0) {
		grown =
		    arena_alloc(mem, sizeof(*grown) * (e->n_attrs ? 2 * (size_t)e->n_attrs : 1));
		if (e->n_attrs)
			memcpy(grown, e->attrs, sizeof(*grown) * e->n_attrs);
		e->attrs = grown;
	}
	e->attrs[e->n_attrs++] = (struct attr){name, value};
}

bool
event_has_attr(const struct event *e, struct slice name)
{
	uint32_t i;

	for (i = 0; i < e->n_attrs; i++)
		if (slice_eq(e->attrs[i].name, name))
			return true;
	return false;
}

struct slice
event_attr(const struct event *e, const char *name)
{
	uint32_t i;

	for (i = 0; i < e->n_attrs; i++)
		if (slice_is(e->attrs[i].name, name))
			return e->attrs[i].value;
	return SLICE_ABSENT;
}

bool
attr_is_hint(const struct attr *a)
{
	return a->name.len && a->name.p[0] == '$';
}

static int
compare_names(const void *a, const void *b)
{
	const struct attr *x = a, *y = b;

	return slice_cmp(x->name, y->name);
}

struct attr *
event_sorted_attrs(const struct event *e, bool hints, uint32_t *n)
{
	struct attr *sorted = xcalloc(e->n_attrs, sizeof(*sorted));
	uint32_t i;

	*n = 0;
	for (i = 0; i < e->n_attrs; i++)
		if (hints || !attr_is_hint(&e->attrs[i]))
			sorted[(*n)++] = e->attrs[i];
	qsort(sorted, *n, sizeof(*sorted), compare_names);
	return sorted;
}

static bool
many_attrs_unique(const struct event *e)
{
	uint32_t i, n;
	struct attr *sorted = event_sorted_attrs(e, true, &n);
	bool unique = true;

	for (i = 1; i < n && unique; i++)
		unique = !slice_eq(sorted[i - 1].name, sorted[i].name);
	free(sorted);
	return unique;
}

/* Events have few attributes; a hostile archive may have an event with millions. */
bool
event_attrs_unique(const struct event *e)
{
	uint32_t i, j;

	if (e->n_attrs > FEW_ATTRS)
		return many_attrs_unique(e);
	for (i = 1; i < e->n_attrs; i++)
		for (j = 0; j < i; j++)
			if (slice_eq(e->attrs[i].name, e->attrs[j].name))
				return false;
	return true;
}

static int
refuse(const struct event *e, enum field f, const char *why, struct err *err)
{
	char which[256];

	event_describe(e, which, sizeof(which));
	return err_set(err, ERR_DATA, "%s: field %s: %s", which, event_field_name(f), why);
}

static void
check_payload(struct event *e, enum field f, struct arena *mem)
{
	struct payload *p = event_payload(e, f);

	if (p->kind != PAYLOAD_JSON || jscan_valid(p->bytes, &p->json_flags, NULL))
		return;
	p->kind = PAYLOAD_BYTES;
	if (p->was_text)
		event_add_attr(e, mem,
		               f == FIELD_DATA ? SLICE_LIT("$data") : SLICE_LIT("$metadata"),
		               SLICE_LIT("\"text\""));
}

static bool
says_cbor(struct slice content_type)
{
	return slice_is(content_type, "application/cbor") ||
	       (content_type.len > 5 &&
	        memcmp(content_type.p + content_type.len - 5, "+cbor", 5) == 0);
}

void
event_settle_cbor(struct event *e)
{
	if (e->data.kind == PAYLOAD_BYTES && says_cbor(e->content_type) &&
	    cborscan_valid(e->data.bytes))
		e->data.kind = PAYLOAD_CBOR;
}

/* In an archive an attribute is nested one level deeper than alone. */
static bool
too_deep(struct slice json)
{
	struct buf nested = BUF_INIT;
	bool good;

	if (json.len < JSCAN_MAX_DEPTH)
		return false;
	buf_add_byte(&nested, '[');
	buf_add_slice(&nested, json);
	buf_add_byte(&nested, ']');
	good = jscan_valid(buf_slice(&nested), NULL, NULL);
	buf_release(&nested);
	return !good;
}

static int
check_attrs(const struct event *e, struct err *err)
{
	uint32_t i;

	for (i = 0; i < e->n_attrs; i++) {
		if (!jscan_utf8(e->attrs[i].name))
			return refuse(e, FIELD_ATTRIBUTES, "a name is not valid UTF-8", err);
		if (too_deep(e->attrs[i].value))
			return refuse(e, FIELD_ATTRIBUTES, "a value is nested too deeply", err);
	}
	if (!event_attrs_unique(e))
		return refuse(e, FIELD_ATTRIBUTES, "an attribute is there twice", err);
	return 0;
}

int
event_check(struct event *e, struct arena *mem, struct err *err)
{
	struct slice *text;
	uint32_t i;
	int f;

	for (f = 0; f < FIELDS; f++) {
		text = event_text(e, (enum field)f);
		if (text && text->p && !jscan_utf8(*text))
			return refuse(e, (enum field)f, "is not valid UTF-8", err);
	}
	if (!e->stream.p)
		return refuse(e, FIELD_STREAM, "is absent", err);
	if (!e->type.p)
		return refuse(e, FIELD_TYPE, "is absent", err);
	if (e->position == EVENT_NO_POSITION)
		return refuse(e, FIELD_POSITION, "is absent", err);
	if (e->version == UINT64_MAX)
		return refuse(e, FIELD_VERSION, "is larger than 2^64 - 2", err);
	for (i = 0; i < e->n_tags; i++)
		if (!jscan_utf8(e->tags[i]))
			return refuse(e, FIELD_TAGS, "a tag is not valid UTF-8", err);
	if (check_attrs(e, err) < 0)
		return -1;
	check_payload(e, FIELD_METADATA, mem);
	check_payload(e, FIELD_DATA, mem);
	event_settle_cbor(e);
	return 0;
}

static bool
payload_eq(const struct payload *a, const struct payload *b)
{
	return a->kind == b->kind && slice_eq(a->bytes, b->bytes);
}

static bool
tags_eq(const struct event *a, const struct event *b)
{
	uint32_t i;

	if (!a->tags || !b->tags)
		return a->tags == b->tags;
	if (a->n_tags != b->n_tags)
		return false;
	for (i = 0; i < a->n_tags; i++)
		if (!slice_eq(a->tags[i], b->tags[i]))
			return false;
	return true;
}

/* Whether each attribute of `a` that is no hint is in `b` with the same value. */
static bool
attrs_within(const struct event *a, const struct event *b)
{
	uint32_t i, j;

	for (i = 0; i < a->n_attrs; i++) {
		if (attr_is_hint(&a->attrs[i]))
			continue;
		for (j = 0; j < b->n_attrs; j++)
			if (slice_eq(a->attrs[i].name, b->attrs[j].name) &&
			    slice_eq(a->attrs[i].value, b->attrs[j].value))
				break;
		if (j == b->n_attrs)
			return false;
	}
	return true;
}

/* Names are there once, so what is left without hints has one order. */
static bool
many_attrs_eq(const struct event *a, const struct event *b)
{
	uint32_t i, n, m;
	struct attr *x = event_sorted_attrs(a, false, &n), *y = event_sorted_attrs(b, false, &m);
	bool same = n == m;

	for (i = 0; i < n && same; i++)
		same = slice_eq(x[i].name, y[i].name) && slice_eq(x[i].value, y[i].value);
	free(x);
	free(y);
	return same;
}

static bool
attrs_eq(const struct event *a, const struct event *b)
{
	if (a->n_attrs > FEW_ATTRS || b->n_attrs > FEW_ATTRS)
		return many_attrs_eq(a, b);
	return attrs_within(a, b) && attrs_within(b, a);
}

unsigned
event_differences(const struct event *a, const struct event *b)
{
	unsigned mask = 0;
	size_t at;
	int f;

	for (f = 0; f < FIELDS; f++) {
		at = fields[f].text;
		if (at && !slice_eq(*(const struct slice *)(const void *)((const char *)a + at),
		                    *(const struct slice *)(const void *)((const char *)b + at)))
			mask |= 1U << f;
	}
	mask |= (unsigned)(a->position != b->position) << FIELD_POSITION;
	mask |= (unsigned)(a->version != b->version) << FIELD_VERSION;
	mask |= (unsigned)(a->time_ns != b->time_ns) << FIELD_TIME;
	mask |= (unsigned)!tags_eq(a, b) << FIELD_TAGS;
	mask |= (unsigned)!attrs_eq(a, b) << FIELD_ATTRIBUTES;
	mask |= (unsigned)!payload_eq(&a->metadata, &b->metadata) << FIELD_METADATA;
	mask |= (unsigned)!payload_eq(&a->data, &b->data) << FIELD_DATA;
	return mask;
}

const char *
event_difference(const struct event *a, const struct event *b, bool positions)
{
	unsigned mask = event_differences(a, b);
	unsigned f = FIELD_POSITION;

	if (!positions)
		f++;
	for (; f < FIELDS; f++)
		if (mask & 1U << f)
			return event_field_name(f);
	return NULL;
}

void
event_printable(struct slice s, char out[EVENT_PRINTABLE_BYTES])
{
	size_t i, n = s.len < 80 ? s.len : 80;

	while (n < s.len && n && (s.p[n] & 0xC0) == 0x80)
		n--; /* not in the middle of a character */
	for (i = 0; i < n; i++)
		out[i] = s.p[i] == '"' ? '?' : (char)s.p[i];
	printable_line((uint8_t *)out, n, '?');
	memcpy(out + n, n < s.len ? "..." : "", n < s.len ? 4 : 1);
}

void
event_describe(const struct event *e, char *out, size_t size)
{
	char stream[EVENT_PRINTABLE_BYTES] = "";

	if (e->stream.p)
		event_printable(e->stream, stream);
	snprintf(out, size, "event %" PRIu64 " (stream \"%s\", version %" PRIu64 ")", e->position,
	         stream, e->version);
}
