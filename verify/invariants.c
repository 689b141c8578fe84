#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/extsort.h"
#include "common/progress.h"
#include "common/timestamp.h"
#include "format/digest.h"
#include "verify/claims.h"
#include "verify/clock.h"
#include "verify/invariants.h"
#include "verify/notebook.h"

#define BUFFER_RECORDS ((size_t)128 << 10) /* 4 MiB each */

/*
 * Streams and ids are known by their XXH3-128: that two of them share one is
 * less likely than that the machine errs.  Notes rise with positions, so that
 * records of one key are sorted by position where they are sorted by note.
 */
struct invariants {
	struct extsort *ids;      /* id, note */
	struct extsort *versions; /* stream, version, note */
	struct notebook *notes;
	struct clock clock;
	uint64_t missing_versions;
	bool from_start, allow_gaps;
};

struct invariants *
invariants_new(const struct invariants_options *o)
{
	struct invariants *v = xcalloc(1, sizeof(*v));

	v->ids = extsort_new(BUFFER_RECORDS);
	v->versions = extsort_new(BUFFER_RECORDS);
	v->notes = notebook_new();
	v->clock.tolerance_ns = o->tolerance_ns;
	v->from_start = o->from_start;
	v->allow_gaps = o->allow_gaps;
	return v;
}

void
invariants_free(struct invariants *v)
{
	if (!v)
		return;
	extsort_free(v->ids);
	extsort_free(v->versions);
	notebook_free(v->notes);
	free(v);
}

static void
report_claim(const struct event *e, enum field field, const char *why,
             struct finding_report *report)
{
	char which[NOTE_TEXT_BYTES];
	struct note note = note_of(e);
	struct finding f = {.kind = FINDING_INVALID_PAYLOAD, .position = e->position};

	note_describe(&note, true, which);
	f.event = &note;
	f.field = event_field_name(field);
	snprintf(f.detail, sizeof(f.detail), "%s: %s %s", which, f.field, why);
	finding_add(report, &f);
}

/* Findings are large, and few: not made before there is one. */
static void
check_claim(const struct event *e, enum field field, struct finding_report *report)
{
	char why[CLAIMS_TEXT_BYTES];

	if (!claims_hold(e, field, why))
		report_claim(e, field, why, report);
}

static void
set_key(struct extsort_record *r, struct slice text)
{
	struct digest d = digest_of(text);

	_Static_assert(sizeof(r->key) == sizeof(d.bytes), "a digest is a key");
	memcpy(r->key, d.bytes, sizeof(r->key));
}

int
invariants_add(struct invariants *v, const struct event *e, struct finding_report *report,
               struct err *err)
{
	struct extsort_record r = {.major = e->version};
	uint64_t at;

	check_claim(e, FIELD_METADATA, report);
	check_claim(e, FIELD_DATA, report);
	if (notebook_add(v->notes, e, &at, err) < 0)
		return -1;
	clock_add(&v->clock, e->time_ns, at);
	r.minor = at;
	set_key(&r, e->stream);
	if (extsort_add(v->versions, &r, err) < 0)
		return -1;
	if (!e->id.p)
		return 0;
	r = (struct extsort_record){.major = at};
	set_key(&r, e->id);
	return extsort_add(v->ids, &r, err);
}

/* What findings at the end are made with: two events, looked up by their notes. */
struct reporting {
	struct invariants *v;
	struct finding_report *findings;
	struct note event, other;
	char event_text[NOTE_TEXT_BYTES], other_text[NOTE_TEXT_BYTES];
};

#define NO_OTHER UINT64_MAX

/* Findings beyond the limit are only counted: then there is nothing to look up, and false. */
static bool
is_shown(const struct reporting *g)
{
	return g->findings->total < g->findings->limit;
}

/* Look up the event that a finding is about, and one before it that it does not fit. */
static int
look_up(struct reporting *g, struct finding *f, uint64_t event, uint64_t other, struct err *err)
{
	if (notebook_read(g->v->notes, event, &g->event, err) < 0)
		return -1;
	note_describe(&g->event, true, g->event_text);
	f->event = &g->event;
	f->position = g->event.position;
	if (other == NO_OTHER)
		return 0;
	if (notebook_read(g->v->notes, other, &g->other, err) < 0)
		return -1;
	note_describe(&g->other, !slice_eq(g->event.stream, g->other.stream), g->other_text);
	f->other = &g->other;
	return 0;
}

/* Add a finding about two events: the first text, what they have, the second text. */
static int
report_pair(struct reporting *g, struct finding *f, uint64_t event, uint64_t other,
            const char *what, struct err *err)
{
	if (is_shown(g)) {
		if (look_up(g, f, event, other, err) < 0)
			return -1;
		snprintf(f->detail, sizeof(f->detail), "%s %s %s", g->event_text, what,
		         g->other_text);
	}
	finding_add(g->findings, f);
	return 0;
}

static int
report_ids(struct reporting *g, struct err *err)
{
	struct extsort_record r, last;
	bool any = false;
	int rc;

	if (extsort_finish(g->v->ids, err) < 0)
		return -1;
	while ((rc = extsort_next(g->v->ids, &r, err)) > 0) {
		struct finding f = {.kind = FINDING_DUPLICATE_ID};

		if (any && memcmp(r.key, last.key, sizeof(r.key)) == 0 &&
		    report_pair(g, &f, r.major, last.major, "has the id of", err) < 0)
			return -1;
		last = r;
		any = true;
	}
	return rc;
}

