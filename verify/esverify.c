#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/argv.h"
#include "common/cli.h"
#include "common/log.h"
#include "common/timestamp.h"
#include "verify/check.h"
#include "verify/fast.h"
#include "verify/info.h"
#include "verify/missing.h"
#include "verify/narrow.h"
#include "verify/report.h"
#include "verify/sample.h"
#include "verify/verdict.h"

/*
 * Of writers whose clocks are kept by NTP, and whose transactions are short, the
 * times differ by less; a clock that was set wrong, or a time zone, by more.
 */
#define DEFAULT_TOLERANCE_NS (10 * UINT64_C(1000000000))
#define TOLERANCE_UNSET UINT64_MAX

struct settings {
	const char *layout, *layout_b, *missing_to, *range;
	uint64_t workers, max_findings, tolerance_ns, ahead_bytes;
	bool info, json, plain, allow_gaps, positions, by_value, force, digest, by_stream, fast;
	bool bisect;
	struct sample_options sample; /* none: no samples */
	struct selection select;
	struct cli cli;
};

#define AT(member) offsetof(struct settings, member)

static const struct opt how_rows[] = {
    {"info", 'i', OPT_FLAG, AT(info), NULL, NULL, "what ARCHIVE says of itself, without unpacking"},
    {"digest", 0, OPT_FLAG, AT(digest), NULL, NULL, "print the digest of what PLACE holds"},
    {"by-stream", 0, OPT_FLAG, AT(by_stream), NULL, NULL, "and that of each stream, before it"},
    {"fast", 0, OPT_FLAG, AT(fast), NULL, NULL, "compare with the digest that an archive says"},
    {"json", 0, OPT_FLAG, AT(json), NULL, NULL, "findings and results as JSON lines"},
    {"max-findings", 0, OPT_UINT, AT(max_findings), "N", NULL, "print no more than N [100]"},
    {"allow-gaps", 0, OPT_FLAG, AT(allow_gaps), NULL, NULL, "streams may lack versions"},
    {"clock-tolerance", 0, OPT_DURATION, AT(tolerance_ns), "DURATION", NULL,
     "how far times may run backwards without a warning [10s]"},
    {"positions", 0, OPT_FLAG, AT(positions), NULL, NULL, "A and B must agree in positions, too"},
    {"by-value", 0, OPT_FLAG, AT(by_value), NULL, NULL, "JSON counts by its value, not its bytes"},
    {"ahead", 0, OPT_SIZE, AT(ahead_bytes), "SIZE", "1..64GiB",
     "look so far for a lost event [32MiB]"},
    {"missing-to", 0, OPT_TEXT, AT(missing_to), "FILE", NULL,
     "write what B lacks, for esimport --to B"},
    {"force", 0, OPT_FLAG, AT(force), NULL, NULL, "replace that FILE where it exists"},
    {"bisect", 0, OPT_FLAG, AT(bisect), NULL, NULL, "compare sums of ranges first, see the manual"},
    {"sample", 0, OPT_UINT, AT(sample.samples), "N", "1..1000000", "look at N places only"},
    {"seed", 0, OPT_UINT, AT(sample.seed), "N", NULL, "which places those are [the time]"},
    {"plain", 0, OPT_FLAG, AT(plain), NULL, NULL, "files are JSON Lines, and may be empty"},
    {"layout", 0, OPT_TEXT, AT(layout), "NAME", NULL, "of A, or of both: auto, a name, a file"},
    {"layout-b", 0, OPT_TEXT, AT(layout_b), "NAME", NULL, "of B, where it is another"},
    {"range", 0, OPT_TEXT, AT(range), "A..B", NULL, "positions A to B: --after A-1 --upto B"},
    {"workers", 0, OPT_UINT, AT(workers), "N", "1..64", "threads that unpack [processors]"},
    {0},
};

