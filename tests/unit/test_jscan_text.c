#include <string.h>

#include "common/jscan.h"
#include "tests/guard.h"
#include "tests/tap.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define FULL(s) SLICE_LIT("\"" s "\"")
/* Initializers, for tables. */
#define S(s)                                                                                       \
	{                                                                                          \
		(const uint8_t *)(s), sizeof(s) - 1                                                \
	}
#define Q(s) S("\"" s "\"")
#define NONE                                                                                       \
	{                                                                                          \
		NULL, 0                                                                            \
	}

void
test_keys_are_compared_by_what_they_spell(void)
{
	ok(jscan_key_is(FULL(""), ""));
	ok(!jscan_key_is(FULL(""), "a"));
	ok(jscan_key_is(FULL("id"), "id"));
	ok(!jscan_key_is(FULL("id"), "i"));
	ok(!jscan_key_is(FULL("id"), "idx"));
	ok(!jscan_key_is(FULL("id"), "ie"));
	ok(!jscan_key_is(FULL("idx"), "id"));
	ok(jscan_key_is(FULL("\\u0069d"), "id"));
	ok(jscan_key_is(FULL("i\\u0064"), "id"));
	ok(!jscan_key_is(FULL("i\\u0064"), "i"));
	ok(!jscan_key_is(FULL("i\\u0064"), "idx"));
	ok(!jscan_key_is(FULL("i\\u0065"), "id"));
	ok(jscan_key_is(FULL("\\u004A\\u004a"), "JJ"));
	ok(jscan_key_is(FULL("\\/\\\\\\\""), "/\\\""));
	ok(jscan_key_is(FULL("\\b\\f\\n\\r\\t"), "\b\f\n\r\t"));
	/* An escape is not its spelling. */
	ok(!jscan_key_is(FULL("\\n"), "\\n"));
	ok(jscan_key_is(FULL("\\\\n"), "\\n"));
	ok(!jscan_key_is(FULL("\\u0000"), ""));
	ok(!jscan_key_is(FULL("a\\u0000"), "a"));
	ok(!jscan_key_is(FULL("\\ud800"), ""));
	ok(!jscan_key_is(FULL("\\u0169d"), "id"));
	ok(!jscan_key_is(FULL("\xc3\xa9\\u0069"), "i"));
}

static const struct {
	struct slice in;
	struct slice out; /* absent: a lone surrogate */
} strings[] = {
    {Q(""), S("")},
    {Q("abc"), S("abc")},
    {Q("\xc3\xa9\xf0\x9f\x98\x80"), S("\xc3\xa9\xf0\x9f\x98\x80")},
    {Q("\\\"\\\\\\/\\b\\f\\n\\r\\t"), S("\"\\/\b\f\n\r\t")},
    {Q("a\\nb\\nc"), S("a\nb\nc")},
    {Q("\\u0000"), S("\0")},
    {Q("a\\u0000b"), S("a\0b")},
    {Q("\\u007f\\u0080"), S("\x7f\xc2\x80")},
    {Q("\\u07ff\\u0800"), S("\xdf\xbf\xe0\xa0\x80")},
    {Q("\\uD7FF\\uE000"), S("\xed\x9f\xbf\xee\x80\x80")},
    {Q("\\uffff\\uFFFE"), S("\xef\xbf\xbf\xef\xbf\xbe")},
    {Q("\\u12ab\\u12AB\\u9876"), S("\xe1\x8a\xab\xe1\x8a\xab\xe9\xa1\xb6")},
    {Q("\\ud800\\udc00"), S("\xf0\x90\x80\x80")},
    {Q("\\uDBFF\\uDFFF"), S("\xf4\x8f\xbf\xbf")},
    {Q("x\\ud834\\uDD1Ey"), S("x\xf0\x9d\x84\x9ey")},
    {Q("\\ud83d\\ude00\\ud83d\\ude01"), S("\xf0\x9f\x98\x80\xf0\x9f\x98\x81")},
    {Q("\\\\ud800"), S("\\ud800")},
    {Q("\\ud800"), NONE},
    {Q("\\udbff"), NONE},
    {Q("\\udc00"), NONE},
    {Q("\\udfff"), NONE},
    {Q("abc\\ud800"), NONE},
    {Q("\\ud800abcdefghijkl"), NONE},
    {Q("\\ud800\\ud800\\udc00"), NONE},
    {Q("\\udc00\\ud800"), NONE},
    {Q("\\udc00\\udc00"), NONE},
    {Q("\\ud800\\u0041"), NONE},
    {Q("\\ud800\\ue000"), NONE},
    {Q("\\ud800\\n\\udc00"), NONE},
    {Q("\\ud800\\\\udc00"), NONE},
    {Q("\\ud800xudc00"), NONE},
    {Q("\\ud800\\\\\\\\\\\\"), NONE},
};

