#ifndef COMMON_DECIMAL_H
#define COMMON_DECIMAL_H

#include "common/err.h"
#include "common/mem.h"

/*
 * A decimal number as it is written: sign, digits, exponent.  1.10 and 1.1 are
 * two of them, 1e2 and 1E+2 are one.
 *
 *	struct decimal d;
 *	if (decimal_read(&d, number, &why) < 0)
 *		...
 *	if (decimal_double(&d, &real))
 *		... a double that prints as the same digits
 *
 * It owns no memory, but is large: 10 KB of stack, of which only the digits
 * in use are touched.
 */
#define DECIMAL_MAX_DIGITS 10000
#define DECIMAL_MAX_BYTES 4153 /* what an integer of so many digits takes */

struct decimal {
	bool negative;
	bool integer;     /* written without fraction and exponent */
	int64_t exponent; /* digits * 10^exponent; 0 of an integer */
	size_t n_digits;
	uint8_t digits[DECIMAL_MAX_DIGITS]; /* '0' to '9', without leading zeros; zero is "0" */
};

/* A number by RFC 8259 (which the caller has checked).  0, or -1 with *why (static text):
 * more digits than DECIMAL_MAX_DIGITS, or an exponent beyond int64. */
MUST_USE int decimal_read(struct decimal *d, struct slice number, const char **why);

/*
 * Append it as JSON: what decimal_read() turns into the same decimal again.  An
 * integer is plain digits.  Else digits with a point while the exponent is
 * negative and the first digit stands no further than 6 places behind the point
 * (0.0000012), and scientific beyond (1.2e-7, 1e2, 1.5e1).
 */
void decimal_print(const struct decimal *d, struct buf *out);

/*
 * The decimal that stands for a finite double: of those that read back as it,
 * one with the fewest digits (17 at most), and of these the nearest.  Below 1e16
 * it has a fraction, if only ".0".
 */
void decimal_set_double(struct decimal *d, double value);

/* Whether a double stands for exactly this decimal. */
bool decimal_double(const struct decimal *d, double *value);

/*
 * Integers as in CBOR: the big-endian n, or -1 - n.  decimal_integer() ignores
 * the exponent and returns the length of n, without leading zeros; it is not for
 * a negative zero.  decimal_set_integer() fails for more than DECIMAL_MAX_DIGITS.
 */
size_t decimal_integer(const struct decimal *d, uint8_t n[DECIMAL_MAX_BYTES]);
MUST_USE int decimal_set_integer(struct decimal *d, bool negative, struct slice n);

#endif