static const struct cli_program program = {
    .name = "esverify",
    .usage = "[OPTIONS] PLACE | A B",
    .about = "Proves that an archive or a store is whole, or that two places hold the same events.",
    .examples = "  esverify backup.jsonl.zst\n"
		"  esverify --info backup.jsonl.zst\n"
		"  esverify sqlite://app.db\n"
		"  esverify sqlite://app.db postgres://app@db/app\n"
		"  esverify --bisect postgres://app@old/app postgres://app@new/app\n"
		"  esverify backup.jsonl.zst sqlite://app.db\n"
		"  esverify --digest sqlite://app.db\n",
};

/* What only makes sense for one place, or only for two places, must not pass unnoticed. */
static int
check_options(const struct settings *s, bool two, struct err *err)
{
	const struct {
		const char *name;
		bool given, for_two;
		const char *what;
	} options[] = {
	    {"layout-b", s->layout_b != NULL, true, "two places to compare"},
	    {"positions", s->positions, true, "two places to compare"},
	    {"missing-to", s->missing_to != NULL, true, "two places to compare"},
	    {"by-value", s->by_value, true, "two places to compare"},
	    {"ahead", s->ahead_bytes != 0, true, "two places to compare"},
	    {"fast", s->fast, true, "two places to compare"},
	    {"bisect", s->bisect, true, "two places to compare"},
	    {"sample", s->sample.samples > 0, true, "two places to compare"},
	    {"allow-gaps", s->allow_gaps, false, "one place"},
	    {"clock-tolerance", s->tolerance_ns != TOLERANCE_UNSET, false, "one place"},
	    {"digest", s->digest, false, "one place"},
	    {"by-stream", s->by_stream, false, "one place"},
	    {"info", s->info, false, "one archive"},
	};
	size_t i;

	for (i = 0; i < sizeof(options) / sizeof(*options); i++)
		if (options[i].given && options[i].for_two != two)
			return err_set(err, ERR_USAGE, "--%s: is for %s", options[i].name,
			               options[i].what);
	if (s->force && !s->missing_to)
		return err_set(err, ERR_USAGE, "--force: is for --missing-to");
	if (s->fast && (s->bisect || s->sample.samples))
		return err_set(err, ERR_USAGE, "--fast: is another way than --%s: give one",
		               s->bisect ? "bisect" : "sample");
	if (s->sample.samples && (s->bisect || s->missing_to))
		return err_set(err, ERR_USAGE,
		               "--sample: shows some differences, and --%s needs all",
		               s->bisect ? "bisect" : "missing-to");
	return 0;
}

/* "1000..2000" */
static bool
parse_range(const char *text, uint64_t *first, uint64_t *last)
{
	static const char digits[] = "0123456789";
	size_t n = strspn(text, digits);
	const char *end = text + n + 2;

	if (n == 0 || strncmp(text + n, "..", 2) != 0 || !*end || end[strspn(end, digits)])
		return false;
	errno = 0;
	*first = strtoull(text, NULL, 10);
	*last = strtoull(end, NULL, 10);
	return errno == 0 && *first <= *last;
}

static int
take_range(struct settings *s, struct err *err)
{
	struct selection *select = &s->select;
	uint64_t first, last;

	if (!s->range)
		return 0;
	if (select->after.set || select->upto.set)
		return err_set(err, ERR_USAGE, "--range: is --after and --upto in one");
	if (!parse_range(s->range, &first, &last)) {
		err_set(err, ERR_USAGE, "--range: %.40s is no range of positions", s->range);
		return err_hint(err, "write the first and the last one: --range 1000..2000");
	}
	if (first > 0)
		select->after = (struct selection_bound){true, first - 1};
	select->upto = (struct selection_bound){true, last};
	return 0;
}

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
	bool nothing_found = s->sample.samples && !findings->total;

	if (s->bisect)
		narrow_print(&out->narrow, s->json);
	if (s->sample.samples)
		sample_print(&s->sample, &out->sample, nothing_found, s->json);
	if (!nothing_found)
		report_comparison(o, &out->compare, findings);
}

