#include <string.h>

#include "common/jcanon.h"
#include "common/jscan.h"
#include "tests/tap.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Each text becomes the other, which becomes itself; one struct for all. */
static void
each_becomes(const char *const (*pairs)[2], size_t count)
{
	struct buf form = BUF_INIT;
	struct jcanon c;

	jcanon_init(&c);
	for (size_t i = 0; i < count; i++) {
		ok(jscan_valid(slice_str(pairs[i][0]), NULL, NULL));
		form.len = 0;
		jcanon_add(&c, slice_str(pairs[i][0]), &form);
		eq_str(buf_cstr(&form), pairs[i][1]);
		form.len = 0;
		jcanon_add(&c, slice_str(pairs[i][1]), &form);
		eq_str(buf_cstr(&form), pairs[i][1]);
	}
	jcanon_release(&c);
	buf_release(&form);
}

void
test_numbers_by_value_and_digits_behind_the_point(void)
{
	static const char *const pairs[][2] = {
	    {"0", "0"},
	    {"-0", "0"},
	    {"-0.00", "0e-2"},
	    {"0.0e1", "0"},
	    {"0.00e1", "0e-1"},
	    {"0e5", "0"},
	    {"0E-3", "0e-3"},
	    {"7", "7"},
	    {"-12", "-12"},
	    {"10", "1e1"},
	    {"-100", "-1e2"},
	    {"1e2", "1e2"},
	    {"1E+02", "1e2"},
	    {"1.00e2", "1e2"},
	    {"1.000e2", "1000e-1"},
	    {"1020e0", "102e1"},
	    {"1.10", "110e-2"},
	    {"1.1", "11e-1"},
	    {"1.5e1", "15"},
	    {"1.50e1", "150e-1"},
	    {"0.001", "1e-3"},
	    {"0.19", "19e-2"},
	    {"-0.5", "-5e-1"},
	    {"-0.05", "-5e-2"},
	    {"[-10.50,0.0,0.10,3.00]", "[-1050e-2,0e-1,10e-2,300e-2]"},
	    {"1.00e-2", "100e-4"},
	    {"100.00", "10000e-2"},
	    {"-0.050", "-50e-3"},
	    {"1e1000000", "1e1000000"},
	    {"10e-1000000", "10e-1000000"},
	    {"12345678901234567890123456789", "12345678901234567890123456789"},
	    {"1e000000000000000000000000000001", "1e1"},
	    {"1e9223372036854775807", "1e9223372036854775807"},
	    {"1E+9223372036854775808", "1e9223372036854775808"},
	    {"10e9223372036854775807", "10e9223372036854775807"},
	    {"1e-9223372036854775808", "1e-9223372036854775808"},
	    {"-1.50E-009223372036854775807", "-1.50e-9223372036854775807"},
	    {"0e-99999999999999999999", "0e-99999999999999999999"},
	    {"[1,10,1.0,true,-1 ,0]", "[1,1e1,10e-1,true,-1,0]"},
	};

	each_becomes(pairs, COUNT(pairs));
}

void
test_strings_by_code_points(void)
{
	static const char *const pairs[][2] = {
	    {"\"\"", "\"\""},
	    {"\"plain \xc3\xa9 \xf0\x9f\x98\x80 \x7f\"",
	     "\"plain \xc3\xa9 \xf0\x9f\x98\x80 \x7f\""},
	    {"\"\\u0041\\u00E9\\u20ac\"", "\"A\xc3\xa9\xe2\x82\xac\""},
	    {"\"\\ud83d\\uDE00\\u007f\"", "\"\xf0\x9f\x98\x80\x7f\""},
	    {"\"\\/\\\"\\\\\\u0022\\u005C\"", "\"/\\\"\\\\\\\"\\\\\""},
	    {"\"\\b\\f\\n\\r\\t\\u000B\\u0000\"",
	     "\"\\u0008\\u000c\\u000a\\u000d\\u0009\\u000b\\u0000\""},
	    {"\"\\uD800\"", "\"\\ud800\""},
	    {"\"\\uDFFFx\\uDBFF\"", "\"\\udfffx\\udbff\""},
	    {"\"\\uD83D\\uD83D\\uDE00\\uDE00\"", "\"\\ud83d\xf0\x9f\x98\x80\\ude00\""},
	    {"\"\\uFFFD\"", "\"\xef\xbf\xbd\""},
	    {"\"\\\\u0041\"", "\"\\\\u0041\""},
	};

	each_becomes(pairs, COUNT(pairs));
}

