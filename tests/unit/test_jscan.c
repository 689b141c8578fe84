#include <stdio.h>
#include <string.h>

#include "common/jscan.h"
#include "tests/guard.h"
#include "tests/tap.h"

/* The cases are ours, in the spirit of the public suites for parsers of JSON. */
#define T(s) (s), sizeof(s) - 1

static struct guard guard;

static bool
valid(struct slice in, struct jscan_fault *fault)
{
	bool first = jscan_valid(guard_start(&guard, in), NULL, fault);
	bool last = jscan_valid(guard_end(&guard, in), NULL, fault);

	ok(first == last);
	return last;
}

/* How a case looks in a message: what is not printable as \xNN. */
static const char *
shown(struct slice s, char *out, size_t room)
{
	size_t n = 0;

	out[0] = '\0';
	for (size_t i = 0; i < s.len && n + 8 < room; i++)
		n += (size_t)snprintf(out + n, room - n,
		                      s.p[i] >= ' ' && s.p[i] < 0x7f ? "%c" : "\\x%02x", s.p[i]);
	return out;
}

static void
expect(struct slice in, bool want)
{
	struct jscan_fault fault = {SIZE_MAX, "none"};
	bool got = valid(in, &fault);
	char text[300];

	if (got != want)
		printf("# %s: %s at %zu\n", shown(in, text, sizeof(text)), fault.why, fault.at);
	ok(got == want);
	if (!got)
		ok(fault.at <= in.len);
}

struct text {
	const char *p;
	size_t len;
};

/* clang-format off */
static const struct text accepted[] = {
	/* values at the top */
	{T("null")}, {T("true")}, {T("false")}, {T("0")}, {T("\"\"")}, {T("{}")}, {T("[]")},
	{T("\"x\"")}, {T(" 1 ")}, {T("\t\n\r 1\r\n\t ")}, {T("[1,2]")}, {T("[[]]")}, {T("[{}]")},
	{T("{\"a\":[]}")}, {T("{\"a\":{}}")}, {T("{\"\":0}")}, {T("{\"a\":1,\"a\":1}")},
	{T("{\"a\":1,\"a\":2}")}, {T("{\"a\":{\"b\":[{\"c\":[[[]]]}]}}")},
	{T("[null,1,\"a\",{}]")}, {T("[true,false,null]")}, {T("[[[[[[[[1]]]]]]]]")},
	{T("[[],[[]],[[],[]]]")}, {T(" [ ] ")}, {T(" { } ")}, {T("[ 1 , 2 ]")},
	{T("{ \"a\" : 1 , \"b\" : 2 }")}, {T("[\n\t1\r\n,\n\n2\n]")},
	{T("{\"a\"\n:\n1\n,\n\"b\"\n:\n2\n}\n")},
	/* numbers */
	{T("-0")}, {T("1")}, {T("-1")}, {T("10")}, {T("9")}, {T("1234567890")}, {T("0.0")},
	{T("-0.0")}, {T("0.5")}, {T("1.0")}, {T("1.50")}, {T("10.01")}, {T("0e0")}, {T("0E0")},
	{T("0e+0")}, {T("0e-0")}, {T("1e1")}, {T("1E1")}, {T("1e+1")}, {T("1e-1")}, {T("1E+10")},
	{T("1e01")}, {T("1e00")}, {T("1e-00")}, {T("1.5e10")}, {T("-1.5E-10")}, {T("0.0e0")},
	{T("1e999")}, {T("-1e999")}, {T("1e-999")}, {T("123456789012345678901234567890")},
	{T("0.1234567890123456789012345678901234567890")}, {T("[0]")}, {T("[-0]")}, {T("[0,0]")},
	{T("[0 ]")}, {T("{\"a\":0}")}, {T("1.7976931348623157e308")}, {T("5e-324")},
	/* strings */
	{T("\"a b\"")}, {T("\"\\\"\"")}, {T("\"\\\\\"")}, {T("\"\\/\"")}, {T("\"/\"")},
	{T("\"\\b\\f\\n\\r\\t\"")}, {T("\"\\\\\\\"\"")}, {T("\"\\\\\\\\\"")}, {T("\"\x7f\"")},
	{T("\"\\u0000\"")}, {T("\"\\u0041\"")}, {T("\"\\u00e9\\u20AC\"")},
	{T("\"\\uABCD\\uabcd\"")}, {T("\"\\uffff\"")}, {T("\"\\ud834\\udd1e\"")},
	{T("\"\\\\u0000\"")}, {T("\"\\\\n\"")}, {T("\"'\"")}, {T("\"[{:,}]\"")},
	{T("\"\\u005c\\u0022\"")}, {T("\"/* */ // #\"")},
	/* lone surrogates as escapes are left to who decodes them */
	{T("\"\\ud800\"")}, {T("\"\\udc00\"")}, {T("\"\\ud800\\ud800\"")},
	{T("\"\\udc00\\ud800\"")}, {T("\"\\ud800x\"")}, {T("\"\\ud800\\n\"")},
	{T("\"\\uDBFF\\uDFFF\"")},
	/* UTF-8: the first and the last of each length, around the surrogates, noncharacters */
	{T("\"\xc2\x80\"")}, {T("\"\xdf\xbf\"")}, {T("\"\xe0\xa0\x80\"")},
	{T("\"\xe0\xbf\xbf\"")}, {T("\"\xe1\x80\x80\"")}, {T("\"\xec\xbf\xbf\"")},
	{T("\"\xed\x80\x80\"")}, {T("\"\xed\x9f\xbf\"")}, {T("\"\xee\x80\x80\"")},
	{T("\"\xef\xbf\xbd\"")}, {T("\"\xef\xbf\xbe\"")}, {T("\"\xef\xbf\xbf\"")},
	{T("\"\xef\xb7\x90\"")}, {T("\"\xf0\x90\x80\x80\"")}, {T("\"\xf0\xbf\xbf\xbf\"")},
	{T("\"\xf1\x80\x80\x80\"")}, {T("\"\xf3\xbf\xbf\xbf\"")}, {T("\"\xf4\x80\x80\x80\"")},
	{T("\"\xf4\x8f\xbf\xbf\"")}, {T("\"\xf0\x9f\x98\x80 \xe2\x82\xac \xc3\xa9\"")},
	{T("\"\xe2\x80\xa8\xe2\x80\xa9\"")}, {T("\"\xef\xbb\xbf\"")},
	{T("{\"\xc3\xa9\":\"\xc3\xa9\"}")},
};

