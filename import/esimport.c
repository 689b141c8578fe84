#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/argv.h"
#include "common/cli.h"
#include "common/log.h"
#include "common/timestamp.h"
#include "import/proof.h"

struct settings {
	const char *from, *to, *layout, *dead_letter, *mended;
	uint64_t workers, batch_events;
	int payloads; /* enum import_payloads */
	bool plain, append, dry_run, verify, skip_damaged;
	struct selection select;
	struct eventmap_options map;
	struct cli cli;
};

#define AT(member) offsetof(struct settings, member)

static const struct opt where_rows[] = {
    {"to", 't', OPT_TEXT, AT(to), "STORE", NULL,
     "sqlite://FILE, postgres://HOST/DB or nats://HOST/STREAM"},
    {"from", 'f', OPT_TEXT, AT(from), "FILE", NULL, "an archive, JSON Lines, or - [-]"},
    {"layout", 0, OPT_TEXT, AT(layout), "NAME", NULL,
     "auto, a built-in layout, or a file of yours"},
    {0},
};

static const struct opt how_rows[] = {
    {"append", 0, OPT_FLAG, AT(append), NULL, NULL, "add to a store with events, new positions"},
    {"batch-size", 0, OPT_UINT, AT(batch_events), "N", "1..1000000",
     "events in a transaction [50000]"},
    {"payload-codec", 0, OPT_CHOICE, AT(payloads), "CODEC", "keep,json,cbor",
     "convert data to json or cbor, exactly"},
    {"plain", 0, OPT_FLAG, AT(plain), NULL, NULL, "the input is JSON Lines, and may be empty"},
    {"workers", 0, OPT_UINT, AT(workers), "N", "1..64", "threads that unpack [processors]"},
    {"dead-letter", 0, OPT_TEXT, AT(dead_letter), "FILE", NULL,
     "events that the target refuses go there, and the rest goes on"},
    {"mended", 0, OPT_TEXT, AT(mended), "FILE", NULL,
     "the input was made of these dead letters: it goes where they belong"},
    {"verify", 0, OPT_FLAG, AT(verify), NULL, NULL, "then compare the target with what was read"},
    {"skip-damaged", 0, OPT_FLAG, AT(skip_damaged), NULL, NULL,
     "import what is left of a damaged archive"},
    {"dry-run", 'n', OPT_FLAG, AT(dry_run), NULL, NULL, "check all of it, write nothing"},
    {0},
};

static const struct cli_program program = {
    .name = "esimport",
    .usage = "[OPTIONS] --to STORE [--from FILE]",
    .about = "Streams the events of an archive, or of JSON Lines, into a store, each exactly once.",
    .examples = "  esimport --to sqlite://restored.db --from backup.jsonl.zst\n"
		"  esexport --from sqlite://app.db | esimport --to postgres://app@db/app\n"
		"  esimport --to nats://nats.example/APP --from backup.jsonl.zst\n"
		"  zstd -dc backup.jsonl.zst | jq -c 'select(.type != \"Noise\")' |\n"
		"    esimport --to sqlite://quiet.db\n",
};

static void
print_plan(const struct settings *s, const struct import_options *o, const struct import_report *r)
{
	char n[PROGRESS_TEXT_BYTES];

	printf("read   %s: %s in the range%s, all of them checked\n", s->from ? s->from : "-",
	       progress_things(r->read, "event", n), r->fill ? " of a repair archive" : "");
	printf("write  %s (%s, layout %s%s)\n", o->to->shown, r->kind, r->layout,
	       r->creates ? ", which would be made" : "");
	printf("       %s would be written\n", progress_things(r->written, "event", n));
	printf("       %s %s there already\n", progress_count(r->present, n),
	       r->present == 1 ? "is" : "are");
	printf("       %s %s filtered\n", progress_count(r->filtered, n),
	       r->filtered == 1 ? "is" : "are");
	if (r->dropped)
		printf("       of %s something would be left out\n",
		       progress_things(r->dropped, "event", n));
	printf("nothing was written\n");
}

