#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/decimal.h"
#include "tests/tap.h"

#define ROUNDS 20000

/* A generator with a state of its own: the same numbers on every machine. */
static uint64_t
draw(uint64_t *seed, uint64_t below)
{
	*seed = *seed * 6364136223846793005U + 1442695040888963407U;
	return (*seed >> 24) % below;
}

/* The digits of d, as printf writes them: "d.ddde-12"; without zeros at their end. */
static void
print_like(const struct decimal *d, char out[64])
{
	size_t n = d->n_digits;

	while (n > 1 && d->digits[n - 1] == '0')
		n--;
	snprintf(out, 64, "%s%c%s%.*se%+03d", d->negative ? "-" : "", d->digits[0],
	         n > 1 ? "." : "", (int)n - 1, (const char *)d->digits + 1,
	         d->digits[0] == '0' ? 0 : (int)(d->exponent + (int64_t)d->n_digits - 1));
}

/* The fewest digits that read back, tried one after the other. */
static void
print_shortest(double value, char out[64])
{
	int digits = 0;

	do {
		snprintf(out, 64, "%.*e", digits, value);
	} while (digits++ < 16 && strtod(out, NULL) != value);
}

/* 12345.67 and its neighbours, 0.0000012, 5e15. */
static double
draw_double(uint64_t *seed)
{
	double value = (double)draw(seed, draw(seed, 2) ? 100000 : UINT64_C(1) << 54);
	uint64_t places = draw(seed, 12), way = draw(seed, 4);

	while (places-- > 0)
		value /= 10;
	if (way == 0)
		value = nextafter(value, draw(seed, 2) ? 0 : 1e300);
	return draw(seed, 3) ? value : -value;
}

void
test_doubles_have_the_fewest_digits_that_read_back(void)
{
	char got[64], want[64];
	uint64_t seed = 1;
	struct decimal d;

	for (int i = 0; i < ROUNDS; i++) {
		double value = draw_double(&seed);

		decimal_set_double(&d, value);
		print_like(&d, got);
		print_shortest(value, want);
		if (!ok(strtod(got, NULL) == value && strlen(got) == strlen(want)))
			eq_str(got, want);
	}
}

/* What a double stands for has one place behind the point at least, and no zero behind the first.
 */
static bool
is_spelling_of_double(const struct decimal *d, double value)
{
	struct decimal its;

	decimal_set_double(&its, value);
	return its.exponent == d->exponent && its.n_digits == d->n_digits &&
	       memcmp(its.digits, d->digits, d->n_digits) == 0;
}

static size_t
draw_number(uint64_t *seed, char out[64])
{
	int len = snprintf(out, 64, "%s%" PRIu64, draw(seed, 3) ? "" : "-",
	                   draw(seed, draw(seed, 2) ? 1000 : UINT64_C(1) << 54));

	len += snprintf(out + len, (size_t)(64 - len), ".%0*" PRIu64, (int)draw(seed, 8),
	                draw(seed, 3) ? draw(seed, 1000) : draw(seed, 10) * 100);
	if (draw(seed, 4) == 0)
		len += snprintf(out + len, (size_t)(64 - len), "e%d", (int)draw(seed, 60) - 30);
	return (size_t)len;
}

void
test_decimals_are_doubles_where_they_spell_one(void)
{
	uint64_t seed = 2, doubles = 0;
	const char *why;
	char text[64];

	for (int i = 0; i < ROUNDS; i++) {
		struct slice number = {(const uint8_t *)text, draw_number(&seed, text)};
		double value = 0, want = strtod(text, NULL);
		struct decimal d;
		bool is;

		ok(decimal_read(&d, number, &why) == 0);
		is = decimal_double(&d, &value);
		doubles += is;
		if (!ok(is == (d.n_digits <= 17 && is_spelling_of_double(&d, want))) ||
		    (is && !ok(memcmp(&value, &want, sizeof(want)) == 0)))
			eq_str(text, "one of these");
	}
	ok(doubles > ROUNDS / 5 && doubles < ROUNDS);
}
