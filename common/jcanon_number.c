#include <string.h>

#include "common/jcanon_impl.h"

/* How a number is written. */
struct written {
	bool negative;
	struct slice whole, fraction; /* digits */
	bool exponent_negative;
	struct slice exponent; /* digits, without leading zeros */
};

/* The end of the number. */
static const uint8_t *
number_read(struct written *n, const uint8_t *p, const uint8_t *end)
{
	const uint8_t *from;

	memset(n, 0, sizeof(*n));
	n->negative = *p == '-';
	from = p + n->negative;
	p = jcanon_digits_end(from, end);
	n->whole = (struct slice){from, (size_t)(p - from)};
	if (p < end && *p == '.') {
		from = p + 1;
		p = jcanon_digits_end(from, end);
		n->fraction = (struct slice){from, (size_t)(p - from)};
	}
	if (p < end && (*p | 0x20) == 'e') {
		p++;
		n->exponent_negative = *p == '-';
		p += *p == '-' || *p == '+';
		while (p < end && *p == '0')
			p++;
		from = p;
		p = jcanon_digits_end(from, end);
		n->exponent = (struct slice){from, (size_t)(p - from)};
	}
	return p;
}

/* The exponent of the digits without the point; false: beyond 64 bits. */
static bool
exponent_of_digits(const struct written *n, int64_t *out)
{
	int64_t v = 0;

	for (size_t i = 0; i < n->exponent.len; i++) {
		int digit = n->exponent.p[i] - '0';

		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_sub_overflow(v, n->exponent_negative ? digit : -digit, &v))
			return false;
	}
	return !__builtin_sub_overflow(v, (int64_t)n->fraction.len, out);
}

static void
add_as_written(struct buf *out, const struct written *n)
{
	if (n->negative)
		buf_add_byte(out, '-');
	buf_add_slice(out, n->whole);
	if (n->fraction.len) {
		buf_add_byte(out, '.');
		buf_add_slice(out, n->fraction);
	}
	buf_add_str(out, n->exponent_negative ? "e-" : "e");
	buf_add_slice(out, n->exponent);
}

void
jcanon_exponent(struct buf *out, int64_t exponent)
{
	buf_add_byte(out, 'e');
	if (exponent < 0)
		buf_add_byte(out, '-');
	buf_add_uint(out, exponent < 0 ? -(uint64_t)exponent : (uint64_t)exponent);
}

void
jcanon_uint(uint64_t n, struct buf *out)
{
	int64_t zeros = 0;

	for (; n && n % 10 == 0; n /= 10)
		zeros++;
	buf_add_uint(out, n);
	if (zeros)
		jcanon_exponent(out, zeros);
}

static bool
number_add(struct buf *out, const struct written *n)
{
	size_t from = out->len, zeros = 0;
	int64_t exponent;

	if (!exponent_of_digits(n, &exponent))
		return false;
	if (n->negative)
		buf_add_byte(out, '-');
	jcanon_put(out, n->whole.p, n->whole.len);
	if (n->fraction.len)
		jcanon_put(out, n->fraction.p, n->fraction.len);
	from += n->negative;
	while (from + zeros < out->len && out->p[from + zeros] == '0')
		zeros++;
	if (from + zeros == out->len) {
		out->len = from - n->negative;
		buf_add_byte(out, '0');
		exponent = exponent < 0 ? exponent : 0;
	} else {
		out->len -= zeros;
		memmove(out->p + from, out->p + from + zeros, out->len - from);
		for (; exponent >= 0 && out->p[out->len - 1] == '0'; out->len--)
			if (__builtin_add_overflow(exponent, 1, &exponent))
				return false;
	}
	if (exponent != 0)
		jcanon_exponent(out, exponent);
	return true;
}

const uint8_t *
jcanon_number(const uint8_t *p, const uint8_t *end, struct buf *out)
{
	size_t was = out->len;
	struct written n;

	p = number_read(&n, p, end);
	if (!number_add(out, &n)) {
		out->len = was;
		add_as_written(out, &n);
	}
	return p;
}
