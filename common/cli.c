#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/cli.h"
#include "common/file.h"
#include "common/libmem.h"
#include "common/log.h"
#include "common/stop.h"

#define WORKERS_MOST 8

const struct opt cli_rows[] = {
    {"progress", 0, OPT_CHOICE, offsetof(struct cli, progress), "MODE", PROGRESS_MODES,
     "auto (a bar on a terminal), bar, json, none"},
    {"log-format", 0, OPT_CHOICE, offsetof(struct cli, log_format), "FORMAT", "text,json",
     "messages as text or as JSON lines"},
    {"stats", 0, OPT_TEXT, offsetof(struct cli, stats), "FILE.csv", NULL,
     "write a row a second: rates, waits, memory"},
    {"retry-max", 0, OPT_UINT, offsetof(struct cli, retries.most), "N", "0..1000000",
     "how often in a row to try again what may pass [only time counts]"},
    {"help", 'h', OPT_FLAG, offsetof(struct cli, help), NULL, NULL, "this text"},
    {"version", 'V', OPT_FLAG, offsetof(struct cli, version), NULL, NULL, "the version"},
    {0},
};

const struct opt cli_selection_rows[] = {
    {"after", 0, OPT_BOUND, offsetof(struct selection, after), "N", NULL,
     "events behind this position"},
    {"upto", 0, OPT_BOUND, offsetof(struct selection, upto), "N", NULL,
     "events up to this position, with it"},
    {"since", 0, OPT_TIME, offsetof(struct selection, since_ns), "TIME", NULL,
     "events from this time on"},
    {"until", 0, OPT_TIME, offsetof(struct selection, until_ns), "TIME", NULL,
     "events before this time"},
    {"stream", 0, OPT_LIST, offsetof(struct selection, streams), "GLOB", NULL,
     "events of these streams; several may be given"},
    {"type", 0, OPT_LIST, offsetof(struct selection, types), "GLOB", NULL,
     "events of these types; several may be given"},
    {0},
};

const struct opt cli_mapping_rows[] = {
    {"stream-template", 0, OPT_LIST, offsetof(struct eventmap_options, templates), "FROM=TO", NULL,
     "rename streams: '{category}-{id}={category}:{id}'"},
    {"type-map", 0, OPT_TEXT, offsetof(struct eventmap_options, types), "FILE", NULL,
     "rename types: a JSON object of old names and new ones"},
    {"drop-attributes", 0, OPT_LIST, offsetof(struct eventmap_options, dropped), "NAME", NULL,
     "leave these out: attributes, or metadata, tags, time and such"},
    {0},
};

static void
print_help(const struct cli_program *p, const struct opt_group *groups)
{
	printf("Usage: %s %s\n%s\n\n", p->name, p->usage, p->about);
	opts_print(groups, stdout);
	printf("\nExamples:\n%s", p->examples);
}

int
cli_flush(struct err *err)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	return err_sys(err, ERR_IO, "write standard output");
}

/* An error ends the parsing: --log-format may stand behind it. */
static bool
asks_for_json(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (strcmp(argv[i], "--log-format=json") == 0 ||
		    (i + 1 < argc && strcmp(argv[i], "--log-format") == 0 &&
		     strcmp(argv[i + 1], "json") == 0))
			return true;
	return false;
}

int
cli_begin(const struct cli_program *p, const struct opt_group *groups, struct cli *cli, int argc,
          char **argv, const char **operands, size_t room, size_t *n_operands, struct err *err)
{
	int rc;

	cli->retries.most = UINT64_MAX;
	log_setup(p->name, false);
	libmem_install();
	file_hold_standard();
	rc = opts_parse(groups, argc, argv, operands, room, n_operands, err);
	log_setup(p->name, cli->log_format == 1 || (rc < 0 && asks_for_json(argc, argv)));
	if (rc < 0)
		return -1;
	stop_install();
	if (!cli->help && !cli->version)
		return 0;
	if (cli->help)
		print_help(p, groups);
	else
		printf("%s %s\n", p->name, ES_VERSION);
	return cli_flush(err) < 0 ? -1 : 1;
}

unsigned
cli_default_workers(void)
{
	cpu_set_t set;
	int n = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;

	return n < 1 ? 1 : n > WORKERS_MOST ? WORKERS_MOST : (unsigned)n;
}

void
cli_summary(const char *text, const char *json)
{
	struct buf line = BUF_INIT;

	if (log_is_json())
		buf_printf(&line, "{\"program\":\"%s\",\"level\":\"summary\",%s}\n", log_program(),
		           json);
	else
		buf_printf(&line, "%s: %s\n", log_program(), text);
	(void)!write(STDERR_FILENO, line.p, line.len);
	buf_release(&line);
}

const char *
cli_retries(uint64_t made, char out[CLI_RETRIES_BYTES])
{
	char n[PROGRESS_TEXT_BYTES];

	*out = '\0';
	if (made)
		snprintf(out, CLI_RETRIES_BYTES, "; tried again %.32s time%s",
		         progress_count(made, n), made == 1 ? "" : "s");
	return out;
}
