#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "format/digest.h"
#include "verify/feed.h"
#include "verify/window.h"

#define NO_EVENT UINT64_MAX /* the end of a chain */
#define FIRST_SLOTS 4096

/* An event is known by two keys; those with one hash are chained in their order. */
enum key { BY_ID, BY_PLACE, KEYS };

struct entry {
	const struct event *event;
	struct batch *batch;
	uint64_t hash[KEYS]; /* of an event that was indexed */
	uint64_t next[KEYS]; /* number of the next one in the chain, or NO_EVENT */
	bool taken;
};

struct chain {
	uint64_t first, last; /* numbers of events, or NO_EVENT */
};

/* Events are numbered as they are read; number n is in entries[n % n_entries]. */
struct window {
	struct feed *feed;
	uint64_t ahead_bytes;
	struct same *same;
	struct entry *entries;
	size_t n_entries; /* a power of two */
	uint64_t begin, indexed,
	    end;                    /* begin <= end; indexed: number of the first without chains */
	uint64_t held_bytes;        /* of all batches */
	uint64_t gone;              /* events dropped or taken */
	uint64_t n_taken;           /* of those from begin to end */
	uint64_t payload_bytes;     /* read */
	struct chain *chains[KEYS]; /* n_entries each */
	struct batch *behind;       /* of the head that was dropped last */
	const struct event
	    *before; /* the one that left last: of `behind`, or of the head's batch */
	bool ended;
};

static struct entry *
entry_at(const struct window *w, uint64_t number)
{
	return &w->entries[number & (w->n_entries - 1)];
}

static struct chain *
chain_of(const struct window *w, enum key k, uint64_t hash)
{
	return &w->chains[k][hash & (w->n_entries - 1)];
}

static uint64_t
hash_id(const struct event *e)
{
	return e->id.p ? digest_of_64(e->id) : 0;
}

/* An event without an id is in no chain of ids. */
static bool
has_key(const struct entry *e, enum key k)
{
	return k != BY_ID || e->event->id.p;
}

/* Behind the others: events are chained in their order. */
static void
chain_add(struct window *w, enum key k, uint64_t number)
{
	struct entry *e = entry_at(w, number);
	struct chain *c = chain_of(w, k, e->hash[k]);

	if (!has_key(e, k))
		return;
	e->next[k] = NO_EVENT;
	if (c->first == NO_EVENT)
		c->first = number;
	else
		entry_at(w, c->last)->next[k] = number;
	c->last = number;
}

static void
chain_range(struct window *w, uint64_t number, uint64_t end)
{
	for (; number < end; number++) {
		chain_add(w, BY_ID, number);
		chain_add(w, BY_PLACE, number);
	}
}

static void
index_new(struct window *w)
{
	uint64_t number;

	for (number = w->indexed; number < w->end; number++) {
		struct entry *e = entry_at(w, number);

		e->hash[BY_ID] = hash_id(e->event);
		e->hash[BY_PLACE] = identity_place_hash(w->same, e->event);
	}
	chain_range(w, w->indexed, w->end);
	w->indexed = w->end;
}

static void
clear_chains(struct window *w)
{
	int k;

	for (k = 0; k < KEYS; k++) {
		w->chains[k] = xrealloc(w->chains[k], w->n_entries * sizeof(*w->chains[k]));
		memset(w->chains[k], 0xff, w->n_entries * sizeof(*w->chains[k])); /* NO_EVENT */
	}
}

/* Room for one batch more.  What was indexed is chained anew. */
static void
grow(struct window *w, size_t more)
{
	struct entry *old = w->entries;
	size_t n_old = w->n_entries, want = n_old ? n_old : FIRST_SLOTS;
	uint64_t number;

	while (want < w->end - w->begin + more)
		want *= 2;
	if (want == n_old)
		return;
	w->entries = xcalloc(want, sizeof(*w->entries));
	w->n_entries = want;
	for (number = w->begin; number < w->end; number++)
		*entry_at(w, number) = old[number & (n_old - 1)];
	free(old);
	clear_chains(w);
	chain_range(w, w->begin, w->indexed);
}

/* 1, 0 at the end, -1. */
static int
read_batch(struct window *w, struct err *err)
{
	struct batch *b;
	size_t i;
	int rc = w->ended ? 0 : feed_next(w->feed, &b, err);

	w->ended = rc <= 0;
	if (rc <= 0)
		return rc;
	grow(w, b->len);
	for (i = 0; i < b->len; i++) {
		w->payload_bytes += b->events[i].data.bytes.len + b->events[i].metadata.bytes.len;
		*entry_at(w, w->end++) = (struct entry){.event = &b->events[i], .batch = b};
	}
	w->held_bytes += b->weight_bytes;
	return 1;
}