static const struct text rejected[] = {
	/* nothing, and not one value */
	{T("")}, {T(" ")}, {T("\n")}, {T("\0")}, {T("1 1")}, {T("1,")}, {T(",1")}, {T("{}{}")},
	{T("[][]")}, {T("[]]")}, {T("{}}")}, {T("]")}, {T("}")}, {T("[}")}, {T("{]")}, {T("[1}")},
	{T("{\"a\":1]")}, {T("\"\"\"")}, {T("\"a\"x")}, {T("nullx")}, {T("null,")},
	{T("true false")}, {T("1\0")}, {T("{}\0")}, {T("[]#")}, {T("{} //")}, {T("{}/**/")},
	{T("/**/{}")}, {T("#\n1")}, {T("[1]x")}, {T("[\"a\"]\"")}, {T("\xef\xbb\xbf{}")},
	{T("\xef\xbb\xbf")}, {T("\xfe\xff")}, {T("\xff\xfe{\0}\0")}, {T("{\0}\0")},
	{T("\x1e{}\n")}, {T("{}\n{}")},
	/* what is no white space */
	{T("\f1")}, {T("\v1")}, {T("1\v")}, {T("[1\f]")}, {T("[\xc2\xa0]")},
	{T("\xe2\x80\x89" "1")}, {T("[\b1]")}, {T("[\x1f]")}, {T("[\xe2\x81\xa0]")},
	{T("[\x7f]")}, {T("\x85")}, {T("[1,\0 2]")},
	/* literals */
	{T("nul")}, {T("tru")}, {T("fals")}, {T("NULL")}, {T("True")}, {T("nil")}, {T("truE")},
	{T("nulll")}, {T("falsee")}, {T("undefined")}, {T("NaN")}, {T("Infinity")},
	{T("-Infinity")}, {T("-NaN")}, {T("inf")}, {T("a")}, {T("[a]")}, {T("[fa]")}, {T("[tr]")},
	{T("[nu,1]")}, {T("{\"a\":tru}")}, {T("[nulL]")}, {T("\xef\xbd\x8eull")},
	/* numbers */
	{T("-")}, {T("+1")}, {T("--1")}, {T("-+1")}, {T("01")}, {T("00")}, {T("-01")}, {T("-00")},
	{T("1.")}, {T(".1")}, {T("-.1")}, {T("0.")}, {T("1.e1")}, {T("1..1")}, {T("1.1.1")},
	{T("1e")}, {T("1e+")}, {T("1e-")}, {T("1E")}, {T("1e1.5")}, {T("1e1e1")}, {T("1ee1")},
	{T("1e+-1")}, {T("e1")}, {T("1 e1")}, {T("1e 1")}, {T("- 1")}, {T("1 .5")}, {T("1. 5")},
	{T("0x1")}, {T("0b1")}, {T("0o7")}, {T("1_000")}, {T("1,000")}, {T("1f")}, {T("1L")},
	{T("0e")}, {T("0e+")}, {T("0.e1")}, {T("-e1")}, {T("[-]")}, {T("[-a]")}, {T("[1.]")},
	{T("[1e]")}, {T("[1e+]")}, {T("[01]")}, {T("[1.a]")}, {T("[1+2]")}, {T("[1-2]")},
	{T("[0a]")}, {T("\xef\xbc\x91")}, {T("[1\xc2\xa0]")}, {T("1:")}, {T("1/")}, {T("1.:")},
	{T("1./")}, {T("1e/")}, {T("/")}, {T(":")}, {T("0:")},
	/* arrays */
	{T("[")}, {T("[1")}, {T("[1,")}, {T("[,")}, {T("[,]")}, {T("[,1]")}, {T("[1,]")},
	{T("[1,,2]")}, {T("[1 2]")}, {T("[1:2]")}, {T("[1;2]")}, {T("[[]")}, {T("[[")},
	{T("[\"a\"")}, {T("[\"a")}, {T("[\"a\",\n4\n,1,")}, {T("[1,}")}, {T("[:]")},
	{T("[\"\": 1]")}, {T("[[]1]")}, {T("[{}")}, {T("[1,2")}, {T("[ ")}, {T("[1 ")},
	{T("[1, ")}, {T("(1)")}, {T("<null>")}, {T("[<null>]")},
	/* objects */
	{T("{")}, {T("{ ")}, {T("{\"a")}, {T("{\"a\"")}, {T("{\"a\" ")}, {T("{\"a\":")},
	{T("{\"a\": ")}, {T("{\"a\":1")}, {T("{\"a\":1,")}, {T("{\"a\":1, ")}, {T("{,}")},
	{T("{\"a\":1,}")}, {T("{\"a\"}")}, {T("{\"a\":}")}, {T("{:1}")}, {T("{1:1}")},
	{T("{a:1}")}, {T("{'a':1}")}, {T("{null:1}")}, {T("{\"a\",1}")}, {T("{\"a\"::1}")},
	{T("{\"a\":1:2}")}, {T("{\"a\":1 \"b\":2}")}, {T("{\"a\" 1}")}, {T("{\"a\":1,,\"b\":2}")},
	{T("{,\"a\":1}")}, {T("{\"a\":1;\"b\":2}")}, {T("{[]:1}")}, {T("{{}:1}")},
	{T("{\"a\":\"b\"")}, {T("{\"a\":[}")}, {T("{\"a\":{]}")}, {T("{\"a\":1}}")},
	{T("{\"a\":[1}]")}, {T("{\"a\":1,1}")}, {T("{\"a\":1,\"b\"}")}, {T("{\"a\":,\"b\":1}")},
	{T("{\"a\":\"b\",")}, {T("{true}")},
	/* strings */
	{T("\"")}, {T("\"a")}, {T("\"\\")}, {T("\"\\\"")}, {T("\"\\\\\\\"")}, {T("'a'")},
	{T("\"a\nb\"")}, {T("\"a\rb\"")}, {T("\"a\tb\"")}, {T("\"a\0b\"")}, {T("\"\x1f\"")},
	{T("\"\\a\"")}, {T("\"\\v\"")}, {T("\"\\0\"")}, {T("\"\\'\"")}, {T("\"\\x41\"")},
	{T("\"\\U0041\"")}, {T("\"\\ n\"")}, {T("\"\\\n\"")}, {T("\"\\\0\"")},
	{T("\"\\\xc3\xa9\"")}, {T("\"\\u\"")}, {T("\"\\u0\"")}, {T("\"\\u00\"")},
	{T("\"\\u000\"")}, {T("\"\\u000g\"")}, {T("\"\\ug000\"")}, {T("\"\\u 000\"")},
	{T("\"\\u00 0\"")}, {T("\"\\u+000\"")}, {T("\"\\u-000\"")}, {T("\"\\u")}, {T("\"\\u0")},
	{T("\"\\u00")}, {T("\"\\u000")}, {T("\"\\u0000")}, {T("\"\\ud834\\\"")},
	{T("\"\\ud834\\u\"")}, {T("\"\\ud834\\udd1\"")}, {T("\"\\u00:0\"")}, {T("\"\\u00/0\"")},
	{T("\"\\u00@0\"")}, {T("\"\\u00G0\"")}, {T("\"\\u00`0\"")}, {T("\"\\u{41}\"")},
	{T("{\"\\q\":1}")}, {T("{\"a\n\":1}")}, {T("{\"\\u12\":1}")}, {T("\"\\\\\\\"")},
	{T("\\u0022a\\u0022")}, {T("[\\n]")}, {T("\"\\N\"")}, {T("\"\\u00\xc3\xa9\"")},
	/* UTF-8: lone continuation bytes */
	{T("\"\x80\"")}, {T("\"\xbf\"")}, {T("\"a\x80\"")}, {T("\"\xc3\xa9\x80\"")},
	{T("\"\xe2\x82\xac\xac\"")},
	/* overlong */
	{T("\"\xc0\x80\"")}, {T("\"\xc0\xaf\"")}, {T("\"\xc1\xbf\"")}, {T("\"\xe0\x80\x80\"")},
	{T("\"\xe0\x80\xaf\"")}, {T("\"\xe0\x9f\xbf\"")}, {T("\"\xf0\x80\x80\x80\"")},
	{T("\"\xf0\x8f\xbf\xbf\"")}, {T("\"\xf8\x80\x80\x80\x80\"")},
	{T("\"\xfc\x80\x80\x80\x80\x80\"")},
	/* surrogates: first and last of each half, and a pair as in CESU-8 */
	{T("\"\xed\xa0\x80\"")}, {T("\"\xed\xaf\xbf\"")}, {T("\"\xed\xb0\x80\"")},
	{T("\"\xed\xbf\xbf\"")}, {T("\"\xed\xa0\xb4\xed\xb4\x9e\"")},
	/* above U+10FFFF, and bytes that are never used */
	{T("\"\xf4\x90\x80\x80\"")}, {T("\"\xf4\xbf\xbf\xbf\"")}, {T("\"\xf5\x80\x80\x80\"")},
	{T("\"\xf7\xbf\xbf\xbf\"")}, {T("\"\xf8\"")}, {T("\"\xfb\xbf\xbf\xbf\xbf\"")},
	{T("\"\xfe\"")}, {T("\"\xff\"")}, {T("\"\xff\xff\xff\xff\"")},
	/* cut short: by the quote, an ASCII byte, a new lead byte, the end */
	{T("\"\xc3\"")}, {T("\"\xe2\"")}, {T("\"\xe2\x82\"")}, {T("\"\xf0\"")},
	{T("\"\xf0\x9f\"")}, {T("\"\xf0\x9f\x98\"")}, {T("\"\xc3x\"")}, {T("\"\xe2\x82x\"")},
	{T("\"\xf0\x9f\x98x\"")}, {T("\"\xc3\xc3\xa9\"")}, {T("\"\xe2\xe2\x82\xac\"")},
	{T("\"\xe2\x82\xc3\xa9\"")}, {T("\"\xf0\x9f\x98\xc3\xa9\"")}, {T("\"\xc3")},
	{T("\"\xe2\x82")}, {T("\"\xf0\x9f\x98")}, {T("\"\xe2\xc2\xac\"")},
	{T("\"\xe2\x02\xac\"")}, {T("\"\xf0\x9f\x18\x80\"")}, {T("\"\xf0\x9f\xd8\x80\"")},
	{T("\"\xf0\xdf\x98\x80\"")}, {T("\"\xf0\x9f\x98\x40\"")}, {T("{\"\xc3\":1}")},
	{T("{\"\x80\":1}")}, {T("[\xc3\xa9]")}, {T("\xc3\xa9")}, {T("[1\xc3\xa9]")},
};
/* clang-format on */

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

