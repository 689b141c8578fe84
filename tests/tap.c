#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/tap.h"

static bool failed;

bool
tap_ok(bool pass, const char *what, const char *file, int line)
{
	if (pass)
		return true;
	failed = true;
	printf("# %s:%d: does not hold: %s\n", file, line, what);
	return false;
}

bool
tap_int(int64_t got, int64_t want, const char *what, const char *file, int line)
{
	if (got == want)
		return true;
	failed = true;
	printf("# %s:%d: %s\n#   is     %" PRId64 "\n#   not    %" PRId64 "\n", file, line, what,
	       got, want);
	return false;
}

bool
tap_uint(uint64_t got, uint64_t want, const char *what, const char *file, int line)
{
	if (got == want)
		return true;
	failed = true;
	printf("# %s:%d: %s\n#   is     %" PRIu64 "\n#   not    %" PRIu64 "\n", file, line, what,
	       got, want);
	return false;
}

bool
tap_str(const char *got, const char *want, const char *what, const char *file, int line)
{
	if (got && want && strcmp(got, want) == 0)
		return true;
	failed = true;
	printf("# %s:%d: %s\n#   is     %s\n#   not    %s\n", file, line, what,
	       got ? got : "(null)", want ? want : "(null)");
	return false;
}

static void
print_bytes(const char *label, const void *p, size_t len)
{
	const unsigned char *bytes = p;
	size_t i;

	printf("#   %s %zu:", label, len);
	for (i = 0; i < len && i < 64; i++)
		printf(" %02x", bytes[i]);
	printf("%s\n", len > 64 ? " ..." : "");
}

bool
tap_mem(const void *got, size_t got_len, const void *want, size_t want_len, const char *what,
        const char *file, int line)
{
	if (got_len == want_len && (got_len == 0 || memcmp(got, want, got_len) == 0))
		return true;
	failed = true;
	printf("# %s:%d: %s\n", file, line, what);
	print_bytes("is ", got, got_len);
	print_bytes("not", want, want_len);
	return false;
}

/* Arguments, where there are any, are parts of the names of the tests to run. */
static bool
wanted(const char *name, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (strstr(name, argv[i]))
			return true;
	return argc < 2;
}

int
main(int argc, char **argv)
{
	const struct tap_test *test;
	int ran = 0, bad = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (test = tap_tests; test->name; test++) {
		if (!wanted(test->name, argc, argv))
			continue;
		failed = false;
		test->run();
		printf("%s %d - %s\n", failed ? "not ok" : "ok", ++ran, test->name);
		bad += failed;
	}
	printf("1..%d\n", ran);
	return bad || !ran ? EXIT_FAILURE : EXIT_SUCCESS;
}