void
test_strings_are_decoded_to_utf8(void)
{
	struct buf out = BUF_INIT;
	struct guard g;

	guard_init(&g, 4096);
	for (size_t i = 0; i < COUNT(strings); i++) {
		struct slice in = guard_end(&g, strings[i].in), want = strings[i].out;

		ok(jscan_valid(in, NULL, NULL));
		out.len = 0;
		buf_add_byte(&out, '>');
		eq_int(jscan_string(in, &out), want.p ? 0 : -1);
		eq_mem(out.p + 1, out.len - 1, want.p, want.len);
		ok(jscan_utf8(buf_slice(&out)));
	}
	guard_release(&g);
	buf_release(&out);
}

void
test_plain_strings_need_no_decoding(void)
{
	struct slice s = jscan_plain(FULL("a\xc3\xa9"));

	eq_mem(s.p, s.len, "a\xc3\xa9", 3);
	s = jscan_plain(FULL(""));
	ok(s.p && s.len == 0);
	ok(!jscan_plain(FULL("\\n")).p);
	ok(!jscan_plain(FULL("abc\\\"")).p);
}

void
test_compacting_drops_space_between_tokens_only(void)
{
	static const struct {
		struct slice in, out;
	} cases[] = {
	    {S("1"), S("1")},
	    {S(" \t\r\n1.50e+3\n"), S("1.50e+3")},
	    {S("{}"), S("{}")},
	    {S(" { } "), S("{}")},
	    {S("[ 1 , \" a b \" , [ ] ]"), S("[1,\" a b \",[]]")},
	    {S("{ \"a \" : null,\n\t\"b\\\" \" : \"\\\\\" }"),
	     S("{\"a \":null,\"b\\\" \":\"\\\\\"}")},
	    {S("[ \"\xc3\xa9 \xf0\x9f\x98\x80 x\" ]"), S("[\"\xc3\xa9 \xf0\x9f\x98\x80 x\"]")},
	    {S("\"\\\\\" "), S("\"\\\\\"")},
	};
	struct buf out = BUF_INIT;
	struct guard g;

	guard_init(&g, 4096);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct slice in = guard_end(&g, cases[i].in);

		ok(jscan_valid(in, NULL, NULL));
		out.len = 0;
		buf_add_byte(&out, '>');
		jscan_compact(in, &out);
		eq_mem(out.p + 1, out.len - 1, cases[i].out.p, cases[i].out.len);
	}
	guard_release(&g);
	buf_release(&out);
}

void
test_quoting_uses_the_shortest_escapes(void)
{
	struct buf out = BUF_INIT;

	jscan_quote(SLICE_LIT("\0\1\a\b\t\n\v\f\r\x0e\x1f \"/\\\x7f\xc2\x80\xe2\x80\xa8z"), &out);
	eq_str(buf_cstr(&out),
	       "\"\\u0000\\u0001\\u0007\\b\\t\\n\\u000b\\f\\r\\u000e\\u001f \\\"/\\\\\x7f"
	       "\xc2\x80\xe2\x80\xa8z\"");
	out.len = 0;
	jscan_quote(SLICE_ABSENT, &out);
	jscan_quote(SLICE_LIT(""), &out);
	eq_str(buf_cstr(&out), "\"\"\"\"");
	buf_release(&out);
}

/* The bytes of a code point, not by the code under test. */
static size_t
utf8_of(uint8_t s[4], uint32_t cp)
{
	static const uint8_t leads[] = {0, 0, 0xc0, 0xe0, 0xf0};
	size_t len = cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;

	for (size_t i = len; i--; cp >>= 6)
		s[i] = (uint8_t)(i ? 0x80 | (cp & 0x3f) : leads[len] | cp);
	return len;
}

