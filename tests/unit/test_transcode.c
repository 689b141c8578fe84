#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cborbuf.h"
#include "common/cborscan.h"
#include "common/decimal.h"
#include "common/transcode.h"
#include "tests/tap.h"
#include "tests/unit/hex.h"
#include "tests/unit/rfc8949.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
hex_of(struct buf *hex, const struct buf *b)
{
	size_t i;

	hex->len = 0;
	for (i = 0; i < b->len; i++)
		buf_printf(hex, "%02x", b->p[i]);
}

/* JSON becomes those bytes; they become JSON that becomes them again. */
static void
converts(const char *json, const char *hex, const char *back)
{
	struct buf cbor = BUF_INIT, text = BUF_INIT, shown = BUF_INIT;
	struct err err = ERR_INIT;

	ok(transcode_json_to_cbor(slice_str(json), &cbor, &err) == 0);
	hex_of(&shown, &cbor);
	if (!eq_str(buf_cstr(&shown), hex))
		eq_str(json, err.msg);
	ok(cborscan_valid(buf_slice(&cbor)));
	ok(transcode_cbor_to_json(buf_slice(&cbor), &text, &err) == 0);
	eq_str(buf_cstr(&text), back);
	cbor.len = 0;
	ok(transcode_json_to_cbor(buf_slice(&text), &cbor, &err) == 0);
	hex_of(&shown, &cbor);
	eq_str(buf_cstr(&shown), hex);
	buf_release(&cbor);
	buf_release(&text);
	buf_release(&shown);
}

static void
json_fails(const char *json, const char *msg)
{
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;

	buf_add_str(&out, "as it was");
	eq_int(transcode_json_to_cbor(slice_str(json), &out, &err), -1);
	eq_int(err.kind, ERR_DATA);
	eq_str(err.msg, msg);
	eq_str(buf_cstr(&out), "as it was");
	buf_release(&out);
}

static void
cbor_fails(const char *hex, const char *msg)
{
	struct buf in = BUF_INIT, out = BUF_INIT;
	struct err err = ERR_INIT;

	unhex(&in, hex);
	buf_add_str(&out, "as it was");
	eq_int(transcode_cbor_to_json(buf_slice(&in), &out, &err), -1);
	eq_int(err.kind, ERR_DATA);
	eq_str(err.msg, msg);
	eq_str(buf_cstr(&out), "as it was");
	buf_release(&in);
	buf_release(&out);
}

static void
cbor_becomes(const char *hex, const char *json)
{
	struct buf in = BUF_INIT, out = BUF_INIT;
	struct err err = ERR_INIT;

	unhex(&in, hex);
	ok(transcode_cbor_to_json(buf_slice(&in), &out, &err) == 0);
	if (!eq_str(buf_cstr(&out), json))
		eq_str(hex, err.msg);
	buf_release(&in);
	buf_release(&out);
}

void
test_examples_of_appendix_a(void)
{
	struct buf in = BUF_INIT, out = BUF_INIT;
	struct err err = ERR_INIT;
	size_t i;

	for (i = 0; i < COUNT(rfc8949_good); i++) {
		const struct rfc8949_example *e = &rfc8949_good[i];

		unhex(&in, e->hex);
		out.len = 0;
		if (!e->json) {
			if (!ok(transcode_cbor_to_json(buf_slice(&in), &out, &err) < 0))
				eq_str(e->hex, "refused");
		} else if (e->other_encoding) {
			cbor_becomes(e->hex, e->json);
		} else {
			converts(e->json, e->hex, e->json);
		}
	}
	buf_release(&in);
	buf_release(&out);
}

void
test_examples_of_appendix_f_are_refused(void)
{
	struct buf in = BUF_INIT, out = BUF_INIT;
	size_t i;

	for (i = 0; i < COUNT(rfc8949_bad); i++) {
		struct err err = ERR_INIT;

		unhex(&in, rfc8949_bad[i].hex);
		ok(transcode_cbor_to_json(buf_slice(&in), &out, &err) < 0);
		ok(strncmp(err.msg, "not well-formed CBOR: ", 22) == 0);
		ok(strncmp(err.msg + 22, rfc8949_bad[i].why, strlen(rfc8949_bad[i].why)) == 0);
	}
	buf_release(&in);
	buf_release(&out);
}

