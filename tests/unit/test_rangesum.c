#include <string.h>

#include "common/rangesum.h"
#include "tests/tap.h"

static const uint8_t one[SHA256_BYTES] = {0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0};
static const uint8_t most[SHA256_BYTES] = {
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
};

void
test_sums_do_not_depend_on_the_order(void)
{
	struct rangesum a = RANGESUM_INIT, b = RANGESUM_INIT;

	rangesum_add(&a, 7, one);
	rangesum_add(&a, 3, most);
	rangesum_add(&b, 3, most);
	ok(!rangesum_eq(&a, &b));
	rangesum_add(&b, 7, one);
	ok(rangesum_eq(&a, &b));
	eq_uint(a.events, 2);
	eq_uint(a.least, 3);
	eq_uint(a.greatest, 7);
	eq_uint(a.halves[0], 0); /* modulo 2^64 */
	eq_uint(a.halves[1], 255);
}

void
test_every_part_counts(void)
{
	const struct rangesum a = {.events = 2, .least = 3, .greatest = 7, .halves = {1, 2}};
	struct rangesum b = a;

	ok(rangesum_eq(&a, &b));
	b.events = 3;
	ok(!rangesum_eq(&a, &b));
	b = a;
	b.least = 2;
	ok(!rangesum_eq(&a, &b));
	b = a;
	b.greatest = 8;
	ok(!rangesum_eq(&a, &b));
	b = a;
	b.halves[0]++;
	ok(!rangesum_eq(&a, &b));
	b = a;
	b.halves[1]++;
	ok(!rangesum_eq(&a, &b));
}

void
test_an_event_without_a_digest_equals_nothing(void)
{
	struct rangesum a = RANGESUM_INIT, empty = RANGESUM_INIT;

	rangesum_add(&a, 7, NULL);
	ok(!rangesum_eq(&a, &a));
	ok(rangesum_eq(&empty, &empty));
}

void
test_runs_end_at_a_gap(void)
{
	const struct rangesum_range ranges[] = {{0, 4}, {5, 5}, {6, 9}, {11, UINT64_MAX}};

	eq_uint(rangesum_run(ranges, 4), 3);
	eq_uint(rangesum_run(ranges + 3, 1), 1);
	eq_uint(rangesum_run(ranges, 0), 0);
}

void
test_decimals_are_read_modulo_2_to_the_64(void)
{
	static const struct {
		const char *text;
		uint64_t number;
	} table[] = {
	    {"0", 0},
	    {"18446744073709551615", UINT64_MAX},
	    {"18446744073709551617", 1},
	    {"-1", UINT64_MAX},
	    {"-18446744073709551617", UINT64_MAX},
	    {"340282366920938463463374607431768211459", 3}, /* 2^128 + 3 */
	};
	static const char *const bad[] = {"", "-", "1.5", "1e3", " 1", "+1", "NaN"};
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
		ok(rangesum_parse(table[i].text, &n) == 0);
		eq_uint(n, table[i].number);
	}
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ok(rangesum_parse(bad[i], &n) < 0);
}
