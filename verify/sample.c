#include <inttypes.h>
#include <stdio.h>

#include "verify/extent.h"
#include "verify/sample.h"

#define SAMPLE_EVENTS 100

/* From where to where both go, and the side that tells where a sample ends. */
struct map {
	struct extent_place guide;
	struct extent extent;
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
take_wider(struct map *m, const struct extent_place *place, const struct extent *e)
{
	struct extent *all = &m->extent;

	if (e->empty)
		return;
	if (all->empty) {
		m->guide = *place;
		*all = *e;
		return;
	}
	if (e->events > all->events)
		m->guide = *place;
	if (e->first < all->first)
		all->first = e->first;
	if (e->last > all->last)
		all->last = e->last;
}

/* Looking for the end of a stream takes many looks: the other side may tell as well. */
static int
make_map(struct map *m, const struct compare_options *o, uint64_t *events, struct err *err)
{
	const struct extent_place places[2] = {{o->a, o->layout_a, o->select, o->plain},
	                                       {o->b, o->layout_b, o->select, o->plain}};
	bool only_streams = o->a->kind == ADDRESS_NATS && o->b->kind == ADDRESS_NATS;
	struct extent e;
	int i;

	*m = (struct map){.extent = {.empty = true}};
	for (i = 0; i < 2; i++) {
		if (places[i].address->kind == ADDRESS_NATS && !only_streams)
			continue;
		if (extent_find(&places[i], &e, err) < 0)
			return -1;
		take_wider(m, &places[i], &e);
		if (*events == 0)
			*events = e.events;
	}
	return 0;
}

static int
compare_one(const struct map *m, const struct compare_options *o, uint64_t first,
            struct progress_counts *progress, struct finding_report *findings,
            struct compare_result *sum, struct err *err)
{
	uint64_t width = m->extent.last - m->extent.first;
	uint64_t apart = width / (m->extent.events ? m->extent.events : 1) + 1;
	struct selection select = *o->select; /* its lists stay those of the options */
	struct compare_options part = *o;
	struct compare_result found;
	uint64_t last;

	if (apart > UINT64_MAX / SAMPLE_EVENTS)
		apart = UINT64_MAX / SAMPLE_EVENTS;
	if (extent_walk(&m->guide, first, m->extent.last, apart * SAMPLE_EVENTS, SAMPLE_EVENTS,
	                &last, err) < 0)
		return -1;
	part.select = &select;
	if (first > 0)
		select.after = (struct selection_bound){true, first - 1};
	select.upto = (struct selection_bound){true, last};
	if (compare_run(&part, progress, findings, &found, err) < 0)
		return -1;
	sum->events_a += found.events_a;
	sum->events_b += found.events_b;
	sum->equal += found.equal;
	sum->payload_bytes_a += found.payload_bytes_a;
	sum->payload_bytes_b += found.payload_bytes_b;
	sum->time_step_ns = found.time_step_ns;
	sum->versions = found.versions;
	sum->by_value = found.by_value;
	return 0;
}

int
sample_run(const struct compare_options *o, const struct sample_options *sample,
           struct progress_counts *progress, struct finding_report *findings,
           struct sample_result *result, struct err *err)
{
	uint64_t state = sample->seed, width, i;
	struct map m;

	*result = (struct sample_result){0};
	if (o->a->kind == ADDRESS_STREAM || o->b->kind == ADDRESS_STREAM)
		return err_set(err, ERR_USAGE, "--sample: standard input can be read once only");
	if (make_map(&m, o, &result->events, err) < 0)
		return -1;
	if (m.extent.empty)
		return compare_run(o, progress, findings, &result->compare, err);
	width = m.extent.last - m.extent.first;
	for (i = 0; i < sample->samples; i++)
		if (compare_one(&m, o,
		                m.extent.first + (width == UINT64_MAX ? next(&state)
		                                                      : next(&state) % (width + 1)),
		                progress, findings, &result->compare, err) < 0)
			return -1;
	return 0;
}

void
sample_print(const struct sample_options *o, const struct sample_result *r, bool same, bool json)
{
	char n[PROGRESS_TEXT_BYTES], read[PROGRESS_TEXT_BYTES], all[PROGRESS_TEXT_BYTES];

	if (json) {
		printf("{%s\"samples\":%" PRIu64 ",\"seed\":%" PRIu64 ",\"events\":%" PRIu64
		       ",\"events_read_a\":%" PRIu64 ",\"events_read_b\":%" PRIu64
		       ",\"payload_bytes_read_a\":%" PRIu64 ",\"payload_bytes_read_b\":%" PRIu64
		       "}\n",
		       same ? "\"result\":\"nothing-found\"," : "", o->samples, o->seed, r->events,
		       r->compare.events_a, r->compare.events_b, r->compare.payload_bytes_a,
		       r->compare.payload_bytes_b);
		return;
	}
	printf("%s %s samples, %s of %s events read (--seed %" PRIu64 ")\n",
	       same ? "no difference in" : "in", progress_count(o->samples, n),
	       progress_count(r->compare.events_a, read), progress_count(r->events, all), o->seed);
}
