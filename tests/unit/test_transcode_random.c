#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cborbuf.h"
#include "common/cborscan.h"
#include "common/jscan.h"
#include "common/transcode.h"
#include "tests/tap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A generator with a state of its own: the same texts on every machine. */
static uint32_t
draw(uint64_t *seed, uint32_t below)
{
	*seed = *seed * 6364136223846793005U + 1442695040888963407U;
	return (uint32_t)(*seed >> 33) % below;
}

static void
add_random_digits(struct buf *b, uint64_t *seed, uint32_t max)
{
	uint32_t n = 1 + draw(seed, max);

	while (n-- > 0)
		buf_add_byte(b, (uint8_t)('0' + draw(seed, 10)));
}

static void
add_random_number(struct buf *b, uint64_t *seed)
{
	buf_add_str(b, draw(seed, 3) ? "" : "-");
	if (draw(seed, 6) == 0) {
		buf_add_str(b, draw(seed, 2) ? "0.1" : "0.00000007");
		add_random_digits(b, seed, 6);
		return;
	}
	buf_add_byte(b, (uint8_t)('1' + draw(seed, 9)));
	add_random_digits(b, seed, draw(seed, 8) ? 8 : 60);
	if (draw(seed, 2)) {
		buf_add_byte(b, '.');
		add_random_digits(b, seed, draw(seed, 8) ? 4 : 30);
	}
	if (draw(seed, 3) == 0) {
		buf_add_byte(b, draw(seed, 2) ? 'e' : 'E');
		buf_add_str(b, draw(seed, 3) == 0 ? "+" : draw(seed, 2) ? "-" : "");
		add_random_digits(b, seed, 3);
	}
}

static void
add_random_string(struct buf *b, uint64_t *seed)
{
	static const char *const parts[] = {"a",       "key",      "\\n",
	                                    "\\u00e9", "\xc3\xa9", "\\ud83d\\ude00",
	                                    " ",       "\\\"",     "\\\\",
	                                    "\\u0000", "0",        "\xe6\xb0\xb4"};
	uint32_t n = draw(seed, 12);

	buf_add_byte(b, '"');
	while (n-- > 0)
		buf_add_str(b, parts[draw(seed, COUNT(parts))]);
	buf_add_byte(b, '"');
}

static void
add_random_value(struct buf *b, uint64_t *seed, unsigned depth)
{
	static const char *const words[] = {"true", "false", "null", "[ ]", "{}"};
	uint32_t kind = draw(seed, depth < 6 ? 5 : 3), n, i;

	if (kind == 0) {
		buf_add_str(b, words[draw(seed, COUNT(words))]);
	} else if (kind == 1) {
		add_random_number(b, seed);
	} else if (kind == 2) {
		add_random_string(b, seed);
	} else {
		n = draw(seed, draw(seed, 10) ? 6 : 40);
		buf_add_byte(b, kind == 3 ? '[' : '{');
		for (i = 0; i < n; i++) {
			buf_add_str(b, i > 0 ? ", " : "");
			if (kind == 4)
				buf_printf(b, "\"%u\\u%04x\" :", i, draw(seed, 0xd800));
			add_random_value(b, seed, depth + 1);
		}
		buf_add_byte(b, kind == 3 ? ']' : '}');
	}
}

static bool same_json(struct slice a, struct slice b);

/* By digits, not by way of decimal.h: without the point, the exponent counted from the end. */
static bool
same_number(struct slice a, struct slice b)
{
	char digits[2][512];
	long exponent[2];
	bool integer[2];
	struct slice in[2] = {a, b};
	int i;

	for (i = 0; i < 2; i++) {
		char text[512], *e, *p, *to = digits[i];
		char *point;

		snprintf(text, sizeof(text), "%.*s", (int)in[i].len, (const char *)in[i].p);
		e = strpbrk(text, "eE");
		exponent[i] = e ? strtol(e + 1, NULL, 10) : 0;
		if (e)
			*e = '\0';
		point = strchr(text, '.');
		integer[i] = !e && !point;
		exponent[i] -= point ? (long)strlen(point + 1) : 0;
		for (p = text; *p; p++)
			if (*p != '.' && (*p != '0' || (to > digits[i] && to[-1] != '-')))
				*to++ = *p;
		*to = '\0';
	}
	return exponent[0] == exponent[1] && integer[0] == integer[1] &&
	       strcmp(digits[0], digits[1]) == 0;
}

static bool
same_string(struct slice a, struct slice b)
{
	struct buf x = BUF_INIT, y = BUF_INIT;
	bool same = jscan_string(a, &x) == 0 && jscan_string(b, &y) == 0 &&
	            slice_eq(buf_slice(&x), buf_slice(&y));

	buf_release(&x);
	buf_release(&y);
	return same;
}

