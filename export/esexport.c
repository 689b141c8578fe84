#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/argv.h"
#include "common/cli.h"
#include "common/log.h"
#include "common/timestamp.h"
#include "export/export.h"
#include "format/codec.h"

enum codec_choice { CODEC_CHOICE_JSONL, CODEC_CHOICE_CBOR, CODEC_CHOICE_NONE };

struct settings {
	const char *from, *out, *layout, *after_target, *target_layout;
	int codec; /* enum codec_choice */
	uint64_t level, workers, chunk_bytes;
	bool plain, exact_text, force, resume, dry_run, list_layouts;
	struct selection select;
	struct cli cli;
};

#define AT(member) offsetof(struct settings, member)

static const struct opt where_rows[] = {
    {"from", 'f', OPT_TEXT, AT(from), "STORE", NULL,
     "sqlite://FILE, postgres://HOST/DB, nats://HOST/STREAM, FILE or -"},
    {"out", 'o', OPT_TEXT, AT(out), "FILE", NULL, "NAME.jsonl.zst, NAME.cbor.zst; standard output"},
    {"layout", 0, OPT_TEXT, AT(layout), "NAME", NULL,
     "auto, a built-in layout, or a file of yours"},
    {"after-target", 0, OPT_TEXT, AT(after_target), "STORE", NULL,
     "begin behind what an import into this store has"},
    {"target-layout", 0, OPT_TEXT, AT(target_layout), "NAME", NULL, "layout of that store"},
    {"list-layouts", 0, OPT_FLAG, AT(list_layouts), NULL, NULL, "the layouts that are built in"},
    {0},
};

static const struct opt how_rows[] = {
    {"codec", 0, OPT_CHOICE, AT(codec), "CODEC", "jsonl,cbor",
     "jsonl or cbor; the suffix of --out"},
    {"level", 0, OPT_UINT, AT(level), "N", "1..19", "of zstd, 1 to 19 [1]"},
    {"workers", 0, OPT_UINT, AT(workers), "N", "1..64", "threads that compress [processors]"},
    {"chunk-size", 0, OPT_SIZE, AT(chunk_bytes), "SIZE", "1KiB..256MiB",
     "events in a chunk, before compression [4MiB]"},
    {"plain", 0, OPT_FLAG, AT(plain), NULL, NULL, "bare JSON Lines, no archive"},
    {"exact-text", 0, OPT_FLAG, AT(exact_text), NULL, NULL,
     "JSON payloads as text, too: survives jq"},
    {"force", 0, OPT_FLAG, AT(force), NULL, NULL, "replace FILE where it exists"},
    {"resume", 0, OPT_FLAG, AT(resume), NULL, NULL, "go on with what a stopped run left of FILE"},
    {"dry-run", 'n', OPT_FLAG, AT(dry_run), NULL, NULL, "check both ends, say what would be done"},
    {0},
};

static const struct cli_program program = {
    .name = "esexport",
    .usage = "[OPTIONS] --from STORE [--out FILE]",
    .about = "Streams the events of a store into an archive: a file, or standard output.",
    .examples = "  esexport --from sqlite://app.db --out backup.jsonl.zst\n"
		"  esexport --from sqlite://app.db | esimport --to postgres://app@db/app\n"
		"  esexport --from backup.jsonl.zst --plain --stream 'order-*' | jq .data\n",
};

static int
list_layouts(struct err *err)
{
	struct layout *l;
	size_t i;

	for (i = 0; i < layout_builtin_count(); i++) {
		if (layout_builtin(&l, i, err) < 0)
			return -1;
		printf("%-12s %-8s %s\n", l->name, l->store, l->description ? l->description : "");
		layout_free(l);
	}
	return cli_flush(err);
}

/* A name that says something else than what will be in the file misleads whoever finds it. */
static int
check_name(const struct settings *s, const struct codec *codec, struct err *err)
{
	const struct codec *named = codec_of_path(s->out);

	if (named && (named != codec || s->plain)) {
		err_set(err, ERR_USAGE, "%s: its name says that it is an archive of codec %s",
		        s->out, named->name);
		return err_hint(err, "name it as it will be");
	}
	if (!s->plain && slice_ends(slice_str(s->out), ".jsonl")) {
		err_set(err, ERR_USAGE, "%s: its name says that it is bare JSON Lines", s->out);
		return err_hint(err,
		                "an archive is named %s.zst, and --plain writes the bare lines",
		                s->out);
	}
	return 0;
}

/* The codec: as asked for, or as the name of the file says. */
static int
choose_codec(const struct settings *s, const struct codec **out, struct err *err)
{
	const struct codec *named = s->out ? codec_of_path(s->out) : NULL;

	*out = s->codec == CODEC_CHOICE_CBOR ? &codec_cbor : &codec_jsonl;
	if (s->plain && *out == &codec_cbor)
		return err_set(err, ERR_USAGE, "--plain: is JSON Lines, and not for --codec cbor");
	if (s->codec == CODEC_CHOICE_NONE && named && !s->plain)
		*out = named;
	if (s->exact_text && *out != &codec_jsonl)
		return err_set(err, ERR_USAGE,
		               "--exact-text: is for JSON Lines; cbor is always exact");
	return s->out ? check_name(s, *out, err) : 0;
}