void
test_valid_texts_are_accepted_also_inside_containers(void)
{
	struct buf b = BUF_INIT;

	guard_init(&guard, 4096);
	for (size_t i = 0; i < COUNT(accepted); i++) {
		struct slice in = {(const uint8_t *)accepted[i].p, accepted[i].len};

		expect(in, true);
		b.len = 0;
		buf_add_str(&b, "{\"k\":[");
		buf_add_slice(&b, in);
		buf_add_str(&b, ",");
		buf_add_slice(&b, in);
		buf_add_str(&b, "]}");
		expect(buf_slice(&b), true);
	}
	buf_release(&b);
	guard_release(&guard);
}

void
test_invalid_texts_are_rejected(void)
{
	guard_init(&guard, 4096);
	for (size_t i = 0; i < COUNT(rejected); i++)
		expect((struct slice){(const uint8_t *)rejected[i].p, rejected[i].len}, false);
	ok(!jscan_valid(SLICE_ABSENT, NULL, NULL));
	guard_release(&guard);
}

/* All but the numbers at the top, which may end early. */
void
test_no_prefix_of_a_text_is_a_text(void)
{
	static const struct text whole[] = {
	    {T("{\"a\":[1.5e-3,-0,true,false,null,\"\\u00e9\\n\"],\"b\":{\"c\":{}, \"d\":[ ]}}")},
	    {T("[ [ ] , { } , \"x\" , 10.25E+7 , [ [ 0 ] ] ]")},
	    {T("\"ab\\\"\\\\\\/\\ud834\\udd1e and more than sixteen bytes of it\"")},
	    {T("true")},
	    {T("false")},
	    {T("null")},
	};
	struct jscan_fault fault;

	guard_init(&guard, 4096);
	for (size_t i = 0; i < COUNT(whole); i++) {
		struct slice in = {(const uint8_t *)whole[i].p, whole[i].len};

		expect(in, true);
		while (in.len--) {
			ok(!valid(in, &fault));
			eq_str(fault.why, "unexpected end");
			eq_uint(fault.at, in.len);
			if (in.len == 0)
				break;
		}
	}
	guard_release(&guard);
}

