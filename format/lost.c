#include "format/lost.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/cborbuf.h"
#include "common/cborscan.h"
#include "common/progress.h"
#include "format/cbormap.h"

#define COLUMNS 3 /* first, last, events */

void
lost_release(struct lost *l)
{
	free(l->ranges);
	*l = (struct lost){0};
}

/* Whether every position of it is lost. */
static bool
dense(const struct lost_range *r)
{
	return r->counted && !r->open && r->events - 1 == r->last - r->first;
}

static void
join(struct lost_range *into, const struct lost_range *r)
{
	into->last = r->last;
	into->open = r->open;
	into->counted = into->counted && r->counted;
	into->events += r->events;
}

void
lost_add(struct lost *l, struct lost_range r)
{
	struct lost_range *before = l->len ? &l->ranges[l->len - 1] : NULL;

	if (before && (before->open || before->last == UINT64_MAX))
		return;
	if (before && r.first <= before->last) {
		r.first = before->last + 1;
		r.counted = false;
		r.events = 0;
	}
	if (!r.open && r.first > r.last)
		return;
	if (before &&
	    ((dense(before) && dense(&r) && before->last + 1 == r.first) || l->len == LOST_MAX)) {
		join(before, &r);
		return;
	}
	l->ranges = xgrow(l->ranges, &l->cap, l->len + 1, sizeof(*l->ranges));
	l->ranges[l->len++] = r;
}

bool
lost_events(const struct lost *l, uint64_t *events)
{
	size_t i;

	*events = 0;
	for (i = 0; i < l->len; i++) {
		if (!l->ranges[i].counted)
			return false;
		*events += l->ranges[i].events;
	}
	return true;
}

const char *
lost_text(const struct lost_range *r, char out[LOST_TEXT_BYTES])
{
	char where[80], n[PROGRESS_TEXT_BYTES];

	if (r->open)
		snprintf(where, sizeof(where), "from position %" PRIu64 " on", r->first);
	else if (r->first == r->last)
		snprintf(where, sizeof(where), "position %" PRIu64, r->first);
	else
		snprintf(where, sizeof(where), "positions %" PRIu64 " to %" PRIu64, r->first,
		         r->last);
	if (!r->counted)
		snprintf(out, LOST_TEXT_BYTES, "%s: %s", where,
		         r->open ? "nobody knows how many events" : "an unknown number of events");
	else if (dense(r))
		snprintf(out, LOST_TEXT_BYTES, "%s: %s %s", where, progress_count(r->events, n),
		         r->events == 1 ? "event" : "events");
	else
		snprintf(out, LOST_TEXT_BYTES, "%s: %s %s that lay between them", where,
		         progress_count(r->events, n), r->events == 1 ? "event" : "events");
	return out;
}

void
lost_put_json(const struct lost_range *r, struct buf *out)
{
	buf_printf(out, "{\"first\":%" PRIu64 ",\"last\":", r->first);
	if (r->open)
		buf_add_str(out, "null");
	else
		buf_printf(out, "%" PRIu64, r->last);
	buf_add_str(out, ",\"events\":");
	if (r->counted)
		buf_printf(out, "%" PRIu64 "}", r->events);
	else
		buf_add_str(out, "null}");
}

void
lost_put_array(const struct lost *l, struct buf *out)
{
	size_t i;

	buf_add_byte(out, '[');
	for (i = 0; i < l->len; i++) {
		if (i)
			buf_add_byte(out, ',');
		lost_put_json(&l->ranges[i], out);
	}
	buf_add_byte(out, ']');
}

static void
put_known(struct buf *out, bool known, uint64_t n)
{
	if (known)
		cborbuf_uint(out, n);
	else
		cborbuf_null(out);
}

void
lost_encode(const struct lost *l, struct buf *out)
{
	size_t i;

	cborbuf_array(out, l->len);
	for (i = 0; i < l->len; i++) {
		cborbuf_array(out, COLUMNS);
		cborbuf_uint(out, l->ranges[i].first);
		put_known(out, !l->ranges[i].open, l->ranges[i].last);
		put_known(out, l->ranges[i].counted, l->ranges[i].events);
	}
}

static bool
take_known(struct slice *in, bool *known, uint64_t *n)
{
	struct cborscan_item item;
	struct slice after = *in;
	const char *why;

	*known = !(cborscan_next(&after, &item, &why) > 0 && item.kind == CBORSCAN_NULL);
	if (*known)
		return cbormap_take_uint(in, n);
	*in = after;
	return true;
}

bool
lost_decode(struct lost *l, struct slice cbor)
{
	struct lost_range r;
	uint64_t n, columns;
	bool closed;

	if (!cbormap_take_array(&cbor, &n) || n > LOST_MAX)
		return false;
	for (; n > 0; n--) {
		r = (struct lost_range){0};
		if (!cbormap_take_array(&cbor, &columns) || columns != COLUMNS ||
		    !cbormap_take_uint(&cbor, &r.first) || !take_known(&cbor, &closed, &r.last) ||
		    !take_known(&cbor, &r.counted, &r.events))
			return false;
		r.open = !closed;
		if ((!r.open && r.last < r.first) ||
		    (l->len &&
		     (l->ranges[l->len - 1].open || l->ranges[l->len - 1].last >= r.first)))
			return false;
		lost_add(l, r);
	}
	return cbor.len == 0;
}
