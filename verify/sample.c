#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/rangesum.h"
#include "verify/extent.h"
#include "verify/sample.h"

#define SAMPLE_EVENTS 100

enum side { A, B, SIDES };

/* From where to where each side goes, and both together: with the events of the larger one. */
struct map {
	struct extent_place places[SIDES];
	struct extent extents[SIDES];
	struct extent all;
};

/* Pieces of both places, by their positions: they rise, and do not touch. */
struct pieces {
	struct rangesum_range *items;
	size_t len;
};

/* SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014). */
static uint64_t
next(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

static void
take_wider(struct extent *all, const struct extent *e)
{
	if (e->empty)
		return;
	if (all->empty) {
		*all = *e;
		return;
	}
	if (e->events > all->events)
		all->events = e->events;
	if (e->first < all->first)
		all->first = e->first;
	if (e->last > all->last)
		all->last = e->last;
}

/* What one side has behind the end of the other one must be seen, so both are asked. */
static int
make_map(struct map *m, const struct compare_options *o, struct err *err)
{
	int i;

	*m = (struct map){
	    .places = {{o->a, o->layout_a, o->select, o->plain},
	               {o->b, o->layout_b, o->select, o->plain}},
	    .all = {.empty = true},
	};
	for (i = 0; i < SIDES; i++) {
		if (extent_find(&m->places[i], &m->extents[i], err) < 0)
			return -1;
		take_wider(&m->all, &m->extents[i]);
	}
	return 0;
}

static int
by_first(const void *a, const void *b)
{
	const struct rangesum_range *x = a, *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

/* Where the samples begin, in order. */
static void
choose(struct pieces *p, const struct map *m, const struct sample_options *o)
{
	uint64_t state = o->seed, width = m->all.last - m->all.first, at;
	size_t i;

	*p = (struct pieces){xcalloc(o->samples, sizeof(*p->items)), o->samples};
	for (i = 0; i < p->len; i++) {
		at = next(&state);
		p->items[i].first = m->all.first + (width == UINT64_MAX ? at : at % (width + 1));
	}
	qsort(p->items, p->len, sizeof(*p->items), by_first);
}

/* How many positions there are for the events of a sample, about. */
static uint64_t
stride(const struct extent *e)
{
	uint64_t apart = (e->last - e->first) / e->events + 1;

	return apart > UINT64_MAX / SAMPLE_EVENTS ? UINT64_MAX : apart * SAMPLE_EVENTS;
}

/* The end of a sample, where the first side has its number of events: so neither has more, also
 * where the other one lacks many. */
static int
find_end(const struct map *m, struct rangesum_range *piece, struct err *err)
{
	const struct extent *e;
	uint64_t first;
	int i;

	piece->last = m->all.last;
	for (i = 0; i < SIDES; i++) {
		e = &m->extents[i];
		if (e->empty || piece->first > e->last || piece->last < e->first)
			continue;
		first = piece->first > e->first ? piece->first : e->first;
		if (extent_walk(&m->places[i], first, piece->last, stride(e), SAMPLE_EVENTS,
		                &piece->last, err) < 0)
			return -1;
	}
	return 0;
}

/* The ends of all samples; those that overlap or touch become one piece, so that no event is
 * compared twice. */
static int
settle(struct pieces *p, const struct map *m, struct err *err)
{
	struct rangesum_range piece, *before = NULL;
	size_t i;

	for (i = 0; i < p->len; i++) {
		piece = p->items[i];
		if (before && piece.first == before->first)
			continue;
		if (find_end(m, &piece, err) < 0)
			return -1;
		if (!before)
			*(before = p->items) = piece;
		else if (piece.first - 1 > before->last)
			*++before = piece;
		else if (piece.last > before->last)
			before->last = piece.last;
	}
	p->len = before ? (size_t)(before - p->items) + 1 : 0;
	return 0;
}

static int
compare_pieces(const struct map *m, const struct compare_options *o,
               const struct sample_options *sample, struct progress_counts *progress,
               struct finding_report *findings, struct compare_result *sum, struct err *err)
{
	struct compare_options part = *o;
	struct pieces pieces;
	size_t i;
	int rc;

	choose(&pieces, m, sample);
	rc = settle(&pieces, m, err);
	for (i = 0; rc == 0 && i < pieces.len; i++) {
		rc = compare_part(&part, pieces.items[i].first, pieces.items[i].last, progress,
		                  findings, sum, err);
		part.quiet_a = part.quiet_b = true;
	}
	free(pieces.items);
	return rc;
}

int
sample_run(const struct compare_options *o, const struct sample_options *sample,
           struct progress_counts *progress, struct finding_report *findings,
           struct sample_result *result, struct err *err)
{
	struct compare_options compare = *o;
	struct map m;

	*result = (struct sample_result){0};
	if (o->a->kind == ADDRESS_STREAM || o->b->kind == ADDRESS_STREAM)
		return err_set(err, ERR_USAGE, "--sample: standard input can be read once only");
	if (make_map(&m, o, err) < 0)
		return -1;
	result->events = m.extents[A].empty ? 0 : m.extents[A].events;
	result->all = m.all.empty || m.all.events <= sample->samples * SAMPLE_EVENTS;
	/* Which PostgreSQL said when its end was asked for. */
	compare.quiet_a = o->a->kind == ADDRESS_POSTGRES;
	compare.quiet_b = o->b->kind == ADDRESS_POSTGRES;
	if (result->all)
		return compare_run(&compare, progress, findings, &result->compare, err);
	return compare_pieces(&m, &compare, sample, progress, findings, &result->compare, err);
}

void
sample_print(const struct sample_options *o, const struct sample_result *r, bool same, bool json)
{
	char n[PROGRESS_TEXT_BYTES], read[PROGRESS_TEXT_BYTES], all[PROGRESS_TEXT_BYTES];

	if (json) {
		printf("{%s\"samples\":%" PRIu64 ",\"seed\":%" PRIu64 ",\"all\":%s"
		       ",\"events\":%" PRIu64 ",\"events_read_a\":%" PRIu64
		       ",\"events_read_b\":%" PRIu64 ",\"payload_bytes_read_a\":%" PRIu64
		       ",\"payload_bytes_read_b\":%" PRIu64 "}\n",
		       same ? "\"result\":\"nothing-found\"," : "", o->samples, o->seed,
		       r->all ? "true" : "false", r->events, r->compare.events_a,
		       r->compare.events_b, r->compare.payload_bytes_a, r->compare.payload_bytes_b);
		return;
	}
	progress_things(o->samples, "sample", n);
	if (r->all)
		printf("all compared: there are no more events than in %s of %d\n", n,
		       SAMPLE_EVENTS);
	else
		printf("%s %s, %s of %s read (--seed %" PRIu64 ")\n",
		       same ? "no difference in" : "in", n,
		       progress_count(r->compare.events_a, read),
		       progress_things(r->events, "event", all), o->seed);
}
