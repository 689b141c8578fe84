#include <string.h>

#include "common/cborbuf.h"
#include "format/cbormap.h"
#include "tests/tap.h"

/* {"n": 7, "i": -3, "t": "x", "yes": true, "no": false, "b": h'0102', "a": [1, 2], "m": {},
 *  "big": 2^64 - 1, "n": 8} */
static struct buf
sample(void)
{
	struct buf map = BUF_INIT;

	cborbuf_map(&map, 10);
	cborbuf_str(&map, "n");
	cborbuf_uint(&map, 7);
	cborbuf_str(&map, "i");
	cborbuf_int(&map, -3);
	cborbuf_str(&map, "t");
	cborbuf_str(&map, "x");
	cborbuf_str(&map, "yes");
	cborbuf_bool(&map, true);
	cborbuf_str(&map, "no");
	cborbuf_bool(&map, false);
	cborbuf_str(&map, "b");
	cborbuf_bytes(&map, SLICE_LIT("\1\2"));
	cborbuf_str(&map, "a");
	cborbuf_array(&map, 2);
	cborbuf_uint(&map, 1);
	cborbuf_uint(&map, 2);
	cborbuf_str(&map, "m");
	cborbuf_map(&map, 0);
	cborbuf_str(&map, "big");
	cborbuf_uint(&map, UINT64_MAX);
	cborbuf_str(&map, "n");
	cborbuf_uint(&map, 8);
	return map;
}

void
test_values_are_found_by_their_keys(void)
{
	struct buf buf = sample();
	struct slice map = buf_slice(&buf), text, value;
	struct err err = ERR_INIT;
	uint8_t bytes[2];
	uint64_t n = 0;
	int64_t i = 0;
	bool b;

	eq_int(cbormap_check(map, &err), 0);
	ok(cbormap_uint(map, "n", &n) && n == 7); /* the first of two */
	ok(cbormap_uint(map, "big", &n) && n == UINT64_MAX);
	ok(cbormap_text(map, "t", &text) && slice_is(text, "x"));
	ok(cbormap_bool(map, "yes", &b) && b);
	ok(cbormap_bool(map, "no", &b) && !b);
	ok(cbormap_bytes(map, "b", 2, bytes) && memcmp(bytes, "\1\2", 2) == 0);
	value = cbormap_get(map, "a");
	eq_mem(value.p, value.len, "\x82\x01\x02", 3);
	ok(cbormap_take_array(&value, &n) && n == 2);
	ok(cbormap_take_uint(&value, &n) && n == 1 && cbormap_take_int(&value, &i) && i == 2);
	ok(!cbormap_take_uint(&value, &n));
	value = cbormap_get(map, "m");
	ok(cbormap_take_map(&value, &n) && n == 0 && value.len == 0);
	buf_release(&buf);
}

void
test_values_of_another_kind_are_not_given(void)
{
	struct buf buf = sample();
	struct slice map = buf_slice(&buf), text;
	uint8_t bytes[3];
	struct slice value;
	uint64_t n = 0;
	int64_t i = 0;
	bool b;

	ok(!cbormap_uint(map, "i", &n) && !cbormap_uint(map, "t", &n));
	ok(!cbormap_uint(map, "absent", &n));
	ok(!cbormap_text(map, "n", &text) && !cbormap_text(map, "b", &text));
	ok(!cbormap_bool(map, "n", &b) && !cbormap_bool(map, "absent", &b));
	ok(!cbormap_bytes(map, "b", 3, bytes) && !cbormap_bytes(map, "b", 1, bytes));
	ok(!cbormap_bytes(map, "t", 1, bytes));
	ok(cbormap_get(map, "1").p == NULL && cbormap_get(map, "").p == NULL);
	ok(cbormap_get(SLICE_ABSENT, "n").p == NULL);
	ok(cbormap_get(SLICE_LIT("\x81\x01"), "n").p == NULL);
	ok(cbormap_get(SLICE_LIT("\xA2\x01\x01\x61n\x01"), "n").p == NULL); /* a key is no text */
	value = cbormap_get(map, "big");
	ok(!cbormap_take_int(&value, &i)); /* beyond 2^63 - 1 */
	value = cbormap_get(map, "t");
	ok(!cbormap_take_int(&value, &i));
	value = SLICE_LIT("");
	ok(!cbormap_take_int(&value, &i));
	buf_release(&buf);
}

void
test_only_whole_maps_with_text_keys_are_good(void)
{
	static const struct slice bad[] = {
	    {(const uint8_t *)"", 0},
	    {(const uint8_t *)"\x01", 1},
	    {(const uint8_t *)"\x80", 1},
	    {(const uint8_t *)"\xA0\x00", 2},
	    {(const uint8_t *)"\xBF\xFF", 2},
	    {(const uint8_t *)"\xA1\x01\x01", 3},
	    {(const uint8_t *)"\xA1\x41x\x01", 4},
	    {(const uint8_t *)"\xA1\x7F\x61x\xFF\x01", 6},
	    {(const uint8_t *)"\xA2\x61x\x01\x02\x03", 6},
	    {(const uint8_t *)"\xC1\xA0", 2},
	};
	struct buf buf = sample();
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]) + buf.len; i++) {
		struct err err = ERR_INIT;
		struct slice map = i < buf.len ? (struct slice){buf.p, i} : bad[i - buf.len];

		ok(cbormap_check(map, &err) == -1 && err.kind == ERR_FORMAT);
	}
	buf_release(&buf);
}
