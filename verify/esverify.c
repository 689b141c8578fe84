#include <stdlib.h>
#include <string.h>

#include "common/argv.h"
#include "common/log.h"
#include "verify/check.h"
#include "verify/info.h"
#include "verify/pair.h"
#include "verify/placesum.h"
#include "verify/rescue.h"
#include "verify/verdict.h"

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
	    .tolerance_ns = s->tolerance_ns,
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

/* What is lost is a finding. */
static int
salvage_one(const struct settings *s, const struct address *a, struct progress_counts *counts,
            struct finding_report *findings, struct err *err)
{
	struct rescue_options o = {.from = a,
	                           .out = s->salvage,
	                           .replace = s->force,
	                           .json = s->json};
	struct rescue r = {0};
	int rc;

	if (address_is_store(a))
		return err_set(err, ERR_USAGE, "--salvage: %s is a store, not an archive",
		               a->shown);
	if (no_selection(s, err) < 0)
		return -1;
	rc = rescue_run(&r, &o, counts, err);
	if (rc == 0) {
		rescue_print(&r, &o);
		findings->total = r.found.lost.len;
	}
	rescue_release(&r);
	return rc;
}

/* 0, EXIT_DIFFERS, or -1. */
static int
run(const struct settings *s, const struct address *a, const struct address *b, struct err *err)
{
	struct finding_report findings = {.json = s->json, .limit = s->max_findings};
	struct progress_counts counts = {0};
	struct progress *progress = NULL;
	char again[CLI_RETRIES_BYTES];
	struct err ignored = ERR_INIT;
	int rc;

	if (progress_start(&progress, &counts, (enum progress_mode)s->cli.progress, s->cli.stats,
	                   err) < 0)
		return -1;
	rc = b            ? pair_compare(s, a, b, &counts, &findings, err)
	     : s->digest  ? digest_one(s, a, &counts, err)
	     : s->salvage ? salvage_one(s, a, &counts, &findings, err)
	                  : check_one(s, a, &counts, &findings, err);
	if (progress_finish(progress, rc < 0 ? &ignored : err) < 0 || rc < 0)
		return -1;
	if (s->cli.retries.made > 0) /* the result says what the places hold, and not how it went */
		log_note("%s", cli_retries(s->cli.retries.made, again) + strlen("; "));
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
verify_main(struct settings *s, int argc, char **argv, struct err *err)
{
	const char *places[SETTINGS_PLACES];
	struct address a = {0}, b = {0};
	size_t n;
	int rc = settings_parse(s, argc, argv, places, &n, err);

	if (rc <= 0)
		return rc;
	rc = address_parse(&a, places[0], err);
	if (rc == 0 && n == 2)
		rc = address_parse(&b, places[1], err);
	a.retries = b.retries = &s->cli.retries;
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
	struct err err = ERR_INIT, flush = ERR_INIT;
	struct settings s;
	int rc;

	settings_init(&s);
	rc = verify_main(&s, argc, words, &err);
	settings_release(&s);
	free(words);
	if (rc >= 0)
		return rc;
	if (err.kind == ERR_STOPPED)
		log_note("nothing is kept of what was compared; begin again");
	/* What was found before the failure is still worth reading. */
	if (cli_flush(&flush) < 0)
		log_warning("%s", flush.msg);
	return log_failure(&err);
}
