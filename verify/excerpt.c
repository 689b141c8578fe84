#include <inttypes.h>
#include <stdlib.h>

#include "common/jscan.h"
#include "common/printable.h"
#include "common/timestamp.h"
#include "verify/excerpt.h"

#define BEFORE_BYTES 30 /* that are shown before the first difference */

static size_t
first_difference(struct slice a, struct slice b)
{
	size_t i = 0, n = a.len < b.len ? a.len : b.len;

	while (i < n && a.p[i] == b.p[i])
		i++;
	return i;
}

static bool
continues(uint8_t byte)
{
	return (byte & 0xC0) == 0x80;
}

/* The beginning of the character that the byte at `at` is part of. */
static size_t
character_start(struct slice s, size_t at)
{
	while (at > 0 && at < s.len && continues(s.p[at]))
		at--;
	return at;
}

/* The part about `at` of a text, whole characters. */
static void
cut_text(struct slice s, size_t at, struct buf *out)
{
	size_t begin = 0, end = s.len;

	if (s.len > EXCERPT_BYTES && at > BEFORE_BYTES)
		begin = character_start(s, at - BEFORE_BYTES);
	if (s.len - begin > EXCERPT_BYTES)
		end = character_start(s, begin + EXCERPT_BYTES);
	if (begin > 0)
		buf_add_str(out, "...");
	buf_reserve(out, end - begin + 1);
	buf_add(out, s.p + begin, end - begin);
	printable_line(out->p + out->len - (end - begin), end - begin, ' ');
	if (end < s.len)
		buf_add_str(out, "...");
}

static void
cut_bytes(struct slice s, size_t at, struct buf *out)
{
	size_t begin = at > BEFORE_BYTES / 2 ? at - BEFORE_BYTES / 2 : 0, end, i;

	if (begin > s.len)
		begin = s.len;
	end = s.len - begin > EXCERPT_BYTES / 2 ? begin + EXCERPT_BYTES / 2 : s.len;
	buf_add_str(out, begin > 0 ? "bytes ..." : "bytes ");
	for (i = begin; i < end; i++)
		buf_printf(out, "%02x", s.p[i]);
	if (end < s.len)
		buf_add_str(out, "...");
	if (s.len == 0)
		buf_add_str(out, "(none)");
}

static void
put_list(const struct event *e, struct buf *out)
{
	uint32_t i;

	buf_add_byte(out, '[');
	for (i = 0; i < e->n_tags; i++) {
		if (i)
			buf_add_byte(out, ',');
		jscan_quote(e->tags[i], out);
	}
	buf_add_byte(out, ']');
}

static void
put_attributes(const struct event *e, struct buf *out)
{
	uint32_t i, n;
	struct attr *sorted = event_sorted_attrs(e, false, &n);

	buf_add_byte(out, '{');
	for (i = 0; i < n; i++) {
		if (i)
			buf_add_byte(out, ',');
		jscan_quote(sorted[i].name, out);
		buf_add_byte(out, ':');
		buf_add_slice(out, sorted[i].value);
	}
	buf_add_byte(out, '}');
	free(sorted);
}

/* The whole value of a field that is no payload; absent: there is none.  May lie in `out`. */
static struct slice
whole(const struct event *e, enum field f, struct buf *out)
{
	char time[TIMESTAMP_BYTES];

	switch (f) {
	case FIELD_POSITION:
		buf_printf(out, "%" PRIu64, e->position);
		break;
	case FIELD_VERSION:
		buf_printf(out, "%" PRIu64, e->version);
		break;
	case FIELD_TIME:
		if (e->time_ns == EVENT_NO_TIME)
			return SLICE_ABSENT;
		timestamp_format(e->time_ns, TIMESTAMP_RFC3339, time);
		buf_add_str(out, time);
		break;
	case FIELD_TAGS:
		if (!e->tags)
			return SLICE_ABSENT;
		put_list(e, out);
		break;
	case FIELD_ATTRIBUTES:
		put_attributes(e, out);
		break;
	default:
		return *event_text((struct event *)(uintptr_t)e, f);
	}
	return buf_slice(out);
}

static const struct payload *
payload_of(const struct event *e, enum field f)
{
	return event_payload((struct event *)(uintptr_t)e, f);
}

/* Texts are as they are written; bytes that have become JSON, or the other way round, are said to
 * be such. */
static void
cut_payload(const struct payload *p, size_t at, struct buf *out)
{
	switch (p->kind) {
	case PAYLOAD_NONE:
		buf_add_str(out, "(absent)");
		break;
	case PAYLOAD_JSON:
		cut_text(p->bytes, at, out);
		break;
	case PAYLOAD_CBOR:
		buf_add_str(out, "CBOR, ");
		cut_bytes(p->bytes, at, out);
		break;
	case PAYLOAD_BYTES:
		cut_bytes(p->bytes, at, out);
		break;
	}
}

static void
cut_value(struct slice s, size_t at, struct buf *out)
{
	if (s.p)
		cut_text(s, at, out);
	else
		buf_add_str(out, "(absent)");
}

void
excerpt_pair(const struct event *a, const struct event *b, enum field f, struct buf *text_a,
             struct buf *text_b)
{
	struct buf space_a = BUF_INIT, space_b = BUF_INIT;
	const struct payload *p = payload_of(a, f), *q = payload_of(b, f);
	struct slice x, y;
	size_t at;

	if (p) {
		at = first_difference(p->bytes, q->bytes);
		cut_payload(p, at, text_a);
		cut_payload(q, at, text_b);
		return;
	}
	x = whole(a, f, &space_a);
	y = whole(b, f, &space_b);
	at = first_difference(x, y);
	cut_value(x, at, text_a);
	cut_value(y, at, text_b);
	buf_release(&space_a);
	buf_release(&space_b);
}

void
excerpt_text(struct slice text, struct buf *out)
{
	cut_text(text, 0, out);
}
