#include "tests/fuzz/program.h"

/*
 * All of esexport on files.  What it makes of one is whole, and has the same events; and whatever
 * happened to what a run left behind, the next one makes the same bytes as one that was not
 * disturbed: there the second file says what happened.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int esexport_main(int argc, char **argv);
int esverify_main(int argc, char **argv);

static const struct program esexport = {"esexport", esexport_main};
static const struct program esverify = {"esverify", esverify_main};

#define RESUMED "--chunk-size 1KiB --from @a --out @out.jsonl.zst"

static const struct {
	const char *line, *out;
	bool all; /* the events are those of the input */
} runs[] = {
    {RESUMED, "out.jsonl.zst", true},
    {"--from @a --out @out.cbor.zst", "out.cbor.zst", true},
    {"--exact-text --level 3 --from @a --out @out", "out", true},
    {"--plain --from @a --out @out.jsonl", "out.jsonl", true},
    {"--after 2 --stream ?* --log-format json --from @a --out @out", "out", false},
    {"--upto 20 --until 2024-02-01 --codec cbor --from @a --out @out", "out", false},
};

static void
check_made(const char *out, bool all)
{
	char line[PROGRAM_WORD_BYTES];
	int rc;

	snprintf(line, sizeof(line), "--allow-gaps @%s", out);
	rc = program_run(&esverify, line);
	assert(rc == 0 || rc == EXIT_DIFFERS);
	if (all) {
		snprintf(line, sizeof(line), "--positions @a @%s", out);
		assert(program_run(&esverify, line) == 0);
	}
}

/* Two bytes say where it was cut, then three each which byte was changed. */
static void
disturb(struct buf *file, struct slice how)
{
	size_t at;

	for (; how.len >= 3; how.p += 3, how.len -= 3) {
		at = (size_t)how.p[0] | (size_t)how.p[1] << 8;
		if (how.p[2] == 0 && at < file->len)
			file->len = at;
		else if (file->len)
			file->p[at % file->len] ^= how.p[2];
	}
}

static void
check_resumed(struct slice how)
{
	struct buf whole = BUF_INIT, left = BUF_INIT;

	program_take_file("out.jsonl.zst", &whole);
	buf_add_slice(&left, buf_slice(&whole));
	disturb(&left, how);
	program_put_file("out.jsonl.zst.part", buf_slice(&left));
	assert(program_run(&esexport, "--force --resume " RESUMED) == 0);
	left.len = 0;
	program_take_file("out.jsonl.zst", &left);
	assert(slice_eq(buf_slice(&whole), buf_slice(&left)));
	buf_release(&whole);
	buf_release(&left);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct program_input in;
	size_t i;
	int rc;

	if (!program_split(data, size, &in))
		return 0;
	i = in.choice % (sizeof(runs) / sizeof(*runs));
	if (!program_begin(&in, i == 0))
		return 0;
	setenv("SOURCE_DATE_EPOCH", "1700000000", 1);
	rc = program_run(&esexport, runs[i].line);
	assert(rc >= 0 && rc <= err_exit_code(ERR_FORMAT) && rc != EXIT_DIFFERS);
	assert(program_has_file(runs[i].out) == (rc == 0));
	if (rc == 0) {
		check_made(runs[i].out, runs[i].all);
		if (i == 0)
			check_resumed(in.b);
	}
	program_clear_folder();
	return 0;
}
