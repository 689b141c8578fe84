#include <string.h>

#include "common/jsame.h"
#include "common/jscan.h"
#include "tests/tap.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
each_way(const char *const (*pairs)[2], size_t count, bool want)
{
	for (size_t i = 0; i < count; i++) {
		struct slice a = slice_str(pairs[i][0]), b = slice_str(pairs[i][1]);

		if (!ok(jsame(a, b) == want) || !ok(jsame(b, a) == want))
			eq_str(pairs[i][0], pairs[i][1]);
		ok(jsame(a, a) && jsame(b, b));
	}
}

void
test_same_meaning(void)
{
	static const char *const pairs[][2] = {
	    {"1", " 1\n"},
	    {"{}", " { } "},
	    {"[]", "[ ]"},
	    {"{\"a\":1,\"b\":[1,2]}", "{ \"b\" : [ 1 , 2 ] , \"a\" : 1 }"},
	    {"{\"a\":{\"c\":1,\"d\":2},\"b\":3}", "{\"b\":3,\"a\":{\"d\":2,\"c\":1}}"},
	    {"{\"a\":1,\"ab\":2,\"abc\":3}", "{\"abc\":3,\"ab\":2,\"a\":1}"},
	    /* the last member of a name */
	    {"{\"a\":1,\"a\":2}", "{\"a\":2}"},
	    {"{\"a\":2,\"b\":0,\"a\":1,\"a\":3}", "{\"b\":0,\"a\":3}"},
	    {"{\"a\":{\"x\":[1,2,{}]},\"a\":null}", "{\"a\":null}"},
	    {"{\"\\u0061\":1,\"a\":2}", "{\"a\":2}"},
	    {"{\"a\":1,\"\\u0061\":2}", "{\"a\":2}"},
	    {"{\"\":1,\"\":2}", "{\"\":2}"},
	    /* escapes */
	    {"\"a\"", "\"\\u0061\""},
	    {"\"/\"", "\"\\/\""},
	    {"\"\\n\"", "\"\\u000A\""},
	    {"\"\xc3\xa9\"", "\"\\u00e9\""},
	    {"\"\xf0\x9f\x98\x80\"", "\"\\ud83d\\uDE00\""},
	    {"\"\\u0000\"", " \"\\u0000\""},
	    {"{\"\\\"\":1}", "{\"\\u0022\":1}"},
	    {"{\"\xc3\xa9\":1,\"e\":2}", "{\"e\":2,\"\\u00E9\":1}"},
	    /* lone surrogates */
	    {"\"\\ud800\"", "\"\xef\xbf\xbd\""},
	    {"\"\\udfff\"", "\"\\ufffd\""},
	    {"\"\\ud800\"", "\"\\udc00\""},
	    {"\"\\ud800\\ud800\"", "\"\\ufffd\\ufffd\""},
	    {"\"\\udc00\\udc00\"", "\"\\ufffd\\ufffd\""},
	    {"\"\\ud800\\ud83d\\ude00\"", "\"\\ufffd\xf0\x9f\x98\x80\""},
	    {"\"\\ud800x\\n\"", "\"\xef\xbf\xbdx\\u000a\""},
	    {"{\"\\ud800\":1,\"\\udc00\":2}", "{\"\\ufffd\":2}"},
	    /* numbers */
	    {"1", "1.0"},
	    {"100", "1e2"},
	    {"0.001", "1E-3"},
	    {"0", "-0"},
	    {"0", "0.0e10"},
	    {"-0.0", "0"},
	    {"0.1", "0.10000000000000000"},
	    {"0.1", "0.1000000000000000055511151231257827"},
	    {"9007199254740993", "9007199254740992"},
	    {"12345678901234567890", "12345678901234567168"},
	    {"1e400", "1.7976931348623157e308"},
	    {"1e400", "2e999999999999"},
	    {"-1e400", "-1.7976931348623157e308"},
	    {"1e-400", "0"},
	    {"1e-400", "-1e-99999999999"},
	    {"5e-324", "4.9e-324"},
	    {"[1.50,true,false,null]", "[1.5, true, false, null]"},
	};

	each_way(pairs, COUNT(pairs), true);
}

