#include <string.h>

#include "common/jscan.h"
#include "common/pgvalue_impl.h"

#define ARRAY_HEAD_BYTES 12          /* of one without dimensions */
#define ARRAY_MAX_ELEMENTS 134217727 /* MaxArraySize of utils/array.h */

/* Take what is in front of one element, and it: absent is null. */
static bool
take_element(struct slice *in, struct slice *element)
{
	int64_t len;

	if (in->len < 4)
		return false;
	len = pgvalue_get_signed((struct slice){in->p, 4});
	in->p += 4;
	in->len -= 4;
	*element = SLICE_ABSENT;
	if (len == -1)
		return true;
	if (len < 0 || (uint64_t)len > in->len)
		return false;
	*element = (struct slice){in->p, (size_t)len};
	in->p += len;
	in->len -= (size_t)len;
	return pgvalue_is_text(*element);
}

/* `in` is behind the head: the elements as JSON. */
static bool
list_elements(struct slice in, uint64_t count, struct buf *json)
{
	struct slice element;

	for (; count > 0; count--) {
		if (!take_element(&in, &element))
			return false;
		buf_add_byte(json, json->len == 0 ? '[' : ',');
		if (element.p)
			jscan_quote(element, json);
		else
			buf_add_str(json, "null");
	}
	buf_add_byte(json, ']');
	return in.len == 0;
}

/*
 * By array_recv() of src/backend/utils/adt/arrayfuncs.c: dimensions, whether it
 * may hold nulls, type of the elements; of each dimension length and first index.
 */
bool
pgvalue_read_array(const struct pgvalue_field *f, struct value *out)
{
	const uint8_t *p = f->wire.p;
	struct buf json;
	struct slice in;
	uint64_t dimensions;
	bool good;

	if (f->wire.len < ARRAY_HEAD_BYTES || pgvalue_get(p + 4, 4) > 1 ||
	    pgvalue_get(p + 8, 4) != f->column->element)
		return false;
	out->type = VALUE_TEXT;
	out->bytes = SLICE_LIT("[]");
	dimensions = pgvalue_get(p, 4);
	if (dimensions == 0)
		return f->wire.len == ARRAY_HEAD_BYTES;
	if (dimensions != 1 || f->wire.len < ARRAY_HEAD_BYTES + 8 ||
	    pgvalue_get(p + ARRAY_HEAD_BYTES, 4) == 0 ||
	    pgvalue_get(p + ARRAY_HEAD_BYTES + 4, 4) != 1)
		return false;
	in = (struct slice){p + ARRAY_HEAD_BYTES + 8, f->wire.len - ARRAY_HEAD_BYTES - 8};
	json = arena_take_buf(f->mem);
	good = list_elements(in, pgvalue_get(p + ARRAY_HEAD_BYTES, 4), &json);
	if (good)
		out->bytes = arena_dup(f->mem, buf_slice(&json));
	arena_give_buf(f->mem, &json);
	return good;
}

static const char *
write_element(const struct pgvalue_field *f, struct slice json, struct buf *out)
{
	size_t start = out->len;
	struct slice text;

	pgvalue_put(out, UINT32_MAX, 4); /* the length of a null */
	if (slice_is(json, "null"))
		return NULL;
	if (*json.p != '"')
		return "is not a JSON array of strings and nulls";
	if (jscan_string(json, out) < 0)
		return "holds half of a surrogate pair, which PostgreSQL cannot";
	text = (struct slice){out->p + start + 4, out->len - start - 4};
	if (text.len > PGVALUE_MAX_BYTES)
		return "is too large";
	pgvalue_set(out, start, text.len);
	return pgvalue_check_text(f, text);
}

const char *
pgvalue_write_array(const struct pgvalue_field *f, const struct value *v, struct buf *out)
{
	struct jscan_iter it;
	struct slice json;
	size_t start = out->len;
	uint64_t count = 0;
	bool nulls = false;
	const char *why;
	int rc = -1;

	pgvalue_put(out, 1, 4);
	pgvalue_put(out, 0, 4);
	pgvalue_put(out, f->column->element, 4);
	pgvalue_put(out, 0, 4);
	pgvalue_put(out, 1, 4);
	jscan_array(&it, v->type == VALUE_TEXT ? v->bytes : SLICE_LIT(""));
	while ((rc = jscan_element(&it, &json)) > 0) {
		why = write_element(f, json, out);
		if (why)
			return why;
		nulls |= *json.p == 'n';
		if (++count > ARRAY_MAX_ELEMENTS)
			return "has too many elements for an array";
	}
	if (rc < 0)
		return "is not a JSON array of strings and nulls";
	if (count == 0) { /* the empty array has no dimensions */
		pgvalue_set(out, start, 0);
		out->len = start + ARRAY_HEAD_BYTES;
		return NULL;
	}
	pgvalue_set(out, start + 4, nulls);
	pgvalue_set(out, start + ARRAY_HEAD_BYTES, count);
	return NULL;
}
