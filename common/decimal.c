#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/decimal.h"

#define POINT_SHIFT_MAX 6 /* places behind the point before print turns to scientific */
#define PLAIN_DOUBLE_MAX 16
#define DOUBLE_DIGITS 17

/*
 * Doubles hold integers below 10^15 and powers of ten up to 10^22, so a quotient
 * of two of these is rounded once: it is the double that the decimal stands for
 * (Clinger: How to read floating point numbers accurately, 1990).  And of all
 * decimals with up to 15 digits only one reads back as it.  That needs
 * arithmetic in doubles: FLT_EVAL_METHOD.
 */
#define EXACT_DIGITS 15
#define EXACT_INTEGER 1e15
static const double exact_powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                      1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                      1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
#define EXACT_POWER_MAX 22
#define FEW_PLACES 6 /* behind the point: what is worth trying */

/* 10^exponent is the sign and magnitude given, times 10^-fraction. */
static int
set_exponent(struct decimal *d, bool negative, uint64_t magnitude, uint64_t fraction)
{
	if (negative || magnitude < fraction) {
		magnitude = negative ? magnitude + fraction : fraction - magnitude;
		if (magnitude > UINT64_C(1) << 63)
			return -1;
		d->exponent = (int64_t)-magnitude;
		return 0;
	}
	if (magnitude - fraction > INT64_MAX)
		return -1;
	d->exponent = (int64_t)(magnitude - fraction);
	return 0;
}

/* "e+12" or nothing, at the end of a number with `fraction` digits behind its point. */
static int
read_exponent(struct decimal *d, const uint8_t *p, const uint8_t *end, uint64_t fraction)
{
	uint64_t magnitude = 0;
	bool negative = false;

	if (p < end) {
		p++;
		negative = *p == '-';
		p += *p == '-' || *p == '+';
	}
	for (; p < end; p++) {
		if (magnitude > 1000000000000000000) /* enough for 2^63 and any fraction */
			return -1;
		magnitude = magnitude * 10 + (*p - '0');
	}
	return set_exponent(d, negative, magnitude, fraction);
}

int
decimal_read(struct decimal *d, struct slice number, const char **why)
{
	const uint8_t *p = number.p, *end = number.p + number.len, *point = NULL;
	uint64_t fraction;

	d->negative = *p == '-';
	d->n_digits = 0;
	for (p += d->negative; p < end && (*p | 0x20) != 'e'; p++) {
		if (*p == '.') {
			point = p;
			continue;
		}
		if (d->n_digits == 0 && *p == '0')
			continue;
		if (d->n_digits == DECIMAL_MAX_DIGITS) {
			*why = "number of more than 10000 digits";
			return -1;
		}
		d->digits[d->n_digits++] = *p;
	}
	if (d->n_digits == 0)
		d->digits[d->n_digits++] = '0';
	d->integer = !point && p == end;
	fraction = point ? (uint64_t)(p - point - 1) : 0;
	if (read_exponent(d, p, end, fraction) < 0) {
		*why = "number with an exponent beyond 64 bits";
		return -1;
	}
	return 0;
}

static void
print_scientific(const struct decimal *d, struct buf *out)
{
	uint64_t behind = d->n_digits - 1;

	buf_add(out, d->digits, 1);
	if (behind > 0)
		buf_add_byte(out, '.');
	buf_add(out, d->digits + 1, behind);
	if (d->exponent >= 0)
		buf_printf(out, "e%" PRIu64, (uint64_t)d->exponent + behind);
	else
		buf_printf(out, "e%" PRId64, d->exponent + (int64_t)behind);
}

void
decimal_print(const struct decimal *d, struct buf *out)
{
	int64_t before; /* digits before the point; negative: zeros behind it */

	if (d->negative)
		buf_add_byte(out, '-');
	if (d->integer) {
		buf_add(out, d->digits, d->n_digits);
		return;
	}
	if (d->exponent >= 0 || d->exponent + (int64_t)d->n_digits - 1 < -POINT_SHIFT_MAX) {
		print_scientific(d, out);
		return;
	}
	before = (int64_t)d->n_digits + d->exponent;
	if (before > 0) {
		buf_add(out, d->digits, (size_t)before);
		buf_add_byte(out, '.');
		buf_add(out, d->digits + before, d->n_digits - (size_t)before);
		return;
	}
	buf_add_str(out, "0.");
	buf_add(out, "000000", (size_t)-before);
	buf_add(out, d->digits, d->n_digits);
}

