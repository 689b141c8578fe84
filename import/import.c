#include <inttypes.h>
#include <stdio.h>

#include "common/log.h"
#include "common/space.h"
#include "format/salvage.h"
#include "import/begin.h"
#include "import/payloads.h"

#define BATCH_BYTES ((uint64_t)64 << 20) /* a transaction is closed at this, too */

/* A chunk that the target has need not be unpacked, but for the one with the last event of it. */
static bool
want(void *ctx, const struct reader_chunk *c)
{
	const struct run *run = ctx;
	const struct selection *select = run->o->select;

	return !run->before.found || c->plain || c->chunk.info.last >= run->before.position ||
	       selection_filters(select) || select->after.set || select->upto.set;
}

static int
change(void *ctx, struct batch *b, struct err *err)
{
	const struct run *run = ctx;

	if (run->report->fill && !run->o->mended && places_require(b, err) < 0)
		return -1;
	deadletter_strip(b);
	return run->o->payloads == IMPORT_AS_IS ? 0 : payloads_convert(b, run->o->payloads, err);
}

/* Of the events only the last of a commit, or of a chunk, is worth its digest. */
static int
digest_written(struct run *run, struct err *err)
{
	const struct event *e = run->written;

	run->written = NULL;
	if (!e || sink_digest(run->sink, e, &run->tail.event, err) == 0)
		return 0;
	run->sink_failed = true;
	return -1;
}

/* A commit failed, and may have stored a part. */
static void
take_stored(struct run *run)
{
	const struct sink_info *info = sink_info(run->sink);

	if (info->stored == 0)
		return;
	run->durable.found = true;
	run->durable.position = run->durable.upto = info->stored_upto;
	run->durable.events += info->stored;
	run->durable_written += info->stored;
}

/* A commit failed, perhaps for an event of it that can be put aside. */
static int
sort_out(struct run *run, struct err *err)
{
	struct refuse *r = &run->refuse;
	int rc = run->letters ? refuse_sort(r, err) : -1;

	run->durable_written += r->written;
	run->report->present += r->present;
	run->report->refused += r->refused;
	run->report->written = run->durable_written;
	if (r->written + r->present > 0)
		run->durable = r->base;
	run->tail = r->base;
	return rc;
}

static int
commit_once(struct run *run, bool last, struct err *err)
{
	uint64_t present;

	run->pending = run->pending_bytes = 0;
	/* The checkpoint passes nothing that is nowhere. */
	if (run->letters && deadletter_sync(run->letters, err) < 0)
		return -1;
	if (sink_commit(run->sink, run->tail.found ? &run->tail : NULL, last, &present, err) < 0)
		return sort_out(run, err);
	run->report->written -= present;
	run->report->present += present;
	run->durable = run->tail;
	run->durable_written = run->report->written;
	if (run->letters)
		refuse_committed(&run->refuse, &run->tail);
	return 0;
}

static int
commit(struct run *run, bool last, struct err *err)
{
	bool apart = run->letters && run->refuse.kept->len > 0;
	bool once = run->pending > 0 && !apart;
	int rc = 0;

	if (run->sink_failed)
		return 0;
	/* What is done at the end fails for no event that could be put aside. */
	if (run->pending > 0)
		rc = commit_once(run, last && once, err);
	if (rc == 0 && last && !once && sink_info(run->sink)->unfinished)
		rc = commit_once(run, true, err);
	if (rc == 0)
		return 0;
	run->sink_failed = true;
	take_stored(run);
	return -1;
}

/* The target cannot hold it: 0 where it goes to the dead letters, behind all that comes before it.
 */
static int
put_aside(struct run *run, const struct event *e, struct err *err)
{
	const struct err reason = *err;

	if (!run->letters || reason.kind != ERR_DATA) {
		run->sink_failed = true;
		return -1;
	}
	if (digest_written(run, err) < 0 || commit(run, false, err) < 0)
		return -1;
	if (deadletter_add(run->letters, e, reason.msg, err) < 0) {
		run->sink_failed = true;
		return -1;
	}
	run->report->refused++;
	return 0;
}

