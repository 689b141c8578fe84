#ifndef COMMON_CLI_H
#define COMMON_CLI_H

#include "common/backoff.h"
#include "common/eventmap.h"
#include "common/opts.h"
#include "common/progress.h"
#include "common/selection.h"

/* What the three programs share on their command lines. */
struct cli {
	int progress; /* enum progress_mode */
	int log_format;
	const char *stats;
	struct retries retries; /* for the addresses; cli_begin() sets its limit */
	bool help, version;
};

extern const struct opt cli_rows[];           /* of struct cli */
extern const struct opt cli_selection_rows[]; /* of struct selection */
extern const struct opt cli_mapping_rows[];   /* of struct eventmap_options */

struct cli_program {
	const char *name;
	const char *usage;    /* "[OPTIONS] --from STORE [--out FILE]" */
	const char *about;    /* one line */
	const char *examples; /* lines for --help */
};

/*
 * Parse the command line, install signals and the log.  0: go on; 1: --help or
 * --version has been answered, end with 0; -1: ERR_USAGE.
 */
MUST_USE int cli_begin(const struct cli_program *p, const struct opt_group *groups, struct cli *cli,
                       int argc, char **argv, const char **operands, size_t room,
                       size_t *n_operands, struct err *err);

#define CLI_WORKERS_MAX 64
unsigned cli_default_workers(void); /* the processors that this process may use, 8 at most */

/*
 * One summary at the end, on standard error: `text` for people, or with
 * --log-format json `json`, the members of an object without its braces.
 */
void cli_summary(const char *text, const char *json);

/* For the text of a summary: "", or "; tried again 3 times". */
#define CLI_RETRIES_BYTES 64
const char *cli_retries(uint64_t made, char out[CLI_RETRIES_BYTES]);

/* Flush standard output and say whether all of it went out. */
MUST_USE int cli_flush(struct err *err);

#endif