void
test_integers_keep_every_digit(void)
{
	static const char *const t[][2] = {
	    {"0", "00"},
	    {"-1", "20"},
	    {"9007199254740993", "1b0020000000000001"},
	    {"-9007199254740993", "3b0020000000000000"},
	    {"9223372036854775807", "1b7fffffffffffffff"},
	    {"9999999999999999999", "1b8ac7230489e7ffff"},
	    {"10000000000000000000", "1b8ac7230489e80000"},
	    {"-9223372036854775808", "3b7fffffffffffffff"},
	    {"-9223372036854775809", "3b8000000000000000"},
	    {"18446744073709551615", "1bffffffffffffffff"},
	    {"18446744073709551616", "c249010000000000000000"},
	    {"-18446744073709551615", "3bfffffffffffffffe"},
	    {"-18446744073709551616", "3bffffffffffffffff"},
	    {"-18446744073709551617", "c349010000000000000000"},
	    {"1000000000000000000000000000", "c24c033b2e3c9fd0803ce8000000"},
	    {"-340282366920938463463374607431768211456", "c350ffffffffffffffffffffffffffffffff"},
	    {"-340282366920938463463374607431768211457", "c3510100000000000000000000000000000000"},
	};
	size_t i;

	for (i = 0; i < COUNT(t); i++)
		converts(t[i][0], t[i][1], t[i][0]);
}

void
test_floats_are_those_whose_digits_come_back(void)
{
	static const char *const t[][3] = {
	    {"1.0", "f93c00", "1.0"},
	    {"100.0", "f95640", "100.0"},
	    {"0.0", "f90000", "0.0"},
	    {"-0.0", "f98000", "-0.0"},
	    {"0.1", "fb3fb999999999999a", "0.1"},
	    {"1.1", "fb3ff199999999999a", "1.1"},
	    {"5e-324", "fb0000000000000001", "5e-324"},
	    {"2.2250738585072014e-308", "fb0010000000000000", "2.2250738585072014e-308"},
	    {"2.225073858507201e-308", "fb000fffffffffffff", "2.225073858507201e-308"},
	    {"1.7976931348623157e308", "fb7fefffffffffffff", "1.7976931348623157e308"},
	    {"1.7976931348623157E+308", "fb7fefffffffffffff", "1.7976931348623157e308"},
	    {"0.30000000000000004", "fb3fd3333333333334", "0.30000000000000004"},
	    {"10e-1", "f93c00", "1.0"},
	    {"9999999999999998.0", "fb4341c37937e07fff", "9999999999999998.0"},
	    {"1e16", "fb4341c37937e08000", "1e16"},
	    {"1e22", "fb4480f0cf064dd592", "1e22"},
	    {"1e23", "fb44b52d02c7e14af6", "1e23"},
	    {"0.00000012", "fb3e801b2b29a4692b", "1.2e-7"},
	    {"1.2e-7", "fb3e801b2b29a4692b", "1.2e-7"},
	    {"5.960464477539063e-8", "f90001", "5.960464477539063e-8"},
	    {"9.5367431640625e-7", "f90010", "9.5367431640625e-7"},
	    {"0.000001", "fb3eb0c6f7a0b5ed8d", "0.000001"},
	    {"1.2e-8", "fb3e49c511dc3a41df", "1.2e-8"},
	};
	size_t i;

	for (i = 0; i < COUNT(t); i++)
		converts(t[i][0], t[i][1], t[i][2]);
}