/* An address may hold a password, and is no name of a file: it is not repeated. */
static int
check_out(const struct settings *s, struct err *err)
{
	const char *rest = s->out ? strstr(s->out, "://") : NULL;

	if (s->out && !*s->out)
		return err_set(err, ERR_USAGE, "--out: the name is empty");
	if (rest || (s->out && pgaddress_is(s->out))) {
		err_set(err, ERR_USAGE, "--out %.*s:...: is an address, and not the name of a file",
		        (int)strcspn(s->out, ":"), s->out);
		return err_hint(err, "esimport writes into stores");
	}
	if ((!s->out || strcmp(s->out, "-") == 0) && !s->plain && !s->dry_run &&
	    isatty(STDOUT_FILENO)) {
		err_set(err, ERR_USAGE, "an archive is no text for a terminal");
		return err_hint(err, "name a file with --out, pipe it, or look at it with --plain");
	}
	return 0;
}

static int
check_after_target(const struct settings *s, struct err *err)
{
	if (s->target_layout && !s->after_target)
		return err_set(err, ERR_USAGE, "--target-layout: is for --after-target");
	if (s->after_target && s->plain)
		return err_set(
		    err, ERR_USAGE,
		    "--after-target: bare JSON Lines do not say which source they are of");
	if (s->after_target && s->resume)
		return err_set(err, ERR_USAGE,
		               "--after-target: where to begin is in what --resume goes on with");
	return 0;
}

static int
check_resume(const struct settings *s, struct err *err)
{
	if (!s->out || strcmp(s->out, "-") == 0) {
		err_set(err, ERR_USAGE, "--resume: is for a file");
		return err_hint(err,
		                "name it with --out; a pipe is run again, and the target skips "
		                "what it has");
	}
	if (s->plain)
		return err_set(err, ERR_USAGE,
		               "--resume: bare JSON Lines say nothing of what is whole of them");
	return 0;
}

static int
check(const struct settings *s, struct err *err)
{
	if (s->dry_run && s->cli.stats)
		return err_set(err, ERR_USAGE, "--stats: a dry run makes no file");
	if (!s->from) {
		err_set(err, ERR_USAGE, "--from is missing");
		return err_hint(err, "esexport --help shows examples");
	}
	if (check_out(s, err) < 0 || check_after_target(s, err) < 0)
		return -1;
	return s->resume ? check_resume(s, err) : 0;
}

/* --force replaces an archive, never the store that is read. */
static int
check_apart(const struct settings *s, const struct address *from, struct err *err)
{
	struct stat a, b;

	if (!s->out || from->kind != ADDRESS_SQLITE || stat(from->path, &a) < 0 ||
	    stat(s->out, &b) < 0 || a.st_dev != b.st_dev || a.st_ino != b.st_ino)
		return 0;
	return err_set(err, ERR_USAGE, "--out %s: is the store that is read", s->out);
}

static int
parse_target(const struct settings *s, struct address *out, struct err *err)
{
	if (!s->after_target)
		return 0;
	if (address_parse(out, s->after_target, err) < 0)
		return -1;
	return address_is_store(out)
	           ? 0
	           : err_set(err, ERR_USAGE, "--after-target %s: is not a store", out->shown);
}

static void
print_plan(const struct settings *s, const struct export_options *o, const struct export_report *r)
{
	char n[PROGRESS_TEXT_BYTES];

	printf("read   %s (%s%s%s)\n", o->from->shown, r->source.kind,
	       *r->layout ? ", layout " : "", r->layout);
	if (r->source.events)
		printf("       %s in the range, before filters\n",
		       progress_things(r->source.events, "event", n));
	printf("write  %s (%s)\n", s->out ? s->out : "standard output",
	       o->plain ? "bare JSON Lines" : o->codec->name);
	printf("nothing was written\n");
}

