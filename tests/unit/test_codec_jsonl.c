#include <string.h>

#include "common/jscan.h"
#include "format/codec.h"
#include "tests/tap.h"
#include "tests/unit/samples.h"

#define CODEC codec_jsonl

static int
decode(const char *text, unsigned flags, struct batch *b, struct err *err)
{
	struct slice in = slice_str(text);

	batch_reset(b);
	return codec_jsonl.decode(&in, flags, b, err);
}

#define SMALL "\"position\":1,\"stream\":\"s\",\"version\":0,\"type\":\"t\""

void
test_each_event_is_one_line_of_known_keys(void)
{
	struct batch *b = batch_new();
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;
	size_t i;

	samples_add_all(b);
	for (i = 0; i < b->len; i++) {
		out.len = 0;
		eq_int(event_check(&b->events[i], b->mem, &err), 0);
		eq_int(codec_jsonl.encode(&b->events[i], i % 2, &out, &err), 0);
		ok(jscan_valid(buf_slice(&out), NULL, NULL));
		ok(memchr(out.p, '\n', out.len) == out.p + out.len - 1);
		ok(memchr(out.p, '\r', out.len) == NULL);
	}
	buf_release(&out);
	batch_free(b);
}

void
test_the_exact_text_stands_beside_what_a_line_cannot_keep(void)
{
	struct batch *b = batch_new();
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;
	struct event *e = samples_event(b);

	e->data = samples_payload(PAYLOAD_JSON, SLICE_LIT("{\n\"a\": 1}"));
	eq_int(event_check(e, b->mem, &err), 0);
	eq_int(codec_jsonl.encode(e, 0, &out, &err), 0);
	eq_str(buf_cstr(&out),
	       "{\"position\":10,\"stream\":\"order-1\",\"version\":0,\"type\":\"Placed\","
	       "\"data\":{\"a\":1},\"data_text\":\"{\\n\\\"a\\\": 1}\"}\n");
	e->data = samples_payload(PAYLOAD_JSON, SLICE_LIT("{\"a\": 1}"));
	eq_int(event_check(e, b->mem, &err), 0);
	out.len = 0;
	eq_int(codec_jsonl.encode(e, 0, &out, &err), 0);
	eq_str(buf_cstr(&out),
	       "{\"position\":10,\"stream\":\"order-1\",\"version\":0,\"type\":\"Placed\","
	       "\"data\":{\"a\": 1}}\n");
	buf_release(&out);
	batch_free(b);
}

void
test_keys_come_in_any_order_with_space_and_escapes(void)
{
	static const char *const same[] = {
	    "{" SMALL ",\"id\":\"i\",\"tags\":[\"a\"],\"attributes\":{\"x\":[1,2]},\"data\":7}",
	    "{\"data\":7,\"attributes\":{\"x\":[1,2]},\"tags\":[\"a\"],\"id\":\"i\",\"type\":\"t\","
	    "\"version\":0,\"stream\":\"s\",\"position\":1}\n",
	    " {\t\"data\" : 7 , \"id\":\"i\", " SMALL
	    " , \"attributes\" : { \"x\" : [ 1 , 2 ] } , \"tags\" : [ \"a\" ] } \r\n",
	    "{\"\\u0064ata\":7,\"i\\u0064\":\"\\u0069\"," SMALL
	    ",\"attributes\":{\"\\u0078\":[1,2]},\"tags\":[\"\\u0061\"]}",
	    "{" SMALL ",\"id\":\"i\",\"tags\":[\"a\"],\"attributes\":{\"x\":[1,2]},"
	    "\"data\":7.0,\"data_text\":\"7\"}",
	    "{" SMALL ",\"id\":\"i\",\"tags\":[\"a\"],\"attributes\":{\"x\":[1,2]},"
	    "\"data_text\":\"7\"}",
	};
	struct batch *want = batch_new(), *b = batch_new();
	struct err err = ERR_INIT;
	size_t i;

	eq_int(decode(same[0], 0, want, &err), 0);
	for (i = 1; i < SAMPLES_N(same); i++) {
		if (!eq_int(decode(same[i], 0, b, &err), 0))
			eq_str(err.msg, same[i]);
		else
			ok(event_difference(&want->events[0], &b->events[0], true) == NULL);
	}
	eq_int(decode("{\"stream\":\"s\",\"version\":0,\"type\":\"t\"}", CODEC_NO_POSITION, b,
	              &err),
	       0);
	ok(b->events[0].position == EVENT_NO_POSITION);
	batch_free(want);
	batch_free(b);
}