static int
write_event(struct run *run, const struct event *e, struct err *err)
{
	const struct place *place = run->places.known ? &run->places.at : NULL;

	if (sink_write(run->sink, e, place, err) < 0)
		return put_aside(run, e, err);
	run->report->written++; /* the commit says how many of them were there */
	if (sink_tail_add(&run->tail, e))
		run->written = e;
	if (run->letters)
		refuse_keep(&run->refuse, e, place);
	run->pending++;
	run->pending_bytes += event_weight_bytes(e);
	if (run->pending < run->o->batch_events && run->pending_bytes < BATCH_BYTES)
		return 0;
	return digest_written(run, err) < 0 ? -1 : commit(run, false, err);
}

/* Whether an import wrote any event; one whose filters left all out has its reach only. */
static bool
has_event(const struct sink_tail *tail)
{
	static const struct digest none;

	return !digest_eq(&tail->event, &none);
}

/* An event that the target should have: the last one of them is compared. */
static int
skip_event(struct run *run, const struct event *e, struct err *err)
{
	struct digest digest;

	if (run->letters && deadletter_between(run->letters, e->position, e->position) > 0)
		run->report->refused++;
	else
		run->report->present++;
	if (e->position != run->before.position || !has_event(&run->before))
		return 0;
	run->met = true;
	if (sink_digest(run->sink, e, &digest, err) < 0)
		return -1;
	if (digest_eq(&digest, &run->before.event))
		return 0;
	err_set(err, ERR_CONFLICT,
	        "event %" PRIu64 " is not the one that was imported under this position",
	        e->position);
	return err_hint(err, "the source has another history; import it into an empty store");
}

/* Where the input reaches back to what was imported before, the last event of that is in it. */
static int
check_met(struct run *run, struct err *err)
{
	if (!run->before.found || run->met || run->first > run->before.position ||
	    !has_event(&run->before))
		return 0;
	err_set(err, ERR_CONFLICT,
	        "event %" PRIu64 ", the last that was imported before, is not in the input",
	        run->before.position);
	return err_hint(err, "the source has another history; import it into an empty store");
}

/* What lies before the beginning of an earlier import is not in the target. */
static int
check_begins(const struct run *run, uint64_t position, struct err *err)
{
	if (!run->before.found || !run->before.after.set || position > run->before.after.position)
		return 0;
	err_set(err, ERR_CONFLICT,
	        "event %" PRIu64
	        ": the import that the target holds began behind position %" PRIu64,
	        position, run->before.after.position);
	return err_hint(err, "import the first archive first, into an empty store");
}

static int
take_event(struct run *run, struct event *e, struct arena *mem, struct err *err)
{
	if (run->seen++ && e->position <= run->last)
		return err_set(err, ERR_FORMAT,
		               "positions do not rise: %" PRIu64 " comes behind %" PRIu64,
		               e->position, run->last);
	run->last = e->position;
	if (run->report->fill && places_take(&run->places, e, mem, err) < 0)
		return -1;
	if (!selection_in_range(run->o->select, e->position))
		return 0;
	if (run->report->read++ == 0)
		run->first = e->position;
	if (!selection_passes(run->o->select, e)) {
		run->report->filtered++;
		return 0;
	}
	if (check_begins(run, e->position, err) < 0)
		return -1;
	if (run->before.found && e->position <= run->before.position)
		return skip_event(run, e, err);
	if (check_met(run, err) < 0)
		return -1;
	return write_event(run, e, err);
}

static int
take_present(struct run *run, const struct chunk_info *info, struct err *err)
{
	uint64_t refused =
	    run->letters ? deadletter_between(run->letters, info->first, info->last) : 0;

	if (check_begins(run, info->first, err) < 0)
		return -1;
	if (run->report->read == 0)
		run->first = info->first;
	run->seen += info->events;
	run->last = info->last;
	run->report->read += info->events;
	run->report->present += info->events - refused;
	run->report->refused += refused;
	return 0;
}

static int
take(void *ctx, const struct unpack_item *item, struct err *err)
{
	struct err ignored = ERR_INIT;
	struct run *run = ctx;
	size_t i;
	int rc = 0;

	if (item->passed_over && take_present(run, &item->chunk.chunk.info, err) < 0)
		return -1;
	for (i = 0; i < item->batch->len && rc == 0; i++)
		rc = take_event(run, &item->batch->events[i], item->batch->mem, err);
	/* The events go with the batch; those before one that is bad are committed, too. */
	if (digest_written(run, rc < 0 ? &ignored : err) < 0 || rc < 0)
		return -1;
	run->report->chunks++;
	run->progress->events = run->report->read;
	return 0;
}