static void
print_summary(const struct export_report *r, uint64_t retries, uint64_t spent_ns)
{
	char a[PROGRESS_TEXT_BYTES], b[PROGRESS_TEXT_BYTES], c[PROGRESS_TEXT_BYTES];
	char d[PROGRESS_TEXT_BYTES], e[PROGRESS_TEXT_BYTES], f[PROGRESS_TEXT_BYTES];
	char again[CLI_RETRIES_BYTES], text[480], json[540];

	snprintf(text, sizeof(text),
	         "read %s = written %s + filtered %s events; %s as %s in %s%s; %s",
	         progress_count(r->read, a), progress_count(r->events, b),
	         progress_count(r->filtered, c), progress_bytes(r->raw_bytes, d),
	         progress_bytes(r->written_bytes, e), progress_things(r->chunks, "chunk", f),
	         cli_retries(retries, again),
	         progress_duration(spent_ns, (char[PROGRESS_TEXT_BYTES]){0}));
	snprintf(json, sizeof(json),
	         "\"read\":%" PRIu64 ",\"written\":%" PRIu64 ",\"filtered\":%" PRIu64
	         ",\"chunks\":%" PRIu64 ",\"raw_bytes\":%" PRIu64 ",\"written_bytes\":%" PRIu64
	         ",\"first_position\":%" PRIu64 ",\"last_position\":%" PRIu64
	         ",\"retries\":%" PRIu64 ",\"elapsed_s\":%.3f",
	         r->read, r->events, r->filtered, r->chunks, r->raw_bytes, r->written_bytes,
	         r->first, r->last, retries, (double)spent_ns / 1e9);
	cli_summary(text, json);
}

/* What is there, for someone whose run ended early, and how to go on. */
static void
print_state(const struct export_options *o, const struct export_report *r, enum err_kind kind)
{
	bool file = strcmp(o->out, "-") != 0;
	char n[PROGRESS_TEXT_BYTES];

	if (r->part && r->events)
		log_note("%s.part has %s up to position %" PRIu64
		         "; the same command with --resume goes on from there",
		         o->out, progress_things(r->events, "event", n), r->last);
	else if (kind == ERR_STOPPED && r->events)
		log_note("%s has %s up to position %" PRIu64 ", and is not complete; %s",
		         file ? o->out : "standard output", progress_things(r->events, "event", n),
		         r->last, file ? "begin again" : "begin again: a target skips what it has");
	else if (kind == ERR_STOPPED)
		log_note("nothing was written; begin again");
}

static int
run(const struct settings *s, const struct export_options *o, struct err *err)
{
	struct progress_counts counts = {0};
	struct export_report report = {0};
	struct progress *progress = NULL;
	struct err ignored = ERR_INIT;
	uint64_t began_ns = timestamp_monotonic_ns();
	int rc;

	if (s->dry_run) {
		if (export_plan(o, &report, err) < 0)
			return -1;
		print_plan(s, o, &report);
		return cli_flush(err);
	}
	if (progress_start(&progress, &counts, (enum progress_mode)s->cli.progress, s->cli.stats,
	                   err) < 0)
		return -1;
	rc = export_run(o, &counts, &report, err);
	if (progress_finish(progress, rc < 0 ? &ignored : err) < 0)
		rc = -1;
	if (rc < 0)
		print_state(o, &report, err->kind);
	else
		print_summary(&report, s->cli.retries.made, timestamp_monotonic_ns() - began_ns);
	return rc;
}

static int
export_main(struct settings *s, int argc, char **argv, struct err *err)
{
	const struct opt_group groups[] = {
	    {"Where", where_rows, s}, {"What", cli_selection_rows, &s->select},
	    {"How", how_rows, s},     {"Messages", cli_rows, &s->cli},
	    {NULL, NULL, NULL},
	};
	struct address from = {0}, target = {0};
	struct export_options o = {0};
	size_t n_operands;
	int rc = cli_begin(&program, groups, &s->cli, argc, argv, NULL, 0, &n_operands, err);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (s->list_layouts)
		return list_layouts(err);
	if (check(s, err) < 0 || choose_codec(s, &o.codec, err) < 0 ||
	    address_parse(&from, s->from, err) < 0)
		return -1;
	if (check_apart(s, &from, err) < 0 || parse_target(s, &target, err) < 0) {
		address_release(&from);
		address_release(&target);
		return -1;
	}
	o.after_target = s->after_target ? &target : NULL;
	o.target_layout = s->target_layout;
	from.retries = target.retries = &s->cli.retries;
	o.from = &from;
	o.out = s->out ? s->out : "-";
	o.layout = s->layout;
	o.select = &s->select;
	o.level = (int)s->level;
	o.workers = (unsigned)s->workers;
	o.chunk_bytes = s->chunk_bytes;
	o.plain = s->plain;
	o.exact_text = s->exact_text;
	o.replace = s->force;
	o.resume = s->resume;
	rc = run(s, &o, err);
	address_release(&from);
	address_release(&target);
	return rc;
}

int
main(int argc, char **argv)
{
	char **words = argv_hide(argc, argv);
	struct settings s = {.codec = CODEC_CHOICE_NONE,
	                     .level = 1,
	                     .workers = cli_default_workers(),
	                     .chunk_bytes = UINT64_C(4) << 20,
	                     .select = SELECTION_INIT};
	struct err err = ERR_INIT;
	int rc = export_main(&s, argc, words, &err);

	selection_release(&s.select);
	free(words);
	return rc < 0 ? log_failure(&err) : 0;
}
