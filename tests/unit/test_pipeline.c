#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/mem.h"
#include "common/pipeline.h"
#include "common/stop.h"
#include "tests/tap.h"

#define NOWHERE UINT64_MAX
#define DEPTH_MAX 64

struct item {
	uint64_t n, worked;
	int busy; /* whether a stage has it: no two may */
};

/* One run: what is to happen, and what did. */
struct run {
	uint64_t total;
	uint64_t fail_produce, fail_work, fail_consume; /* the number of an item, or NOWHERE */
	uint64_t raise_at;                              /* produce() of it brings a signal */
	unsigned depth, workers;
	bool uneven; /* later items are faster to work on */
	uint64_t produced, consumed;
	bool in_use, disorder;  /* seen by the producer, by the consumer */
	uint64_t by_worker[16]; /* touched by the worker of that number only */
	struct pipeline_waits waits;
	struct item items[DEPTH_MAX];
};

static int
produce(void *ctx, void *p, struct err *err)
{
	struct run *run = ctx;
	struct item *item = p;

	if (run->produced == run->total)
		return 0;
	run->in_use |= item->busy++ != 0;
	item->n = run->produced++;
	item->worked = 0;
	if (item->n == run->fail_produce)
		return err_set(err, ERR_STORE, "produce %d", (int)item->n);
	if (item->n == run->raise_at)
		raise(SIGTERM);
	return 1;
}

static int
work(void *ctx, unsigned w, void *p, struct err *err)
{
	struct run *run = ctx;
	struct item *item = p;
	unsigned i, spins = run->uneven ? 2000 * (unsigned)(7 - item->n % 8) : 0;
	volatile unsigned sink = 0;

	for (i = 0; i < spins; i++)
		sink += i;
	(void)sink;
	run->by_worker[w]++;
	item->worked = item->n * 3 + 1;
	if (item->n >= run->fail_work) /* all behind it fail, too, and often sooner */
		return err_set(err, ERR_DATA, "work %d", (int)item->n);
	return 0;
}

static int
consume(void *ctx, void *p, struct err *err)
{
	struct run *run = ctx;
	struct item *item = p;

	run->disorder |= item->n != run->consumed || item->worked != item->n * 3 + 1;
	run->disorder |= --item->busy != 0;
	if (item->n == run->fail_consume)
		return err_set(err, ERR_IO, "consume %d", (int)item->n);
	run->consumed++;
	return 0;
}

static const struct pipeline_ops ops = {.produce = produce, .work = work, .consume = consume};

static struct run
plan(uint64_t total, unsigned depth, unsigned workers)
{
	return (struct run){.total = total,
	                    .fail_produce = NOWHERE,
	                    .fail_work = NOWHERE,
	                    .fail_consume = NOWHERE,
	                    .raise_at = NOWHERE,
	                    .depth = depth,
	                    .workers = workers};
}

static int
go(struct run *run, struct err *err)
{
	void *items[DEPTH_MAX];
	unsigned i;
	int rc;

	for (i = 0; i < run->depth; i++)
		items[i] = &run->items[i];
	rc = pipeline_run(&ops, run, items, run->depth, run->workers, &run->waits, err);
	run->disorder |= run->in_use;
	return rc;
}

static bool
all_arrive(uint64_t total, unsigned depth, unsigned workers, bool uneven)
{
	struct run run = plan(total, depth, workers);
	struct err err = ERR_INIT;
	uint64_t worked = 0;
	unsigned i;

	run.uneven = uneven;
	if (!eq_int(go(&run, &err), 0))
		return eq_str(err.msg, "");
	for (i = 0; i < workers; i++)
		worked += run.by_worker[i];
	return eq_uint(run.consumed, total) && eq_uint(worked, total) && ok(!run.disorder) &&
	       ok(err.kind == ERR_NONE);
}

void
test_items_arrive_in_order_however_many_workers(void)
{
	static const unsigned depths[] = {1, 2, 3, 7, DEPTH_MAX};
	unsigned workers;
	size_t d;

	for (d = 0; d < sizeof(depths) / sizeof(depths[0]); d++)
		for (workers = 1; workers <= 9; workers += 4) {
			ok(all_arrive(300, depths[d], workers, false));
			ok(all_arrive(300, depths[d], workers, true));
		}
}

