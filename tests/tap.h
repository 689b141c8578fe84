#ifndef TESTS_TAP_H
#define TESTS_TAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Unit tests that speak TAP.  A test is `void test_NAME(void)`; register.sh
 * finds it.  A failed check prints both sides and marks the test, which goes
 * on, so that its cleanup runs and leak checkers stay quiet.
 */
#define ok(cond) tap_ok((cond), #cond, __FILE__, __LINE__)
#define eq_int(got, want) tap_int((int64_t)(got), (int64_t)(want), #got, __FILE__, __LINE__)
#define eq_uint(got, want) tap_uint((uint64_t)(got), (uint64_t)(want), #got, __FILE__, __LINE__)
#define eq_str(got, want) tap_str((got), (want), #got, __FILE__, __LINE__)
#define eq_mem(got, got_len, want, want_len)                                                       \
	tap_mem((got), (got_len), (want), (want_len), #got, __FILE__, __LINE__)

/* Each returns whether the check held. */
bool tap_ok(bool pass, const char *what, const char *file, int line);
bool tap_int(int64_t got, int64_t want, const char *what, const char *file, int line);
bool tap_uint(uint64_t got, uint64_t want, const char *what, const char *file, int line);
bool tap_str(const char *got, const char *want, const char *what, const char *file, int line);
bool tap_mem(const void *got, size_t got_len, const void *want, size_t want_len, const char *what,
             const char *file, int line);

struct tap_test {
	const char *name;
	void (*run)(void);
};

extern const struct tap_test tap_tests[]; /* made from the test file; ends with a NULL name */

#endif