/* "d.ddde-12" without the point, which is another character in some locales. */
static void
set_digits(struct decimal *d, const char *text)
{
	d->n_digits = 0;
	for (; *text != 'e'; text++)
		if (*text >= '0' && *text <= '9')
			d->digits[d->n_digits++] = (uint8_t)*text;
	d->exponent = strtol(text + 1, NULL, 10) - (int64_t)(d->n_digits - 1);
}

static void
strip_zeros(struct decimal *d)
{
	while (d->n_digits > 1 && d->digits[d->n_digits - 1] == '0') {
		d->n_digits--;
		d->exponent++;
	}
}

static uint64_t
digits_value(const struct decimal *d)
{
	uint64_t n = 0;

	for (size_t i = 0; i < d->n_digits; i++)
		n = n * 10 + (d->digits[i] - '0');
	return n;
}

static void
set_digits_value(struct decimal *d, uint64_t n)
{
	uint8_t digits[20];
	size_t first = sizeof(digits);

	do {
		digits[--first] = (uint8_t)('0' + n % 10);
	} while (n /= 10);
	d->n_digits = sizeof(digits) - first;
	memcpy(d->digits, digits + first, d->n_digits);
}

/* A double that a decimal with few digits and places stands for, which most are: prices, rates. */
static bool
set_few_places(struct decimal *d, double value)
{
	int places;

	for (places = 0; FLT_EVAL_METHOD == 0 && places <= FEW_PLACES; places++) {
		double scaled = value * exact_powers[places] + 0.5;

		if (scaled >= EXACT_INTEGER)
			return false;
		if ((double)(uint64_t)scaled / exact_powers[places] != value)
			continue;
		set_digits_value(d, (uint64_t)scaled);
		d->exponent = -places;
		return true;
	}
	return false;
}

/* Whether the digits plus one in the last place read back as `value`: then they are these. */
static bool
round_up(struct decimal *d, double value)
{
	char text[48];
	size_t i;

	snprintf(text, sizeof(text), "%" PRIu64 "e%d", digits_value(d) + 1, (int)d->exponent);
	if (strtod(text, NULL) != value)
		return false;
	d->n_digits = 0;
	for (i = 0; text[i] != 'e'; i++)
		d->digits[d->n_digits++] = (uint8_t)text[i];
	return true;
}

/*
 * printf and strtod of glibc round correctly.  15 digits survive a double, so
 * fewer need not be tried: they show as zeros at the end.  That does not hold
 * for subnormals.  With 16 digits, the nearest to a power of two may lie below
 * it, where doubles are closer, and read back as another, while the next above
 * reads back: 5.960464477539063e-8.
 */
static void
set_shortest(struct decimal *d, double value)
{
	char text[64];
	int precision;

	for (precision = value < DBL_MIN ? 1 : 15;; precision++) {
		snprintf(text, sizeof(text), "%.*e", precision - 1, value);
		set_digits(d, text);
		if (precision == DOUBLE_DIGITS || strtod(text, NULL) == value)
			break;
		if (precision == DOUBLE_DIGITS - 1 && round_up(d, value))
			break;
	}
}

void
decimal_set_double(struct decimal *d, double value)
{
	d->negative = signbit(value);
	d->integer = false;
	if (!set_few_places(d, fabs(value)))
		set_shortest(d, fabs(value));
	strip_zeros(d);
	if (fpclassify(value) == FP_ZERO)
		d->exponent = -1;
	if ((int64_t)d->n_digits + d->exponent > PLAIN_DOUBLE_MAX)
		return;
	while (d->exponent >= 0) {
		d->digits[d->n_digits++] = '0';
		d->exponent--;
	}
}

/* Few digits, some of them behind the point.  What is nearest to it has the same digits but for
 * zeros at the end: decimal_set_double() has none, or one behind the point. */
static bool
is_exact(const struct decimal *d)
{
	return FLT_EVAL_METHOD == 0 && d->n_digits <= EXACT_DIGITS && d->exponent < 0 &&
	       d->exponent >= -EXACT_POWER_MAX;
}