static const struct unpack_ops ops = {.want = want, .change = change, .take = take};

/* The same of the pass before, in which nothing is written. */
static int
look(void *ctx, const struct unpack_item *item, struct err *err)
{
	struct run *run = ctx;
	const struct selection *select = run->o->select;
	const struct event *e;
	size_t i;

	(void)err;
	for (i = 0; i < item->batch->len; i++) {
		e = &item->batch->events[i];
		if (selection_in_range(select, e->position) && selection_passes(select, e) &&
		    !(run->before.found && e->position <= run->before.position))
			survey_event(&run->survey, run->sink, e);
	}
	return 0;
}

static const struct unpack_ops survey_ops = {.want = want, .change = change, .take = look};

/*
 * Read all of the input, to know what has no place before any of it is written.  What is wrong
 * with the input is for the pass that commits what comes before it.
 */
static int
survey(struct run *run, struct err *err)
{
	struct progress_counts apart = {0}; /* what is shown counts events on their way */
	struct err input = ERR_INIT;
	struct file *f;

	log_note("reading the input once before anything is written, to see what has no place");
	if (unpack_run(run->reader, run->is_primed ? &run->primed : NULL, &survey_ops, run,
	               run->o->workers, &apart, &input) < 0 &&
	    input.kind == ERR_STOPPED) {
		*err = input;
		return -1;
	}
	if (survey_end(&run->survey, sink_info(run->sink)->layout, err) < 0)
		return -1;
	reader_free(run->reader);
	run->reader = NULL;
	if (file_rewind(run->again, err) < 0)
		return -1;
	f = run->again;
	run->again = NULL; /* from here on it is the reader's */
	return reader_open_file(&run->reader, f, run->o->plain, err) < 0
	           ? -1
	           : begin_first_chunk(run, err);
}

/* Without the pipeline: what is whole is known only when it was unpacked, and in order. */
static int
take_salvaged(struct run *run, struct err *err)
{
	const struct lost *lost = &salvage_found(run->salvage)->lost;
	struct unpack_item *it = &run->salvaged;
	int rc = run->is_primed;
	size_t i;

	for (; rc > 0; rc = begin_next_salvaged(run, err)) {
		if (change(run, it->batch, err) < 0 || take(run, it, err) < 0)
			return -1;
		run->progress->raw_bytes += it->chunk.chunk.raw.len;
	}
	for (i = 0; rc == 0 && i < lost->len; i++)
		lost_add(&run->report->lost, lost->ranges[i]);
	return rc;
}

/* At a good end the target reaches as far as the input does, also where filters left it out. */
static void
reach_end(struct run *run)
{
	struct selection_bound reached = {0};
	const struct selection_bound *upto = &run->o->select->upto;

	if (!run->report->holes)
		reached = reader_reached(run->reader);
	if (run->report->plain || !reached.set)
		return;
	if (upto->set && reached.position > upto->position)
		reached = *upto;
	if (!run->tail.found) { /* nothing passed the filters; what follows must know how far */
		run->tail.found = true;
		run->tail.position = reached.position;
		run->pending++;
	}
	if (reached.position > run->tail.upto) {
		run->tail.upto = reached.position;
		run->pending++; /* worth a commit */
	}
}

/* Whether the target may refuse an event that is not to be put aside. */
static bool
may_refuse(const struct run *run)
{
	const struct import_options *o = run->o;

	return !o->dead_letter &&
	       (sink_info(run->sink)->picky || (o->map && eventmap_refuses(o->map)));
}

static int
open_input(struct run *run, struct err *err)
{
	const struct import_options *o = run->o;
	bool survey;
	struct file *f;

	if (file_open(&f, o->from, err) < 0)
		return -1;
	survey = file_can_seek(f) && !o->skip_damaged && may_refuse(run);
	if ((o->keep && file_keep(&run->report->input, f, err) < 0) ||
	    (survey && file_keep(&run->again, f, err) < 0)) {
		file_close(f);
		return -1;
	}
	if (!o->skip_damaged)
		return reader_open_file(&run->reader, f, o->plain, err);
	salvage_open(&run->salvage, f);
	run->salvaged.batch = batch_new();
	return 0;
}

