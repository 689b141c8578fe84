#ifndef TESTS_UNIT_HEX_H
#define TESTS_UNIT_HEX_H

#include <string.h>

#include "common/mem.h"

/* Lower case hex digits to bytes, into a buf that is emptied first. */
static inline struct slice
unhex(struct buf *b, const char *hex)
{
	static const char digits[] = "0123456789abcdef";

	b->len = 0;
	for (; *hex; hex += 2)
		buf_add_byte(b, (uint8_t)((strchr(digits, hex[0]) - digits) << 4 |
		                          (strchr(digits, hex[1]) - digits)));
	return buf_slice(b);
}

#endif
