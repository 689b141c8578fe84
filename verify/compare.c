#include <stdio.h>

#include "common/stop.h"
#include "export/source.h"
#include "verify/compare.h"

#define BATCH_BYTES ((size_t)1 << 20)
#define BATCH_EVENTS 4096

/* One place, read event by event. */
struct side {
	struct source *source;
	struct batch *batch;
	size_t at;
	uint64_t *events;
};

static int
open_side(struct side *s, const struct compare_options *o, const struct address *from,
          const char *layout, struct err *err)
{
	struct source_options options = {
	    .layout = layout,
	    .select = o->select,
	    .plain = o->plain,
	    .batch_bytes = BATCH_BYTES,
	    .batch_events = BATCH_EVENTS,
	};

	s->batch = batch_new();
	return source_open(&s->source, from, &options, err);
}

static void
close_side(struct side *s)
{
	source_close(s->source);
	batch_free(s->batch);
}

/* The event that the side stands at: 1, 0 at the end, -1. */
static int
look(struct side *s, const struct event **out, struct err *err)
{
	size_t i;
	int rc;

	*out = NULL;
	if (s->at == s->batch->len) {
		s->at = 0;
		if (stop_asked())
			return err_set(err, ERR_STOPPED, "stopped by a signal");
		rc = source_read(s->source, s->batch, err);
		if (rc <= 0)
			return rc;
		for (i = 0; i < s->batch->len; i++)
			if (event_check(&s->batch->events[i], s->batch->mem, err) < 0)
				return -1;
	}
	*out = &s->batch->events[s->at];
	return 1;
}

static void
move_on(struct side *s)
{
	s->at++;
	++*s->events;
}

static void
report(struct finding_report *findings, enum finding_kind kind, const struct event *e,
       const char *what, const char *field)
{
	struct finding f = {.kind = kind, .position = e->position};
	char which[256];

	event_describe(e, which, sizeof(which));
	snprintf(f.detail, sizeof(f.detail), "%s: %s%s", which, what, field ? field : "");
	finding_add(findings, &f);
}

/*
 * Both sides stand at an event: equal and different ones move both on; where
 * one side lacks an event the other moves on alone, the one with the lower
 * position first.
 */
static void
settle(struct side *a, struct side *b, const struct event *x, const struct event *y,
       const struct compare_options *o, struct finding_report *findings,
       struct compare_result *result)
{
	const char *field = event_difference(x, y, o->positions);
	bool same_event = slice_eq(x->stream, y->stream) && x->version == y->version;

	if (!field) {
		result->equal++;
	} else if (same_event || x->position == y->position) {
		report(findings, FINDING_DIFFERENT, x, "differs in ", field);
	} else if (x->position < y->position) {
		report(findings, FINDING_MISSING, x, "is only in the first", NULL);
		move_on(a);
		return;
	} else {
		report(findings, FINDING_EXTRA, y, "is only in the second", NULL);
		move_on(b);
		return;
	}
	move_on(a);
	move_on(b);
}

static int
compare(struct side *a, struct side *b, const struct compare_options *o,
        struct progress_counts *progress, struct finding_report *findings,
        struct compare_result *result, struct err *err)
{
	const struct event *x, *y;

	for (;;) {
		if (look(a, &x, err) < 0 || look(b, &y, err) < 0)
			return -1;
		if (!x && !y)
			return 0;
		if (x && y) {
			settle(a, b, x, y, o, findings, result);
		} else if (x) {
			report(findings, FINDING_MISSING, x, "is only in the first", NULL);
			move_on(a);
		} else {
			report(findings, FINDING_EXTRA, y, "is only in the second", NULL);
			move_on(b);
		}
		progress->events = result->events_a;
	}
}

int
compare_run(const struct compare_options *o, struct progress_counts *progress,
            struct finding_report *findings, struct compare_result *result, struct err *err)
{
	struct side a = {.events = &result->events_a}, b = {.events = &result->events_b};
	int rc = -1;

	*result = (struct compare_result){0};
	if (open_side(&a, o, o->a, o->layout_a, err) == 0 &&
	    open_side(&b, o, o->b, o->layout_b, err) == 0) {
		progress->total_events = source_info(a.source)->events;
		rc = compare(&a, &b, o, progress, findings, result, err);
	}
	close_side(&a);
	close_side(&b);
	return rc;
}
