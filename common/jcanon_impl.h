#ifndef COMMON_JCANON_IMPL_H
#define COMMON_JCANON_IMPL_H

#include "common/jcanon.h"

/* What the files of jcanon.h share. */

/*
 * A member of an object: its key, decoded, a lone surrogate as three bytes; in
 * the input or in `keys`.  From its key to behind its value it is [from, end) of
 * the text.
 */
struct jcanon_member {
	struct slice key;
	size_t from, end;
	size_t object; /* the first of `objects` in it, or behind it */
};

/* An object whose members must be put in order. */
struct jcanon_object {
	size_t start, end;     /* of its brackets */
	size_t part, part_end; /* its members, in order */
	size_t next;           /* the first of `objects` behind it */
};

/* buf_add(), where there is always room for a byte more, so that there is memory to copy nothing
 * to. */
static inline void
jcanon_put(struct buf *out, const uint8_t *p, size_t len)
{
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

/* By code points, whose order is that of the bytes; mostly the first one decides. */
static inline int
jcanon_key_cmp(struct slice a, struct slice b)
{
	if (a.len && b.len && *a.p != *b.p)
		return *a.p < *b.p ? -1 : 1;
	return slice_cmp(a, b);
}

/* Append the form of the number that begins at p, and return where it ends. */
const uint8_t *jcanon_number(const uint8_t *p, const uint8_t *end, struct buf *out);

/* Append an exponent: `e` and the number, which is not 0. */
void jcanon_exponent(struct buf *out, int64_t exponent);

/* Keep n members of an object as its parts: in order, and of equal keys the last. */
void jcanon_keep(struct jcanon *c, struct jcanon_object *o, const struct jcanon_member *m, size_t n,
                 bool sorted);

/* Append what is in c->text, the members of c->objects in order. */
void jcanon_reorder(struct jcanon *c, struct buf *out);

#endif
