#include <string.h>

#include "common/jscan.h"
#include "common/printable.h"

/* The length of the character at p, or 0: it is no UTF-8. */
static size_t
char_len(const uint8_t *p, size_t left)
{
	size_t n;

	for (n = 1; n <= 4 && n <= left; n++)
		if (jscan_utf8((struct slice){p, n}))
			return n;
	return 0;
}

static bool
is_control(const uint8_t *p, size_t len)
{
	return len == 1 ? *p < 0x20 || *p == 0x7F : len == 2 && p[0] == 0xC2 && p[1] < 0xA0;
}

void
printable_utf8(uint8_t *p, size_t len)
{
	uint8_t *end = p + len;
	size_t n;

	for (; p < end; p += n ? n : 1) {
		n = char_len(p, (size_t)(end - p));
		if (n == 0)
			*p = '?';
	}
}

void
printable_line(uint8_t *p, size_t len, char instead)
{
	uint8_t *end = p + len;
	size_t n;

	printable_utf8(p, len);
	for (; p < end; p += n) {
		n = char_len(p, (size_t)(end - p));
		if (is_control(p, n))
			memset(p, instead, n);
	}
}