void
test_plain_text_is_quoted(void)
{
	struct buf out = BUF_INIT;

	jcanon_quote(SLICE_LIT(""), &out);
	jcanon_quote(SLICE_LIT("a\"\\\n\x1f\x7f\xc3\xa9"), &out);
	eq_str(buf_cstr(&out), "\"\"\"a\\\"\\\\\\u000a\\u001f\x7f\xc3\xa9\"");
	buf_release(&out);
}

void
test_unsigned_integers_are_numbers(void)
{
	static const struct {
		uint64_t n;
		const char *form;
	} rows[] = {{0, "0"},
	            {7, "7"},
	            {10, "1e1"},
	            {10200, "102e2"},
	            {UINT64_C(10000000000000000000), "1e19"},
	            {UINT64_MAX, "18446744073709551615"}};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out = BUF_INIT;

		jcanon_uint(rows[i].n, &out);
		eq_str(buf_cstr(&out), rows[i].form);
		buf_release(&out);
	}
}

void
test_members_by_key(void)
{
	static const char *const pairs[][2] = {
	    {" { } ", "{}"},
	    {"[ ]", "[]"},
	    {" null\n", "null"},
	    {"{\"a\":1,\"b\":{},\"c\":[{},[]]}", "{\"a\":1,\"b\":{},\"c\":[{},[]]}"},
	    {"{\"b\":2,\"a\":1}", "{\"a\":1,\"b\":2}"},
	    {"{\"ab\":3,\"a\":2,\"\":1,\"B\":0}", "{\"\":1,\"B\":0,\"a\":2,\"ab\":3}"},
	    {"[{\"b\" : true, \"a\" : [ ] } , {\"d\":null,\"c\":false}, 5]",
	     "[{\"a\":[],\"b\":true},{\"c\":false,\"d\":null},5]"},
	    {"{\"a\":[0,{\"y\":1,\"x\":{\"2\":2,\"1\":[{\"q\":1,\"p\":2}]}}],\"b\":1}",
	     "{\"a\":[0,{\"x\":{\"1\":[{\"p\":2,\"q\":1}],\"2\":2},\"y\":1}],\"b\":1}"},
	    {"{\"z\":{\"b\":1,\"a\":{\"d\":1,\"c\":2}},\"y\":[{\"b\":1,\"a\":2}],\"x\":\"}\"}",
	     "{\"x\":\"}\",\"y\":[{\"a\":2,\"b\":1}],\"z\":{\"a\":{\"c\":2,\"d\":1},\"b\":1}}"},
	    /* the last of equal keys, however they are spelt */
	    {"{\"a\":1,\"a\":2}", "{\"a\":2}"},
	    {"{\"a\":1,\"b\":0,\"\\u0061\":{\"d\":4,\"c\":3},\"c\":1}",
	     "{\"a\":{\"c\":3,\"d\":4},\"b\":0,\"c\":1}"},
	    {"{\"a\":{\"y\":1,\"x\":[{\"b\":1,\"a\":2}]},\"a\":{\"d\":4,\"c\":3}}",
	     "{\"a\":{\"c\":3,\"d\":4}}"},
	    {"{\"a\":3,\"a\":2,\"a\":1}", "{\"a\":1}"},
	    /* by code points, not by their escapes */
	    {"{\"A\":1,\"\\n\":2,\"\\\"\":3,\"!\":4,\"\\\\\":5,\"Z\":6,\"a\":7}",
	     "{\"\\u000a\":2,\"!\":4,\"\\\"\":3,\"A\":1,\"Z\":6,\"\\\\\":5,\"a\":7}"},
	    {"{\"\xf0\x9f\x98\x80\":1,\"\xee\x80\x80\":2,\"\\ud800\":3,\"\xed\x9f\xbf\":4,"
	     "\"\\uDFFF\":5,\"\\uFFFF\":6}",
	     "{\"\xed\x9f\xbf\":4,\"\\ud800\":3,\"\\udfff\":5,\"\xee\x80\x80\":2,"
	     "\"\xef\xbf\xbf\":6,\"\xf0\x9f\x98\x80\":1}"},
	};

	each_becomes(pairs, COUNT(pairs));
}

