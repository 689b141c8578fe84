#include "tests/fuzz/program.h"

/*
 * All of esverify on files: whatever they hold, it ends with a code that is about files, and makes
 * archives that it finds whole itself.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int esverify_main(int argc, char **argv);

static const struct program esverify = {"esverify", esverify_main};

static const char *const command_lines[] = {
    "--clock-tolerance 1h @a",
    "--json --log-format json --allow-gaps @a",
    "--plain @a",
    "--info @a",
    "--info --json --log-format json @a",
    "--digest --by-stream @a",
    "--digest --by-stream --json --log-format json --range 2..20 @a",
    "--salvage @out.jsonl.zst @a",
    "--salvage @out.cbor.zst --json --log-format json @a",
    "--salvage @out @a",
    "@a @a",
    "@a @b",
    "--positions --by-value --json --log-format json @a @b",
    "--fast @a @b",
    "--missing-to @out.jsonl.zst @a @b",
    "--missing-to @out.cbor.zst --after 1 --json --log-format json @a @b",
    "--plain --missing-to @out @a @b",
    "--ahead 100 --stream a* --max-findings 3 @a @b",
    "--sample 2 --seed 1 @a @b",
    "--bisect --type ?* --since 2024-01-01 @a @b",
};

/* What was written is an archive, and nothing else is left. */
static void
check_written(int rc)
{
	static const char *const names[] = {"out", "out.jsonl.zst", "out.cbor.zst"};
	char line[PROGRAM_WORD_BYTES];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(line, sizeof(line), "%s.part", names[i]);
		assert(!program_has_file(line));
		if (!program_has_file(names[i]))
			continue;
		assert(rc == 0 || rc == EXIT_DIFFERS);
		snprintf(line, sizeof(line), "--allow-gaps @%s", names[i]);
		rc = program_run(&esverify, line);
		assert(rc == 0 || rc == EXIT_DIFFERS);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct program_input in;
	const char *line;
	int rc;

	if (!program_split(data, size, &in))
		return 0;
	line = command_lines[in.choice % (sizeof(command_lines) / sizeof(*command_lines))];
	if (!program_begin(&in, strstr(line, "@b") != NULL))
		return 0;
	rc = program_run(&esverify, line);
	assert(rc >= 0 && rc <= err_exit_code(ERR_FORMAT));
	assert(rc != EXIT_DIFFERS || strcmp(line, "@a @a") != 0);
	check_written(rc);
	program_clear_folder();
	return 0;
}