static int
open_both(struct run *run, struct err *err)
{
	const struct import_options *o = run->o;
	struct sink_options options = {.layout = o->layout,
	                               .append = o->append,
	                               .dry = o->dry,
	                               .map = o->map,
	                               .careful = o->dead_letter != NULL};
	const struct sink_info *info;

	if (o->dead_letter && deadletter_open(&run->letters, o->dead_letter, err) < 0)
		return -1;
	if (sink_open(&run->sink, o->to, &options, err) < 0)
		return -1;
	if (run->letters)
		refuse_init(&run->refuse, run->sink, run->letters);
	info = sink_info(run->sink);
	snprintf(run->report->kind, sizeof(run->report->kind), "%s", info->kind);
	snprintf(run->report->layout, sizeof(run->report->layout), "%s", info->layout);
	run->report->creates = info->creates;
	if (open_input(run, err) < 0)
		return -1;
	run->report->plain = run->reader && reader_is_plain(run->reader);
	run->progress->total_bytes =
	    run->salvage ? salvage_size_bytes(run->salvage) : reader_size_bytes(run->reader);
	/* Of what is there already nothing more is written. */
	if (o->to->kind == ADDRESS_SQLITE && info->empty && !o->dry)
		space_warn(o->to->path, run->progress->total_bytes);
	return 0;
}

/* All that the archive says it holds has come by, and every event is accounted for. */
static int
check_account(const struct run *run, struct err *err)
{
	const struct import_report *r = run->report;

	if (run->reader && !r->plain && run->seen != reader_said(run->reader)->events)
		return err_set(err, ERR_FORMAT,
		               "the archive says %" PRIu64 " events, and %" PRIu64 " came by",
		               reader_said(run->reader)->events, run->seen);
	if (r->read == r->written + r->present + r->filtered + r->refused)
		return 0;
	return err_set(err, ERR_STORE,
	               "the account does not add up: read %" PRIu64 ", written %" PRIu64
	               ", already there %" PRIu64 ", filtered %" PRIu64 ", dead-lettered %" PRIu64,
	               r->read, r->written, r->present, r->filtered, r->refused);
}

/*
 * What was checked and written before something went wrong elsewhere is good,
 * and is kept: the next run goes on behind it.
 */
static void
keep_what_is_good(struct run *run)
{
	struct err ignored = ERR_INIT;

	if (!run->sink_failed && commit(run, false, &ignored) < 0)
		log_warning("%s", ignored.msg);
	run->report->written = run->durable_written;
}

/* All has come by. */
static int
finish(struct run *run, struct err *err)
{
	uint64_t none;

	if (check_account(run, err) < 0)
		return -1;
	reach_end(run);
	if (commit(run, true, err) < 0)
		return -1;
	if (run->report->creates && !run->durable.found && /* an empty store is made, too */
	    sink_commit(run->sink, NULL, true, &none, err) < 0)
		return -1;
	if (!run->letters)
		return 0;
	run->report->letters = deadletter_events(run->letters);
	if (deadletter_finish(run->letters, err) < 0)
		return -1;
	return check_account(run, err);
}

int
import_run(const struct import_options *o, struct progress_counts *progress,
           struct import_report *report, struct err *err)
{
	struct run run = {.o = o, .progress = progress, .report = report};
	int rc = -1;

	*report = (struct import_report){0};
	if (open_both(&run, err) < 0 || begin_import(&run, err) < 0 ||
	    (run.again && survey(&run, err) < 0))
		goto out;
	rc = run.salvage ? take_salvaged(&run, err)
	                 : unpack_run(run.reader, run.is_primed ? &run.primed : NULL, &ops, &run,
	                              o->workers, progress, err);
	if (rc == 0)
		rc = finish(&run, err);
	if (rc < 0)
		keep_what_is_good(&run);
out:
	report->tail = run.durable;
	report->dropped = run.sink ? sink_info(run.sink)->dropped : 0;
	report->raw_bytes = progress->raw_bytes;
	report->first = run.first;
	report->last = run.last;
	places_release(&run.places);
	survey_release(&run.survey);
	file_close(run.again);
	reader_chunk_release(&run.primed);
	reader_free(run.reader);
	salvage_free(run.salvage);
	batch_free(run.salvaged.batch);
	chunk_release(&run.salvaged.chunk.chunk);
	sink_close(run.sink);
	refuse_release(&run.refuse);
	deadletter_free(run.letters);
	return rc;
}
