#include "verify/rescue.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/jscan.h"
#include "format/content.h"
#include "format/writer.h"
#include "verify/outfile.h"

#define LEVEL 1 /* of chunks that must be written in another codec */

struct run {
	const struct rescue_options *o;
	struct rescue *r;
	struct progress_counts *progress;
	struct salvage *salvage; /* of the pass */
	struct chunk chunk, encoded;
	struct batch *batch;
	struct content *content;
	struct chunker *state;
	struct file *out;
	struct writer *writer;
	const struct codec *codec; /* of the first chunk */
};

static int
next(struct run *run, struct err *err)
{
	int rc = salvage_next(run->salvage, &run->chunk, run->batch, err);

	run->progress->at_bytes = salvage_bytes(run->salvage);
	return rc;
}

/* The list of what is lost goes with the result. */
static void
take_found(struct rescue *r, const struct salvage_found *found)
{
	struct lost copy = {0};
	size_t i;

	for (i = 0; i < found->lost.len; i++)
		lost_add(&copy, found->lost.ranges[i]);
	r->found = *found;
	r->found.lost = copy;
}

/* The first pass: what there is. */
static int
look(struct run *run, struct err *err)
{
	int rc;

	while ((rc = next(run, err)) > 0) {
		if (!run->codec) {
			run->codec = salvage_codec(run->salvage);
			run->r->first = run->chunk.info.first;
		}
		run->r->last = run->chunk.info.last;
	}
	if (rc < 0)
		return -1;
	take_found(run->r, salvage_found(run->salvage));
	if (run->r->found.chunks == 0 && run->r->found.lost.len)
		return err_set(err, ERR_FORMAT, "%s: not one chunk of it is whole",
		               run->o->from->shown);
	return 0;
}

static void
describe(const struct run *run, const struct header *was, struct header *h)
{
	buf_printf(&h->tool, "esverify %s", ES_VERSION);
	if (was) {
		buf_add_slice(&h->source_kind, buf_slice(&was->source_kind));
		buf_add_slice(&h->source_layout, buf_slice(&was->source_layout));
		buf_add_slice(&h->source_address, buf_slice(&was->source_address));
		h->has_origin = was->has_origin;
		h->origin = was->origin;
		h->after = was->after;
		if (run->r->found.archives == 1)
			h->upto = was->upto;
		h->filters.len = 0;
		buf_add_slice(&h->filters, buf_slice(&was->filters));
		h->fill = was->fill;
	}
	h->salvaged = run->r->marked;
	if (h->salvaged)
		lost_encode(&run->r->found.lost, &h->lost);
}

static int
make_file(struct run *run, const struct header *was, struct err *err)
{
	const struct codec *by_name = codec_of_path(run->o->out);
	struct header header;
	int rc = file_create(&run->out, run->o->out, run->o->replace, err);

	if (rc < 0)
		return -1;
	header_init(&header);
	header.codec = by_name ? by_name : run->codec ? run->codec : &codec_jsonl;
	run->codec = header.codec;
	describe(run, was, &header);
	rc = header_stamp(&header, err);
	if (rc == 0)
		rc = writer_open(&run->writer, run->out, &header, err);
	header_release(&header);
	return rc;
}

/* The payload is copied, where it is of the codec of the new archive. */
static int
write_chunk(struct run *run, struct err *err)
{
	struct chunk *c = &run->chunk;

	if (salvage_codec(run->salvage) != run->codec) {
		c = &run->encoded;
		if (chunk_encode(c, run->batch, run->codec, 0, err) < 0 ||
		    chunk_compress(c, run->state, err) < 0)
			return -1;
	}
	content_digests(run->content, run->batch, &c->contents);
	run->progress->events += c->info.events;
	return writer_append(run->writer, c, run->batch, err);
}

/* The second pass. */
static int
save(struct run *run, struct err *err)
{
	const struct salvage_found *found = &run->r->found;
	struct writer_account account = {.read = found->events + found->filtered,
	                                 .filtered = found->filtered,
	                                 .reached = found->reached};
	int rc = next(run, err);

	/* Marked, it says nothing of how far the store was read. */
	if (run->r->marked)
		account = (struct writer_account){.read = found->events,
		                                  .reached = {found->events > 0, run->r->last}};

	if (rc < 0 || make_file(run, salvage_header(run->salvage), err) < 0)
		return -1;
	for (; rc > 0; rc = next(run, err))
		if (write_chunk(run, err) < 0)
			return -1;
	if (rc < 0)
		return -1;
	if (writer_totals(run->writer)->events != found->events)
		return err_set(err, ERR_IO, "%s: has changed while it was read",
		               run->o->from->shown);
	if (writer_finish(run->writer, &account, err) < 0)
		return -1;
	return file_publish(run->out, err);
}

