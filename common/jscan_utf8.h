#ifndef COMMON_JSCAN_UTF8_H
#define COMMON_JSCAN_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* UTF-8 a sequence at a time (Unicode 15, table 3-7); the rest is in jscan_impl.h, for the same
 * files. */

/* Whether a byte goes on with a sequence of UTF-8. */
static inline bool
jscan_continues(uint8_t byte)
{
	return (byte & 0xc0) == 0x80;
}

static inline size_t
jscan_utf8_long(const uint8_t *p, size_t room)
{
	uint32_t cp;

	if (room < 3 || !jscan_continues(p[1]) || !jscan_continues(p[2]))
		return 0;
	if (p[0] < 0xf0) {
		cp = (p[0] & 0x0fU) << 12 | (p[1] & 0x3fU) << 6 | (p[2] & 0x3fU);
		return cp >= 0x800 && (cp < 0xd800 || cp > 0xdfff) ? 3 : 0;
	}
	if (room < 4 || !jscan_continues(p[3]))
		return 0;
	cp = (p[0] & 0x0fU) << 18 | (p[1] & 0x3fU) << 12;
	return cp >= 0x10000 && cp <= 0x10ffff ? 4 : 0;
}

/* The length of the well-formed non-ASCII sequence at p < end, 0 if it is none. */
static inline size_t
jscan_utf8_len(const uint8_t *p, const uint8_t *end)
{
	size_t room = (size_t)(end - p);

	if (p[0] < 0xe0)
		return p[0] >= 0xc2 && room >= 2 && jscan_continues(p[1]) ? 2 : 0;
	return jscan_utf8_long(p, room);
}

#endif
