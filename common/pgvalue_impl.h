#ifndef COMMON_PGVALUE_IMPL_H
#define COMMON_PGVALUE_IMPL_H

#include <assert.h>

#include "common/pgvalue.h"

/*
 * What common/pgvalue.c and common/pgvalue_array.c share; everybody else uses
 * pgvalue.h.  The functions of a type get a field: they read `wire`, whose length
 * fits the type, and append what stands behind the length.
 */
struct pgvalue_field {
	const struct pgcolumn *column;
	const struct pgcharset *charset; /* to write */
	struct slice wire;               /* to read */
	struct arena *mem;
};

static inline uint64_t
pgvalue_get(const uint8_t *p, size_t len)
{
	uint64_t n = 0;

	while (len-- > 0)
		n = n << 8 | *p++;
	return n;
}

/* Two's complement of so many bytes. */
static inline int64_t
pgvalue_get_signed(struct slice s)
{
	uint64_t n = pgvalue_get(s.p, s.len), sign;

	assert(s.len >= 1 && s.len <= sizeof(n));
	sign = UINT64_C(1) << (8 * s.len - 1);
	return (int64_t)((n ^ sign) - sign);
}

static inline void
pgvalue_put(struct buf *out, uint64_t n, size_t len)
{
	buf_reserve(out, len);
	while (len-- > 0)
		out->p[out->len++] = (uint8_t)(n >> 8 * len);
}

/* Write over the 4 bytes at `at`. */
static inline void
pgvalue_set(struct buf *out, size_t at, uint64_t n)
{
	for (size_t i = 0; i < 4; i++)
		out->p[at + i] = (uint8_t)(n >> (24 - 8 * i));
}

/* The connection speaks UTF-8, in which the server sends nothing else. */
bool pgvalue_is_text(struct slice s);

/* Whether a column of texts can hold this one. */
const char *pgvalue_check_text(const struct pgvalue_field *f, struct slice text);

bool pgvalue_read_array(const struct pgvalue_field *f, struct value *out);
/* What it has appended when it fails, the caller takes away. */
const char *pgvalue_write_array(const struct pgvalue_field *f, const struct value *v,
                                struct buf *out);

#endif