void
test_faults_tell_where_and_why(void)
{
	static const struct {
		struct text in;
		size_t at;
		const char *why;
	} cases[] = {
	    {{T("")}, 0, "unexpected end"},
	    {{T("  ")}, 2, "unexpected end"},
	    {{T("x")}, 0, "unexpected byte"},
	    {{T("\xef\xbb\xbf{}")}, 0, "unexpected byte"},
	    {{T("[1,]")}, 3, "unexpected byte"},
	    {{T("[1 2]")}, 3, "unexpected byte"},
	    {{T("{} x")}, 3, "unexpected byte"},
	    {{T("{\"a\":1,}")}, 7, "unexpected byte"},
	    {{T("{\"a\":}")}, 5, "unexpected byte"},
	    {{T("[1}")}, 2, "unexpected byte"},
	    {{T("01")}, 1, "unexpected byte"},
	    {{T("-x")}, 1, "unexpected byte"},
	    {{T("nuLl")}, 2, "unexpected byte"},
	    {{T("1.")}, 2, "unexpected end"},
	    {{T("1e+")}, 3, "unexpected end"},
	    {{T("\"a\\qb\"")}, 3, "invalid escape"},
	    {{T("\"\\u00x0\"")}, 5, "invalid escape"},
	    {{T("\"\\u00")}, 5, "unexpected end"},
	    {{T("\"a\nb\"")}, 2, "control character in a string"},
	    {{T("\"a\xc3\xa9\xed\xa0\x80\"")}, 4, "invalid UTF-8"},
	    {{T("\"abc\xf0\x9f\x98")}, 4, "invalid UTF-8"},
	};

	guard_init(&guard, 4096);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct slice in = {(const uint8_t *)cases[i].in.p, cases[i].in.len};
		struct jscan_fault fault = {SIZE_MAX, "none"};

		ok(!valid(in, &fault));
		eq_uint(fault.at, cases[i].at);
		eq_str(fault.why, cases[i].why);
	}
	guard_release(&guard);
}

