#include <stdlib.h>

#include "format/content.h"
#include "format/unpack.h"

#define SPARE_ITEMS 2 /* one being read, one being taken */

struct run {
	struct reader *reader;
	struct reader_chunk *first;
	const struct unpack_ops *ops;
	void *ctx;
	struct chunker **states;   /* one a worker */
	struct content **contents; /* the same, where asked for */
	struct progress_counts *progress;
};

static int
produce(void *ctx, void *item, struct err *err)
{
	struct run *run = ctx;
	struct unpack_item *it = item;
	struct reader_chunk spare = it->chunk;
	int rc;

	if (run->first) {
		it->chunk = *run->first;
		*run->first = spare;
		run->first = NULL;
	} else {
		rc = reader_next(run->reader, &it->chunk, err);
		if (rc <= 0)
			return rc;
	}
	run->progress->at_bytes = reader_bytes(run->reader);
	it->passed_over = run->ops->want && !run->ops->want(run->ctx, &it->chunk);
	if (it->passed_over)
		return 1;
	return reader_payload(run->reader, &it->chunk, err) < 0 ? -1 : 1;
}

static int
work(void *ctx, unsigned w, void *item, struct err *err)
{
	struct run *run = ctx;
	struct unpack_item *it = item;

	batch_reset(it->batch);
	if (it->passed_over)
		return 0;
	if (reader_unpack(&it->chunk, run->states[w], it->batch, err) < 0)
		return -1;
	if (run->ops->change && run->ops->change(run->ctx, it->batch, err) < 0)
		return -1;
	if (run->ops->contents)
		content_digests(run->contents[w], it->batch, &it->chunk.chunk.contents);
	return 0;
}

static int
consume(void *ctx, void *item, struct err *err)
{
	struct run *run = ctx;
	struct unpack_item *it = item;

	if (run->ops->take(run->ctx, it, err) < 0)
		return -1;
	run->progress->raw_bytes += it->passed_over ? 0 : it->chunk.chunk.raw.len;
	run->progress->stored_bytes = run->progress->at_bytes;
	return 0;
}

int
unpack_run(struct reader *r, struct reader_chunk *first, const struct unpack_ops *ops, void *ctx,
           unsigned workers, struct progress_counts *progress, struct err *err)
{
	static const struct pipeline_ops stages = {.produce = produce,
	                                           .work = work,
	                                           .consume = consume};
	struct run run = {.reader = r,
	                  .first = first,
	                  .ops = ops,
	                  .ctx = ctx,
	                  .progress = progress};
	unsigned depth = workers + SPARE_ITEMS, i;
	struct unpack_item *items = xcalloc(depth, sizeof(*items));
	void **ring = xcalloc(depth, sizeof(*ring));
	int rc;

	run.states = xcalloc(workers, sizeof(*run.states));
	run.contents = xcalloc(workers, sizeof(*run.contents));
	for (i = 0; i < depth; i++) {
		items[i].batch = batch_new();
		ring[i] = &items[i];
	}
	for (i = 0; i < workers; i++) {
		run.states[i] = chunker_new(0);
		run.contents[i] = ops->contents ? content_new() : NULL;
	}
	rc = pipeline_run(&stages, &run, ring, depth, workers, &progress->waits, err);
	for (i = 0; i < depth; i++) {
		batch_free(items[i].batch);
		reader_chunk_release(&items[i].chunk);
	}
	for (i = 0; i < workers; i++) {
		chunker_free(run.states[i]);
		content_free(run.contents[i]);
	}
	free(run.states);
	free(run.contents);
	free(ring);
	free(items);
	return rc;
}