static int
both_passes(struct run *run, struct err *err)
{
	struct file *f, *again = NULL;

	if (file_open(&f, run->o->from->path, err) < 0)
		return -1;
	if (file_keep(&again, f, err) < 0) {
		file_close(f);
		return -1;
	}
	salvage_open(&run->salvage, f);
	run->progress->total_bytes = salvage_size_bytes(run->salvage);
	if (look(run, err) < 0 || file_rewind(again, err) < 0) {
		file_close(again);
		return -1;
	}
	run->r->marked = run->r->found.lost.len > 0 || run->r->found.header_lost;
	salvage_free(run->salvage);
	salvage_open(&run->salvage, again);
	return save(run, err);
}

int
rescue_run(struct rescue *r, const struct rescue_options *o, struct progress_counts *progress,
           struct err *err)
{
	struct run run = {.o = o, .r = r, .progress = progress};
	int rc;

	*r = (struct rescue){0};
	if (outfile_check_apart("salvage", o->out, o->from, err) < 0 ||
	    outfile_check("salvage", o->out, o->replace, err) < 0)
		return -1;
	run.batch = batch_new();
	run.content = content_new();
	run.state = chunker_new(LEVEL);
	rc = both_passes(&run, err);
	salvage_free(run.salvage);
	writer_free(run.writer);
	file_close(run.out);
	chunk_release(&run.chunk);
	chunk_release(&run.encoded);
	chunker_free(run.state);
	content_free(run.content);
	batch_free(run.batch);
	return rc;
}

static void
print_json(const struct rescue *r, const struct rescue_options *o)
{
	const struct salvage_found *f = &r->found;
	struct buf out = BUF_INIT;
	uint64_t events;
	size_t i;

	for (i = 0; i < f->lost.len; i++) {
		buf_add_str(&out, "{\"lost\":");
		lost_put_json(&f->lost.ranges[i], &out);
		buf_add_str(&out, "}\n");
	}
	buf_printf(&out,
	           "{\"result\":\"%s\",\"events\":%" PRIu64 ",\"chunks\":%" PRIu64
	           ",\"first_position\":%" PRIu64 ",\"last_position\":%" PRIu64
	           ",\"lost_ranges\":%zu,\"lost_events\":",
	           f->lost.len ? "salvaged" : "whole", f->events, f->chunks, r->first, r->last,
	           f->lost.len);
	if (lost_events(&f->lost, &events))
		buf_printf(&out, "%" PRIu64, events);
	else
		buf_add_str(&out, "null");
	buf_printf(&out, ",\"header_lost\":%s,\"end_lost\":%s,\"stray_bytes\":%" PRIu64 ",\"out\":",
	           f->header_lost ? "true" : "false", f->end_lost ? "true" : "false",
	           f->stray_bytes);
	jscan_quote(slice_str(o->out), &out);
	printf("%s}\n", buf_cstr(&out));
	buf_release(&out);
}

void
rescue_print(const struct rescue *r, const struct rescue_options *o)
{
	const struct salvage_found *f = &r->found;
	char a[PROGRESS_TEXT_BYTES], b[PROGRESS_TEXT_BYTES], text[LOST_TEXT_BYTES];
	uint64_t events;
	size_t i;

	if (o->json) {
		print_json(r, o);
		return;
	}
	printf("%s: %s in %s", o->from->shown, progress_things(f->events, "event", a),
	       progress_things(f->chunks, "whole chunk", b));
	if (f->events)
		printf(", positions %" PRIu64 " to %" PRIu64, r->first, r->last);
	printf("\n");
	for (i = 0; i < f->lost.len; i++)
		printf("  lost: %s\n", lost_text(&f->lost.ranges[i], text));
	if (f->lost.len == 0)
		printf("  no event is lost\n");
	else if (lost_events(&f->lost, &events))
		printf("  %s %s lost\n", progress_things(events, "event", a),
		       events == 1 ? "is" : "are");
	if (f->header_lost)
		printf("  a header is lost: origin, filters and range are not known\n");
	if (f->end_lost)
		printf("  an end block is lost\n");
	printf("%s: holds what is left%s\n", o->out,
	       r->marked ? ", and says that it was salvaged" : "");
}

void
rescue_release(struct rescue *r)
{
	lost_release(&r->found.lost);
}