static bool
same_members(struct slice a, struct slice b)
{
	struct jscan_iter ia, ib;
	struct slice key_a = SLICE_ABSENT, key_b = SLICE_ABSENT, va, vb;
	bool map = *a.p == '{';
	int rc;

	(map ? jscan_object : jscan_array)(&ia, a);
	(map ? jscan_object : jscan_array)(&ib, b);
	for (;;) {
		rc = map ? jscan_member(&ia, &key_a, &va) : jscan_element(&ia, &va);
		if ((map ? jscan_member(&ib, &key_b, &vb) : jscan_element(&ib, &vb)) != rc ||
		    rc < 0)
			return false;
		if (rc == 0)
			return true;
		if ((map && !same_string(key_a, key_b)) || !same_json(va, vb))
			return false;
	}
}

static bool
same_json(struct slice a, struct slice b)
{
	if (*a.p == '-' || (*a.p >= '0' && *a.p <= '9'))
		return same_number(a, b);
	if (*a.p != *b.p)
		return false;
	if (*a.p == '{' || *a.p == '[')
		return same_members(a, b);
	if (*a.p == '"')
		return same_string(a, b);
	return slice_eq(a, b);
}

void
test_random_json_comes_back_with_the_same_digits(void)
{
	struct buf json = BUF_INIT, cbor = BUF_INIT, back = BUF_INIT, again = BUF_INIT;
	uint64_t seed = 1;
	unsigned round, wrong = 0;

	for (round = 0; round < 5000; round++) {
		struct err err = ERR_INIT;

		json.len = cbor.len = back.len = again.len = 0;
		add_random_value(&json, &seed, 0);
		if (transcode_json_to_cbor(buf_slice(&json), &cbor, &err) < 0 ||
		    !cborscan_valid(buf_slice(&cbor)) ||
		    transcode_cbor_to_json(buf_slice(&cbor), &back, &err) < 0 ||
		    transcode_json_to_cbor(buf_slice(&back), &again, &err) < 0 ||
		    !slice_eq(buf_slice(&cbor), buf_slice(&again)) ||
		    !same_json(buf_slice(&json), buf_slice(&back))) {
			if (wrong++ == 0)
				eq_str(buf_cstr(&json), buf_cstr(&back));
			if (err.kind)
				eq_str(err.msg, "");
		}
	}
	eq_uint(wrong, 0);
	buf_release(&json);
	buf_release(&cbor);
	buf_release(&back);
	buf_release(&again);
}

void
test_random_doubles_come_back_bit_by_bit(void)
{
	struct buf cbor = BUF_INIT, json = BUF_INIT, again = BUF_INIT;
	uint64_t seed = 2, bits;
	unsigned round, wrong = 0;
	double value;

	for (round = 0; round < 20000; round++) {
		struct err err = ERR_INIT;

		bits = (uint64_t)draw(&seed, 1U << 31) << 33 ^
		       (uint64_t)draw(&seed, 1U << 31) << 13 ^ draw(&seed, 1U << 20);
		if (round % 3 == 0)
			bits &= UINT64_C(0x800fffffffffffff); /* subnormal */
		if (round % 3 == 1)
			bits &= UINT64_C(0xfff8000000000000); /* short; powers of two */
		if ((bits >> 52 & 0x7ff) == 0x7ff)
			continue;
		memcpy(&value, &bits, sizeof(value));
		cbor.len = json.len = again.len = 0;
		cborbuf_double(&cbor, value);
		if (transcode_cbor_to_json(buf_slice(&cbor), &json, &err) < 0 ||
		    transcode_json_to_cbor(buf_slice(&json), &again, &err) < 0 ||
		    !slice_eq(buf_slice(&cbor), buf_slice(&again)) ||
		    strtod(buf_cstr(&json), NULL) - value != 0)
			wrong++;
	}
	eq_uint(wrong, 0);
	buf_release(&cbor);
	buf_release(&json);
	buf_release(&again);
}

void
test_random_bytes_do_no_harm(void)
{
	struct buf in = BUF_INIT, out = BUF_INIT, again = BUF_INIT;
	uint64_t seed = 3;
	unsigned round, wrong = 0;

	for (round = 0; round < 30000; round++) {
		struct err err = ERR_INIT;
		uint32_t n = draw(&seed, 40);

		in.len = out.len = again.len = 0;
		while (n-- > 0)
			buf_add_byte(&in, (uint8_t)draw(&seed, 256));
		if (transcode_json_to_cbor(buf_slice(&in), &out, &err) == 0)
			wrong += !cborscan_valid(buf_slice(&out));
		out.len = 0;
		if (transcode_cbor_to_json(buf_slice(&in), &out, &err) == 0)
			wrong += transcode_json_to_cbor(buf_slice(&out), &again, &err) < 0;
	}
	eq_uint(wrong, 0);
	buf_release(&in);
	buf_release(&out);
	buf_release(&again);
}
