#include <inttypes.h>
#include <string.h>

#include "common/log.h"
#include "export/resume.h"
#include "format/unpack.h"

#define MADE_AGAIN "%s; what comes from there on is made again"

/* How many chunks have begun in it, without their payloads.  Archives may stand one behind the
 * other: it is the first one that counts. */
static int
count_blocks(struct resume *r, struct err *err)
{
	struct reader_chunk chunk = {.whole = false};
	struct reader *reader = NULL;
	struct err why = ERR_INIT;
	int rc = reader_open(&reader, r->part, false, &why);

	if (rc == 0)
		while ((rc = reader_next(reader, &chunk, &why)) > 0 &&
		       chunk.chunk.info.seq == r->blocks)
			r->blocks++;
	/* Cut short is what is expected here. */
	if (rc < 0 && why.kind == ERR_FORMAT && reader &&
	    reader_bytes(reader) < reader_size_bytes(reader))
		log_warning(MADE_AGAIN, why.msg);
	reader_free(reader);
	reader_chunk_release(&chunk);
	if (rc >= 0 || why.kind == ERR_FORMAT)
		return 0;
	*err = why;
	return -1;
}

/* Its header: 1, 0 where not even that is there, -1. */
static int
find_header(struct resume *r, struct err *err)
{
	struct reader_chunk chunk = {.whole = false};
	int rc = reader_open(&r->first, r->part, false, err);

	if (rc == 0)
		rc = reader_next(r->first, &chunk, err);
	reader_chunk_release(&chunk);
	if (rc < 0 && err->kind != ERR_FORMAT)
		return -1;
	return r->first && reader_header(r->first) ? 1 : 0;
}

static int
other(const struct resume *r, enum err_kind kind, const char *what, struct err *err)
{
	err_set(err, kind, "%s: was begun with another %s", r->part, what);
	return err_hint(err, "give the same command as then, or begin anew without --resume");
}

static int
other_number(const struct resume *r, const char *option, uint64_t there, uint64_t here,
             struct err *err)
{
	err_set(err, ERR_USAGE, "%s: was begun with %s %" PRIu64 ", and not %" PRIu64, r->part,
	        option, there, here);
	return err_hint(err, "give the same options as then, or begin anew without --resume");
}

static bool
same_text(const struct buf *a, const struct buf *b)
{
	return a->len == b->len && (a->len == 0 || memcmp(a->p, b->p, a->len) == 0);
}

/* What decides the bytes of the chunks, before any of them is read. */
static int
check_options(const struct resume *r, const struct header *wanted, struct err *err)
{
	const struct header *there = reader_header(r->first);
	const struct header_packing *a = &there->packing, *b = &wanted->packing;

	if (!same_text(&there->tool, &wanted->tool) || !a->said)
		return other(r, ERR_USAGE, "version of the program", err);
	if (there->codec != wanted->codec)
		return other(r, ERR_USAGE, "--codec", err);
	if (a->level != b->level)
		return other_number(r, "--level", a->level, b->level, err);
	if (a->chunk_bytes != b->chunk_bytes)
		return other_number(r, "--chunk-size", a->chunk_bytes, b->chunk_bytes, err);
	return a->exact_text == b->exact_text ? 0 : other(r, ERR_USAGE, "--exact-text", err);
}

static bool
same_bound(const struct selection_bound *a, const struct selection_bound *b)
{
	return a->set == b->set && (!a->set || a->position == b->position);
}

int
resume_check_source(const struct resume *r, const struct header *wanted, struct err *err)
{
	const struct header *there = reader_header(r->first);

	if (!same_text(&there->source_kind, &wanted->source_kind))
		return other(r, ERR_CONFLICT, "kind of source", err);
	if (!same_text(&there->source_layout, &wanted->source_layout))
		return other(r, ERR_CONFLICT, "layout", err);
	if (there->has_origin != wanted->has_origin ||
	    (there->has_origin && !digest_eq(&there->origin, &wanted->origin)))
		return other(r, ERR_CONFLICT, "source: the first event of it differs", err);
	if (there->fill != wanted->fill)
		return other(r, ERR_CONFLICT, "kind of archive", err);
	if (!same_bound(&there->after, &wanted->after))
		return other(r, ERR_USAGE, "--after", err);
	if (!same_bound(&there->upto, &wanted->upto))
		return other(r, ERR_USAGE, "--upto", err);
	return same_text(&there->filters, &wanted->filters)
	           ? 0
	           : other(r, ERR_USAGE, "selection: --since, --until, --stream or --type", err);
}