void
test_flags_tell_of_space_and_newlines_between_tokens(void)
{
	static const struct {
		const char *in;
		unsigned flags;
	} cases[] = {
	    {"1", 0},
	    {"{\"a b\":\"c d\",\"e\":[1,\"\\n\"]}", 0},
	    {" 1", JSCAN_SPACE},
	    {"1 ", JSCAN_SPACE},
	    {"1\t", JSCAN_SPACE},
	    {"[ ]", JSCAN_SPACE},
	    {"[1, 2]", JSCAN_SPACE},
	    {"[1 ,2]", JSCAN_SPACE},
	    {"{\"a\": 1}", JSCAN_SPACE},
	    {"{\"a\" :1}", JSCAN_SPACE},
	    {"{ \"a\":1}", JSCAN_SPACE},
	    {"[\t\t1]", JSCAN_SPACE},
	    {"[                              1]", JSCAN_SPACE},
	    {"1\n", JSCAN_SPACE | JSCAN_NEWLINE},
	    {"\r1", JSCAN_SPACE | JSCAN_NEWLINE},
	    {"[ \n1]", JSCAN_SPACE | JSCAN_NEWLINE},
	    {"[\n                        1]", JSCAN_SPACE | JSCAN_NEWLINE},
	    {"[                        \r1]", JSCAN_SPACE | JSCAN_NEWLINE},
	    {"{\"a\": 1,\n\"b\":2}", JSCAN_SPACE | JSCAN_NEWLINE},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		unsigned flags = 99;

		ok(jscan_valid(slice_str(cases[i].in), &flags, NULL));
		eq_uint(flags, cases[i].flags);
	}
}

