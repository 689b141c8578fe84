#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/file.h"
#include "common/log.h"
#include "common/space.h"
#include "export/export.h"
#include "export/resume.h"
#include "export/target.h"
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
	struct selection range; /* what is asked for, behind what a target has */
	struct selection rest;  /* what is left to be read; its lists are those of the options */
	struct resume resume;
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

	if (resume_check_chunk(&run->resume, &it->chunk, err) < 0 ||
	    writer_append(run->writer, &it->chunk, it->batch, err) < 0)
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

/* What the options alone say of the header. */
static void
describe_packing(const struct export_options *o, struct header *h)
{
	h->codec = o->codec;
	buf_printf(&h->tool, "esexport %s", ES_VERSION);
	h->packing = (struct header_packing){.said = true,
	                                     .level = (uint64_t)o->level,
	                                     .chunk_bytes = o->chunk_bytes,
	                                     .exact_text = o->exact_text};
}

static int
make_header(struct run *run, struct header *h, struct err *err)
{
	const struct export_options *o = run->o;
	const struct source_info *info = source_info(run->source);

	describe_packing(o, h);
	export_describe(h, o->from, info, &run->range);
	h->fill = info->fill;
	h->salvaged = info->salvaged;
	buf_add_slice(&h->lost, info->lost);
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
	if (rc == 0 && run->writer) {
		rc = resume_check_source(&run->resume, &header, err);
		if (rc == 0)
			rc = writer_go_on(run->writer, err);
	} else if (rc == 0) {
		rc = writer_open(&run->writer, run->file, &header, err);
	}
	header_release(&header);
	return rc;
}

/* What an earlier run left, if it left anything. */
static int
open_part(struct run *run, struct err *err)
{
	const struct export_options *o = run->o;
	struct header header;
	int rc;

	if (!o->resume)
		return 0;
	rc = file_resume(&run->file, o->out, o->replace, err);
	if (rc <= 0)
		return rc;
	header_init(&header);
	describe_packing(o, &header);
	rc = resume_open(&run->resume, run->file, &header, o->workers, run->progress, &run->writer,
	                 err);
	header_release(&header);
	if (run->resume.behind.set)
		run->rest.after = run->resume.behind;
	return rc;
}

/* Without anything to go on with it is an output like any other. */
static int
open_file(struct run *run, struct err *err)
{
	if (run->writer)
		return 0;
	file_close(run->file);
	run->file = NULL;
	return file_create(&run->file, run->o->out, run->o->replace, err);
}

/* Nothing that the target has is read again. */
static int
settle(void *ctx, const struct source_info *info, struct err *err)
{
	struct run *run = ctx;
	const struct export_options *o = run->o;
	struct selection_bound has = {0}, *after = &run->range.after;
	struct buf filters = BUF_INIT;
	struct target_key key;
	int rc = 0;

	if (!o->after_target)
		return 0;
	selection_encode(o->select, info->filters, &filters);
	target_key_make(&key, &info->origin, buf_slice(&filters));
	buf_release(&filters);
	if (info->has_origin)
		rc = target_upto(&has, o->after_target, o->target_layout, &key, err);
	if (rc < 0)
		return -1;
	if (has.set)
		log_note("%s has everything up to position %" PRIu64, o->after_target->shown,
		         has.position);
	else
		log_note("%s has nothing of this source and selection: from the beginning",
		         o->after_target->shown);
	if (has.set && (!after->set || has.position > after->position))
		*after = run->rest.after = has;
	return 0;
}

static int
open_source(struct run *run, struct err *err)
{
	const struct export_options *o = run->o;
	struct source_options options = {
	    .layout = o->layout,
	    .select = &run->rest,
	    .batch_bytes = o->chunk_bytes,
	    .batch_events = BATCH_EVENTS,
	    .settle = settle,
	    .ctx = run,
	};

	if (source_open(&run->source, o->from, &options, err) < 0)
		return -1;
	run->progress->total_events = source_info(run->source)->events;
	if (run->progress->total_events)
		run->progress->total_events += run->progress->events + run->resume.filtered;
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

/* What is written, by this run and by the one that it goes on with. */
static void
report_written(const struct run *run, struct export_report *report)
{
	const struct totals *t = writer_totals(run->writer);

	report->events = t->events;
	report->chunks = t->chunks;
	report->raw_bytes = t->raw_bytes;
	report->stored_bytes = t->stored_bytes;
	report->written_bytes = writer_bytes(run->writer);
	report->first = t->first;
	report->last = t->last;
}

static int
report_run(const struct run *run, struct export_report *report, struct err *err)
{
	struct source_counts counts = source_counts(run->source);

	report_source(run, report);
	report_written(run, report);
	report->read = counts.read + run->resume.events + run->resume.filtered;
	report->filtered = counts.filtered + run->resume.filtered;
	if (report->read == report->events + report->filtered)
		return 0;
	return err_set(err, ERR_STORE,
	               "the account does not add up: read %" PRIu64 ", written %" PRIu64
	               ", filtered %" PRIu64,
	               report->read, report->events, report->filtered);
}

/* A position in the range that was reached before this run began counts where it saw none. */
static struct selection_bound
reached(const struct run *run)
{
	struct selection_bound now = source_counts(run->source).reached;

	return now.set ? now : run->resume.behind;
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
	resume_close(&run->resume);
	file_close(run->file);
	source_close(run->source);
}

/* A whole archive becomes another one of about its size. */
static void
warn_of_space(const struct run *run)
{
	const struct export_options *o = run->o;
	struct stat st;

	if (strcmp(o->out, "-") != 0 && strcmp(source_info(run->source)->kind, "archive") == 0 &&
	    !run->rest.after.set && !run->rest.upto.set && !selection_filters(&run->rest) &&
	    stat(o->from->path, &st) == 0 && S_ISREG(st.st_mode))
		space_warn(o->out, (uint64_t)st.st_size);
}

int
export_run(const struct export_options *o, struct progress_counts *progress,
           struct export_report *report, struct err *err)
{
	struct run run = {.o = o, .progress = progress, .range = *o->select, .rest = *o->select};
	struct writer_account account;
	int rc = -1;

	if (open_part(&run, err) < 0 || open_source(&run, err) < 0)
		goto out;
	warn_of_space(&run);
	if (open_file(&run, err) < 0)
		goto out;
	if (open_writer(&run, err) < 0 || run_pipeline(&run, err) < 0 ||
	    resume_check_chunk(&run.resume, NULL, err) < 0 || report_run(&run, report, err) < 0)
		goto out;
	account = (struct writer_account){
	    .read = report->read,
	    .filtered = report->filtered,
	    .reached = reached(&run),
	};
	if (writer_finish(run.writer, &account, err) < 0)
		goto out;
	report->written_bytes = writer_bytes(run.writer);
	rc = file_publish(run.file, err);
out:
	if (rc < 0 && run.writer)
		report_written(&run, report);
	report->part =
	    rc < 0 && !o->plain && run.file && file_part(run.file) && !file_was_cut(run.file);
	release(&run);
	return rc;
}

int
export_plan(const struct export_options *o, struct export_report *report, struct err *err)
{
	struct progress_counts progress = {0};
	struct run run = {.o = o, .progress = &progress, .range = *o->select, .rest = *o->select};
	int rc = open_source(&run, err);

	if (rc == 0)
		report_source(&run, report);
	if (rc == 0 && strcmp(o->out, "-") != 0)
		rc = file_could_create(o->out, o->replace, err);
	release(&run);
	return rc;
}