void
test_the_form_is_appended(void)
{
	struct buf out = BUF_INIT;
	struct jcanon c;

	jcanon_init(&c);
	buf_add_str(&out, "before ");
	jcanon_add(&c, SLICE_LIT("{\"b\":2,\"a\":1}"), &out);
	buf_add_str(&out, " ");
	jcanon_add(&c, SLICE_LIT("{\"a\":10}"), &out);
	eq_str(buf_cstr(&out), "before {\"a\":1,\"b\":2} {\"a\":1e1}");
	jcanon_release(&c);
	jcanon_release(&c);
	buf_release(&out);
}

/* Nothing is copied to nowhere, which a sanitizer sees. */
void
test_forms_in_bufs_that_have_no_memory_yet(void)
{
	static const char *const pairs[][2] = {{"1.10", "110e-2"},
	                                       {"-0", "0"},
	                                       {" true", "true"},
	                                       {"100", "1e2"},
	                                       {" {}", "{}"}};
	struct jcanon c;

	jcanon_init(&c);
	for (size_t i = 0; i < COUNT(pairs); i++) {
		struct buf form = BUF_INIT;

		jcanon_add(&c, slice_str(pairs[i][0]), &form);
		eq_str(buf_cstr(&form), pairs[i][1]);
		buf_release(&form);
	}
	jcanon_release(&c);
}

/* All the keys below `count` in the order of a walk in steps of `step`, `times` over. */
static void
add_members(struct buf *out, uint32_t count, uint32_t step, uint32_t times)
{
	buf_add_byte(out, '{');
	for (uint32_t i = 0; i < count * times; i++) {
		uint32_t n = (uint32_t)((uint64_t)i * step % count);

		buf_printf(out, "%s\"key %07u\":%u", i ? "," : "", n, i / count);
	}
	buf_add_byte(out, '}');
}

void
test_many_keys(void)
{
	struct buf a = BUF_INIT, b = BUF_INIT, form = BUF_INIT;
	struct jcanon c;

	jcanon_init(&c);
	for (uint32_t count = 2; count < 40; count++) {
		a.len = b.len = form.len = 0;
		add_members(&a, count, 101, 3);
		buf_add_byte(&b, '{');
		for (uint32_t i = 0; i < count; i++)
			buf_printf(&b, "%s\"key %07u\":2", i ? "," : "", i);
		buf_add_byte(&b, '}');
		jcanon_add(&c, buf_slice(&a), &form);
		eq_mem(form.p, form.len, b.p, b.len);
	}
	a.len = b.len = form.len = 0;
	add_members(&a, 300007, 99991, 1);
	add_members(&b, 300007, 1, 1);
	jcanon_add(&c, buf_slice(&a), &form);
	ok(slice_eq(buf_slice(&form), buf_slice(&b)));
	jcanon_release(&c);
	buf_release(&a);
	buf_release(&b);
	buf_release(&form);
}

/* Objects and arrays by turns around a long string; each object has another member beside. */
static void
add_deep(struct buf *out, bool sorted, size_t len)
{
	for (int i = 0; i < JSCAN_MAX_DEPTH - 1; i++)
		buf_add_str(out, i % 2 ? "[1," : sorted ? "{\"a\":2,\"b\":" : "{\"b\":");
	buf_add_str(out, "\"");
	for (size_t i = 0; i < len; i++)
		buf_add_byte(out, 'x');
	buf_add_str(out, "\"");
	for (int i = JSCAN_MAX_DEPTH - 1; i--;)
		buf_add_str(out, i % 2 ? "]" : sorted ? "}" : ",\"a\":2}");
}

/* It takes longer than anybody waits if each level moves all that is in it. */
void
test_deep_and_long_texts(void)
{
	struct buf a = BUF_INIT, b = BUF_INIT, form = BUF_INIT;
	struct jcanon c;

	jcanon_init(&c);
	add_deep(&a, false, 20000000);
	add_deep(&b, true, 20000000);
	jcanon_add(&c, buf_slice(&a), &form);
	ok(slice_eq(buf_slice(&form), buf_slice(&b)));
	jcanon_release(&c);
	buf_release(&a);
	buf_release(&b);
	buf_release(&form);
}