static void
let_go(struct window *w, struct batch *b)
{
	if (b)
		feed_give_back(w->feed, b);
}

/* The first entry leaves; it is the first of its chains, too. */
static void
remove_first(struct window *w)
{
	struct entry *e = entry_at(w, w->begin);
	int k;

	for (k = 0; w->begin < w->indexed && k < KEYS; k++) {
		struct chain *c = chain_of(w, (enum key)k, e->hash[k]);

		if (has_key(e, (enum key)k)) {
			assert(c->first == w->begin);
			c->first = e->next[k];
		}
	}
	w->before = e->event;
	w->begin++;
	w->n_taken -= e->taken;
	if (w->indexed < w->begin)
		w->indexed = w->begin;
	if (w->begin < w->end && entry_at(w, w->begin)->batch == e->batch)
		return;
	w->held_bytes -= e->batch->weight_bytes;
	let_go(w, w->behind);
	w->behind = e->batch; /* whose last event the caller may still be looking at */
}

int
window_open(struct window **out, const struct address *from, const struct source_options *options,
            uint64_t ahead_bytes, struct err *err)
{
	struct window *w = xcalloc(1, sizeof(*w));

	w->ahead_bytes = ahead_bytes;
	if (feed_open(&w->feed, from, options, err) < 0) {
		window_close(w);
		return -1;
	}
	*out = w;
	return 0;
}

void
window_close(struct window *w)
{
	struct batch *last = NULL;
	int k;

	if (!w)
		return;
	for (; w->begin < w->end; w->begin++) {
		struct batch *b = entry_at(w, w->begin)->batch;

		if (b != last)
			batch_free(b);
		last = b;
	}
	batch_free(w->behind);
	feed_close(w->feed);
	for (k = 0; k < KEYS; k++)
		free(w->chains[k]);
	free(w->entries);
	free(w);
}

const struct source_info *
window_info(const struct window *w)
{
	return feed_info(w->feed);
}

uint64_t
window_events(const struct window *w)
{
	return w->gone;
}

uint64_t
window_payload_bytes(const struct window *w)
{
	return w->payload_bytes;
}

int
window_head(struct window *w, const struct event **out, struct err *err)
{
	int rc;

	*out = NULL;
	for (;;) {
		while (w->begin < w->end && entry_at(w, w->begin)->taken)
			remove_first(w);
		if (w->begin < w->end)
			break;
		rc = read_batch(w, err);
		if (rc <= 0)
			return rc;
	}
	*out = entry_at(w, w->begin)->event;
	return 1;
}

const struct event *
window_before(const struct window *w)
{
	return w->before;
}

void
window_drop(struct window *w)
{
	remove_first(w);
	w->gone++;
}

void
window_know_by(struct window *w, struct same *rules)
{
	w->same = rules;
}

int
window_fill(struct window *w, struct err *err)
{
	int rc = 1;

	while (rc > 0 && w->held_bytes < w->ahead_bytes)
		rc = read_batch(w, err);
	index_new(w);
	return rc < 0 ? -1 : 0;
}

static bool
is_wanted(const struct window *w, const struct event *have, const struct event *e, enum key k)
{
	if (k == BY_ID)
		return have->id.p && slice_eq(have->id, e->id);
	return !(have->id.p && e->id.p) && identity_same_place(w->same, have, e);
}

static uint64_t
find_by(const struct window *w, const struct event *e, enum key k, uint64_t hash)
{
	uint64_t number;

	if (!w->n_entries)
		return WINDOW_NONE;
	for (number = chain_of(w, k, hash)->first; number != NO_EVENT;
	     number = entry_at(w, number)->next[k]) {
		const struct entry *have = entry_at(w, number);

		if (!have->taken && have->hash[k] == hash && is_wanted(w, have->event, e, k))
			return number - w->begin;
	}
	return WINDOW_NONE;
}

uint64_t
window_find(const struct window *w, const struct event *e)
{
	uint64_t place = WINDOW_NONE;

	if (e->id.p)
		place = find_by(w, e, BY_ID, hash_id(e));
	if (place == WINDOW_NONE)
		place = find_by(w, e, BY_PLACE, identity_place_hash(w->same, e));
	return place;
}

const struct event *
window_at(const struct window *w, uint64_t place)
{
	return entry_at(w, w->begin + place)->event;
}

void
window_take(struct window *w, uint64_t place)
{
	entry_at(w, w->begin + place)->taken = true;
	w->n_taken++;
	w->gone++;
}

bool
window_is_spent(const struct window *w)
{
	return w->held_bytes >= w->ahead_bytes && w->n_taken > (w->end - w->begin) / 2;
}
