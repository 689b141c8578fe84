#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/log.h"
#include "verify/cells.h"
#include "verify/narrow.h"
#include "verify/narrow_side.h"

#define MOST_LOOKS 64
/* Where fewer differ than these, a few changed events are as good a guess as other positions. */
#define GUESS_RANGES 2
#define GUESS_EVENTS 1000

static int
refuse_what_does_not_go(const struct compare_options *o, struct err *err)
{
	if (o->a->kind == ADDRESS_STREAM || o->b->kind == ADDRESS_STREAM)
		return err_set(err, ERR_USAGE, "--bisect: standard input can be read once only");
	if (selection_filters(o->select))
		return err_set(err, ERR_USAGE,
		               "--bisect: a digest is of all events of a range, so --since, "
		               "--until, --stream and --type cannot be used");
	return 0;
}

static void
add_read(struct narrow_result *r, const struct compare_result *c)
{
	r->a.events += c->events_a;
	r->a.payload_bytes += c->payload_bytes_a;
	r->b.events += c->events_b;
	r->b.payload_bytes += c->payload_bytes_b;
}

static int
compare_all(const struct compare_options *o, struct progress_counts *progress,
            struct finding_report *findings, struct narrow_result *r, struct err *err)
{
	r->full = true;
	r->looks = 1;
	if (compare_run(o, progress, findings, &r->compare, err) < 0)
		return -1;
	add_read(r, &r->compare);
	return 0;
}

/* All that was asked for; false: that is nothing. */
static bool
asked_for(const struct selection *select, struct rangesum_range *out)
{
	*out = (struct rangesum_range){0, UINT64_MAX};
	if (select->upto.set)
		out->last = select->upto.position;
	if (!select->after.set)
		return true;
	out->first = select->after.position + 1;
	return select->after.position < out->last;
}

static int
judge_once(struct narrow_sides *sides, struct cells *cells, size_t n, struct err *err)
{
	struct rangesum_range *ranges = xcalloc(n, sizeof(*ranges));
	struct rangesum *a = xcalloc(n, sizeof(*a)), *b = xcalloc(n, sizeof(*b));
	int rc;

	cells_ranges(cells, ranges);
	rc = narrow_sides_sum(sides, ranges, n, a, b, err);
	if (rc == 0)
		cells_judge(cells, a, b);
	free(ranges);
	free(a);
	free(b);
	return rc;
}

static void
take_counts(const struct narrow_sides *s, struct narrow_result *r)
{
	r->a.queries = s->a.server.queries;
	r->a.events = s->a.here.events;
	r->a.payload_bytes = s->a.here.payload_bytes;
	r->b.queries = s->b.server.queries;
	r->b.events = s->b.here.events;
	r->b.payload_bytes = s->b.here.payload_bytes;
}

/* Where they differ, as cells: 1, 0: that cannot be found out, -1.  Places that were opened for it
 * are quiet from then on. */
static int
find_cells(struct compare_options *o, struct cells *cells, struct narrow_result *r, struct err *err)
{
	struct narrow_sides sides;
	struct rangesum_range range;
	struct rangesum all;
	size_t n;
	int rc = narrow_sides_open(&sides, o, err);

	if (rc == 0)
		log_note("comparing event by event: %s", sides.why);
	if (rc > 0 && asked_for(o->select, &range)) {
		all = narrow_sides_all(&sides);
		cells_begin(cells, range, &all);
		while (rc > 0 && (n = cells_divide(cells)) > 0) {
			r->ranges += n;
			rc = judge_once(&sides, cells, n, err) < 0 ? -1 : 1;
		}
		take_counts(&sides, r);
	}
	o->quiet_a = sides.a.is_postgres || sides.a.here.opened;
	o->quiet_b = sides.b.is_postgres || sides.b.here.opened;
	narrow_sides_close(&sides);
	return rc;
}

static int
compare_looks(const struct compare_options *o, const struct cells *cells,
              struct progress_counts *progress, struct finding_report *findings,
              struct narrow_result *r, struct err *err)
{
	struct cells_look looks[MOST_LOOKS];
	uint64_t same = cells_events(cells, CELL_SAME);
	size_t i, n = cells_looks(cells, looks, MOST_LOOKS);

	r->looks = n;
	/* Without any: equal rows are equal in every way. */
	r->compare.time_step_ns = 1;
	r->compare.versions = true;
	for (i = 0; i < n; i++) {
		same -= looks[i].same;
		if (compare_part(o, looks[i].range.first, looks[i].range.last, progress, findings,
		                 &r->compare, err) < 0)
			return -1;
	}
	add_read(r, &r->compare);
	r->compare.events_a += same;
	r->compare.events_b += same;
	r->compare.equal += same;
	return 0;
}

static void
note_most(const struct cells *cells, uint64_t events)
{
	bool guess = cells_count(cells, CELL_LOOK) >= GUESS_RANGES && events >= GUESS_EVENTS;

	log_note("comparing event by event: %s",
	         guess ? "most ranges differ; it may be that one side has other positions, or "
	                 "other hints"
	               : "most events are in ranges that differ");
}

int
narrow_run(const struct compare_options *o, struct progress_counts *progress,
           struct finding_report *findings, struct narrow_result *result, struct err *err)
{
	struct compare_options compare = *o;
	struct cells cells = {0};
	uint64_t look;
	int rc;

	*result = (struct narrow_result){0};
	if (refuse_what_does_not_go(o, err) < 0)
		return -1;
	rc = find_cells(&compare, &cells, result, err);
	look = cells_events(&cells, CELL_LOOK);
	if (rc > 0 && look > cells_events(&cells, CELL_SAME)) {
		note_most(&cells, look);
		rc = 0;
	}
	if (rc > 0)
		rc = compare_looks(&compare, &cells, progress, findings, result, err);
	else if (rc == 0)
		rc = compare_all(&compare, progress, findings, result, err);
	cells_release(&cells);
	return rc;
}

static void
print_side(const char *key, const struct narrow_read *r)
{
	printf(",\"queries_%s\":%" PRIu64 ",\"events_read_%s\":%" PRIu64
	       ",\"payload_bytes_read_%s\":%" PRIu64,
	       key, r->queries, key, r->events, key, r->payload_bytes);
}

static void
describe_side(const char *name, const struct narrow_read *r, uint64_t all)
{
	char queries[PROGRESS_TEXT_BYTES], events[PROGRESS_TEXT_BYTES], total[PROGRESS_TEXT_BYTES];
	char bytes[PROGRESS_TEXT_BYTES];

	printf("; of %s %s range %s, %s read (%s of payload) of %s", name,
	       progress_count(r->queries, queries), r->queries == 1 ? "query" : "queries",
	       progress_things(r->events, "event", events), progress_bytes(r->payload_bytes, bytes),
	       progress_count(all, total));
}

void
narrow_print(const struct narrow_result *r, bool json)
{
	char ranges[PROGRESS_TEXT_BYTES], looks[PROGRESS_TEXT_BYTES];

	if (json) {
		printf("{\"narrowed\":%s,\"ranges\":%" PRIu64 ",\"ranges_compared\":%" PRIu64,
		       r->full ? "false" : "true", r->ranges, r->looks);
		print_side("a", &r->a);
		print_side("b", &r->b);
		printf("}\n");
		return;
	}
	printf("%s summed, ", progress_things(r->ranges, "range", ranges));
	if (r->full)
		printf("all compared");
	else
		printf("%s compared", progress_count(r->looks, looks));
	describe_side("the first", &r->a, r->compare.events_a);
	describe_side("the second", &r->b, r->compare.events_b);
	printf("\n");
}
