#include <string.h>

#include "format/content.h"
#include "tests/tap.h"
#include "tests/unit/samples.h"

/* The example of spec/DIGEST.md. */
static void
add_example(struct batch *b)
{
	struct event *e = samples_event(b);

	e->id = SLICE_LIT("e1");
	e->time_ns = 1714564800500000000;
	e->data = samples_payload(PAYLOAD_JSON, SLICE_LIT("{\"b\": 1.50, \"a\": \"\\u0041\\n\"}"));
	e = samples_event(b);
	e->type = SLICE_LIT("Paid");
	e->data = samples_payload(PAYLOAD_BYTES, SLICE_LIT("\0\xff"));
}

static void
check_line(struct content *c, const struct event *e, const char *want)
{
	struct buf line = BUF_INIT;

	content_write(c, e, &line);
	eq_str(buf_cstr(&line), want);
	buf_release(&line);
}

void
test_the_example_of_the_page(void)
{
	static const char *const digests[] = {"4e8f8d15342676e7057f29e030b132b2",
	                                      "3f9b66e1cef8a466b4bed53020c61bb6"};
	struct content *c = content_new();
	struct batch *b = batch_new();
	struct digest one, all = {{0}};
	char hex[2 * WIRE_DIGEST_BYTES + 1];
	struct buf both = BUF_INIT;
	size_t i;

	add_example(b);
	check_line(
	    c, &b->events[0],
	    "{\"data\":{\"a\":\"A\\u000a\",\"b\":150e-2},\"id\":\"e1\",\"stream\":\"order-1\","
	    "\"time\":\"2024-05-01T12:00:00.5Z\",\"type\":\"Placed\",\"version\":0}");
	check_line(c, &b->events[1],
	           "{\"data_base64\":\"AP8=\",\"stream\":\"order-1\",\"type\":\"Paid\","
	           "\"version\":1}");
	for (i = 0; i < 2; i++) {
		content_digest(c, &b->events[i], &one);
		digest_hex(&one, hex);
		eq_str(hex, digests[i]);
		all = digest_chain(&all, &one);
	}
	digest_hex(&all, hex);
	eq_str(hex, "09f3c83a3cd5f48f9d0856ec4a340757");
	buf_add_str(&both, "what was there");
	content_digests(c, b, &both);
	eq_uint(both.len, 2 * WIRE_DIGEST_BYTES);
	ok(memcmp(both.p + WIRE_DIGEST_BYTES, one.bytes, WIRE_DIGEST_BYTES) == 0);
	buf_release(&both);
	batch_free(b);
	content_free(c);
	content_free(NULL);
}

void
test_all_fields_in_order(void)
{
	static struct slice tags[] = {{(const uint8_t *)"b", 1}, {(const uint8_t *)"a\n", 2}};
	struct content *c = content_new();
	struct batch *b = batch_new();
	struct event *e = samples_event(b);

	e->version = 1200;
	e->time_ns = -1;
	e->id = SLICE_LIT("i");
	e->correlation_id = SLICE_LIT("co");
	e->causation_id = SLICE_LIT("ca");
	e->content_type = SLICE_LIT("application/json");
	e->tags = tags;
	e->n_tags = 2;
	event_add_attr(e, b->mem, SLICE_LIT("y"), SLICE_LIT("1.0"));
	event_add_attr(e, b->mem, SLICE_LIT("$h"), SLICE_LIT("1"));
	event_add_attr(e, b->mem, SLICE_LIT("x\""), SLICE_LIT("{\"b\":1,\"a\":2}"));
	e->metadata = samples_payload(PAYLOAD_JSON, SLICE_LIT(" [ 10 ] "));
	check_line(
	    c, e,
	    "{\"attributes\":{\"x\\\"\":{\"a\":2,\"b\":1},\"y\":10e-1},"
	    "\"causation_id\":\"ca\",\"content_type\":\"application/json\","
	    "\"correlation_id\":\"co\",\"id\":\"i\",\"metadata\":[1e1],\"stream\":\"order-1\","
	    "\"tags\":[\"b\",\"a\\u000a\"],\"time\":\"1969-12-31T23:59:59.999999999Z\","
	    "\"type\":\"Placed\",\"version\":12e2}");
	e->n_tags = 0;
	e->n_attrs = 0;
	e->metadata = samples_payload(PAYLOAD_BYTES, SLICE_LIT(""));
	e->data = samples_payload(PAYLOAD_JSON, SLICE_LIT("null"));
	e->time_ns = EVENT_NO_TIME;
	e->id = e->content_type = e->causation_id = SLICE_ABSENT;
	e->correlation_id = e->stream = SLICE_LIT("");
	check_line(
	    c, e,
	    "{\"correlation_id\":\"\",\"data\":null,\"metadata_base64\":\"\",\"stream\":\"\","
	    "\"tags\":[],\"type\":\"Placed\",\"version\":12e2}");
	batch_free(b);
	content_free(c);
}

/* Attributes that are hints only are no attributes. */
void
test_hints_and_positions_do_not_count(void)
{
	struct content *c = content_new();
	struct batch *b = batch_new();
	struct event *e = samples_event(b);

	event_add_attr(e, b->mem, SLICE_LIT("$x"), SLICE_LIT("1"));
	e->position = 77;
	check_line(c, e, "{\"stream\":\"order-1\",\"type\":\"Placed\",\"version\":0}");
	batch_free(b);
	content_free(c);
}

void
test_cbor_is_the_json_that_it_converts_to(void)
{
	static const struct {
		struct slice data;
		const char *type, *want;
	} rows[] = {
	    {{(const uint8_t *)"\xa1\x61"
	                       "a\xf9\x3e\x00",
	      6},
	     "application/cbor",
	     "{\"data\":{\"a\":15e-1},"},
	    {{(const uint8_t *)"\x01", 1},
	     "application/x+cbor",
	     "{\"content_type\":\"application/x+json\",\"data\":1,"},
	    {{(const uint8_t *)"\xf7", 1}, /* undefined */
	     "application/cbor",
	     "{\"content_type\":\"application/cbor\",\"data_base64\":\"9w==\","},
	};
	struct content *c = content_new();
	struct batch *b = batch_new();
	struct buf line = BUF_INIT;
	struct event *e;
	size_t i;

	for (i = 0; i < SAMPLES_N(rows); i++) {
		e = samples_event(b);
		e->data = samples_payload(PAYLOAD_CBOR, rows[i].data);
		e->content_type = slice_str(rows[i].type);
		line.len = 0;
		content_write(c, e, &line);
		line.len = strlen(rows[i].want);
		eq_str(buf_cstr(&line), rows[i].want);
	}
	buf_release(&line);
	batch_free(b);
	content_free(c);
}