/* `depth` containers, by turns or all of one kind, around nothing or a 1. */
static void
nested(struct buf *out, size_t depth, const char *kinds, bool filled)
{
	size_t n = strlen(kinds);

	out->len = 0;
	for (size_t i = 0; i < depth; i++) {
		bool object = kinds[i % n] == '{';

		buf_add_str(out, object ? "{" : "[");
		if (object && (filled || i + 1 < depth))
			buf_add_str(out, "\"\":");
	}
	if (filled)
		buf_add_str(out, "1");
	for (size_t i = depth; i--;)
		buf_add_byte(out, kinds[i % n] == '{' ? '}' : ']');
}

void
test_depth_is_limited_exactly(void)
{
	static const char *const kinds[] = {"[", "{", "{[", "[[{", "{{[[{["};
	struct jscan_fault fault;
	struct jscan_iter it;
	struct slice value;
	struct buf b = BUF_INIT;

	guard_init(&guard, 6 * JSCAN_MAX_DEPTH);
	for (size_t i = 0; i < COUNT(kinds); i++) {
		for (size_t depth = 1; depth < 300; depth++) {
			nested(&b, depth, kinds[i], depth % 2);
			expect(buf_slice(&b), true);
			/* One bracket that does not fit. */
			b.p[b.len - 1 - depth / 2] ^= ']' ^ '}';
			expect(buf_slice(&b), false);
		}
		for (int filled = 0; filled < 2; filled++) {
			nested(&b, JSCAN_MAX_DEPTH, kinds[i], filled);
			expect(buf_slice(&b), true);
			nested(&b, JSCAN_MAX_DEPTH + 1, kinds[i], filled);
			ok(!valid(buf_slice(&b), &fault));
			eq_str(fault.why, "nested too deeply");
		}
	}
	/* The container that an iterator walks does not count. */
	nested(&b, JSCAN_MAX_DEPTH + 1, "[", true);
	jscan_array(&it, guard_end(&guard, buf_slice(&b)));
	eq_int(jscan_element(&it, &value), 1);
	eq_uint(value.len, b.len - 2);
	eq_int(jscan_element(&it, &value), 0);
	nested(&b, JSCAN_MAX_DEPTH + 2, "[", true);
	jscan_array(&it, guard_end(&guard, buf_slice(&b)));
	eq_int(jscan_element(&it, &value), -1);
	eq_str(it.fault.why, "nested too deeply");
	eq_uint(it.fault.at, JSCAN_MAX_DEPTH + 1);
	/* Only open brackets, as much as there is. */
	b.len = 0;
	for (size_t i = 0; i < 2 * JSCAN_MAX_DEPTH; i++)
		buf_add_byte(&b, '[');
	ok(!valid(buf_slice(&b), &fault));
	eq_uint(fault.at, JSCAN_MAX_DEPTH);
	buf_release(&b);
	guard_release(&guard);
}

void
test_numbers_may_be_very_long(void)
{
	static const char *const heads[] = {"", "-", "0.", "-1.", "1e", "1e-", "0.5E+"};
	struct jscan_fault fault;
	struct buf b = BUF_INIT;

	guard_init(&guard, 100100);
	for (size_t i = 0; i < COUNT(heads); i++) {
		b.len = 0;
		buf_add_str(&b, heads[i]);
		for (size_t n = 0; n < 100000; n++)
			buf_add_byte(&b, (uint8_t)('1' + n % 9));
		expect(buf_slice(&b), true);
		buf_add_byte(&b, 'x');
		ok(!valid(buf_slice(&b), &fault));
		eq_uint(fault.at, b.len - 1);
	}
	buf_release(&b);
	guard_release(&guard);
}

