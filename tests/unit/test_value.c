#include "common/value.h"
#include "tests/tap.h"

/* The text of a value that was made of a JSON text, and of which type it is. */
static void
becomes(const char *json, enum value_type type, const char *text)
{
	struct arena *mem = arena_new(4096);
	struct value v = value_of_json(slice_str(json), mem);
	struct buf got = BUF_INIT;

	if (v.type == VALUE_TEXT || v.type == VALUE_BYTES)
		buf_add_slice(&got, v.bytes);
	else
		value_to_json(&v, &got);
	if (!eq_int(v.type, type) || !eq_str(buf_cstr(&got), text))
		eq_str(json, "");
	buf_release(&got);
	arena_free(mem);
}

void
test_values_of_json(void)
{
	becomes("null", VALUE_NULL, "null");
	becomes("true", VALUE_BOOL, "true");
	becomes("false", VALUE_BOOL, "false");
	becomes("-5", VALUE_INTEGER, "-5");
	becomes("9223372036854775807", VALUE_INTEGER, "{\"$integer\":\"9223372036854775807\"}");
	becomes("9223372036854775808", VALUE_REAL, "{\"$real\":\"9.223372036854776e+18\"}");
	becomes("0.1", VALUE_REAL, "0.1");
	becomes("-0.0", VALUE_REAL, "{\"$real\":\"-0.0\"}");
	becomes("-1e999", VALUE_REAL, "{\"$real\":\"-9e999\"}");
	becomes("\"a\\n\\u00e9\"", VALUE_TEXT, "a\n\xC3\xA9");
	becomes("\"\\ud800\"", VALUE_TEXT, "\"\\ud800\""); /* no text has that: it stays JSON */
	becomes("[1]", VALUE_TEXT, "[1]");
	becomes("{\"a\":1}", VALUE_TEXT, "{\"a\":1}");
}

void
test_wrapped_values(void)
{
	becomes("{\"$integer\":\"-5\"}", VALUE_INTEGER, "-5");
	becomes("{\"$real\":\"5\"}", VALUE_REAL, "{\"$real\":\"5\"}");
	becomes("{\"$blob\":\"AP8=\"}", VALUE_BYTES, "");
	becomes("{\"$text\":\"/w==\"}", VALUE_TEXT, "\xFF");
}

void
test_what_only_looks_wrapped_is_the_text_that_it_is(void)
{
	static const char *const texts[] = {
	    "{}",
	    "{\"$integer\":5}",
	    "{\"$integer\":\"\"}",
	    "{\"$integer\":\"5.5\"}",
	    "{\"$integer\":\"9223372036854775808\"}",
	    "{\"$integer\":\"5\",\"a\":1}",
	    "{\"$real\":\"nan\"}",
	    "{\"$real\":\"0x10\"}",
	    "{\"$blob\":\"A\"}",
	    "{\"$text\":\"!\"}",
	    "{\"$text\":\"\\ud800\"}",
	    "{\"$other\":\"AA==\"}",
	    "{\"integer\":\"5\"}",
	};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		becomes(texts[i], VALUE_TEXT, texts[i]);
}