void
test_nothing_produced_is_a_good_end(void)
{
	ok(all_arrive(0, 1, 1, false) && all_arrive(0, 8, 16, false));
	ok(all_arrive(1, 1, 1, false) && all_arrive(1, 8, 16, false));
	ok(all_arrive(8, 8, 3, false) && all_arrive(9, 8, 3, false));
}

void
test_without_waits_it_runs_as_well(void)
{
	struct run run = plan(20, 2, 2);
	void *items[2] = {&run.items[0], &run.items[1]};
	struct err err = ERR_INIT;

	eq_int(pipeline_run(&ops, &run, items, 2, 2, NULL, &err), 0);
	eq_uint(run.consumed, 20);
}

/* A failure in a stage at item n: all before it were consumed, none behind it. */
static bool
fails_at(char stage, uint64_t n, unsigned depth, unsigned workers)
{
	static const char *const names[] = {"produce", "work", "consume"};
	struct run run = plan(12, depth, workers);
	struct err err = ERR_INIT;
	char want[40];
	unsigned i;

	*(stage == 0 ? &run.fail_produce : stage == 1 ? &run.fail_work : &run.fail_consume) = n;
	run.uneven = n % 2;
	snprintf(want, sizeof(want), "%s %d", names[(int)stage], (int)n);
	if (!eq_int(go(&run, &err), -1) || !eq_str(err.msg, want) || !eq_uint(run.consumed, n) ||
	    !ok(!run.disorder))
		return false;
	/* The items are the caller's again: a second run takes the same ones. */
	for (i = 0; i < depth; i++)
		run.items[i] = (struct item){0};
	run.fail_produce = run.fail_work = run.fail_consume = NOWHERE;
	run.produced = run.consumed = 0;
	return eq_int(go(&run, &err), 0) && eq_uint(run.consumed, 12) && ok(!run.disorder);
}

void
test_a_failure_anywhere_ends_the_run_there(void)
{
	static const unsigned depths[] = {1, 2, 5, 16};
	unsigned workers;
	uint64_t n;
	size_t d;
	char stage;

	for (stage = 0; stage < 3; stage++)
		for (d = 0; d < sizeof(depths) / sizeof(depths[0]); d++)
			for (workers = 1; workers <= 8; workers += 7)
				for (n = 0; n < 12; n++)
					if (!ok(fails_at(stage, n, depths[d], workers)))
						eq_int(n, depths[d] * 100 + workers);
}

void
test_the_first_failure_in_order_is_the_one_reported(void)
{
	struct err err = ERR_INIT;
	struct run run;
	uint64_t at;

	for (at = 0; at < 30; at++) {
		run = plan(1000, 8, 8);
		run.fail_work = at; /* and every item behind it */
		run.fail_produce = at + 3;
		run.uneven = true; /* items behind it are done, and fail, before it */
		eq_int(go(&run, &err), -1);
		eq_int(err.kind, ERR_DATA);
		eq_int(atoi(err.msg + 5), at);
		eq_uint(run.consumed, at);
		ok(run.produced <= at + 8 && !run.disorder);

		run = plan(1000, 8, 8);
		run.fail_produce = at;
		run.fail_consume = at + 1; /* is never reached */
		eq_int(go(&run, &err), -1);
		eq_int(err.kind, ERR_STORE);
		eq_uint(run.consumed, at);
		eq_uint(run.produced, at + 1); /* nothing behind what could not be made */
	}
}

void
test_no_more_items_than_there_are_go_round(void)
{
	struct run run = plan(100, 4, 2);
	struct err err = ERR_INIT;

	run.fail_consume = 0;
	eq_int(go(&run, &err), -1);
	ok(run.produced >= 1 && run.produced <= 4);
}

void
test_waits_are_counted(void)
{
	struct run run = plan(50, 1, 1);
	struct err err = ERR_INIT;

	eq_int(go(&run, &err), 0);
	/* With one item, two of the three stages always wait. */
	ok(run.waits.produce_ns > 0 || run.waits.work_ns > 0 || run.waits.consume_ns > 0);
}

/* The last one: the flag that stop_asked() reads stays up. */
void
test_a_signal_stops_behind_what_was_produced(void)
{
	struct run run = plan(1000, 4, 3);
	struct err err = ERR_INIT;

	stop_install();
	run.raise_at = 17;
	eq_int(go(&run, &err), -1);
	eq_int(err.kind, ERR_STOPPED);
	eq_uint(run.consumed, 18);
	eq_uint(run.produced, 18);
	ok(!run.disorder);
}
