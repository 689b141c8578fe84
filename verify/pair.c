#include "verify/pair.h"
#include "common/log.h"
#include "verify/fast.h"
#include "verify/missing.h"
#include "verify/narrow.h"
#include "verify/report.h"

/* What one of the ways to compare came to. */
struct outcome {
	struct compare_result compare;
	struct narrow_result narrow;
	struct sample_result sample;
};

static int
compare_somehow(const struct settings *s, const struct compare_options *o,
                struct progress_counts *counts, struct finding_report *findings,
                struct outcome *out, struct err *err)
{
	if (s->bisect) {
		if (narrow_run(o, counts, findings, &out->narrow, err) < 0)
			return -1;
		out->compare = out->narrow.compare;
		return 0;
	}
	if (s->sample.samples) {
		if (sample_run(o, &s->sample, counts, findings, &out->sample, err) < 0)
			return -1;
		out->compare = out->sample.compare;
		return 0;
	}
	return compare_run(o, counts, findings, &out->compare, err);
}

static void
print_outcome(const struct settings *s, const struct compare_options *o, const struct outcome *out,
              const struct finding_report *findings)
{
	bool nothing_found = s->sample.samples && !out->sample.all && !findings->total;

	if (s->bisect)
		narrow_print(&out->narrow, s->json);
	if (s->sample.samples)
		sample_print(&s->sample, &out->sample, nothing_found, s->json);
	if (!nothing_found)
		report_comparison(o, &out->compare, findings);
}

static int
add_missing(void *ctx, const struct source_info *a, const struct event *e,
            const struct event *before, struct err *err)
{
	return missing_add(ctx, a, e, before, err);
}

static void
print_missing(const struct missing *m, const struct compare_options *o, const char *path,
              const struct compare_result *result)
{
	uint64_t events = missing_events(m);
	char n[PROGRESS_TEXT_BYTES];

	if (events == 0) {
		log_note("%s lacks nothing: %s was not written", o->b->shown, path);
		return;
	}
	log_note("%s that %s lacks %s in %s%s%s%s", progress_things(events, "event", n),
	         o->b->shown, events == 1 ? "is" : "are", path,
	         address_is_store(o->b) ? ": import it with esimport --to " : "",
	         address_is_store(o->b) ? o->b->shown : "",
	         address_is_store(o->b) && o->map ? ", and mapped as here" : "");
	if (result->moved)
		log_warning("%s has other positions: it can take only what lies behind its end",
		            o->b->shown);
}

/* 1: they are the same, 0: they must be compared, -1. */
static int
compare_fast(const struct settings *s, const struct compare_options *c,
             struct progress_counts *counts, struct err *err)
{
	struct fast_options o = {
	    .a = {c->a, c->layout_a},
	    .b = {c->b, c->layout_b},
	    .select = c->select,
	    .positions = c->positions,
	    .plain = c->plain,
	    .workers = (unsigned)s->workers,
	};
	struct fast_result result;

	if (fast_run(&o, counts, &result, err) < 0)
		return -1;
	if (result.same)
		fast_print(&o, &result, s->json);
	else
		log_note("--fast: %s; comparing event by event", result.why);
	return result.same;
}

static int
compare(const struct settings *s, const struct compare_options *o, struct progress_counts *counts,
        struct finding_report *findings, struct outcome *out, struct err *err)
{
	int same = s->fast ? compare_fast(s, o, counts, err) : 0;

	if (same != 0)
		return same < 0 ? -1 : 0;
	if (compare_somehow(s, o, counts, findings, out, err) < 0)
		return -1;
	print_outcome(s, o, out, findings);
	return 0;
}

/* Compare, and write what B lacks. */
static int
compare_and_write(const struct settings *s, struct compare_options *o,
                  struct progress_counts *counts, struct finding_report *findings,
                  struct outcome *out, struct err *err)
{
	const struct missing_options wanted = {
	    .path = s->missing_to,
	    .replace = s->force,
	    .a = o->a,
	    .b = o->b,
	    .select = o->select,
	    .layout = o->layout_a,
	    .plain = o->plain,
	    .parts = s->bisect,
	    .map = o->map,
	};
	struct missing *m = NULL;
	int rc;

	if (missing_open(&m, &wanted, err) < 0)
		return -1;
	o->on_missing = add_missing;
	o->ctx = m;
	rc = compare(s, o, counts, findings, out, err);
	if (rc == 0)
		rc = missing_finish(m, err);
	if (rc == 0)
		print_missing(m, o, s->missing_to, &out->compare);
	missing_free(m);
	return rc;
}

int
pair_compare(const struct settings *s, const struct address *a, const struct address *b,
             struct progress_counts *counts, struct finding_report *findings, struct err *err)
{
	struct compare_options o = {
	    .a = a,
	    .b = b,
	    .layout_a = s->layout,
	    .layout_b = s->layout_b ? s->layout_b : s->layout,
	    .select = &s->select,
	    .plain = s->plain,
	    .positions = s->positions,
	    .by_value = s->by_value,
	    .ahead_bytes = s->ahead_bytes,
	};
	struct outcome out = {.compare = {0}};
	struct eventmap *map;
	int rc;

	if (eventmap_open(&map, &s->map, err) < 0)
		return -1;
	o.map = map;
	rc = s->missing_to ? compare_and_write(s, &o, counts, findings, &out, err)
	                   : compare(s, &o, counts, findings, &out, err);
	eventmap_free(map);
	return rc;
}
