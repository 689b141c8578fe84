#ifndef COMMON_JCANON_IMPL_H
#define COMMON_JCANON_IMPL_H

#include <string.h>

#include "common/mem.h"

/* What the files of jcanon.h share. */

/* buf_add(), where a call for each piece would show.  There is always room for a byte more, so that
 * there is memory to copy nothing to. */
static inline void
jcanon_put(struct buf *out, const uint8_t *p, size_t len)
{
	if (out->cap - out->len <= len)
		buf_reserve(out, len + 1);
	memcpy(out->p + out->len, p, len);
	out->len += len;
}

static inline const uint8_t *
jcanon_digits_end(const uint8_t *p, const uint8_t *end)
{
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p;
}

/* Append the form of the number that begins at p, and return where it ends. */
const uint8_t *jcanon_number(const uint8_t *p, const uint8_t *end, struct buf *out);

#endif
