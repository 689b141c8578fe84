#include "common/stop.h"
#include "export/source.h"
#include "verify/check.h"

#define BATCH_BYTES ((size_t)1 << 20)
#define BATCH_EVENTS 4096

/*
 * What the selection leaves of a stream.  Behind a position it may begin with any
 * version; --stream takes whole streams; a type, and a time, which need not rise,
 * may take any events out of the middle.
 */
static struct invariants_options
expected(const struct check_options *o, bool *gaps_allowed)
{
	const struct selection *select = o->select;

	*gaps_allowed = o->allow_gaps || select->types.len > 0 ||
	                select->since_ns != EVENT_NO_TIME || select->until_ns != EVENT_NO_TIME;
	return (struct invariants_options){.from_start = !select->after.set,
	                                   .allow_gaps = *gaps_allowed,
	                                   .tolerance_ns = o->tolerance_ns};
}

static int
take(struct invariants *v, struct batch *b, struct finding_report *findings,
     struct check_result *result, struct err *err)
{
	struct event *e;
	size_t i;

	for (i = 0; i < b->len; i++) {
		e = &b->events[i];
		if (event_check(e, b->mem, err) < 0 || invariants_add(v, e, findings, err) < 0)
			return -1;
		if (result->events++ == 0)
			result->first = e->position;
		result->last = e->position;
		result->streams += e->version == 0;
	}
	return 0;
}

static int
check_all(struct source *source, struct invariants *v, struct progress_counts *progress,
          struct finding_report *findings, struct check_result *result, struct err *err)
{
	struct batch *b = batch_new();
	size_t bytes;
	int rc;

	while ((rc = source_read(source, b, err)) > 0) {
		bytes = b->weight_bytes; /* about */
		rc = stop_asked() ? err_set(err, ERR_STOPPED, "stopped by a signal")
		                  : take(v, b, findings, result, err);
		if (rc < 0)
			break;
		progress->events = result->events;
		progress->raw_bytes += bytes;
	}
	batch_free(b);
	if (rc == 0)
		rc = invariants_report(v, findings, err);
	result->counts = invariants_counts(v);
	return rc;
}

int
check_store(const struct check_options *o, struct progress_counts *progress,
            struct finding_report *findings, struct check_result *result, struct err *err)
{
	const struct source_options options = {.layout = o->layout,
	                                       .select = o->select,
	                                       .batch_bytes = BATCH_BYTES,
	                                       .batch_events = BATCH_EVENTS};
	const struct invariants_options expect = expected(o, &result->gaps_allowed);
	struct source *source = NULL;
	struct invariants *v = NULL;
	int rc = source_open(&source, o->place, &options, err);

	if (rc == 0) {
		result->kind = source_info(source)->kind;
		progress->total_events = source_info(source)->events;
		v = invariants_new(&expect);
		rc = check_all(source, v, progress, findings, result, err);
	}
	invariants_free(v);
	source_close(source);
	return rc;
}
