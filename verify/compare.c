#include "verify/compare.h"
#include "common/stop.h"
#include "verify/identity.h"
#include "verify/window.h"

#define BATCH_BYTES ((size_t)1 << 20)
#define BATCH_EVENTS 4096

enum side { A, B, SIDES };

struct comparison {
	const struct compare_options *o;
	struct finding_report *findings;
	struct compare_result *result;
	struct window *windows[SIDES];
	struct same same;
	bool positions_agree; /* so far every event had one position in both places */
};

static int
open_side(struct comparison *c, enum side side, struct err *err)
{
	const struct compare_options *o = c->o;
	struct source_options options = {
	    .layout = side == A ? o->layout_a : o->layout_b,
	    .select = side == B && o->select_b ? o->select_b : o->select,
	    .file = side == A ? o->file_a : NULL,
	    .map = side == A ? o->map : NULL,
	    .mapped = side == B ? o->map : NULL,
	    .unfit_stay = o->unfit_stay,
	    .plain = o->plain,
	    .quiet = side == A ? o->quiet_a : o->quiet_b,
	    .batch_bytes = BATCH_BYTES,
	    .batch_events = BATCH_EVENTS,
	};

	return window_open(&c->windows[side], side == A ? o->a : o->b, &options,
	                   o->ahead_bytes ? o->ahead_bytes : COMPARE_AHEAD_BYTES, err);
}

static void
report(struct comparison *c, enum finding_kind kind, const struct event *a, const struct event *b,
       unsigned fields)
{
	struct finding_pair f = {.kind = kind, .a = a, .b = b, .fields = fields};

	finding_add_pair(c->findings, &f);
}

/* The same event on both sides, as `kind` where it is not at its place. */
static void
judge(struct comparison *c, const struct event *x, const struct event *y, bool in_order)
{
	unsigned fields = same_differences(&c->same, x, y);

	if (!in_order)
		report(c, FINDING_OUT_OF_ORDER, x, y, fields);
	else if (fields)
		report(c, FINDING_DIFFERENT, x, y, fields);
	else
		c->result->equal++;
	if (in_order && x->position != y->position) {
		c->positions_agree = false;
		c->result->moved = true;
	}
}

static void
drop_both(struct comparison *c)
{
	window_drop(c->windows[A]);
	window_drop(c->windows[B]);
}

/* The head of A is missing in B. */
static int
drop_missing(struct comparison *c, const struct event *x, struct err *err)
{
	struct window *a = c->windows[A];

	report(c, FINDING_MISSING, x, NULL, 0);
	if (c->o->on_missing &&
	    c->o->on_missing(c->o->ctx, window_info(a), x, window_before(a), err) < 0)
		return -1;
	window_drop(a);
	return 0;
}

static void
drop_extra(struct comparison *c, const struct event *y)
{
	if (!c->o->others_in_b)
		report(c, FINDING_EXTRA, NULL, y, 0);
	window_drop(c->windows[B]);
}

/* How many events of a place are still to come; 0 where that cannot be told. */
static uint64_t
remaining(const struct comparison *c, enum side side)
{
	const struct window *w = c->windows[side];
	uint64_t all = window_info(w)->events, gone = window_events(w);

	return all > gone && !selection_filters(c->o->select) ? all - gone : 0;
}

/*
 * Which side has an event that the other one lacks, when neither is found in what
 * follows: the one with the lower position while both have the same positions,
 * else the one with more to come.  SIDES: both.
 */
static enum side
who_has_more(struct comparison *c, const struct event *x, const struct event *y)
{
	uint64_t more_a, more_b;

	if (c->positions_agree && x->position != y->position)
		return x->position < y->position ? A : B;
	more_a = remaining(c, A);
	more_b = remaining(c, B);
	if (more_a == 0 || more_b == 0 || more_a == more_b)
		return SIDES;
	c->positions_agree = false; /* events were lost, and positions go on as if not */
	return more_a > more_b ? A : B;
}

/* Neither is found in what follows on the other side.  Two that stand at one place are one event
 * that was changed, also where that is all they share. */
static int
settle_strangers(struct comparison *c, const struct event *x, const struct event *y,
                 struct err *err)
{
	unsigned fields = same_differences(&c->same, x, y);
	enum side more = SIDES;
	bool one = identity_same_place(&c->same, x, y) || (fields & (fields - 1)) == 0;

	if (!one)
		more = who_has_more(c, x, y);
	if (one) {
		judge(c, x, y, true);
		drop_both(c);
		return 0;
	}
	if (more != A)
		drop_extra(c, y);
	return more != B ? drop_missing(c, x, err) : 0;
}

/* Whether an import wrote it under a new position, where the layout keeps that. */
static bool
is_renumbered(const struct event *e)
{
	uint32_t i;

	for (i = 0; i < e->n_attrs; i++)
		if (slice_is(e->attrs[i].name, "$position"))
			return true;
	return false;
}