static int
add_missing(void *ctx, const struct source_info *a, const struct event *e, struct err *err)
{
	return missing_add(ctx, a, e, err);
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
	log_note("%s events that %s lacks are in %s%s%s", progress_count(events, n), o->b->shown,
	         path, address_is_store(o->b) ? ": import it with esimport --to " : "",
	         address_is_store(o->b) ? o->b->shown : "");
	if (result->moved)
		log_warning("%s has other positions: it can take only what lies behind its end",
		            o->b->shown);
}

/* Compare, and write what B lacks where that is asked for. */
static int
compare(const struct settings *s, struct compare_options *o, struct progress_counts *counts,
        struct finding_report *findings, struct outcome *out, struct err *err)
{
	const struct missing_options wanted = {
	    .path = s->missing_to,
	    .replace = s->force,
	    .a = o->a,
	    .b = o->b,
	    .select = o->select,
	};
	struct missing *m = NULL;
	int rc;

	if (!s->missing_to)
		return compare_somehow(s, o, counts, findings, out, err);
	if (missing_open(&m, &wanted, err) < 0)
		return -1;
	o->on_missing = add_missing;
	o->ctx = m;
	rc = compare_somehow(s, o, counts, findings, out, err);
	if (rc == 0)
		rc = missing_finish(m, err);
	if (rc == 0)
		print_missing(m, o, s->missing_to, &out->compare);
	missing_free(m);
	return rc;
}

static int
check_digest_options(const struct settings *s, struct err *err)
{
	if (s->by_stream && !s->digest)
		return err_set(err, ERR_USAGE, "--by-stream: is for --digest");
	if (s->digest && (s->info || s->allow_gaps))
		return err_set(err, ERR_USAGE, "--digest: does not go with --%s",
		               s->info ? "info" : "allow-gaps");
	return 0;
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
	if (result.same && s->missing_to)
		log_note("%s lacks nothing: %s was not written", c->b->shown, s->missing_to);
	if (!result.same)
		log_note("--fast: %s; comparing event by event", result.why);
	return result.same;
}

static int
compare_two(const struct settings *s, const struct address *a, const struct address *b,
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
	struct outcome out;
	int same = s->fast ? compare_fast(s, &o, counts, err) : 0;

	if (same != 0)
		return same < 0 ? -1 : 0;
	if (compare(s, &o, counts, findings, &out, err) < 0)
		return -1;
	print_outcome(s, &o, &out, findings);
	return 0;
}

/* A filter that is silently not used would prove less than it seems to. */
static int
no_selection(const struct settings *s, struct err *err)
{
	if (!s->select.after.set && !s->select.upto.set && !selection_filters(&s->select))
		return 0;
	err_set(err, ERR_USAGE,
	        "--after, --upto, --since, --until, --stream and --type are for stores, and "
	        "for A and B; an archive is checked as a whole");
	return err_hint(err, "leave them out");
}

static int
check_one(const struct settings *s, const struct address *a, struct progress_counts *counts,
          struct finding_report *findings, struct err *err)
{
	struct check_options o = {
	    .place = a,
	    .layout = s->layout,
	    .select = &s->select,
	    .plain = s->plain,
	    .allow_gaps = s->allow_gaps,
	    .workers = (unsigned)s->workers,
	    .tolerance_ns =
		s->tolerance_ns == TOLERANCE_UNSET ? DEFAULT_TOLERANCE_NS : s->tolerance_ns,
	};
	struct check_result result;

	if (!address_is_store(a) && s->layout)
		return err_set(err, ERR_USAGE, "--layout: %s is no store, and has none", a->shown);
	if (!address_is_store(a) && no_selection(s, err) < 0)
		return -1;
	if (check_run(&o, counts, findings, &result, err) < 0)
		return -1;
	verdict_print(a->shown, s->json, &result, findings);
	return 0;
}

