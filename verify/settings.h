#ifndef VERIFY_SETTINGS_H
#define VERIFY_SETTINGS_H

#include "common/cli.h"
#include "common/selection.h"
#include "verify/sample.h"

/* What the command line of esverify asks for.  Texts are those of argv. */
struct settings {
	const char *layout, *layout_b, *missing_to, *range, *salvage;
	uint64_t workers, max_findings, tolerance_ns, ahead_bytes;
	bool info, json, plain, allow_gaps, positions, by_value, force, digest, by_stream, fast;
	bool bisect;
	struct selection_bound seed;
	struct sample_options sample; /* none: no samples */
	struct selection select;
	struct eventmap_options map;
	struct cli cli;
};

#define SETTINGS_PLACES 2

void settings_init(struct settings *s);
void settings_release(struct settings *s);

/*
 * Read the command line.  1: go on with *n places, one or two; 0: --help or
 * --version was all; -1: ERR_USAGE, also for options that do not go together.
 */
MUST_USE int settings_parse(struct settings *s, int argc, char **argv,
                            const char *places[SETTINGS_PLACES], size_t *n, struct err *err);

#endif