void
test_other_fractions_keep_their_digits(void)
{
	static const char *const t[][3] = {
	    {"1.10", "c48221186e", "1.10"},
	    {"-1.10", "c48221386d", "-1.10"},
	    {"1.00", "c482211864", "1.00"},
	    {"0.00", "c4822100", "0.00"},
	    {"0e5", "c4820500", "0e5"},
	    {"0.00000120", "c482271878", "0.00000120"},
	    {"0.000000120", "c482281878", "1.20e-7"},
	    {"0E-9", "c4822800", "0e-9"},
	    {"1e2", "c4820201", "1e2"},
	    {"1E+2", "c4820201", "1e2"},
	    {"1e00002", "c4820201", "1e2"},
	    {"15e0", "c482000f", "1.5e1"},
	    {"1.5e1", "c482000f", "1.5e1"},
	    {"1e0", "c4820001", "1e0"},
	    {"1e400", "c48219019001", "1e400"},
	    {"-1e-400", "c48239018f20", "-1e-400"},
	    {"9007199254740993.0", "c482201b014000000000000a", "9007199254740993.0"},
	    {"0.1000000000000000055511151231257827", "c4823821c24e314dc6448d933986922312364ce3",
	     "0.1000000000000000055511151231257827"},
	    {"123456789012345678901234567890.123", "c48222c24e06163e665beb7ca6a2e1a64244cb",
	     "123456789012345678901234567890.123"},
	    {"1e9223372036854775807", "c4821b7fffffffffffffff01", "1e9223372036854775807"},
	    {"1.1e9223372036854775808", "c4821b7fffffffffffffff0b", "1.1e9223372036854775808"},
	    {"1e-9223372036854775808", "c4823b7fffffffffffffff01", "1e-9223372036854775808"},
	    {"12345678901234567890e9223372036854775807", "c4821b7fffffffffffffff1bab54a98ceb1f0ad2",
	     "1.2345678901234567890e9223372036854775826"},
	};
	size_t i;

	for (i = 0; i < COUNT(t); i++)
		converts(t[i][0], t[i][1], t[i][2]);
}

void
test_numbers_that_have_no_exact_cbor_are_refused(void)
{
	json_fails("-0", "negative zero other than -0.0 at byte 0");
	json_fails("[1, -0]", "negative zero other than -0.0 at byte 4");
	json_fails("-0.00", "negative zero other than -0.0 at byte 0");
	json_fails("-0e0", "negative zero other than -0.0 at byte 0");
	json_fails("1e9223372036854775808", "number with an exponent beyond 64 bits at byte 0");
	json_fails("1.1e-9223372036854775808", "number with an exponent beyond 64 bits at byte 0");
	json_fails("[0,1e18446744073709551617]",
	           "number with an exponent beyond 64 bits at byte 3");
	json_fails("1e9999999999999999999999999999999",
	           "number with an exponent beyond 64 bits at byte 0");
}

/* `n` digits that are not all the same, with a point after `point` of them. */
static void
add_digits(struct buf *b, size_t n, size_t point)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (i > 0 && i == point)
			buf_add_byte(b, '.');
		buf_add_byte(b, (uint8_t)('1' + i * i % 9));
	}
}

static bool
digits_come_back(size_t n, size_t point, bool nines)
{
	struct buf json = BUF_INIT, cbor = BUF_INIT, back = BUF_INIT;
	struct err err = ERR_INIT;
	bool same;

	add_digits(&json, n, point);
	if (nines)
		memset(json.p, '9', json.len);
	same = transcode_json_to_cbor(buf_slice(&json), &cbor, &err) == 0 &&
	       transcode_cbor_to_json(buf_slice(&cbor), &back, &err) == 0 &&
	       slice_eq(buf_slice(&json), buf_slice(&back));
	buf_release(&json);
	buf_release(&cbor);
	buf_release(&back);
	return same;
}

void
test_long_numbers_come_back_up_to_the_limit(void)
{
	size_t n;

	for (n = 1; n < 200; n++) {
		ok(digits_come_back(n, 0, false));
		ok(digits_come_back(n, 0, true));
		ok(digits_come_back(n + 1, n, false));
	}
	ok(digits_come_back(DECIMAL_MAX_DIGITS, 0, false));
	ok(digits_come_back(DECIMAL_MAX_DIGITS, 0, true));
	ok(digits_come_back(DECIMAL_MAX_DIGITS, 5000, false));
	ok(!digits_come_back(DECIMAL_MAX_DIGITS + 1, 0, false));
	ok(!digits_come_back(DECIMAL_MAX_DIGITS + 1, 10000, false));
}