/* `proof`: NULL without --verify. */
static void
print_summary(const struct import_report *r, const struct proof *proof, uint64_t retries,
              uint64_t spent_ns)
{
	char a[PROGRESS_TEXT_BYTES], b[PROGRESS_TEXT_BYTES], c[PROGRESS_TEXT_BYTES];
	char d[PROGRESS_TEXT_BYTES], e[PROGRESS_TEXT_BYTES], again[CLI_RETRIES_BYTES];
	char refused[80] = "", dropped[80] = "", text[640];
	struct buf json = BUF_INIT;

	if (r->refused)
		snprintf(refused, sizeof(refused), " + dead-lettered %s",
		         progress_count(r->refused, e));
	if (r->dropped)
		snprintf(dropped, sizeof(dropped), "; something left out of %s",
		         progress_things(r->dropped, "event", e));
	snprintf(text, sizeof(text),
	         "read %s = written %s + already there %s + filtered %s%s events%s%s; %s",
	         progress_count(r->read, a), progress_count(r->written, b),
	         progress_count(r->present, c), progress_count(r->filtered, d), refused, dropped,
	         cli_retries(retries, again), progress_duration(spent_ns, e));
	buf_printf(&json,
	           "\"read\":%" PRIu64 ",\"written\":%" PRIu64 ",\"already_there\":%" PRIu64
	           ",\"filtered\":%" PRIu64 ",\"dead_lettered\":%" PRIu64 ",\"dropped\":%" PRIu64
	           ",\"chunks\":%" PRIu64 ",\"raw_bytes\":%" PRIu64 ",\"last_position\":%" PRIu64
	           ",\"retries\":%" PRIu64 ",\"elapsed_s\":%.3f",
	           r->read, r->written, r->present, r->filtered, r->refused, r->dropped, r->chunks,
	           r->raw_bytes, r->tail.position, retries, (double)spent_ns / 1e9);
	if (r->holes) {
		buf_add_str(&json, ",\"lost\":");
		lost_put_array(&r->lost, &json);
	}
	if (proof)
		proof_put_json(proof, &json);
	cli_summary(text, buf_cstr(&json));
	buf_release(&json);
}

/* What the target has, for someone whose run ended early. */
static void
print_state(const struct import_report *r, enum err_kind kind)
{
	char n[PROGRESS_TEXT_BYTES];

	if (kind == ERR_USAGE || kind == ERR_LAYOUT)
		return;
	if (r->fill && r->written > 0)
		log_note("%s of the repair archive %s written by this run",
		         progress_things(r->written, "event", n), r->written == 1 ? "was" : "were");
	else if (r->holes && r->written > 0)
		log_note("%s of the damaged archive %s written by this run",
		         progress_things(r->written, "event", n), r->written == 1 ? "was" : "were");
	else if (r->tail.found && !r->fill && !r->holes)
		log_note("the target has everything up to position %" PRIu64
		         " (%s written by this run)%s",
		         r->tail.upto, progress_things(r->written, "event", n),
		         kind == ERR_DATA || kind == ERR_CONFLICT
		             ? ""
		             : "; the same command goes on from there");
	else
		log_note("nothing was written to the target");
}

static int
import(const struct settings *s, const struct import_options *o, struct import_report *report,
       struct err *err)
{
	struct progress_counts counts = {0};
	struct progress *progress = NULL;
	struct err ignored = ERR_INIT;
	int rc;

	if (progress_start(&progress, &counts, (enum progress_mode)s->cli.progress, s->cli.stats,
	                   err) < 0)
		return -1;
	rc = import_run(o, &counts, report, err);
	if (progress_finish(progress, rc < 0 ? &ignored : err) < 0)
		rc = -1;
	if (rc < 0 && !o->dry)
		print_state(report, err->kind);
	return rc;
}

