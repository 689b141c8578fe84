#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/jscan.h"
#include "common/printable.h"
#include "export/source.h"
#include "format/content.h"
#include "verify/placesum.h"

#define BATCH_BYTES ((size_t)1 << 20)
#define BATCH_EVENTS 4096
#define SPARE_ITEMS 2 /* one being filled, one being taken */
#define FIRST_SLOTS ((size_t)1024)
#define NAMES_BLOCK_BYTES ((size_t)64 << 10)

struct item {
	struct batch *batch;
	struct buf contents;
};

struct run {
	struct source *source;
	struct content **contents; /* one a worker */
	struct placesum *sum;
	struct progress_counts *progress;
	bool by_stream;
};

static int
produce(void *ctx, void *item, struct err *err)
{
	struct run *run = ctx;
	struct item *it = item;

	return source_read(run->source, it->batch, err);
}

static int
work(void *ctx, unsigned w, void *item, struct err *err)
{
	struct run *run = ctx;
	struct item *it = item;
	size_t i;

	for (i = 0; i < it->batch->len; i++)
		if (event_check(&it->batch->events[i], it->batch->mem, err) < 0)
			return -1;
	content_digests(run->contents[w], it->batch, &it->contents);
	return 0;
}

/* Where the stream is, or where it goes: the table is never full. */
static uint32_t *
find_slot(struct placesum *s, struct slice name)
{
	size_t at = digest_of_64(name) & (s->n_slots - 1);

	while (s->slots[at] && !slice_eq(s->streams[s->slots[at] - 1].name, name))
		at = (at + 1) & (s->n_slots - 1);
	return &s->slots[at];
}

static void
grow_slots(struct placesum *s)
{
	size_t i;

	free(s->slots);
	s->n_slots = s->n_slots ? 2 * s->n_slots : FIRST_SLOTS;
	s->slots = xcalloc(s->n_slots, sizeof(*s->slots));
	for (i = 0; i < s->n_streams; i++)
		*find_slot(s, s->streams[i].name) = (uint32_t)(i + 1);
}

static int
add_to_stream(struct placesum *s, struct slice name, const struct digest *one, struct err *err)
{
	struct placesum_stream *stream;
	uint32_t *slot;

	if (2 * s->n_streams >= s->n_slots)
		grow_slots(s);
	slot = find_slot(s, name);
	if (!*slot) {
		if (s->n_streams == UINT32_MAX)
			return err_set(err, ERR_USAGE, "--by-stream: more than 2^32 - 1 streams");
		s->streams =
		    xgrow(s->streams, &s->cap_streams, s->n_streams + 1, sizeof(*s->streams));
		s->streams[s->n_streams++] =
		    (struct placesum_stream){.name = arena_dup(s->names, name)};
		*slot = (uint32_t)s->n_streams;
	}
	stream = &s->streams[*slot - 1];
	stream->events++;
	stream->digest = digest_chain(&stream->digest, one);
	return 0;
}

static int
consume(void *ctx, void *item, struct err *err)
{
	struct run *run = ctx;
	const struct item *it = item;
	struct placesum *s = run->sum;
	struct digest one;
	size_t i;

	for (i = 0; i < it->batch->len; i++) {
		const struct event *e = &it->batch->events[i];

		memcpy(one.bytes, it->contents.p + i * sizeof(one.bytes), sizeof(one.bytes));
		s->digest = digest_chain(&s->digest, &one);
		s->events++;
		s->begin += e->version == 0;
		if (run->by_stream && add_to_stream(s, e->stream, &one, err) < 0)
			return -1;
	}
	run->progress->events = s->events;
	return 0;
}

static int
run_pipeline(struct run *run, unsigned workers, struct err *err)
{
	static const struct pipeline_ops ops = {.produce = produce,
	                                        .work = work,
	                                        .consume = consume};
	unsigned depth = workers + SPARE_ITEMS, i;
	struct item *items = xcalloc(depth, sizeof(*items));
	void **ring = xcalloc(depth, sizeof(*ring));
	int rc;

	run->contents = xcalloc(workers, sizeof(struct content *));
	for (i = 0; i < depth; i++) {
		items[i].batch = batch_new();
		ring[i] = &items[i];
	}
	for (i = 0; i < workers; i++)
		run->contents[i] = content_new();
	rc = pipeline_run(&ops, run, ring, depth, workers, &run->progress->waits, err);
	for (i = 0; i < depth; i++) {
		batch_free(items[i].batch);
		buf_release(&items[i].contents);
	}
	for (i = 0; i < workers; i++)
		content_free(run->contents[i]);
	free(run->contents);
	free(ring);
	free(items);
	return rc;
}

static int
compare_names(const void *a, const void *b)
{
	const struct placesum_stream *x = a, *y = b;

	return slice_cmp(x->name, y->name);
}

int
placesum_run(const struct placesum_options *o, struct progress_counts *progress,
             struct placesum *out, struct err *err)
{
	struct run run = {.sum = out, .progress = progress, .by_stream = o->by_stream};
	struct source_options options = {
	    .layout = o->layout,
	    .select = o->select,
	    .plain = o->plain,
	    .batch_bytes = BATCH_BYTES,
	    .batch_events = BATCH_EVENTS,
	};
	int rc;

	*out = (struct placesum){.names = arena_new(NAMES_BLOCK_BYTES)};
	rc = source_open(&run.source, o->place, &options, err);
	if (rc == 0) {
		progress->total_events = source_info(run.source)->events;
		rc = run_pipeline(&run, o->workers, err);
	}
	source_close(run.source);
	if (rc == 0 && out->n_streams)
		qsort(out->streams, out->n_streams, sizeof(*out->streams), compare_names);
	return rc;
}

void
placesum_release(struct placesum *s)
{
	free(s->streams);
	free(s->slots);
	arena_free(s->names);
	*s = (struct placesum){0};
}

static void
print_stream(const struct placesum_stream *stream, bool json, struct buf *name)
{
	char hex[2 * WIRE_DIGEST_BYTES + 1], spoken[DIGEST_SPOKEN_BYTES];
	char count[PROGRESS_TEXT_BYTES];

	name->len = 0;
	jscan_quote(stream->name, name);
	digest_hex(&stream->digest, hex);
	if (!json)
		printable_line(name->p, name->len, '?');
	if (json)
		printf("{\"stream\":%s,\"digest\":\"%s\",\"events\":%" PRIu64 "}\n", buf_cstr(name),
		       hex, stream->events);
	else
		printf("%s  %12s  %s\n", digest_spoken(&stream->digest, spoken),
		       progress_count(stream->events, count), buf_cstr(name));
}

void
placesum_print(const struct placesum *s, bool json)
{
	char hex[2 * WIRE_DIGEST_BYTES + 1], spoken[DIGEST_SPOKEN_BYTES];
	char events[PROGRESS_TEXT_BYTES], begin[PROGRESS_TEXT_BYTES];
	struct buf name = BUF_INIT;
	size_t i;

	for (i = 0; i < s->n_streams; i++)
		print_stream(&s->streams[i], json, &name);
	digest_hex(&s->digest, hex);
	if (json)
		printf("{\"result\":\"digest\",\"digest\":\"%s\",\"events\":%" PRIu64
		       ",\"streams\":%" PRIu64 "}\n",
		       hex, s->events, s->begin);
	else
		printf("%s  %s, %s %s in it\n", digest_spoken(&s->digest, spoken),
		       progress_things(s->events, "event", events),
		       progress_things(s->begin, "stream", begin),
		       s->begin == 1 ? "begins" : "begin");
	buf_release(&name);
}