bool
decimal_double(const struct decimal *d, double *value)
{
	char text[DOUBLE_DIGITS + 16];
	struct decimal same;

	if (d->integer || d->n_digits > DOUBLE_DIGITS || d->exponent < -400 || d->exponent > 400)
		return false;
	if (is_exact(d)) {
		*value = (double)digits_value(d) / exact_powers[-d->exponent];
		*value = d->negative ? -*value : *value;
		return d->exponent == -1 || d->digits[d->n_digits - 1] != '0';
	}
	snprintf(text, sizeof(text), "%s%.*se%d", d->negative ? "-" : "", (int)d->n_digits,
	         (const char *)d->digits, (int)d->exponent);
	*value = strtod(text, NULL);
	if (!isfinite(*value))
		return false;
	decimal_set_double(&same, *value);
	return same.exponent == d->exponent && same.n_digits == d->n_digits &&
	       memcmp(same.digits, d->digits, d->n_digits) == 0;
}

/* Long integers: 32-bit limbs, the lowest first.  Quadratic, but for 10,000 digits at most. */
#define LIMBS ((DECIMAL_MAX_BYTES + 3) / 4)
#define CHUNK_DIGITS 9 /* decimal digits that fit a limb */
#define CHUNK 1000000000

static size_t
limbs_muladd(uint32_t *limbs, size_t n, uint32_t factor, uint32_t carry)
{
	uint64_t product;
	size_t i;

	for (i = 0; i < n; i++) {
		product = (uint64_t)limbs[i] * factor + carry;
		limbs[i] = (uint32_t)product;
		carry = (uint32_t)(product >> 32);
	}
	if (carry)
		limbs[n++] = carry;
	return n;
}

/* Divide by CHUNK: the remainder. */
static uint32_t
limbs_divide(uint32_t *limbs, size_t *n)
{
	uint64_t rest = 0;
	size_t i;

	for (i = *n; i-- > 0;) {
		rest = rest << 32 | limbs[i];
		limbs[i] = (uint32_t)(rest / CHUNK);
		rest %= CHUNK;
	}
	while (*n > 0 && limbs[*n - 1] == 0)
		--*n;
	return (uint32_t)rest;
}

size_t
decimal_integer(const struct decimal *d, uint8_t n[DECIMAL_MAX_BYTES])
{
	uint32_t limbs[LIMBS + 1], chunk, factor;
	size_t n_limbs = 0, i = 0, j, first = 0, len;

	while (i < d->n_digits) {
		chunk = 0;
		factor = 1;
		do {
			chunk = chunk * 10 + (d->digits[i++] - '0');
			factor *= 10;
		} while (i < d->n_digits && i % CHUNK_DIGITS != 0);
		n_limbs = limbs_muladd(limbs, n_limbs, factor, chunk);
	}
	if (d->negative)
		for (j = 0; j < n_limbs && limbs[j]-- == 0;)
			j++;
	len = n_limbs * 4;
	while (first < len &&
	       (limbs[(len - 1 - first) / 4] >> (len - 1 - first) % 4 * 8 & 0xff) == 0)
		first++;
	for (i = first; i < len; i++)
		n[i - first] = (uint8_t)(limbs[(len - 1 - i) / 4] >> (len - 1 - i) % 4 * 8);
	return len - first;
}

int
decimal_set_integer(struct decimal *d, bool negative, struct slice n)
{
	uint32_t limbs[LIMBS + 1] = {0}, chunk;
	uint8_t digits[(LIMBS + 1) * 10 + CHUNK_DIGITS];
	size_t n_limbs, first = sizeof(digits), i, j;

	for (; n.len > 0 && *n.p == 0; n.len--)
		n.p++;
	if (n.len > DECIMAL_MAX_BYTES)
		return -1;
	for (i = 0; i < n.len; i++)
		limbs[i / 4] |= (uint32_t)n.p[n.len - 1 - i] << i % 4 * 8;
	n_limbs = (n.len + 3) / 4;
	if (negative) {
		for (j = 0; ++limbs[j] == 0;)
			j++;
		n_limbs = j >= n_limbs ? j + 1 : n_limbs;
	}
	while (n_limbs > 0) {
		chunk = limbs_divide(limbs, &n_limbs);
		for (i = 0; i < CHUNK_DIGITS; i++, chunk /= 10)
			digits[--first] = (uint8_t)('0' + chunk % 10);
	}
	while (first < sizeof(digits) && digits[first] == '0')
		first++;
	if (first == sizeof(digits))
		digits[--first] = '0';
	if (sizeof(digits) - first > DECIMAL_MAX_DIGITS)
		return -1;
	d->negative = negative;
	d->integer = true;
	d->exponent = 0;
	d->n_digits = sizeof(digits) - first;
	memcpy(d->digits, digits + first, d->n_digits);
	return 0;
}
