#include <inttypes.h>

#include "format/unpack.h"
#include "verify/check.h"
#include "verify/invariants.h"

struct run {
	const struct check_options *o;
	struct progress_counts *progress;
	struct finding_report *findings;
	struct reader *reader;
	struct invariants *invariants;
	struct totals seen;
	struct check_result *result;
};

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
take(void *ctx, const struct unpack_item *item, struct err *err)
{
	struct run *run = ctx;
	const struct batch *b = item->batch;
	size_t i;

	if (check_order(run, b, err) < 0)
		return -1;
	for (i = 0; i < b->len; i++)
		if (invariants_add(run->invariants, &b->events[i], run->findings, err) < 0)
			return -1;
	totals_add_events(&run->seen, b);
	totals_add_contents(&run->seen, buf_slice(&item->chunk.chunk.contents));
	if (b->len && !run->result->events)
		run->result->first = b->events[0].position;
	if (b->len)
		run->result->last = b->events[b->len - 1].position;
	run->result->events += b->len;
	run->result->chunks++;
	run->result->raw_bytes += item->chunk.chunk.raw.len;
	run->result->stored_bytes += item->chunk.chunk.info.stored_bytes;
	run->progress->events = run->result->events;
	return 0;
}

static const struct unpack_ops ops = {.take = take, .contents = true};

/* What the header says decides what is to be expected; it is there with the first chunk. */
static int
check_all(struct run *run, struct err *err)
{
	struct reader_chunk first = {0};
	const struct header *header;
	struct invariants_options o = {.tolerance_ns = run->o->tolerance_ns};
	bool partial;
	int rc = reader_next(run->reader, &first, err);

	if (rc > 0) {
		header = reader_header(run->reader);
		o.from_start = header && !header->after.set;
		/* Filters: more than an empty map. */
		partial = header && (header->fill || header->salvaged || header->filters.len > 1);
		o.allow_gaps = run->result->gaps_allowed = run->o->allow_gaps || partial;
		run->invariants = invariants_new(&o);
		rc =
		    unpack_run(run->reader, &first, &ops, run, run->o->workers, run->progress, err);
	}
	reader_chunk_release(&first);
	return rc;
}

/* What only the events tell, against what the end blocks say of them. */
static int
check_said(struct run *run, struct err *err)
{
	const struct totals *said;

	if (reader_is_plain(run->reader))
		return 0;
	said = reader_said(run->reader);
	/* Which types are counted one by one depends on their order, where there are too many. */
	if (said->events != run->result->events || said->streams != run->seen.streams ||
	    (!said->more_types && !run->seen.more_types && !totals_same_types(said, &run->seen)))
		return err_set(
		    err, ERR_FORMAT,
		    "%s: the end block counts other events, streams or types than there are",
		    run->o->place->path);
	if (said->events && totals_has_content(said) &&
	    !digest_eq(&said->content, &run->seen.content))
		return err_set(err, ERR_FORMAT,
		               "%s: the end block says another digest of the content than it has",
		               run->o->place->path);
	return 0;
}

static int
check_archive(const struct check_options *o, struct progress_counts *progress,
              struct finding_report *findings, struct check_result *result, struct err *err)
{
	struct run run = {.o = o, .progress = progress, .findings = findings, .result = result};
	int rc;

	totals_init(&run.seen);
	rc = reader_open(&run.reader, o->place->path, o->plain, err);
	if (rc == 0) {
		result->kind = reader_is_plain(run.reader) ? "jsonl" : "archive";
		progress->total_bytes = reader_size_bytes(run.reader);
		rc = check_all(&run, err);
	}
	if (rc == 0)
		rc = check_said(&run, err);
	result->streams = run.seen.streams;
	if (rc == 0 && run.invariants) {
		rc = invariants_report(run.invariants, findings, err);
		result->counts = invariants_counts(run.invariants);
	}
	totals_release(&run.seen);
	invariants_free(run.invariants);
	reader_free(run.reader);
	return rc;
}

int
check_run(const struct check_options *o, struct progress_counts *progress,
          struct finding_report *findings, struct check_result *result, struct err *err)
{
	*result = (struct check_result){0};
	return address_is_store(o->place) ? check_store(o, progress, findings, result, err)
	                                  : check_archive(o, progress, findings, result, err);
}