static const struct {
	const char *line, *says;
} bad[] = {
    {"", "not a JSON object"},
    {"[]", "not a JSON object"},
    {"{" SMALL, "not a JSON object"},
    {"{" SMALL "} x", "not a JSON object"},
    {"{" SMALL ",\"x\":1}", "unknown key \"x\"; "},
    {"{" SMALL ",\"kind\":1}", "\"kind\" that this version"},
    {"{" SMALL ",\"type\":\"t\"}", "\"type\" is there twice"},
    {"{" SMALL ",\"data\":1,\"d\\u0061ta\":1}", "\"data\" is there twice"},
    {"{\"stream\":\"s\",\"version\":0,\"type\":\"t\"}", "no \"position\""},
    {"{\"position\":1,\"version\":0,\"type\":\"t\"}", "no \"stream\""},
    {"{\"position\":1,\"stream\":\"s\",\"type\":\"t\"}", "no \"version\""},
    {"{\"position\":1,\"stream\":\"s\",\"version\":0}", "no \"type\""},
    {"{\"position\":\"1\"}", "\"position\" is not an integer"},
    {"{\"position\":-1}", "\"position\" is not an integer"},
    {"{\"position\":1.0}", "\"position\" is not an integer"},
    {"{\"position\":18446744073709551615}", "\"position\" is not an integer"},
    {"{\"version\":18446744073709551616}", "\"version\" is not an integer"},
    {"{\"stream\":1}", "\"stream\" is not a string"},
    {"{\"id\":null}", "\"id\" is not a string"},
    {"{\"time\":0}", "\"time\" is not a string"},
    {"{\"time\":\"yesterday\"}", "\"time\" is not an RFC 3339 time"},
    {"{\"tags\":\"a\"}", "\"tags\" is not an array"},
    {"{\"tags\":[1]}", "\"tags\" is not a string"},
    {"{\"tags\":null}", "\"tags\" is not an array"},
    {"{\"attributes\":[]}", "\"attributes\" is not an object"},
    {"{\"stream\":\"\\ud800\"}", "\"stream\" holds a lone surrogate"},
    {"{\"attributes\":{\"\\udc00\":1}}", "\"attributes\" holds a lone surrogate"},
    {"{" SMALL ",\"data\":1,\"data_base64\":\"MQ==\"}", "both \"data\" and \"data_base64\""},
    {"{" SMALL ",\"data_base64\":\"MQ==\",\"data\":1}", "both \"data\" and \"data_base64\""},
    {"{" SMALL ",\"data_base64\":\"MQ==\",\"data_text\":\"1\"}", "both \"data_text\" and"},
    {"{" SMALL ",\"data\":1,\"data_text\":\"2\"}", "\"data\" and \"data_text\" differ"},
    {"{" SMALL ",\"metadata\":{},\"metadata_text\":\"[]\"}", "\"metadata_text\" differ"},
    {"{" SMALL ",\"data_text\":\"{\"}", "\"data_text\" is not JSON"},
    {"{" SMALL ",\"data_text\":1}", "\"data_text\" is not a string"},
    {"{" SMALL ",\"data_base64\":\"MQ\"}", "\"data_base64\" is not base64"},
    {"{" SMALL ",\"data_base64\":\"MR==\"}", "\"data_base64\" is not base64"},
    {"{" SMALL ",\"metadata_base64\":\"M Q=\"}", "\"metadata_base64\" is not base64"},
    {"{" SMALL ",\"data_base64\":7}", "\"data_base64\" is not a string"},
};

void
test_each_wrong_line_is_refused_with_its_reason(void)
{
	struct batch *b = batch_new();
	size_t i;

	for (i = 0; i < SAMPLES_N(bad); i++) {
		struct err err = ERR_INIT;

		eq_int(decode(bad[i].line, 0, b, &err), -1);
		eq_int(err.kind, ERR_FORMAT);
		if (!ok(strstr(err.msg, bad[i].says) != NULL))
			eq_str(err.msg, bad[i].says);
		eq_uint(b->len, 0);
	}
	batch_free(b);
}
