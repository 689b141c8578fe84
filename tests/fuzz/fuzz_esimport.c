#include "tests/fuzz/program.h"

/*
 * All of esimport on files, into an SQLite database: first the second file where the command line
 * has it, then the first one.  What was imported may be imported again.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int esimport_main(int argc, char **argv);

static const struct program esimport = {"esimport", esimport_main};

#define TARGET " --to sqlite://@t.db"

static const struct {
	const char *before, *line;
	bool again;
} runs[] = {
    {NULL, "--batch-size 3 --from @a --layout native" TARGET, true},
    {NULL, "--plain --from @a" TARGET, true},
    {NULL, "--skip-damaged --log-format json --from @a" TARGET, false},
    {NULL, "--dry-run --payload-codec json --from @a" TARGET, false},
    {NULL, "--payload-codec cbor --from @a" TARGET, true},
    {NULL, "--dead-letter @dead --from @a" TARGET, false},
    {NULL, "--verify --from @a" TARGET, true},
    {"--skip-damaged --from @b" TARGET, "--from @a" TARGET, false},
    {"--from @b" TARGET, "--append --log-format json --from @a" TARGET, true},
    {"--dead-letter @dead --from @b" TARGET, "--mended @dead --from @a" TARGET, false},
};

static int
run(const char *line)
{
	int rc = program_run(&esimport, line);

	assert(rc >= 0 && rc <= err_exit_code(ERR_STORE));
	return rc;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct program_input in;
	size_t i;

	if (!program_split(data, size, &in))
		return 0;
	i = in.choice % (sizeof(runs) / sizeof(*runs));
	if (!program_begin(&in, runs[i].before != NULL))
		return 0;
	if (runs[i].before)
		run(runs[i].before);
	if (strstr(runs[i].line, "--mended") && !program_has_file("dead"))
		program_put_file("dead", in.b);
	if (run(runs[i].line) == 0 && runs[i].again)
		assert(run(runs[i].line) == 0);
	program_clear_folder();
	return 0;
}
