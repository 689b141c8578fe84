#include <inttypes.h>

#include "export/target.h"
#include "format/salvage.h"
#include "import/begin.h"

/* Of the first archive; NULL for JSON Lines, and where it is lost. */
static const struct header *
input_header(const struct run *run)
{
	return run->salvage ? salvage_header(run->salvage) : reader_header(run->reader);
}

/* JSON Lines have no header: they are known by their first event. */
static int
origin_of_lines(struct run *run, struct sink_key *key, struct err *err)
{
	struct batch *b = batch_new();
	int rc = reader_unpack(&run->primed, NULL, b, err);

	if (rc == 0 && b->len) {
		key->has_origin = true;
		rc = digest_of_event(&b->events[0], &key->origin, err);
	}
	batch_free(b);
	return rc;
}

/* Another digest, of the one and of a text. */
static void
digest_further(struct digest *d, struct buf *text)
{
	struct buf all = BUF_INIT;

	buf_add(&all, d->bytes, sizeof(d->bytes));
	buf_add_slice(&all, buf_slice(text));
	*d = digest_of(buf_slice(&all));
	buf_release(&all);
	text->len = 0;
}

/*
 * The selection: the filters of the export, ours, and what we change.  An import that may lack
 * events has a name of its own, so that no other goes on behind it.
 */
static void
digest_selection(const struct run *run, bool holes, struct sink_key *key)
{
	const struct header *header = input_header(run);
	struct buf filters = BUF_INIT, name = BUF_INIT;

	selection_encode(run->o->select, header ? buf_slice(&header->filters) : SLICE_ABSENT,
	                 &filters);
	target_selection(buf_slice(&filters), (uint8_t)run->o->payloads, &key->selection);
	buf_release(&filters);
	if (run->o->map) {
		buf_add_str(&name, "mapped");
		eventmap_encode(run->o->map, &name);
		digest_further(&key->selection, &name);
	}
	if (holes) {
		buf_add_str(&name, "salvaged");
		/* With new positions it goes on behind its last event: only this very archive may.
		 */
		if (header && run->o->append)
			buf_add(&name, header->id, sizeof(header->id));
		digest_further(&key->selection, &name);
	}
	buf_release(&name);
}

int
begin_next_salvaged(struct run *run, struct err *err)
{
	struct unpack_item *it = &run->salvaged;
	int rc = salvage_next(run->salvage, &it->chunk.chunk, it->batch, err);

	run->progress->at_bytes = salvage_bytes(run->salvage);
	return rc;
}

/* What is left without a header, or without an origin in it, is known by its first event. */
static int
origin_of_rest(struct run *run, struct sink_key *key, struct err *err)
{
	struct reader_chunk *c = &run->primed;
	struct chunker *state;
	struct batch *b;
	int rc = 0;

	key->has_origin = true;
	if (run->salvage)
		return digest_of_event(&run->salvaged.batch->events[0], &key->origin, err);
	state = chunker_new(0);
	b = batch_new();
	if (reader_payload(run->reader, c, err) < 0 || reader_unpack(c, state, b, err) < 0 ||
	    digest_of_event(&b->events[0], &key->origin, err) < 0)
		rc = -1;
	batch_free(b);
	chunker_free(state);
	return rc;
}

/* Where the input begins: behind the later of the header's bound and ours. */
static struct selection_bound
input_after(const struct run *run)
{
	struct selection_bound after = run->o->select->after, theirs = {0};

	if (!run->salvage)
		theirs = reader_begins(run->reader);
	return theirs.set && (!after.set || theirs.position > after.position) ? theirs : after;
}

/* An increment goes on where the target ends, or before: never behind a gap. */
static int
check_joins(const struct run *run, const struct sink_tail *before, struct err *err)
{
	struct selection_bound after = input_after(run);

	if (!before->found || !after.set || after.position <= before->upto)
		return 0;
	err_set(err, ERR_CONFLICT,
	        "the input begins behind position %" PRIu64
	        ", and the target has everything up to %" PRIu64,
	        after.position, before->upto);
	return err_hint(err, "import what lies between first");
}