void
test_a_bignum_over_the_limit_is_refused(void)
{
	struct buf cbor = BUF_INIT, json = BUF_INIT;
	struct err err = ERR_INIT;
	struct slice zeros;
	size_t len;

	for (len = DECIMAL_MAX_BYTES - 1; len < DECIMAL_MAX_BYTES + 2; len++) {
		cbor.len = json.len = 0;
		cborbuf_tag(&cbor, 2);
		zeros = (struct slice){xcalloc(len, 1), len};
		cborbuf_bytes(&cbor, zeros);
		free((void *)(uintptr_t)zeros.p);
		memset(cbor.p + cbor.len - len, 0xff, len);
		eq_int(transcode_cbor_to_json(buf_slice(&cbor), &json, &err),
		       len < DECIMAL_MAX_BYTES ? 0 : -1);
	}
	eq_str(err.msg, "number of more than 10000 digits at byte 0");
	memset(cbor.p + 4, 0, DECIMAL_MAX_BYTES); /* leading zeros do not count */
	ok(transcode_cbor_to_json(buf_slice(&cbor), &json, &err) == 0);
	buf_release(&cbor);
	buf_release(&json);
}

void
test_encodings_that_are_not_the_shortest_are_read(void)
{
	cbor_becomes("1800", "0");
	cbor_becomes("c240", "0");
	cbor_becomes("c340", "-1");
	cbor_becomes("c24101", "1");
	cbor_becomes("c34300ffff", "-65536");
	cbor_becomes("c348ffffffffffffffff", "-18446744073709551616");
	cbor_becomes("c25f42010043000000ff", "4294967296");
	cbor_becomes("c4820000", "0e0");
	cbor_becomes("c49f210fff", "0.15");
	cbor_becomes("c48221c2410f", "0.15");
	cbor_becomes("c48221c3410f", "-0.16");
	cbor_becomes("fb3ff0000000000000", "1.0");
	cbor_becomes("fa7f7fffff", "3.4028234663852886e38");
}

void
test_cbor_without_json_is_refused_by_name(void)
{
	cbor_fails("4101", "byte string at byte 0");
	cbor_fails("815f4101ff", "byte string at byte 1");
	cbor_fails("81f7", "undefined at byte 1");
	cbor_fails("81f0", "simple value 16 at byte 1");
	cbor_fails("f8ff", "simple value 255 at byte 0");
	cbor_fails("f97e00", "NaN at byte 0");
	cbor_fails("8200f9fc00", "infinity at byte 2");
	cbor_fails("81c000", "tag 0 at byte 1");
	cbor_fails("d9d9f700", "tag 55799 at byte 0");
	cbor_fails("c5820001", "tag 5 at byte 0");
	cbor_fails("a10001", "map key that is not text at byte 1");
	cbor_fails("bf4161f5ff", "map key that is not text at byte 1");
	cbor_fails("a18001", "map key that is not text at byte 1");
	cbor_fails("c26161", "bignum that is not a byte string at byte 0");
	cbor_fails("c20a", "bignum that is not a byte string at byte 0");
	cbor_fails("c483010203", "decimal fraction that is not a pair at byte 0");
	cbor_fails("c49f010203ff", "decimal fraction that is not a pair at byte 0");
	cbor_fails("c4a10102", "decimal fraction that is not a pair at byte 0");
	cbor_fails("d9000440", "decimal fraction that is not a pair at byte 0");
	cbor_fails("c49fff", "decimal fraction whose exponent is not an integer at byte 0");
	cbor_fails("c49f01ff", "decimal fraction whose mantissa is not an integer at byte 0");
	cbor_fails("c482f50a", "decimal fraction whose exponent is not an integer at byte 0");
	cbor_fails("c48200f93c00", "decimal fraction whose mantissa is not an integer at byte 0");
	cbor_fails("c48200c482000a", "decimal fraction whose mantissa is not an integer at byte 0");
	cbor_fails("c4821b800000000000000001", "number with an exponent beyond 64 bits at byte 0");
	cbor_fails("c4823b800000000000000001", "number with an exponent beyond 64 bits at byte 0");
	cbor_fails("0001", "more than one CBOR item: the next at byte 1");
	cbor_fails("", "not well-formed CBOR: unexpected end at byte 0");
	cbor_fails("82006161ff", "more than one CBOR item: the next at byte 4");
}

