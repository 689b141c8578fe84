#include <stdlib.h>
#include <string.h>

#include "common/jscan.h"
#include "common/pgvalue.h"
#include "common/transcode.h"
#include "tests/guard.h"
#include "tests/tap.h"

/* What is refused here, a server 15 refuses or changes; what is not, it takes. */
static const char twice[] = "holds a name twice in one object, of which jsonb keeps one";
static const char zero[] = "holds \\u0000, which jsonb cannot";
static const char half[] = "holds half of a surrogate pair, which jsonb cannot";
static const char number[] =
    "holds a number beyond jsonb's 131072 digits before and 16383 behind the point";
static const char lacks[] =
    "holds an escape of a character that the encoding of the database lacks";

static const char *
check_in(const char *encoding, struct slice json)
{
	struct err err = ERR_INIT;
	struct pgcharset *charset = NULL;
	const char *why;

	ok(pgcharset_open(&charset, encoding, &err) == 0);
	why = pgvalue_check_jsonb(json, charset);
	pgcharset_close(charset);
	return why ? why : "";
}

static const char *
check(const char *json)
{
	return check_in("UTF8", slice_str(json));
}

/* "BEFORE", so many zeros, "BEHIND". */
static const char *
check_zeros(const char *before, size_t zeros, const char *behind)
{
	struct buf json = BUF_INIT;
	const char *why;

	buf_add_str(&json, before);
	for (; zeros > 0; zeros--)
		buf_add_byte(&json, '0');
	buf_add_str(&json, behind);
	why = check_in("UTF8", buf_slice(&json));
	buf_release(&json);
	return why;
}