/* A string with `middle` at each offset, `behind` bytes after it. */
static void
at_every_offset(struct slice middle, bool want, const char *why)
{
	struct buf b = BUF_INIT;

	for (size_t before = 0; before <= 70; before++) {
		for (size_t behind = 0; behind <= 40; behind++) {
			struct jscan_fault fault = {before + 1, why};

			b.len = 0;
			buf_add_byte(&b, '"');
			for (size_t i = 0; i < before; i++)
				buf_add_byte(&b, (uint8_t)('a' + i % 26));
			buf_add_slice(&b, middle);
			for (size_t i = 0; i < behind; i++)
				buf_add_byte(&b, (uint8_t)('A' + i % 26));
			buf_add_byte(&b, '"');
			ok(valid(buf_slice(&b), &fault) == want);
			ok(fault.at == before + 1);
			ok(fault.why == why || strcmp(fault.why, why) == 0);
		}
	}
	buf_release(&b);
}

void
test_strings_are_checked_at_every_offset(void)
{
	guard_init(&guard, 4096);
	at_every_offset(SLICE_LIT(" "), true, "");
	at_every_offset(SLICE_LIT("\x7f"), true, "");
	at_every_offset(SLICE_LIT("\\\""), true, "");
	at_every_offset(SLICE_LIT("\\\\"), true, "");
	at_every_offset(SLICE_LIT("\\u12ab"), true, "");
	at_every_offset(SLICE_LIT("\xc3\xa9"), true, "");
	at_every_offset(SLICE_LIT("\xe2\x82\xac"), true, "");
	at_every_offset(SLICE_LIT("\xf0\x9f\x98\x80"), true, "");
	at_every_offset(SLICE_LIT("\0"), false, "control character in a string");
	at_every_offset(SLICE_LIT("\x1f"), false, "control character in a string");
	at_every_offset(SLICE_LIT("\x80"), false, "invalid UTF-8");
	at_every_offset(SLICE_LIT("\xff"), false, "invalid UTF-8");
	at_every_offset(SLICE_LIT("\xed\xa0\x80"), false, "invalid UTF-8");
	guard_release(&guard);
}

void
test_white_space_may_be_of_any_length(void)
{
	struct buf b = BUF_INIT;

	guard_init(&guard, 4096);
	for (size_t len = 0; len <= 70; len++) {
		for (size_t at = 0; at <= len; at++) {
			unsigned flags = 0, want = len ? JSCAN_SPACE : 0;

			/* A line feed at `at`; none where that is behind the space. */
			b.len = 0;
			buf_add_byte(&b, '[');
			for (size_t i = 0; i < len; i++)
				buf_add_byte(&b, (uint8_t)(i == at ? '\n' : " \t"[i % 2]));
			buf_add_str(&b, "1]");
			if (at < len)
				want |= JSCAN_NEWLINE;
			ok(jscan_valid(guard_end(&guard, buf_slice(&b)), &flags, NULL));
			eq_uint(flags, want);
			b.p[b.len - 2] = '\f';
			expect(buf_slice(&b), false);
		}
	}
	buf_release(&b);
	guard_release(&guard);
}

/* "key=value;" for each, and what ended the walk. */
static void
walk(struct slice in, bool object, struct buf *out)
{
	struct slice copy = guard_end(&guard, in), key = {0}, value;
	struct jscan_iter it;
	int rc;

	out->len = 0;
	if (object)
		jscan_object(&it, copy);
	else
		jscan_array(&it, copy);
	while ((rc = object ? jscan_member(&it, &key, &value) : jscan_element(&it, &value)) > 0) {
		buf_add_slice(out, key);
		buf_add_str(out, object ? "=" : "");
		buf_add_slice(out, value);
		buf_add_str(out, ";");
	}
	/* The end is the end, a fault stays one. */
	eq_int(object ? jscan_member(&it, &key, &value) : jscan_element(&it, &value), rc);
	if (rc < 0)
		buf_printf(out, "%s at %zu", it.fault.why, it.fault.at);
	else
		ok(jscan_valid(in, NULL, NULL));
	ok(rc == 0 || !jscan_valid(in, NULL, NULL) || it.fault.at == 0 || in.p[0] == ' ');
}

