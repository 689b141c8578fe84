#include <string.h>

#include "common/percent.h"

static int
hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte of a %XX at the beginning, or -1. */
static int
byte_at(const uint8_t *p, size_t len)
{
	if (len < 3 || *p != '%' || hex_digit(p[1]) < 0 || hex_digit(p[2]) < 0)
		return -1;
	return hex_digit(p[1]) * 16 + hex_digit(p[2]);
}

/* Not isalnum(): what it says depends on the locale. */
bool
percent_unreserved(uint8_t byte)
{
	uint8_t letter = byte | 0x20;

	return (letter >= 'a' && letter <= 'z') || (byte >= '0' && byte <= '9') ||
	       (byte && strchr("-._~", byte));
}

void
percent_encode(struct buf *out, struct slice s, percent_keep *keep)
{
	size_t i;

	for (i = 0; i < s.len; i++)
		if (keep(s.p[i]))
			buf_add_byte(out, s.p[i]);
		else
			buf_printf(out, "%%%02X", s.p[i]);
}

bool
percent_decode(struct buf *out, struct slice s)
{
	bool good = true;
	size_t i;
	int byte;

	for (i = 0; i < s.len; i++) {
		byte = byte_at(s.p + i, s.len - i);
		if (s.p[i] == '%' && byte <= 0)
			good = false;
		buf_add_byte(out, byte < 0 ? s.p[i] : (uint8_t)byte);
		i += byte < 0 ? 0 : 2;
	}
	return good;
}