void
test_text_is_kept_and_escapes_are_not(void)
{
	converts("\"a\\u0000b\\n\"", "646100620a", "\"a\\u0000b\\n\"");
	converts(" \"\\u00fc\\ud800\\udd51\\/\" ", "67c3bcf09085912f",
	         "\"\xc3\xbc\xf0\x90\x85\x91/\"");
	converts("[\"\\\\\",\"\\\"\",\"\\\\\\\"\",\"\"]", "84615c6122625c2260",
	         "[\"\\\\\",\"\\\"\",\"\\\\\\\"\",\"\"]");
	json_fails("[\"\\ud800\"]", "lone surrogate in the string at byte 1");
	json_fails("{\"a\":1,\"\\udc00\":2}", "lone surrogate in the string at byte 7");
	json_fails("[\"\xff\"]", "not JSON: invalid UTF-8 at byte 2");
	json_fails("", "not JSON: unexpected end at byte 0");
	json_fails("[1,]", "not JSON: unexpected byte at byte 3");
}

void
test_an_escaped_string_of_any_length_has_the_shortest_head(void)
{
	static const size_t lens[] = {1, 22, 23, 24, 255, 256, 65535, 65536};
	size_t i, j;

	for (i = 0; i < COUNT(lens); i++) {
		struct buf json = BUF_INIT, cbor = BUF_INIT, want = BUF_INIT, text = BUF_INIT;
		struct err err = ERR_INIT;

		buf_add_str(&json, "[\"");
		for (j = 0; j < lens[i]; j++) {
			buf_add_str(&json, j % 7 == 0 ? "\\u0041" : "b");
			buf_add_byte(&text, j % 7 == 0 ? 'A' : 'b');
		}
		buf_add_str(&json, "\"]");
		cborbuf_array(&want, 1);
		cborbuf_text(&want, buf_slice(&text));
		ok(transcode_json_to_cbor(buf_slice(&json), &cbor, &err) == 0);
		ok(slice_eq(buf_slice(&cbor), buf_slice(&want)));
		buf_release(&json);
		buf_release(&cbor);
		buf_release(&want);
		buf_release(&text);
	}
}

void
test_duplicate_keys_are_refused(void)
{
	json_fails("{\"a\":1,\"a\":2}", "duplicate key \"a\" at byte 7");
	json_fails("{\"a\":1,\"\\u0061\":2}", "duplicate key \"\\u0061\" at byte 7");
	json_fails("{\"a\":{\"b\":1,\"c\":2,\"b\":3}}", "duplicate key \"b\" at byte 18");
	json_fails("{\"\":1,\"\":2}", "duplicate key \"\" at byte 6");
	json_fails("{\"0123456789012345678901234567890123456789012345678901234567\xc3\xbc\":1,"
	           "\"0123456789012345678901234567890123456789012345678901234567\xc3\xbc\":1}",
	           "duplicate key \"0123456789012345678901234567890123456789012345678901234567..."
	           " at byte 66");
	converts("{\"a\":{\"a\":{\"a\":1}},\"b\":{\"a\":2}}", "a26161a16161a16161016162a1616102",
	         "{\"a\":{\"a\":{\"a\":1}},\"b\":{\"a\":2}}");
	converts("[{\"a\":1},{\"a\":1}]", "82a1616101a1616101", "[{\"a\":1},{\"a\":1}]");
	cbor_fails("a2616101616102", "duplicate key \"a\" at byte 4");
	cbor_fails("bf6161016161026162f6ff", "duplicate key \"a\" at byte 4");
	cbor_fails("a2626162017f61616162ff02", "duplicate key \"ab\" at byte 5");
}

void
test_keys_keep_their_order(void)
{
	converts("{\"b\":1,\"a\":2,\"\":3}", "a36162016161026003", "{\"b\":1,\"a\":2,\"\":3}");
}

