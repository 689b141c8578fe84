#include <string.h>

#include "common/cborscan.h"
#include "format/cbormap.h"

static bool
take(struct slice *in, enum cborscan_kind kind, struct cborscan_item *item)
{
	const char *why;

	return cborscan_next(in, item, &why) > 0 && item->kind == kind;
}

bool
cbormap_take_uint(struct slice *in, uint64_t *out)
{
	struct cborscan_item item;

	if (!take(in, CBORSCAN_UINT, &item))
		return false;
	*out = item.n;
	return true;
}

bool
cbormap_take_int(struct slice *in, int64_t *out)
{
	struct cborscan_item item;
	const char *why;

	if (cborscan_next(in, &item, &why) <= 0 || item.n > INT64_MAX)
		return false;
	if (item.kind != CBORSCAN_UINT && item.kind != CBORSCAN_NEGINT)
		return false;
	*out = item.kind == CBORSCAN_UINT ? (int64_t)item.n : -1 - (int64_t)item.n;
	return true;
}

bool
cbormap_take_text(struct slice *in, struct slice *out)
{
	struct cborscan_item item;

	if (!take(in, CBORSCAN_TEXT, &item))
		return false;
	*out = item.bytes;
	return true;
}

bool
cbormap_take_array(struct slice *in, uint64_t *elements)
{
	struct cborscan_item item;

	if (!take(in, CBORSCAN_ARRAY, &item))
		return false;
	*elements = item.n;
	return true;
}

bool
cbormap_take_map(struct slice *in, uint64_t *pairs)
{
	struct cborscan_item item;

	if (!take(in, CBORSCAN_MAP, &item))
		return false;
	*pairs = item.n;
	return true;
}

int
cbormap_check(struct slice map, struct err *err)
{
	struct slice rest = map, key;
	const char *why;
	uint64_t i, pairs;

	if (!cborscan_valid(map) || !cbormap_take_map(&rest, &pairs))
		return err_set(err, ERR_FORMAT, "the block holds no well-formed CBOR map");
	for (i = 0; i < pairs; i++)
		if (!cbormap_take_text(&rest, &key) || cborscan_skip(&rest, &why) < 0)
			return err_set(err, ERR_FORMAT, "a key in the block is not text");
	return 0;
}

struct slice
cbormap_get(struct slice map, const char *key)
{
	struct slice rest = map, name, value;
	const char *why;
	uint64_t i, pairs;

	if (!cbormap_take_map(&rest, &pairs))
		return SLICE_ABSENT;
	for (i = 0; i < pairs; i++) {
		if (!cbormap_take_text(&rest, &name))
			return SLICE_ABSENT;
		value = rest;
		if (cborscan_skip(&rest, &why) < 0)
			return SLICE_ABSENT;
		value.len -= rest.len;
		if (slice_is(name, key))
			return value;
	}
	return SLICE_ABSENT;
}

bool
cbormap_uint(struct slice map, const char *key, uint64_t *out)
{
	struct slice value = cbormap_get(map, key);

	return value.p && cbormap_take_uint(&value, out);
}

bool
cbormap_numbers(struct slice map, const struct cbormap_number *table, size_t n, void *into)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!cbormap_uint(map, table[i].key,
		                  (uint64_t *)(void *)((char *)into + table[i].offset)))
			return false;
	return true;
}

bool
cbormap_bool(struct slice map, const char *key, bool *out)
{
	struct slice value = cbormap_get(map, key);
	struct cborscan_item item;
	const char *why;

	if (!value.p || cborscan_next(&value, &item, &why) <= 0)
		return false;
	*out = item.kind == CBORSCAN_TRUE;
	return item.kind == CBORSCAN_TRUE || item.kind == CBORSCAN_FALSE;
}

bool
cbormap_text(struct slice map, const char *key, struct slice *out)
{
	struct slice value = cbormap_get(map, key);

	return value.p && cbormap_take_text(&value, out);
}

bool
cbormap_bytes(struct slice map, const char *key, size_t len, uint8_t *out)
{
	struct slice value = cbormap_get(map, key);
	struct cborscan_item item;

	if (!value.p || !take(&value, CBORSCAN_BYTES, &item) || item.bytes.len != len)
		return false;
	memcpy(out, item.bytes.p, len);
	return true;
}