/*
 * B holds others besides, which are passed over.  Where it gave A new positions, an event
 * without one stood there before, and stays where it was.  1: that is done, 0, -1.
 */
static int
settle_other(struct comparison *c, const struct event *x, const struct event *y, uint64_t x_in_b,
             uint64_t y_in_a, struct err *err)
{
	struct window *a = c->windows[A];

	if (x_in_b == WINDOW_NONE && window_is_spent(a))
		return drop_missing(c, x, err) < 0 ? -1 : 1;
	if (y_in_a == WINDOW_NONE) {
		drop_extra(c, y);
		return 1;
	}
	if (c->o->positions || is_renumbered(y))
		return 0;
	judge(c, window_at(a, y_in_a), y, true);
	c->result->elsewhere++;
	window_take(a, y_in_a);
	window_drop(c->windows[B]);
	return 1;
}

/* Both sides stand at another event: look ahead for what is missing, extra, or out of order. */
static int
settle(struct comparison *c, const struct event *x, const struct event *y, struct err *err)
{
	struct window *a = c->windows[A], *b = c->windows[B];
	uint64_t x_in_b, y_in_a;
	int rc;

	if (window_fill(a, err) < 0 || window_fill(b, err) < 0)
		return -1;
	x_in_b = window_find(b, x);
	y_in_a = window_find(a, y);
	rc = c->o->others_in_b ? settle_other(c, x, y, x_in_b, y_in_a, err) : 0;
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (x_in_b == WINDOW_NONE && y_in_a == WINDOW_NONE)
		return settle_strangers(c, x, y, err);
	if (x_in_b == WINDOW_NONE)
		return drop_missing(c, x, err);
	if (y_in_a == WINDOW_NONE) {
		drop_extra(c, y);
	} else if (y_in_a <= x_in_b) { /* the one that is farther from its place has moved */
		judge(c, x, window_at(b, x_in_b), false);
		window_take(b, x_in_b);
		window_drop(a);
	} else {
		judge(c, window_at(a, y_in_a), y, false);
		window_take(a, y_in_a);
		window_drop(b);
	}
	return 0;
}

/* 1 while there are events, 0 at the end, -1. */
static int
step(struct comparison *c, struct err *err)
{
	const struct event *x, *y;

	if (window_head(c->windows[A], &x, err) < 0 || window_head(c->windows[B], &y, err) < 0)
		return -1;
	if (!x && !y)
		return 0;
	if (!y)
		return drop_missing(c, x, err) < 0 ? -1 : 1;
	if (!x) {
		drop_extra(c, y);
		return 1;
	}
	if (!identity_same(&c->same, x, y))
		return settle(c, x, y, err) < 0 ? -1 : 1;
	judge(c, x, y, true);
	drop_both(c);
	return 1;
}

static void
fill_in(struct comparison *c)
{
	c->result->events_a = window_events(c->windows[A]);
	c->result->events_b = window_events(c->windows[B]);
	c->result->payload_bytes_a = window_payload_bytes(c->windows[A]);
	c->result->payload_bytes_b = window_payload_bytes(c->windows[B]);
	c->result->time_step_ns = c->same.rules.time_step_ns;
	c->result->versions = c->same.rules.versions;
	c->result->by_value = c->same.rules.by_value;
	if (c->same.transcoded)
		c->result->by_value |= 1U << FIELD_DATA;
}

int
compare_run(const struct compare_options *o, struct progress_counts *progress,
            struct finding_report *findings, struct compare_result *result, struct err *err)
{
	struct comparison c = {.o = o,
	                       .findings = findings,
	                       .result = result,
	                       .positions_agree = true};
	int rc = -1;

	*result = (struct compare_result){0};
	if (open_side(&c, A, err) == 0 && open_side(&c, B, err) == 0) {
		progress->total_events = window_info(c.windows[A])->events;
		same_init(&c.same, window_info(c.windows[A]), window_info(c.windows[B]),
		          o->positions, o->by_value);
		window_know_by(c.windows[A], &c.same);
		window_know_by(c.windows[B], &c.same);
		while ((rc = step(&c, err)) > 0)
			progress->events = window_events(c.windows[A]);
		fill_in(&c);
		same_release(&c.same);
	}
	/* The other side may be waiting for something that never comes. */
	if (rc < 0)
		stop_ask();
	window_close(c.windows[A]);
	window_close(c.windows[B]);
	return rc;
}

int
compare_part(const struct compare_options *o, uint64_t first, uint64_t last,
             struct progress_counts *progress, struct finding_report *findings,
             struct compare_result *sum, struct err *err)
{
	struct selection select = *o->select; /* its lists stay those of the options */
	struct compare_options part = *o;
	struct compare_result found;

	part.select = &select;
	if (first > 0)
		select.after = (struct selection_bound){true, first - 1};
	if (last < UINT64_MAX)
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
	sum->moved |= found.moved;
	return 0;
}
