#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/file.h"
#include "export/export.h"
#include "format/content.h"
#include "format/writer.h"

#define BATCH_EVENTS 65536
#define SPARE_ITEMS 2 /* one being filled, one being written */

/* What goes round in the pipeline. */
struct item {
	struct batch *batch;
	struct chunk chunk;
};

struct run {
	const struct export_options *o;
	struct progress_counts *progress;
	struct source *source;
	struct file *file;
	struct writer *writer;
	struct chunker **states; /* one a worker */
	struct content **contents;
	struct item *items;
	unsigned depth;
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

	if (chunk_encode(&it->chunk, it->batch, run->o->codec,
	                 run->o->exact_text ? CODEC_EXACT_TEXT : 0, err) < 0)
		return -1;
	if (run->o->plain)
		return 0;
	content_digests(run->contents[w], it->batch, &it->chunk.contents);
	return chunk_compress(&it->chunk, run->states[w], err);
}

static int
consume(void *ctx, void *item, struct err *err)
{
	struct run *run = ctx;
	struct item *it = item;

	if (writer_append(run->writer, &it->chunk, it->batch, err) < 0)
		return -1;
	run->progress->events += it->chunk.info.events;
	run->progress->raw_bytes += it->chunk.info.raw_bytes;
	run->progress->stored_bytes = writer_bytes(run->writer);
	return 0;
}

static const struct pipeline_ops ops = {.produce = produce, .work = work, .consume = consume};

static int
run_pipeline(struct run *run, struct err *err)
{
	const struct export_options *o = run->o;
	void **ring;
	unsigned i;
	int rc;

	run->depth = o->workers + SPARE_ITEMS;
	run->items = xcalloc(run->depth, sizeof(*run->items));
	run->states = xcalloc(o->workers, sizeof(*run->states));
	run->contents = xcalloc(o->workers, sizeof(*run->contents));
	ring = xcalloc(run->depth, sizeof(*ring));
	for (i = 0; i < run->depth; i++) {
		run->items[i].batch = batch_new();
		ring[i] = &run->items[i];
	}
	for (i = 0; i < o->workers; i++) {
		run->states[i] = chunker_new(o->level);
		run->contents[i] = content_new();
	}
	rc = pipeline_run(&ops, run, ring, run->depth, o->workers, &run->progress->waits, err);
	free(ring);
	return rc;
}

void
export_describe(struct header *h, const struct address *from, const struct source_info *info,
                const struct selection *select)
{
	buf_add_str(&h->source_kind, info->kind);
	if (info->layout)
		buf_add_str(&h->source_layout, info->layout);
	buf_add_str(&h->source_address, from->shown);
	h->has_origin = info->has_origin;
	h->origin = info->origin;
	h->after = select->after;
	if (info->after.set && (!h->after.set || info->after.position > h->after.position))
		h->after = info->after;
	h->upto = select->upto;
	h->filters.len = 0;
	selection_encode(select, info->filters, &h->filters);
}

static int
make_header(struct run *run, struct header *h, struct err *err)
{
	const struct export_options *o = run->o;
	const struct source_info *info = source_info(run->source);

	h->codec = o->codec;
	buf_printf(&h->tool, "esexport %s", ES_VERSION);
	export_describe(h, o->from, info, o->select);
	h->fill = info->fill;
	return header_stamp(h, err);
}

static int
open_writer(struct run *run, struct err *err)
{
	struct header header;
	int rc;

	if (run->o->plain)
		return writer_open(&run->writer, run->file, NULL, err);
	header_init(&header);
	rc = make_header(run, &header, err);
	if (rc == 0)
		rc = writer_open(&run->writer, run->file, &header, err);
	header_release(&header);
	return rc;
}

static int
open_source(struct run *run, struct err *err)
{
	const struct export_options *o = run->o;
	struct source_options options = {
	    .layout = o->layout,
	    .select = o->select,
	    .batch_bytes = o->chunk_bytes,
	    .batch_events = BATCH_EVENTS,
	};

	if (source_open(&run->source, o->from, &options, err) < 0)
		return -1;
	run->progress->total_events = source_info(run->source)->events;
	return 0;
}

static void
report_source(const struct run *run, struct export_report *report)
{
	report->source = *source_info(run->source);
	snprintf(report->layout, sizeof(report->layout), "%s",
	         report->source.layout ? report->source.layout : "");
	report->source.layout = report->layout;
}

static int
report_run(const struct run *run, struct export_report *report, struct err *err)
{
	const struct totals *t = writer_totals(run->writer);
	struct source_counts counts = source_counts(run->source);

	report_source(run, report);
	report->read = counts.read;
	report->filtered = counts.filtered;
	report->events = t->events;
	report->chunks = t->chunks;
	report->raw_bytes = t->raw_bytes;
	report->stored_bytes = t->stored_bytes;
	report->written_bytes = writer_bytes(run->writer);
	report->first = t->first;
	report->last = t->last;
	if (report->read == report->events + report->filtered)
		return 0;
	return err_set(err, ERR_STORE,
	               "the account does not add up: read %" PRIu64 ", written %" PRIu64
	               ", filtered %" PRIu64,
	               report->read, report->events, report->filtered);
}

static void
release(struct run *run)
{
	unsigned i;

	for (i = 0; run->items && i < run->depth; i++) {
		batch_free(run->items[i].batch);
		chunk_release(&run->items[i].chunk);
	}
	for (i = 0; run->states && i < run->o->workers; i++) {
		chunker_free(run->states[i]);
		content_free(run->contents[i]);
	}
	free(run->items);
	free(run->states);
	free(run->contents);
	writer_free(run->writer);
	file_close(run->file);
	source_close(run->source);
}

int
export_run(const struct export_options *o, struct progress_counts *progress,
           struct export_report *report, struct err *err)
{
	struct run run = {.o = o, .progress = progress};
	struct writer_account account;
	int rc = -1;

	if (open_source(&run, err) < 0 || file_create(&run.file, o->out, o->replace, err) < 0)
		goto out;
	if (open_writer(&run, err) < 0 || run_pipeline(&run, err) < 0 ||
	    report_run(&run, report, err) < 0)
		goto out;
	account = (struct writer_account){
	    .read = report->read,
	    .filtered = report->filtered,
	    .reached = source_counts(run.source).reached,
	};
	if (writer_finish(run.writer, &account, err) < 0)
		goto out;
	report->written_bytes = writer_bytes(run.writer);
	rc = file_publish(run.file, err);
out:
	release(&run);
	return rc;
}

int
export_plan(const struct export_options *o, struct export_report *report, struct err *err)
{
	struct progress_counts progress = {0};
	struct run run = {.o = o, .progress = &progress};
	int rc = open_source(&run, err);

	if (rc == 0)
		report_source(&run, report);
	if (rc == 0 && strcmp(o->out, "-") != 0)
		rc = file_could_create(o->out, o->replace, err);
	release(&run);
	return rc;
}