static int
digest_one(const struct settings *s, const struct address *a, struct progress_counts *counts,
           struct err *err)
{
	struct placesum_options o = {
	    .place = a,
	    .layout = s->layout,
	    .select = &s->select,
	    .plain = s->plain,
	    .by_stream = s->by_stream,
	    .workers = (unsigned)s->workers,
	};
	struct placesum sum;
	int rc = placesum_run(&o, counts, &sum, err);

	if (rc == 0)
		placesum_print(&sum, s->json);
	placesum_release(&sum);
	return rc;
}

/* 0, EXIT_DIFFERS, or -1. */
static int
run(const struct settings *s, const struct address *a, const struct address *b, struct err *err)
{
	struct finding_report findings = {.json = s->json, .limit = s->max_findings};
	struct progress_counts counts = {0};
	struct progress *progress = NULL;
	struct err ignored = ERR_INIT;
	int rc;

	if (progress_start(&progress, &counts, (enum progress_mode)s->cli.progress, s->cli.stats,
	                   err) < 0)
		return -1;
	rc = b           ? compare_two(s, a, b, &counts, &findings, err)
	     : s->digest ? digest_one(s, a, &counts, err)
	                 : check_one(s, a, &counts, &findings, err);
	if (progress_finish(progress, rc < 0 ? &ignored : err) < 0 || rc < 0)
		return -1;
	if (cli_flush(err) < 0)
		return -1;
	return findings.total ? EXIT_DIFFERS : 0;
}

static int
info(const struct settings *s, const struct address *a, struct err *err)
{
	if (address_is_store(a))
		return err_set(err, ERR_USAGE, "--info: %s is a store, not an archive", a->shown);
	if (no_selection(s, err) < 0 || info_print(a->path, s->json, err) < 0)
		return -1;
	return cli_flush(err);
}

static int
settle_options(struct settings *s, bool two, struct err *err)
{
	if (check_options(s, two, err) < 0 || check_digest_options(s, err) < 0)
		return -1;
	return take_range(s, err);
}

static int
verify_main(struct settings *s, int argc, char **argv, struct err *err)
{
	const struct opt_group groups[] = {
	    {"How", how_rows, s},
	    {"What", cli_selection_rows, &s->select},
	    {"Messages", cli_rows, &s->cli},
	    {NULL, NULL, NULL},
	};
	const char *places[2];
	struct address a = {0}, b = {0};
	size_t n;
	int rc = cli_begin(&program, groups, &s->cli, argc, argv, places, 2, &n, err);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (n == 0) {
		err_set(err, ERR_USAGE, "name an archive or a store, or two places to compare");
		return err_hint(err, "esverify --help shows examples");
	}
	rc = settle_options(s, n == 2, err);
	if (rc == 0)
		rc = address_parse(&a, places[0], err);
	if (rc == 0 && n == 2)
		rc = address_parse(&b, places[1], err);
	if (rc == 0 && n == 2 && a.kind == ADDRESS_STREAM && b.kind == ADDRESS_STREAM)
		rc = err_set(err, ERR_USAGE, "only one side can come from standard input");
	if (rc == 0)
		rc = s->info ? info(s, &a, err) : run(s, &a, n == 2 ? &b : NULL, err);
	address_release(&a);
	address_release(&b);
	return rc;
}

int
main(int argc, char **argv)
{
	char **words = argv_hide(argc, argv);
	struct settings s = {.workers = cli_default_workers(),
	                     .max_findings = 100,
	                     .tolerance_ns = TOLERANCE_UNSET,
	                     .sample = {.seed = (uint64_t)timestamp_now_ns()},
	                     .select = SELECTION_INIT};
	struct err err = ERR_INIT;
	int rc = verify_main(&s, argc, words, &err);
	struct err flush = ERR_INIT;

	selection_release(&s.select);
	free(words);
	if (rc >= 0)
		return rc;
	/* What was found before the failure is still worth reading. */
	if (cli_flush(&flush) < 0)
		log_warning("%s", flush.msg);
	return log_failure(&err);
}