/* The second pass, which has a bar of its own. */
static int
verify(const struct settings *s, const struct import_options *o, const struct address *from,
       struct import_report *report, struct proof *proof, struct err *err)
{
	struct progress_counts counts = {0};
	struct progress *progress = NULL;
	struct err ignored = ERR_INIT;
	int rc;

	if (progress_start(&progress, &counts, (enum progress_mode)s->cli.progress, NULL, err) < 0)
		return -1;
	rc = proof_run(proof, o, from, report, &counts, err);
	if (progress_finish(progress, rc < 0 ? &ignored : err) < 0)
		rc = -1;
	if (cli_flush(rc < 0 ? &ignored : err) < 0)
		rc = -1;
	if (rc < 0) {
		print_state(report, err->kind);
		return err_wrap(err, "all is imported, and the target could not be verified");
	}
	proof_tell(proof);
	return 0;
}

/* The run came to its end, and not everything is in the target. */
static int
tell_letters(const struct import_report *r, const char *path, struct err *err)
{
	char n[PROGRESS_TEXT_BYTES];

	err_set(err, ERR_DATA,
	        "%s event%s the target refused %s in %s, with the reason beside each",
	        progress_count(r->letters, n), r->letters == 1 ? " that" : "s that",
	        r->letters == 1 ? "is" : "are", path);
	return err_hint(err,
	                "all others are written; mend what is there, or the target, and import it");
}

/* What the input lacks. */
static void
tell_lost(const struct import_report *r, const struct import_options *o, const char *from)
{
	char text[LOST_TEXT_BYTES];
	size_t i;

	if (r->holes && !o->skip_damaged)
		log_warning("%s: holds what was left of a damaged archive", from);
	for (i = 0; i < r->lost.len; i++)
		log_warning("lost: %s", lost_text(&r->lost.ranges[i], text));
}

static int
fail_lost(const struct import_report *r, const struct import_options *o, const char *from,
          struct err *err)
{
	char n[PROGRESS_TEXT_BYTES] = "events";
	uint64_t events;
	bool counted = lost_events(&r->lost, &events);

	if (counted)
		progress_things(events, "event", n);
	err_set(err, ERR_FORMAT, "%s: %s %s lost; all that is whole %s imported%s%s", from, n,
	        counted && events == 1 ? "is" : "are", o->dry ? "would be" : "was",
	        r->letters ? ", or is in " : "", r->letters ? o->dead_letter : "");
	return err_hint(err, "where another copy has them, write what the target lacks: esverify "
	                     "COPY STORE --missing-to FILE, and import FILE");
}

/*
 * What is not in the target though the run came to its end.  Of the two, what the input lacks says
 * the code, for it is nowhere; of a salvaged archive it did so when that was made.
 */
static int
tell_rest(const struct import_report *r, const struct import_options *o, const char *from,
          struct err *err)
{
	int rc = 0;

	tell_lost(r, o, from);
	if (r->letters)
		rc = tell_letters(r, o->dead_letter, err);
	if (r->lost.len == 0 || !o->skip_damaged)
		return rc;
	if (rc < 0)
		log_warning("%s", err->msg);
	return fail_lost(r, o, from, err);
}

/* 0, EXIT_DIFFERS, or -1. */
static int
run(const struct settings *s, const struct import_options *o, const struct address *from,
    struct err *err)
{
	struct import_report report = {0};
	struct proof proof = {0};
	uint64_t began_ns = timestamp_monotonic_ns();
	int rc = import(s, o, &report, err);

	if (rc == 0 && report.plain)
		log_note("JSON Lines cannot tell whether they are complete; an archive can");
	if (rc == 0 && o->dry) {
		print_plan(s, o, &report);
		rc = cli_flush(err);
	} else if (rc == 0) {
		if (s->verify)
			rc = verify(s, o, from, &report, &proof, err);
		if (rc == 0)
			print_summary(&report, s->verify ? &proof : NULL, s->cli.retries.made,
			              timestamp_monotonic_ns() - began_ns);
	}
	if (rc == 0)
		rc = tell_rest(&report, o, from->shown, err);
	lost_release(&report.lost);
	file_close(report.input);
	proof_release(&proof);
	return rc == 0 && proof.findings.total ? EXIT_DIFFERS : rc;
}