/* An object of `n` keys; the last is that of `twice`. */
static int
convert_keys(unsigned n, unsigned twice, struct err *err)
{
	struct buf json = BUF_INIT, cbor = BUF_INIT, back = BUF_INIT;
	unsigned i;
	int rc;

	for (i = 0; i < n; i++)
		buf_printf(&json, "%c\"key %u\":%u", i == 0 ? '{' : ',',
		           i + 1 == n ? twice : i * 7919 % n, i);
	buf_add_byte(&json, '}');
	rc = transcode_json_to_cbor(buf_slice(&json), &cbor, err);
	if (rc == 0) {
		ok(transcode_cbor_to_json(buf_slice(&cbor), &back, err) == 0);
		ok(slice_eq(buf_slice(&json), buf_slice(&back)));
	}
	buf_release(&json);
	buf_release(&cbor);
	buf_release(&back);
	return rc;
}

void
test_many_keys_are_compared(void)
{
	static const unsigned counts[] = {2, 12, 13, 14, 23, 24, 63, 64, 65, 129, 1000, 300000};
	struct err err = ERR_INIT;
	size_t i;

	for (i = 0; i < COUNT(counts); i++) {
		eq_int(convert_keys(counts[i], 1000000, &err), 0);
		eq_int(convert_keys(counts[i], 0, &err), -1);
		ok(strncmp(err.msg, "duplicate key \"key 0\" at byte ", 30) == 0);
		ok(strcmp(err.msg, "duplicate key \"key 0\" at byte 1") != 0); /* the later one */
	}
}

/* Wide containers in wide containers: every head grows. */
void
test_counts_that_need_long_heads(void)
{
	static const unsigned counts[] = {0, 1, 23, 24, 25, 255, 256, 65535, 65536};
	size_t i;
	unsigned j;

	for (i = 0; i < COUNT(counts); i++) {
		struct buf json = BUF_INIT, want = BUF_INIT, got = BUF_INIT;
		struct err err = ERR_INIT;

		buf_add_str(&json, "[[");
		cborbuf_array(&want, counts[i] + 2);
		cborbuf_array(&want, counts[i]);
		buf_add_str(&got, "before");
		for (j = 0; j < counts[i]; j++) {
			buf_printf(&json, "%s%u", j ? "," : "", j);
			cborbuf_uint(&want, j);
		}
		buf_add_str(&json, "],{\"k\":[]}");
		cborbuf_map(&want, 1);
		cborbuf_str(&want, "k");
		cborbuf_array(&want, 0);
		for (j = 0; j < counts[i]; j++) {
			buf_add_str(&json, " ,\ttrue\r\n");
			cborbuf_bool(&want, true);
		}
		buf_add_str(&json, "]");
		ok(transcode_json_to_cbor(buf_slice(&json), &got, &err) == 0);
		ok(memcmp(got.p, "before", 6) == 0);
		eq_mem(got.p + 6, got.len - 6, want.p, want.len);
		buf_release(&json);
		buf_release(&want);
		buf_release(&got);
	}
}

void
test_depth_has_a_limit_in_both_directions(void)
{
	size_t depth;

	for (depth = TRANSCODE_MAX_DEPTH - 1; depth <= TRANSCODE_MAX_DEPTH + 1; depth++) {
		struct buf json = BUF_INIT, cbor = BUF_INIT, back = BUF_INIT;
		struct err err = ERR_INIT;
		size_t i;
		int rc = depth > TRANSCODE_MAX_DEPTH ? -1 : 0;

		for (i = 0; i < depth; i++)
			buf_add_str(&json, "[");
		buf_add_str(&json, "123456789012345678901.10");
		for (i = 0; i < depth; i++)
			buf_add_str(&json, "]");
		eq_int(transcode_json_to_cbor(buf_slice(&json), &cbor, &err), rc);
		if (rc < 0) {
			eq_str(err.msg, "nested deeper than 16000 at byte 16000");
			for (i = 0; i < depth; i++)
				cborbuf_array(&cbor, 1);
			cborbuf_null(&cbor);
		}
		eq_int(transcode_cbor_to_json(buf_slice(&cbor), &back, &err), rc);
		if (rc == 0)
			ok(slice_eq(buf_slice(&json), buf_slice(&back)));
		else
			eq_str(err.msg, "nested deeper than 16000 at byte 16000");
		buf_release(&json);
		buf_release(&cbor);
		buf_release(&back);
	}
}
