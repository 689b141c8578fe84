#include <stdlib.h>

#include "import/refuse.h"

void
refuse_init(struct refuse *r, struct sink *sink, struct deadletter *letters)
{
	*r = (struct refuse){.sink = sink, .letters = letters, .kept = batch_new()};
}

void
refuse_release(struct refuse *r)
{
	batch_free(r->kept);
	free(r->places);
	*r = (struct refuse){0};
}

void
refuse_keep(struct refuse *r, const struct event *e, const struct place *place)
{
	struct place *copy = NULL;

	if (place) {
		copy = arena_alloc(r->kept->mem, sizeof(*copy));
		*copy = *place;
		copy->follows.stream = arena_dup(r->kept->mem, place->follows.stream);
	}
	r->places = xgrow(r->places, &r->places_cap, r->kept->len + 1, sizeof(*r->places));
	r->places[r->kept->len] = copy;
	batch_add_copy(r->kept, e);
}

void
refuse_committed(struct refuse *r, const struct sink_tail *tail)
{
	r->base = *tail;
	batch_reset(r->kept);
}

/* Some events of the batch, in a transaction of their own. */
static int
bring(struct refuse *r, size_t from, size_t n, struct err *err)
{
	struct sink_tail tail = r->base;
	const struct event *last = NULL;
	uint64_t present;
	size_t i;

	for (i = from; i < from + n; i++) {
		if (sink_write(r->sink, &r->kept->events[i], r->places[i], err) < 0)
			return -1;
		if (sink_tail_add(&tail, &r->kept->events[i]))
			last = &r->kept->events[i];
	}
	if (last && sink_digest(r->sink, last, &tail.event, err) < 0)
		return -1;
	if (sink_commit(r->sink, &tail, false, &present, err) < 0)
		return -1;
	r->base = tail;
	r->present += present;
	r->written += n - present;
	return 0;
}

/* The event that a piece came down to. */
static int
refuse(struct refuse *r, size_t i, struct err *err)
{
	const struct err reason = *err;

	if (deadletter_add(r->letters, &r->kept->events[i], reason.msg, err) < 0 ||
	    deadletter_sync(r->letters, err) < 0)
		return -1;
	sink_put_aside(r->sink, &r->kept->events[i]);
	r->refused++;
	return 0;
}

/* Pieces are halved where they fail and doubled where they do not: a few events that are refused
 * cost a few commits each, and of many in a row each costs one. */
int
refuse_sort(struct refuse *r, struct err *err)
{
	size_t at = 0, n = r->kept->len, left;

	r->written = r->present = r->refused = 0;
	if (err->kind != ERR_DATA || n == 0 || sink_rollback(r->sink, err) < 0)
		return -1;
	for (n -= n / 2; (left = r->kept->len - at) > 0;) {
		n = n < left ? n : left;
		if (bring(r, at, n, err) == 0) {
			at += n;
			n *= 2;
			continue;
		}
		if (err->kind != ERR_DATA || sink_rollback(r->sink, err) < 0)
			return -1;
		if (n > 1)
			n /= 2;
		else if (refuse(r, at++, err) < 0)
			return -1;
	}
	batch_reset(r->kept);
	return 0;
}