void
test_all_code_points_survive_quoting_and_escaping(void)
{
	struct buf quoted = BUF_INIT, escaped = BUF_INIT, back = BUF_INIT;
	size_t bad = 0;

	for (uint32_t cp = 0; cp <= 0x10ffff; cp++) {
		uint8_t s[4];
		struct slice in = {s, utf8_of(s, cp)};
		bool surrogate = cp >= 0xd800 && cp <= 0xdfff;

		bad += jscan_utf8(in) == surrogate;
		escaped.len = quoted.len = back.len = 0;
		if (cp < 0x10000)
			buf_printf(&escaped, cp % 2 ? "\"\\u%04x\"" : "\"\\u%04X\"", cp);
		else
			buf_printf(&escaped, "\"\\u%04x\\u%04X\"", 0xd7c0 + (cp >> 10),
			           0xdc00 + (cp & 0x3ff));
		bad += jscan_string(buf_slice(&escaped), &back) != (surrogate ? -1 : 0);
		bad += !slice_eq(buf_slice(&back), surrogate ? buf_slice(&quoted) : in);
		if (surrogate)
			continue;
		jscan_quote(in, &quoted);
		bad += !jscan_valid(buf_slice(&quoted), NULL, NULL);
		back.len = 0;
		bad += jscan_string(buf_slice(&quoted), &back) != 0;
		bad += !slice_eq(buf_slice(&back), in);
	}
	eq_uint(bad, 0);
	buf_release(&quoted);
	buf_release(&escaped);
	buf_release(&back);
}

void
test_quoting_works_at_every_offset(void)
{
	static const char *const middles[] = {"\"",       "\\",         "\n",  "\x01",
	                                      "\xc3\xa9", "\xc3\xa9\"", "\x7f"};
	struct buf in = BUF_INIT, quoted = BUF_INIT, back = BUF_INIT;

	for (size_t i = 0; i < COUNT(middles); i++) {
		for (size_t before = 0; before <= 70; before++) {
			in.len = quoted.len = back.len = 0;
			for (size_t n = 0; n < before; n++)
				buf_add_byte(&in, (uint8_t)('a' + n % 26));
			buf_add_str(&in, middles[i]);
			buf_add_str(&in, "0123456789abcdefghijkl");
			jscan_quote(buf_slice(&in), &quoted);
			ok(jscan_valid(buf_slice(&quoted), NULL, NULL));
			eq_int(jscan_string(buf_slice(&quoted), &back), 0);
			eq_mem(back.p, back.len, in.p, in.len);
		}
	}
	buf_release(&in);
	buf_release(&quoted);
	buf_release(&back);
}

void
test_unsigned_integers_have_limits(void)
{
	static const char *const bad[] = {
	    "",
	    "18446744073709551616",
	    "18446744073709551620",
	    "99999999999999999999",
	    "00",
	    "01",
	    "-0",
	    "-1",
	    "+1",
	    "1e3",
	    "1E0",
	    "1.0",
	    "0.0",
	    "0e0",
	    "184467440737095516150",
	    "1 ",
	    " 1",
	    "1x",
	    "x",
	    "1/",
	    "1:",
	    "36893488147419103232",
	    "27670116110564327424",
	    "000000000000000000001",
	    "null",
	    "\"1\"",
	};
	uint64_t v;

	ok(jscan_uint(SLICE_LIT("0"), &v) && v == 0);
	ok(jscan_uint(SLICE_LIT("7"), &v) && v == 7);
	ok(jscan_uint(SLICE_LIT("10"), &v) && v == 10);
	ok(jscan_uint(SLICE_LIT("9007199254740993"), &v) && v == UINT64_C(9007199254740993));
	ok(jscan_uint(SLICE_LIT("9223372036854775808"), &v) && v == UINT64_C(1) << 63);
	ok(jscan_uint(SLICE_LIT("18446744073709551609"), &v) && v == UINT64_MAX - 6);
	ok(jscan_uint(SLICE_LIT("18446744073709551615"), &v) && v == UINT64_MAX);
	for (size_t i = 0; i < COUNT(bad); i++) {
		v = 42;
		ok(!jscan_uint(slice_str(bad[i]), &v));
		eq_uint(v, 42);
	}
	ok(!jscan_uint(SLICE_ABSENT, &v));
}