/* The producer's: all chunks stay but the last. */
static bool
want(void *ctx, const struct reader_chunk *c)
{
	const struct resume *r = ctx;

	return c->chunk.info.seq + 1 < r->blocks;
}

static int
take(void *ctx, const struct unpack_item *item, struct err *err)
{
	struct resume *r = ctx;
	struct chunk chunk = item->chunk.chunk; /* its bytes stay the item's */

	if (item->passed_over) {
		r->next = chunk.info;
		r->has_next = true;
		return 0;
	}
	if (chunk.info.offset != writer_bytes(r->writer))
		return err_set(err, ERR_FORMAT, "%s: chunk %" PRIu64 " is not at its place",
		               r->part, chunk.info.seq);
	if (writer_append(r->writer, &chunk, item->batch, err) < 0)
		return -1;
	r->behind = (struct selection_bound){true, chunk.info.last};
	r->events += chunk.info.events;
	r->filtered += chunk.info.filtered;
	r->progress->events += chunk.info.events;
	return 0;
}

/* Up to the last chunk, or to one that is damaged: that, and what is behind it, is made again. */
static int
read_chunks(struct resume *r, unsigned workers, struct err *err)
{
	static const struct unpack_ops ops = {.want = want, .take = take, .contents = true};
	struct err why = ERR_INIT;
	struct reader *reader = NULL;
	int rc = reader_open(&reader, r->part, false, &why);

	if (rc == 0)
		rc = unpack_run(reader, NULL, &ops, r, workers, r->progress, &why);
	reader_free(reader);
	if (rc < 0 && why.kind != ERR_FORMAT && why.kind != ERR_DATA) {
		*err = why;
		return -1;
	}
	if (rc < 0 && writer_totals(r->writer)->chunks + 1 < r->blocks)
		log_warning(MADE_AGAIN, why.msg);
	return 0;
}

int
resume_open(struct resume *r, struct file *file, const struct header *wanted, unsigned workers,
            struct progress_counts *progress, struct writer **writer, struct err *err)
{
	char chunks[PROGRESS_TEXT_BYTES], events[PROGRESS_TEXT_BYTES];
	struct err why = ERR_INIT;
	int rc;

	r->part = file_part(file);
	r->progress = progress;
	rc = find_header(r, &why);
	if (rc < 0) {
		*err = why;
		return -1;
	}
	if (rc == 0) {
		if (why.kind == ERR_NONE)
			err_set(&why, ERR_FORMAT, "%s: is no archive", r->part);
		log_note("nothing to go on with: %s", why.msg);
		return 0;
	}
	if (check_options(r, wanted, err) < 0 || count_blocks(r, err) < 0 ||
	    writer_resume(writer, file, reader_header(r->first), err) < 0)
		return -1;
	r->writer = *writer;
	if (read_chunks(r, workers, err) < 0)
		return -1;
	log_note("%s: going on behind %s with %s", r->part,
	         progress_things(writer_totals(r->writer)->chunks, "chunk", chunks),
	         progress_things(writer_totals(r->writer)->events, "event", events));
	return 0;
}

void
resume_close(struct resume *r)
{
	reader_free(r->first);
	*r = (struct resume){0};
}

int
resume_check_chunk(struct resume *r, const struct chunk *c, struct err *err)
{
	const struct chunk_info *was = &r->next;
	struct digest digest;

	if (!r->has_next)
		return 0;
	r->has_next = false;
	if (c && c->raw.len >= was->raw_bytes) {
		digest = digest_of((struct slice){c->raw.p, was->raw_bytes});
		if (digest_eq(&digest, &was->digest)) {
			if (c->raw.len > was->raw_bytes || c->info.check == was->check)
				return 0;
			return other(r, ERR_USAGE, "version of zstd", err);
		}
	}
	err_set(err, ERR_CONFLICT,
	        "%s: the source has other events from position %" PRIu64 " on than it had then",
	        r->part, was->first);
	return err_hint(err, "begin anew without --resume");
}