void
test_plain_texts_are_fine(void)
{
	static const char *const texts[] =
	    {"null",
	     "true",
	     "false",
	     "0",
	     "-0",
	     "-1.5e-3",
	     "\"\"",
	     "[]",
	     "{}",
	     " [ 1 , 2 ] ",
	     "\t{ \"a\" : { \"a\" : [ { \"a\" : null } , { \"a\" : -1 } ] } , \"b\" : false }\n",
	     "[\"a\",\"a\",{\"b\":\"b\"},\"b\"]",
	     "{\"\":1,\" \":2,\"a\":\"a\",\"A\":\"a\"}",
	     "{\"a\\\\\":1,\"a\\\"\":2,\"a\\\\\\\\\":[]}"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		eq_str(check(texts[i]), "");
}

/* An event may be nested some levels deeper than what we look into. */
void
test_what_is_nested_too_deeply(void)
{
	struct buf json = BUF_INIT;
	int depth, i;

	for (depth = TRANSCODE_MAX_DEPTH; depth <= JSCAN_MAX_DEPTH;
	     depth += JSCAN_MAX_DEPTH - TRANSCODE_MAX_DEPTH) {
		json.len = 0;
		for (i = 0; i < 2 * depth; i++)
			buf_add_byte(&json, i < depth ? '[' : ']');
		ok(jscan_valid(buf_slice(&json), NULL, NULL));
		eq_str(check_in("UTF8", buf_slice(&json)),
		       depth == TRANSCODE_MAX_DEPTH ? "" : "is nested too deeply for jsonb");
	}
	buf_release(&json);
}

void
test_nul_and_lone_surrogates(void)
{
	eq_str(check("\"\\u0000\""), zero);
	eq_str(check("[{\"a\":\"b\\u0000\"}]"), zero);
	eq_str(check("{\"\\u0000\":1}"), zero);
	eq_str(check("\"\\\\u0000\""), "");
	eq_str(check("\"\\\\\\u0000\""), zero);
	eq_str(check("\"\\u0001\""), "");
	eq_str(check("\"\\ud800\""), half);
	eq_str(check("\"\\uDFFF\""), half);
	eq_str(check("\"\\ud800\\ud800\""), half);
	eq_str(check("\"\\ud800x\\udc00\""), half);
	eq_str(check("\"\\ud800\\n\""), half);
	eq_str(check("{\"a\\udc00\\ud800\":1}"), half);
	eq_str(check("\"\\uD83D\\uDE00\""), "");
	eq_str(check("\"\\\\ud800\""), "");
}

void
test_names_twice(void)
{
	eq_str(check("{\"a\":1,\"a\":1}"), twice);
	eq_str(check("{\"\":1,\"\":1}"), twice);
	eq_str(check("{\"a\":1,\"b\":{\"c\":[]},\"a\":2}"), twice);
	eq_str(check("[[],{\"b\":{\"c\":1,\"d\":[1,2],\"c\":[]}}]"), twice);
	eq_str(check("{\"a\":{\"b\":1},\"b\":{\"a\":1}}"), "");
	eq_str(check("[{\"a\":1},{\"a\":1}]"), "");
}

void
test_names_are_compared_decoded(void)
{
	eq_str(check("{\"a\":1,\"\\u0061\":1}"), twice);
	eq_str(check("{\"\\u0061\":1,\"a\":1}"), twice);
	eq_str(check("{\"\\u00e9\":1,\"\xc3\xa9\":1}"), twice);
	eq_str(check("{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":1}"), twice);
	eq_str(check("{\"\\/\":1,\"/\":1}"), twice);
	eq_str(check("{\"\\n\":1,\"\\u000a\":1}"), twice);
	eq_str(check("{\"a\":1,\"b\":2,\"\\u0063\":3,\"d\":4,\"\\u0064\":5}"), twice);
	eq_str(check("{\"a\":1,\"x\":{\"\\u0062\":3},\"b\":4,\"\\u0061\":5}"), twice);
	eq_str(check("{\"a\":1,\"b\":2,\"\\u0063\":3,\"d\":4,\"\\u0065\":5}"), "");
	eq_str(check("{\"\\\\u0061\":1,\"a\":1}"), "");
}

void
test_many_names_and_levels(void)
{
	struct buf json = BUF_INIT;
	int i;

	for (i = 0; i < 5000; i++)
		buf_printf(&json, "%s\"name%d\":%d", i ? "," : "{", i * 7919 % 5000, i);
	buf_add_byte(&json, '}');
	eq_str(check_in("UTF8", buf_slice(&json)), "");
	json.len--;
	buf_add_str(&json, ",\"name\\u00342\":0}");
	eq_str(check_in("UTF8", buf_slice(&json)), twice);
	json.len = 0;
	for (i = 0; i < 15000; i++)
		buf_add_byte(&json, '[');
	for (i = 0; i < 15000; i++)
		buf_add_byte(&json, ']');
	eq_str(check_in("UTF8", buf_slice(&json)), "");
	buf_release(&json);
}

void
test_numbers_before_the_point(void)
{
	eq_str(check("1e131071"), "");
	eq_str(check("1e131072"), number);
	eq_str(check("[1,-9.99E+131071]"), "");
	eq_str(check("[1,-9.99E+131072]"), number);
	eq_str(check("12e131070"), "");
	eq_str(check("12e131071"), number);
	eq_str(check("0.1e131072"), "");
	eq_str(check("0.1e131073"), number);
	eq_str(check("0.00001e131076"), "");
	eq_str(check("0.00001e131077"), number);
	eq_str(check_zeros("1", 131071, ""), "");
	eq_str(check_zeros("1", 131072, ""), number);
	eq_str(check_zeros("-1", 131071, ".0"), "");
	eq_str(check_zeros("[1", 131072, ".0]"), number);
	eq_str(check("0e131072"), "");
	eq_str(check("0e200000"), "");
}

void
test_numbers_behind_the_point(void)
{
	eq_str(check("1e-16383"), "");
	eq_str(check("1e-16384"), number);
	eq_str(check("1.5e-16382"), "");
	eq_str(check("{\"a\":1.5e-16383}"), number);
	eq_str(check("0e-16383"), "");
	eq_str(check("0e-16384"), number);
	eq_str(check_zeros("0.", 16382, "1"), "");
	eq_str(check_zeros("0.", 16383, "1"), number);
	eq_str(check_zeros("1.", 16383, ""), "");
	eq_str(check_zeros("1.", 16384, ""), number);
	eq_str(check_zeros("0.", 16388, "e5"), "");
	eq_str(check_zeros("0.", 16389, "e5"), number);
	eq_str(check_zeros("1", 20000, "e-16383"), "");
	eq_str(check_zeros("1", 20000, "e-16384"), number);
	eq_str(check_zeros("0.", 131071, "1e131072"), "");
}

void
test_exponents_of_any_length(void)
{
	eq_str(check_zeros("1e", 70, "5"), "");
	eq_str(check_zeros("1e-", 70, "5"), "");
	eq_str(check_zeros("0e1", 70, ""), number);
	eq_str(check_zeros("1e-1", 70, ""), number);
	eq_str(check("0e1073741800"), "");
	eq_str(check("0e1073741823"), number);
	eq_str(check("0e-1073741823"), number);
	eq_str(check("1e9223372036854775808"), number);
	eq_str(check("1e-18446744073709551616"), number);
}

void
test_characters_of_the_encoding(void)
{
	eq_str(check_in("LATIN1", SLICE_LIT("\"\xc3\xa9\\u00e9\"")), "");
	eq_str(check_in("LATIN1", SLICE_LIT("\"\xe2\x82\xac\"")),
	       "holds a character that the encoding of the database lacks");
	eq_str(check_in("LATIN1", SLICE_LIT("\"\\u20ac\"")), lacks);
	eq_str(check_in("LATIN1", SLICE_LIT("{\"\\ud83d\\ude00\":1}")), lacks);
	eq_str(check_in("SQL_ASCII", SLICE_LIT("\"\xe2\x82\xac\\u007f\"")), "");
	eq_str(check_in("SQL_ASCII", SLICE_LIT("\"\\u00e9\"")), lacks);
}

void
test_strings_have_a_limit(void)
{
	const size_t most = 268435455;
	uint8_t *text = malloc(most + 3);
	struct slice json = {text, most + 2};

	if (!ok(text))
		return;
	memset(text, 'a', most + 3);
	text[0] = text[most + 1] = '"';
	eq_str(check_in("UTF8", json), "");
	text[most + 1] = 'a';
	text[most + 2] = '"';
	json.len++;
	eq_str(check_in("UTF8", json), "holds a string above jsonb's 268435455 bytes");
	text[1] = '\\';
	text[2] = 'n';
	eq_str(check_in("UTF8", json), "");
	free(text);
}

void
test_no_byte_outside_is_read(void)
{
	static const char *const texts[] = {"1",    "-1e5",    "1.5",         "null",
	                                    "\"\"", "[1e1]",   "{\"a\":1}",   "\"\\ud83d\\ude00\"",
	                                    "[]",   "\"\\n\"", "\"\\ud800\"", "{\"\\u0061\":\"\"}"};
	struct guard g;

	guard_init(&g, 4096);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const char *why = check(texts[i]);

		eq_str(check_in("UTF8", guard_end(&g, slice_str(texts[i]))), why);
		eq_str(check_in("UTF8", guard_start(&g, slice_str(texts[i]))), why);
	}
	guard_release(&g);
}