/* A store that was made from what is left of an archive is no beginning of an import. */
static void
hint_at_holes(struct run *run, struct err *err)
{
	struct err ignored = ERR_INIT;
	struct sink_tail tail;
	struct sink_key key;

	if (err->kind != ERR_CONFLICT || run->report->holes || sink_info(run->sink)->empty)
		return;
	key = *sink_key(run->sink);
	digest_selection(run, true, &key);
	if (sink_tail(run->sink, &key, &tail, &ignored) < 0 || !tail.found)
		return;
	err_set(
	    err, ERR_CONFLICT,
	    "the target holds what was left of a damaged archive, and may lack events anywhere");
	err_hint(err,
	         "write what it lacks with esverify ARCHIVE %s --missing-to FILE, and import "
	         "FILE; or import into an empty store",
	         run->o->to->shown);
}

/*
 * Ask the target how far it is, or for a repair archive, where such events may go.
 * So may those of an input that lacks some: what an earlier run found lost is there now, or not.
 */
static int
ask_target(struct run *run, const struct sink_key *key, struct err *err)
{
	bool fill = run->report->fill ||
	            (run->report->holes && !run->o->append && !sink_info(run->sink)->empty);
	struct sink_tail *tail = fill ? &run->tail : &run->before;
	int rc = fill ? sink_fill(run->sink, key, tail, err) : sink_tail(run->sink, key, tail, err);

	if (rc < 0)
		hint_at_holes(run, err);
	if (rc < 0 || check_joins(run, tail, err) < 0)
		return -1;
	run->tail = run->durable = *tail;
	if (!tail->found)
		run->tail.after = input_after(run);
	return 0;
}

/* What an earlier run put aside. */
static int
begin_letters(struct run *run, const struct header *header, const struct sink_key *key,
              struct err *err)
{
	struct buf filters = BUF_INIT;
	int rc = 0;

	selection_encode(run->o->select, header ? buf_slice(&header->filters) : SLICE_ABSENT,
	                 &filters);
	if (run->letters)
		rc = deadletter_begin(run->letters, header, &key->origin, &filters, err);
	buf_release(&filters);
	return rc;
}

/* `any`: there is a first chunk. */
static int
find_origin(struct run *run, const struct header *header, bool any, struct sink_key *key,
            struct err *err)
{
	if (header && header->has_origin) {
		key->has_origin = true;
		key->origin = header->origin;
		return 0;
	}
	if (any && run->report->holes)
		return origin_of_rest(run, key, err);
	/* An archive without an origin is of an empty store. */
	return any && !header ? origin_of_lines(run, key, err) : 0;
}

int
begin_first_chunk(struct run *run, struct err *err)
{
	int rc = run->salvage ? begin_next_salvaged(run, err)
	                      : reader_next(run->reader, &run->primed, err);

	run->is_primed = rc > 0;
	return rc < 0 ? -1 : 0;
}

int
begin_import(struct run *run, struct err *err)
{
	const struct header *header;
	struct sink_key key = {0};

	if (begin_first_chunk(run, err) < 0)
		return -1;
	header = input_header(run);
	run->report->holes = run->salvage || (header && header->salvaged);
	if (!run->salvage && header && header->salvaged)
		(void)lost_decode(&run->report->lost, buf_slice(&header->lost));
	if (find_origin(run, header, run->is_primed, &key, err) < 0)
		return -1;
	digest_selection(run, run->report->holes, &key);
	run->report->fill = run->o->mended || (header && header->fill);
	places_begin(&run->places, header);
	if (run->o->mended && deadletter_origin(run->o->mended, &key.origin, err) < 0)
		return -1;
	if (ask_target(run, &key, err) < 0)
		return -1;
	run->refuse.base = run->tail;
	return key.has_origin ? begin_letters(run, header, &key, err) : 0;
}