void
test_walks_hand_out_members_and_find_faults(void)
{
	static const struct {
		const char *in, *members, *elements; /* by jscan_object and by jscan_array */
	} cases[] = {
	    {"{}", "", "unexpected byte at 0"},
	    {" { } ", "", "unexpected byte at 1"},
	    {"[]", "unexpected byte at 0", ""},
	    {" [ ] ", "unexpected byte at 1", ""},
	    {"", "unexpected end at 0", "unexpected end at 0"},
	    {"  ", "unexpected end at 2", "unexpected end at 2"},
	    {"1", "unexpected byte at 0", "unexpected byte at 0"},
	    {"\"{}\"", "unexpected byte at 0", "unexpected byte at 0"},
	    {"{\"a\":1}", "\"a\"=1;", "unexpected byte at 0"},
	    {" { \"a\" : 1 , \"b\" : [ 2 ] } ", "\"a\"=1;\"b\"=[ 2 ];", "unexpected byte at 1"},
	    {"{\"a\":1,\"a\":{\"}\":\"]\"}}", "\"a\"=1;\"a\"={\"}\":\"]\"};",
	     "unexpected byte at 0"},
	    {"{\"\\u0061\\\"\":\"\\\"\",\"\":-0.5e1}", "\"\\u0061\\\"\"=\"\\\"\";\"\"=-0.5e1;",
	     "unexpected byte at 0"},
	    {"[1,\"a\",null,[[]],{}]", "unexpected byte at 0", "1;\"a\";null;[[]];{};"},
	    {"[ true\n,\tfalse ]\n", "unexpected byte at 0", "true;false;"},
	    {"{\"a\":1,}", "\"a\"=1;unexpected byte at 7", "unexpected byte at 0"},
	    {"{\"a\":1}x", "\"a\"=1;unexpected byte at 7", "unexpected byte at 0"},
	    {"{\"a\":1", "\"a\"=1;unexpected end at 6", "unexpected byte at 0"},
	    {"{\"a\":1 1}", "\"a\"=1;unexpected byte at 7", "unexpected byte at 0"},
	    {"{\"a\":1]", "\"a\"=1;unexpected byte at 6", "unexpected byte at 0"},
	    {"{,", "unexpected byte at 1", "unexpected byte at 0"},
	    {"{\"a\"", "unexpected end at 4", "unexpected byte at 0"},
	    {"{\"a\" 1}", "unexpected byte at 5", "unexpected byte at 0"},
	    {"{\"a\":", "unexpected end at 5", "unexpected byte at 0"},
	    {"{\"a\":}", "unexpected byte at 5", "unexpected byte at 0"},
	    {"{\"\\q\":1}", "invalid escape at 3", "unexpected byte at 0"},
	    {"{\"a\":[1,]}", "unexpected byte at 8", "unexpected byte at 0"},
	    {"{", "unexpected end at 1", "unexpected byte at 0"},
	    {"{} {}", "unexpected byte at 3", "unexpected byte at 0"},
	    {"[1,]", "unexpected byte at 0", "1;unexpected byte at 3"},
	    {"[1}", "unexpected byte at 0", "1;unexpected byte at 2"},
	    {"[,1]", "unexpected byte at 0", "unexpected byte at 1"},
	    {"[1 2]", "unexpected byte at 0", "1;unexpected byte at 3"},
	    {"[1]]", "unexpected byte at 0", "1;unexpected byte at 3"},
	    {"[] ]", "unexpected byte at 0", "unexpected byte at 3"},
	    {"[", "unexpected byte at 0", "unexpected end at 1"},
	    {"[\"\xff\"]", "unexpected byte at 0", "invalid UTF-8 at 2"},
	};
	struct buf b = BUF_INIT;

	guard_init(&guard, 4096);
	for (size_t i = 0; i < COUNT(cases); i++) {
		walk(slice_str(cases[i].in), true, &b);
		eq_str(buf_cstr(&b), cases[i].members);
		walk(slice_str(cases[i].in), false, &b);
		eq_str(buf_cstr(&b), cases[i].elements);
	}
	buf_release(&b);
	guard_release(&guard);
}

void
test_walk_of_an_absent_slice_is_a_fault(void)
{
	struct jscan_iter it;
	struct slice key, value;

	jscan_object(&it, SLICE_ABSENT);
	eq_int(jscan_member(&it, &key, &value), -1);
	eq_str(it.fault.why, "unexpected end");
}