void
test_other_meaning(void)
{
	static const char *const pairs[][2] = {
	    {"1", "2"},
	    {"1", "-1"},
	    {"1", "\"1\""},
	    {"0", "false"},
	    {"0", "null"},
	    {"\"\"", "null"},
	    {"true", "false"},
	    {"true", "\"true\""},
	    {"{}", "[]"},
	    {"{}", "null"},
	    {"[]", "null"},
	    {"[]", "\"[\""},
	    {"[]", "[[]]"},
	    {"[]", "[null]"},
	    {"[[],[]]", "[[[]]]"},
	    {"[[1],2]", "[[1,2]]"},
	    {"[1,2]", "[2,1]"},
	    {"[1,2]", "[1,2,2]"},
	    {"[1]", "[2]"},
	    {"[1,[2,[3]]]", "[1,[2,[4]]]"},
	    {"{\"a\":1}", "{\"a\":2}"},
	    {"{\"a\":1}", "{\"b\":1}"},
	    {"{\"a\":1}", "{\"A\":1}"},
	    {"{\"a\":1}", "{\"a\":1,\"b\":1}"},
	    {"{\"a\":\"b\"}", "{\"b\":\"a\"}"},
	    {"{\"a\":\"b\"}", "[\"a\",\"b\"]"},
	    {"{\"a\":{}}", "{\"a\":[]}"},
	    {"{\"a\":\"1\"}", "{\"a\":1}"},
	    {"{\"a\":\"null\"}", "{\"a\":null}"},
	    {"{\"a\":\"\\\\n\"}", "{\"a\":\"\\n\"}"},
	    {"{\"a\":1,\"a\":2}", "{\"a\":1}"},
	    {"{\"a\":1,\"a\":2}", "{\"a\":2,\"a\":1}"},
	    {"{\"a\":1,\"\\u0061\":2}", "{\"a\":1}"},
	    {"{\"a\":1,\"b\":2}", "{\"a\":2,\"b\":1}"},
	    {"{\"x\":{\"a\":1,\"b\":2}}", "{\"x\":{\"a\":1},\"b\":2}"},
	    {"\"a\"", "\"A\""},
	    {"\"a\"", "\"a \""},
	    {"\"a\\u0000b\"", "\"a\""},
	    {"\"a\\u0000b\"", "\"a\\u0000c\""},
	    {"\"\\\\n\"", "\"\\n\""},
	    {"\"\xc3\xa9\"", "\"e\xcc\x81\""},
	    {"0.1", "0.2"},
	    {"0.1", "0.10000000000000002"},
	    {"1e400", "-1e400"},
	    {"1e400", "1.7976931348623155e308"},
	    {"9007199254740992", "9007199254740994"},
	    {"5e-324", "0"},
	};

	each_way(pairs, COUNT(pairs), false);
}

void
test_invalid_text_is_the_same_as_none(void)
{
	ok(!jsame(SLICE_LIT("["), SLICE_LIT("[")));
	ok(!jsame(SLICE_LIT("{\"a\":1"), SLICE_LIT("{\"a\":1}")));
	ok(!jsame(SLICE_LIT("1"), SLICE_LIT("01")));
	ok(!jsame(SLICE_LIT("1 }"), SLICE_LIT("1")));
	ok(!jsame(SLICE_ABSENT, SLICE_ABSENT));
	ok(!jsame(SLICE_LIT("null"), SLICE_ABSENT));
}

/* Objects and arrays by turns around a long string, the other members before or after it. */
static void
add_deep(struct buf *out, bool before, size_t len)
{
	for (int i = 0; i < JSCAN_MAX_DEPTH - 1; i++)
		buf_add_str(out, i % 2 ? "[1," : before ? "{\"b\":2,\"a\":" : "{\"a\":");
	buf_add_str(out, "\"");
	for (size_t i = 0; i < len; i++)
		buf_add_byte(out, 'x');
	buf_add_str(out, "\"");
	for (int i = JSCAN_MAX_DEPTH - 1; i--;)
		buf_add_str(out, i % 2 ? "]" : before ? "}" : ",\"b\":2}");
}

/*
 * This and the next take longer than anybody waits if the time grows with the
 * square of the depth or of the number of keys.
 */
void
test_deep_and_long_texts(void)
{
	struct buf a = BUF_INIT, b = BUF_INIT;

	buf_add_str(&a, "[");
	buf_add_str(&b, "[");
	for (int n = 0; n < 4; n++) {
		add_deep(&a, true, 500000);
		add_deep(&b, false, 500000);
		buf_add_str(&a, n < 3 ? "," : "]");
		buf_add_str(&b, n < 3 ? "," : "]");
	}
	ok(jsame(buf_slice(&a), buf_slice(&b)));
	a.len = b.len = 0;
	add_deep(&a, true, 10);
	add_deep(&b, false, 11);
	ok(!jsame(buf_slice(&a), buf_slice(&b)));
	buf_release(&a);
	buf_release(&b);
}

/* All the keys below `count` in the order of a walk in steps of `step`. */
static void
add_members(struct buf *out, uint32_t count, uint32_t step, const char *prefix)
{
	buf_add_byte(out, '{');
	for (uint32_t i = 0; i < count; i++) {
		uint32_t n = (uint32_t)((uint64_t)i * step % count);

		buf_printf(out, "%s\"%s%u\":%u", i ? "," : "", prefix, n, n);
	}
	buf_add_byte(out, '}');
}

void
test_many_keys(void)
{
	struct buf a = BUF_INIT, b = BUF_INIT;

	add_members(&a, 300007, 1, "k");
	add_members(&b, 300007, 99991, "\\u006b");
	ok(jsame(buf_slice(&a), buf_slice(&b)));
	b.p[b.len - 2] = b.p[b.len - 2] == '7' ? '8' : '7';
	ok(!jsame(buf_slice(&a), buf_slice(&b)));
	a.len = 0;
	buf_add_byte(&a, '{');
	for (int i = 0; i < 300000; i++)
		buf_printf(&a, "\"k\":%d,", i);
	buf_add_str(&a, "\"k\":true}");
	ok(jsame(buf_slice(&a), SLICE_LIT("{\"k\":true}")));
	buf_release(&a);
	buf_release(&b);
}

void
test_very_long_numbers(void)
{
	struct buf a = BUF_INIT, b = BUF_INIT;

	buf_add_str(&a, "0.");
	for (int i = 0; i < 1000000; i++)
		buf_add_byte(&a, '3');
	buf_add(&b, a.p, a.len - 1);
	ok(jsame(buf_slice(&a), buf_slice(&b)));
	ok(jsame(buf_slice(&a), SLICE_LIT("0.3333333333333333")));
	/* Without the point it is no number that a double holds. */
	ok(jsame((struct slice){a.p + 2, a.len - 2}, SLICE_LIT("1e999")));
	buf_release(&a);
	buf_release(&b);
}
