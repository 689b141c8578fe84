#include <inttypes.h>
#include <stdlib.h>

#include "format/reader.h"
#include "verify/check.h"
#include "verify/invariants.h"

#define SPARE_ITEMS 2

struct item {
	struct reader_chunk chunk;
	struct batch *batch;
	bool begins;     /* first chunk: what the header says comes with it */
	bool from_start; /* nothing is left out in front of it */
	bool filtered;   /* nor between */
};

struct run {
	const struct check_options *o;
	struct progress_counts *progress;
	struct reader *reader;
	struct chunker **states;
	struct item *items;
	unsigned depth;
	bool started; /* of the producer */
	struct invariants *invariants;
	struct totals seen;
	struct check_result *result;
};

static int
produce(void *ctx, void *item, struct err *err)
{
	struct run *run = ctx;
	struct item *it = item;
	const struct header *header;
	int rc = reader_next(run->reader, &it->chunk, err);

	if (rc <= 0)
		return rc;
	header = reader_header(run->reader);
	it->begins = !run->started;
	it->from_start = header && !header->after.set;
	it->filtered = header && header->filters.len > 1; /* more than an empty map */
	run->started = true;
	run->progress->at_bytes = reader_bytes(run->reader);
	return reader_payload(run->reader, &it->chunk, err) < 0 ? -1 : 1;
}

static int
work(void *ctx, unsigned w, void *item, struct err *err)
{
	struct run *run = ctx;
	struct item *it = item;

	return reader_unpack(&it->chunk, run->states[w], it->batch, err);
}

/* JSON Lines have no blocks that say it: positions are looked at here. */
static int
check_order(struct run *run, const struct batch *b, struct err *err)
{
	uint64_t last = run->result->last;
	size_t i;

	for (i = 0; i < b->len; i++) {
		if ((i || run->result->events) && b->events[i].position <= last)
			return err_set(err, ERR_FORMAT,
			               "positions do not rise: %" PRIu64 " comes behind %" PRIu64,
			               b->events[i].position, last);
		last = b->events[i].position;
	}
	return 0;
}

static int
consume(void *ctx, void *item, struct err *err)
{
	struct run *run = ctx;
	struct item *it = item;
	const struct batch *b = it->batch;
	size_t i;

	if (it->begins) {
		run->result->gaps_allowed = run->o->allow_gaps || it->filtered;
		run->invariants = invariants_new(it->from_start, run->result->gaps_allowed);
	}
	if (check_order(run, b, err) < 0)
		return -1;
	for (i = 0; i < b->len; i++)
		if (invariants_add(run->invariants, &b->events[i], err) < 0)
			return -1;
	totals_add_events(&run->seen, b);
	if (b->len && !run->result->events)
		run->result->first = b->events[0].position;
	if (b->len)
		run->result->last = b->events[b->len - 1].position;
	run->result->events += b->len;
	run->result->chunks++;
	run->result->raw_bytes += it->chunk.chunk.raw.len;
	run->result->stored_bytes += it->chunk.chunk.info.stored_bytes;
	run->progress->events = run->result->events;
	run->progress->raw_bytes = run->result->raw_bytes;
	return 0;
}

static const struct pipeline_ops ops = {.produce = produce, .work = work, .consume = consume};

static int
run_pipeline(struct run *run, struct err *err)
{
	unsigned workers = run->o->workers, i;
	void **ring;
	int rc;

	run->depth = workers + SPARE_ITEMS;
	run->items = xcalloc(run->depth, sizeof(*run->items));
	run->states = xcalloc(workers, sizeof(*run->states));
	ring = xcalloc(run->depth, sizeof(*ring));
	for (i = 0; i < run->depth; i++) {
		run->items[i].batch = batch_new();
		ring[i] = &run->items[i];
	}
	for (i = 0; i < workers; i++)
		run->states[i] = chunker_new(0);
	rc = pipeline_run(&ops, run, ring, run->depth, workers, &run->progress->waits, err);
	free(ring);
	return rc;
}

/* What only the events tell, against what the end blocks say of them. */
static int
check_said(struct run *run, struct err *err)
{
	const struct totals *said;

	if (run->result->plain)
		return 0;
	said = reader_said(run->reader);
	if (said->events != run->result->events || said->streams != run->seen.streams ||
	    !totals_same_types(said, &run->seen))
		return err_set(
		    err, ERR_FORMAT,
		    "%s: the end block counts other events, streams or types than there are",
		    run->o->path);
	return 0;
}

static void
release(struct run *run)
{
	unsigned i;

	for (i = 0; run->items && i < run->depth; i++) {
		batch_free(run->items[i].batch);
		reader_chunk_release(&run->items[i].chunk);
	}
	for (i = 0; run->states && i < run->o->workers; i++)
		chunker_free(run->states[i]);
	free(run->items);
	free(run->states);
	totals_release(&run->seen);
	invariants_free(run->invariants);
	reader_free(run->reader);
}

int
check_run(const struct check_options *o, struct progress_counts *progress,
          struct finding_report *findings, struct check_result *result, struct err *err)
{
	struct run run = {.o = o, .progress = progress, .result = result};
	int rc;

	*result = (struct check_result){0};
	totals_init(&run.seen);
	rc = reader_open(&run.reader, o->path, o->plain, err);
	if (rc == 0) {
		result->plain = reader_is_plain(run.reader);
		progress->total_bytes = reader_size_bytes(run.reader);
		rc = run_pipeline(&run, err);
	}
	if (rc == 0)
		rc = check_said(&run, err);
	result->streams = run.seen.streams;
	if (rc == 0 && run.invariants)
		rc = invariants_report(run.invariants, findings, err);
	release(&run);
	return rc;
}