/* Versions from `first` on are missing before the event `r`; `last` is the one before them. */
static int
report_gap(struct reporting *g, uint64_t first, const struct extsort_record *r,
           const struct extsort_record *last, struct err *err)
{
	struct finding f = {.kind = FINDING_VERSION_GAP,
	                    .missing = true,
	                    .missing_first = first,
	                    .missing_last = r->major - 1};
	char stream[EVENT_PRINTABLE_BYTES], range[80];

	if (__builtin_add_overflow(g->v->missing_versions, r->major - first,
	                           &g->v->missing_versions))
		g->v->missing_versions = UINT64_MAX;
	if (is_shown(g)) {
		if (look_up(g, &f, r->minor, last ? last->minor : NO_OTHER, err) < 0)
			return -1;
		event_printable(g->event.stream, stream);
		if (f.missing_first == f.missing_last)
			snprintf(range, sizeof(range), "version %" PRIu64 " is", first);
		else
			snprintf(range, sizeof(range), "versions %" PRIu64 " to %" PRIu64 " are",
			         first, f.missing_last);
		note_describe(&g->event, false, g->event_text);
		snprintf(f.detail, sizeof(f.detail), "stream \"%s\": %s missing, %s %s%s%s", stream,
		         range, last ? "between" : "before", last ? g->other_text : "",
		         last ? " and " : "", g->event_text);
	}
	finding_add(g->findings, &f);
	return 0;
}

/* Compare one event with the one of the same stream before it, or with the start of a stream. */
static int
check_version(struct reporting *g, const struct extsort_record *r,
              const struct extsort_record *last, struct err *err)
{
	struct finding f = {.kind = FINDING_DUPLICATE_VERSION};
	bool gaps = !g->v->allow_gaps;

	if (!last)
		return gaps && g->v->from_start && r->major > 0 ? report_gap(g, 0, r, NULL, err)
		                                                : 0;
	if (r->major == last->major)
		return report_pair(g, &f, r->minor, last->minor, "has the version of", err);
	if (r->minor < last->minor && report_pair(g, &f, last->minor, r->minor,
	                                          "has a lower version, but comes behind", err) < 0)
		return -1;
	if (gaps && r->major - last->major > 1)
		return report_gap(g, last->major + 1, r, last, err);
	return 0;
}

static int
report_versions(struct reporting *g, struct err *err)
{
	struct extsort_record r, last;
	bool any = false;
	int rc;

	if (extsort_finish(g->v->versions, err) < 0)
		return -1;
	while ((rc = extsort_next(g->v->versions, &r, err)) > 0) {
		bool same = any && memcmp(r.key, last.key, sizeof(r.key)) == 0;

		if (check_version(g, &r, same ? &last : NULL, err) < 0)
			return -1;
		last = r;
		any = true;
	}
	return rc;
}

/* "event ... of 2026-01-31T12:00:00Z comes behind event ... of 2026-01-31T14:00:00Z" */
static int
describe_late(struct reporting *g, struct finding *f, const struct clock_place *place, char *out,
              size_t size, struct err *err)
{
	char time[TIMESTAMP_BYTES], behind[TIMESTAMP_BYTES];

	if (look_up(g, f, place->at, place->behind, err) < 0)
		return -1;
	timestamp_format(place->time_ns, TIMESTAMP_RFC3339, time);
	timestamp_format(place->behind_ns, TIMESTAMP_RFC3339, behind);
	snprintf(out, size, "%s of %s comes behind %s of %s", g->event_text, time, g->other_text,
	         behind);
	return 0;
}

/* One warning for all: where a clock was wrong, there are many. */
static int
report_clock(struct reporting *g, struct err *err)
{
	const struct clock *c = &g->v->clock;
	struct finding f = {.kind = FINDING_TIME_BACKWARDS,
	                    .events = c->late,
	                    .worst_ns = c->worst_ns};
	char first[2 * NOTE_TEXT_BYTES + 2 * TIMESTAMP_BYTES + 32], worst[PROGRESS_TEXT_BYTES],
	    count[PROGRESS_TEXT_BYTES];

	if (c->late == 0)
		return 0;
	if (describe_late(g, &f, &c->first, first, sizeof(first), err) < 0)
		return -1;
	if (c->late == 1)
		snprintf(f.detail, sizeof(f.detail),
		         "1 event is earlier than one before it, by %s: %s",
		         progress_duration(c->worst_ns, worst), first);
	else
		snprintf(f.detail, sizeof(f.detail),
		         "%s events are earlier than one before them, by %s at most; the first: %s",
		         progress_count(c->late, count), progress_duration(c->worst_ns, worst),
		         first);
	finding_add(g->findings, &f);
	return 0;
}

int
invariants_report(struct invariants *v, struct finding_report *report, struct err *err)
{
	struct reporting g = {.v = v, .findings = report, .event = NOTE_INIT, .other = NOTE_INIT};
	int rc = 0;

	if (report_versions(&g, err) < 0 || report_ids(&g, err) < 0 || report_clock(&g, err) < 0)
		rc = -1;
	note_release(&g.event);
	note_release(&g.other);
	return rc;
}

struct invariants_counts
invariants_counts(const struct invariants *v)
{
	return (struct invariants_counts){.missing_versions = v->missing_versions,
	                                  .late = v->clock.late,
	                                  .worst_ns = v->clock.worst_ns,
	                                  .timeless = v->clock.timeless};
}
