#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/timestamp.h"
#include "verify/settings.h"

/*
 * Of writers whose clocks are kept by NTP, and whose transactions are short, the
 * times differ by less; a clock that was set wrong, or a time zone, by more.
 */
#define DEFAULT_TOLERANCE_NS (10 * UINT64_C(1000000000))
#define TOLERANCE_UNSET UINT64_MAX

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
     "look so far for a lost event [8MiB]"},
    {"missing-to", 0, OPT_TEXT, AT(missing_to), "FILE", NULL,
     "write what B lacks, for esimport --to B"},
    {"salvage", 0, OPT_TEXT, AT(salvage), "FILE", NULL, "write what is left of a damaged ARCHIVE"},
    {"force", 0, OPT_FLAG, AT(force), NULL, NULL, "replace that FILE where it exists"},
    {"bisect", 0, OPT_FLAG, AT(bisect), NULL, NULL, "compare sums of ranges first, see the manual"},
    {"sample", 0, OPT_UINT, AT(sample.samples), "N", "1..1000000", "look at N places only"},
    {"seed", 0, OPT_BOUND, AT(seed), "N", NULL, "which places those are [the time]"},
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

void
settings_init(struct settings *s)
{
	*s = (struct settings){
	    .workers = cli_default_workers(),
	    .max_findings = 100,
	    .tolerance_ns = TOLERANCE_UNSET,
	    .select = SELECTION_INIT,
	};
}

void
settings_release(struct settings *s)
{
	selection_release(&s->select);
	eventmap_options_release(&s->map);
}

/* What only makes sense for one place, or only for two places, must not pass unnoticed. */
static int
check_options(const struct settings *s, bool two, struct err *err)
{
	const char *map = eventmap_asked(&s->map);
	const struct {
		const char *name;
		bool given, for_two;
		const char *what;
	} options[] = {
	    {map, map != NULL, true, "two places to compare"},
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
	    {"salvage", s->salvage != NULL, false, "one archive"},
	};
	size_t i;

	for (i = 0; i < sizeof(options) / sizeof(*options); i++)
		if (options[i].given && options[i].for_two != two)
			return err_set(err, ERR_USAGE, "--%s: is for %s", options[i].name,
			               options[i].what);
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

/* An option without the one that it belongs to. */
static int
check_needs(const struct settings *s, struct err *err)
{
	const struct {
		const char *name, *what;
		bool lacking;
	} needs[] = {
	    {"by-stream", "--digest", s->by_stream && !s->digest},
	    {"seed", "--sample", s->seed.set && !s->sample.samples},
	    {"force", "--missing-to and --salvage", s->force && !s->missing_to && !s->salvage},
	};
	size_t i;

	for (i = 0; i < sizeof(needs) / sizeof(*needs); i++)
		if (needs[i].lacking)
			return err_set(err, ERR_USAGE, "--%s: is for %s", needs[i].name,
			               needs[i].what);
	return 0;
}

/* Two options that ask for different things of one place. */
static int
check_clashes(const struct settings *s, struct err *err)
{
	const bool tolerance = s->tolerance_ns != TOLERANCE_UNSET;
	const char *map = eventmap_asked(&s->map); /* sums and digests are of events as they are */
	const struct {
		const char *name, *other;
		bool both;
	} clashes[] = {
	    {"digest", "info", s->digest && s->info},
	    {"digest", "allow-gaps", s->digest && s->allow_gaps},
	    {"digest", "clock-tolerance", s->digest && tolerance},
	    {"info", "clock-tolerance", s->info && tolerance},
	    {"salvage", "info", s->salvage && s->info},
	    {"salvage", "digest", s->salvage && s->digest},
	    {"salvage", "allow-gaps", s->salvage && s->allow_gaps},
	    {"salvage", "plain", s->salvage && s->plain},
	    {"salvage", "clock-tolerance", s->salvage && tolerance},
	    {map, "fast", map && s->fast},
	    {map, "bisect", map && s->bisect},
	    {map, "sample", map && s->sample.samples},
	};
	size_t i;

	for (i = 0; i < sizeof(clashes) / sizeof(*clashes); i++)
		if (clashes[i].both)
			return err_set(err, ERR_USAGE, "--%s: does not go with --%s",
			               clashes[i].name, clashes[i].other);
	return 0;
}

static int
settle(struct settings *s, bool two, struct err *err)
{
	if (check_options(s, two, err) < 0 || check_needs(s, err) < 0 || check_clashes(s, err) < 0)
		return -1;
	return take_range(s, err);
}

int
settings_parse(struct settings *s, int argc, char **argv, const char *places[SETTINGS_PLACES],
               size_t *n, struct err *err)
{
	const struct opt_group groups[] = {
	    {"How", how_rows, s},
	    {"What", cli_selection_rows, &s->select},
	    {"How A is mapped to B", cli_mapping_rows, &s->map},
	    {"Messages", cli_rows, &s->cli},
	    {NULL, NULL, NULL},
	};
	int rc = cli_begin(&program, groups, &s->cli, argc, argv, places, SETTINGS_PLACES, n, err);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (*n == 0) {
		err_set(err, ERR_USAGE, "name an archive or a store, or two places to compare");
		return err_hint(err, "esverify --help shows examples");
	}
	if (settle(s, *n == 2, err) < 0)
		return -1;
	if (s->tolerance_ns == TOLERANCE_UNSET)
		s->tolerance_ns = DEFAULT_TOLERANCE_NS;
	s->sample.seed = s->seed.set ? s->seed.position : (uint64_t)timestamp_now_ns();
	return 1;
}