/* --skip-damaged knows archives only, and where their events belong. */
static int
check_skip_damaged(const struct settings *s, struct err *err)
{
	const char *other = s->append ? "append" : s->plain ? "plain" : s->verify ? "verify" : NULL;

	if (!s->skip_damaged || !other)
		return 0;
	err_set(err, ERR_USAGE, "--skip-damaged: does not go with --%s", other);
	return err_hint(err, s->plain ? "JSON Lines have no chunks that could be told apart"
	                              : "make an archive of what is left: esverify --salvage FILE");
}

static int
parse_addresses(const struct settings *s, struct address *from, struct address *to, struct err *err)
{
	if (s->dry_run && s->cli.stats)
		return err_set(err, ERR_USAGE, "--stats: a dry run makes no file");
	if (s->dry_run && s->dead_letter)
		return err_set(err, ERR_USAGE, "--dead-letter: a dry run makes no file");
	if (s->dry_run && s->verify)
		return err_set(err, ERR_USAGE, "--verify: a dry run writes nothing to look at");
	if (check_skip_damaged(s, err) < 0)
		return -1;
	if (!s->to) {
		err_set(err, ERR_USAGE, "--to is missing");
		return err_hint(err, "esimport --help shows examples");
	}
	if (!s->from && isatty(STDIN_FILENO)) {
		err_set(err, ERR_USAGE, "--from is missing, and standard input is a terminal");
		return err_hint(err, "name an archive with --from, or pipe one in");
	}
	if (address_parse(to, s->to, err) < 0 ||
	    address_parse(from, s->from ? s->from : "-", err) < 0)
		return -1;
	if (!address_is_store(from))
		return 0;
	err_set(err, ERR_USAGE, "--from %s: is a store", from->shown);
	return err_hint(err, "pipe it: esexport --from %s | esimport --to %s", from->shown,
	                to->shown);
}

static int
import_main(struct settings *s, int argc, char **argv, struct err *err)
{
	const struct opt_group groups[] = {
	    {"Where", where_rows, s},
	    {"What", cli_selection_rows, &s->select},
	    {"How events are mapped", cli_mapping_rows, &s->map},
	    {"How", how_rows, s},
	    {"Messages", cli_rows, &s->cli},
	    {NULL, NULL, NULL},
	};
	struct address from = {0}, to = {0};
	struct import_options o = {0};
	struct eventmap *map = NULL;
	size_t n_operands;
	int rc = cli_begin(&program, groups, &s->cli, argc, argv, NULL, 0, &n_operands, err);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	rc = parse_addresses(s, &from, &to, err);
	if (rc == 0)
		rc = eventmap_open(&map, &s->map, err);
	if (rc == 0) {
		to.retries = &s->cli.retries;
		o.from = from.path;
		o.plain = s->plain;
		o.to = &to;
		o.layout = s->layout;
		o.select = &s->select;
		o.map = map;
		o.payloads = (enum import_payloads)s->payloads;
		o.workers = (unsigned)s->workers;
		o.batch_events = s->batch_events;
		o.append = s->append;
		o.dry = s->dry_run;
		o.keep = s->verify;
		o.dead_letter = s->dead_letter;
		o.mended = s->mended;
		o.skip_damaged = s->skip_damaged;
		rc = run(s, &o, &from, err);
	}
	eventmap_free(map);
	address_release(&from);
	address_release(&to);
	return rc;
}

int
main(int argc, char **argv)
{
	char **words = argv_hide(argc, argv);
	struct settings s = {.workers = cli_default_workers(),
	                     .batch_events = 50000,
	                     .select = SELECTION_INIT};
	struct err err = ERR_INIT;
	int rc = import_main(&s, argc, words, &err);

	selection_release(&s.select);
	eventmap_options_release(&s.map);
	free(words);
	return rc < 0 ? log_failure(&err) : rc;
}
