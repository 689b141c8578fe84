#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/jsame.h"
#include "common/natsrow.h"
#include "format/codec.h"
#include "tests/tap.h"
#include "tests/unit/samples.h"

/* Events are written as lines of JSON here, and messages as their subject, lines of headers, an
 * empty line and the body. */
enum kind { NATIVE, RITA, CLOUDEVENTS, KINDS, OWN = KINDS, ALL };

/* A stream may be in a header that cannot hold all of them, and an attribute has another name
 * there.
 */
static const char own[] =
    "{\"layout\":1,\"name\":\"own\",\"store\":\"nats\",\"stream\":{\"subjects\":[\"app.>\"]},"
    "\"events\":{\"subject\":\"app.{stream}\",\"tokens\":\"percent\",\"values\":\"raw\",\"headers\":"
    "{\"T\":{\"field\":\"type\"},\"V\":{\"field\":\"version\"},\"X-Trace\":{\"attribute\":\"trace\"},"
    "\"At\":{\"field\":\"time\",\"as\":\"unix-ns\"}},\"copies\":{\"Copy\":\"stream\"}}}";

static const struct {
	const char *layout, *stream;
} kinds[ALL] = {{"native", "S"}, {"rita", "ES_S"}, {"cloudevents", "S"}, {"own", "S"}};

#define SERVER_TIME 1769860800000000000 /* 2026-01-31T12:00:00Z */

/* What all tests need; the rows are those of the built-in layouts, and of that one. */
static struct layout *layouts[ALL];
static struct natsrow rows[ALL];
static struct batch *batch, *again;
static struct arena *scratch;

static void
start(void)
{
	struct err err = ERR_INIT;
	int k;

	for (k = 0; k < KINDS; k++)
		ok(layout_load(&layouts[k], kinds[k].layout, "nats", &err) == 0);
	ok(layout_parse(&layouts[OWN], slice_str(own), "own.json", NULL, &err) == 0);
	for (k = 0; k < ALL; k++)
		ok(natsrow_open(&rows[k], layouts[k], kinds[k].stream, &err) == 0);
	batch = batch_new();
	again = batch_new();
	scratch = arena_new(4096);
}

static void
stop(void)
{
	int k;

	for (k = 0; k < ALL; k++) {
		natsrow_close(&rows[k]);
		layout_free(layouts[k]);
	}
	batch_free(batch);
	batch_free(again);
	arena_free(scratch);
}

/* A message from its text; it lives until the scratch is reset. */
static void
parse(const char *text, struct natsmsg *m)
{
	const char *line = strchr(text, '\n'), *end;
	struct buf block = BUF_INIT;

	*m = (struct natsmsg){.sequence = 7, .time_ns = SERVER_TIME};
	m->subject = (struct slice){(const uint8_t *)text, (size_t)(line++ - text)};
	buf_add_str(&block, "NATS/1.0\r\n");
	for (; *line != '\n'; line = end + 1) {
		end = strchr(line, '\n');
		buf_add(&block, line, (size_t)(end - line));
		buf_add_str(&block, "\r\n");
	}
	buf_add_str(&block, "\r\n");
	m->body = slice_str(line + 1);
	if (natsmsg_parse_headers(m, arena_dup(scratch, buf_slice(&block)), scratch) < 0)
		eq_str("no message", text);
	buf_release(&block);
}

static void
print(const struct natsmsg *m, struct buf *out)
{
	size_t i;

	buf_add_slice(out, m->subject);
	for (i = 0; i < m->n_headers; i++) {
		buf_add_str(out, "\n");
		buf_add_slice(out, m->headers[i].name);
		buf_add_str(out, ": ");
		buf_add_slice(out, m->headers[i].value);
	}
	buf_add_str(out, "\n\n");
	buf_add_slice(out, m->body);
}

/* From {"stream":...}, of position 1. */
static struct event *
event_of(const char *json)
{
	struct err err = ERR_INIT;
	struct slice in = slice_str(json);
	struct event *e;

	batch_reset(batch);
	if (codec_jsonl.decode(&in, CODEC_NO_POSITION, batch, &err) < 0)
		eq_str(err.msg, json);
	e = &batch->events[0];
	e->position = 1;
	if (event_check(e, batch->mem, &err) < 0)
		eq_str(err.msg, json);
	return e;
}

/* Without its position, hints and all. */
static void
print_event(const struct event *e, struct buf *out)
{
	struct err err = ERR_INIT;
	struct buf line = BUF_INIT;
	const char *rest;

	if (codec_jsonl.encode(e, 0, &line, &err) < 0)
		eq_str(err.msg, "");
	line.len--;
	rest = strchr(buf_cstr(&line), ',');
	buf_printf(out, "{%s", rest + 1);
	buf_release(&line);
}

/* The message is one that a server takes, and that tells it to do nothing. */
static void
check_safe(const struct natsmsg *m)
{
	const struct natsheader *h;
	size_t i, k;

	ok(m->subject.len > 0 && !memchr(m->subject.p, ' ', m->subject.len));
	for (i = 0; i < m->n_headers; i++) {
		h = &m->headers[i];
		ok(natsmsg_is_name(h->name));
		ok(strncasecmp((const char *)h->name.p, "nats-", 5) != 0 ||
		   slice_is(h->name, "Nats-Msg-Id"));
		ok(!slice_is(h->name, NATSROW_IMPORT));
		for (k = 0; k < h->value.len; k++)
			if (memchr("\r\n", h->value.p[k], 3))
				eq_mem(h->value.p, h->value.len, "(no line ends)", 0);
	}
}

static bool
same(const struct event *e, const struct event *back, enum kind kind)
{
	const char *field = event_difference(e, back, true);

	/* The members of an object of headers have no order and no spelling of their own. */
	if (field && kind == RITA && strcmp(field, "metadata") == 0)
		return jsame(e->metadata.bytes, back->metadata.bytes);
	return !field || !eq_str(field, "(no difference)");
}

/* False: it is refused, with an error that says of what. */
static bool
round_trip(enum kind kind, const struct event *e, struct err *err)
{
	struct natsrow_told told;
	struct natsmsg m;
	char which[256];

	*err = (struct err)ERR_INIT;
	arena_reset(scratch);
	if (natsrow_write(&rows[kind], e, scratch, &m, err) < 0) {
		event_describe(e, which, sizeof(which));
		ok(err->kind == ERR_DATA && strncmp(err->msg, which, strlen(which)) == 0);
		if (!ok(strstr(err->msg, ": field ") || strstr(err->msg, ": attribute ")))
			eq_str(err->msg, "");
		return false;
	}
	check_safe(&m);
	batch_reset(again);
	m.time_ns = 12345;
	if (!ok(natsrow_read(&rows[kind], &m, e->position, again, &told, err) == 0 &&
	        told.version && event_check(&again->events[0], again->mem, err) == 0))
		eq_str(err->msg, "");
	return ok(same(e, &again->events[0], kind));
}

static void
holds(enum kind kind, const struct event *e)
{
	struct err err;

	if (!round_trip(kind, e, &err))
		eq_str(err.msg, kinds[kind].layout);
}

static void
refuses(enum kind kind, const char *json, const char *why)
{
	struct err err;

	if (!ok(!round_trip(kind, event_of(json), &err)) || !ok(strstr(err.msg, why) != NULL)) {
		eq_str(err.msg, why);
		eq_str(json, kinds[kind].layout);
	}
}

static void
writes(enum kind kind, const char *json, const char *message)
{
	struct err err = ERR_INIT;
	struct buf out = BUF_INIT;
	struct natsmsg m;

	arena_reset(scratch);
	if (natsrow_write(&rows[kind], event_of(json), scratch, &m, &err) < 0)
		eq_str(err.msg, json);
	else
		print(&m, &out);
	eq_str(buf_cstr(&out), message);
	holds(kind, event_of(json));
	buf_release(&out);
}

/* The event, and whether the message itself told its version. */
static void
reads_as(enum kind kind, const char *message, const char *json, bool version)
{
	struct err err = ERR_INIT;
	struct buf out = BUF_INIT;
	struct natsrow_told told = {0};
	struct natsmsg m;

	arena_reset(scratch);
	batch_reset(again);
	parse(message, &m);
	if (natsrow_read(&rows[kind], &m, 1, again, &told, &err) < 0 ||
	    event_check(&again->events[0], again->mem, &err) < 0)
		eq_str(err.msg, message);
	else
		print_event(&again->events[0], &out);
	eq_str(buf_cstr(&out), json);
	ok(told.version == version);
	buf_release(&out);
}

static void
reads(enum kind kind, const char *message, const char *json)
{
	reads_as(kind, message, json, true);
}

static void
fails(enum kind kind, const char *message, const char *why)
{
	struct err err = ERR_INIT;
	struct natsrow_told told;
	struct natsmsg m;

	arena_reset(scratch);
	batch_reset(again);
	parse(message, &m);
	ok(natsrow_read(&rows[kind], &m, 1, again, &told, &err) < 0 && err.kind == ERR_DATA);
	eq_str(err.msg, why);
}

/* What the message becomes, and that as a message. */
static void
comes_back(enum kind kind, const char *message, const char *json)
{
	reads(kind, message, json);
	writes(kind, json, message);
}

#define SMALL "\"stream\":\"s\",\"version\":0,\"type\":\"t\",\"time\":\"1970-01-01T00:00:00Z\""
#define AT_NOON "\"time\":\"2026-01-31T12:00:00Z\""

void
test_native_holds_every_event_but_versions_past_63_bits(void)
{
	struct batch *b = batch_new();
	struct err err = ERR_INIT;
	unsigned seed = 1;
	size_t i, n_random = 2000;

	start();
	samples_add_all(b);
	while (n_random-- > 0)
		samples_add_random(b, &seed);
	for (i = 0; i < b->len; i++) {
		eq_int(event_check(&b->events[i], b->mem, &err), 0);
		if (b->events[i].version <= INT64_MAX)
			holds(NATIVE, &b->events[i]);
		else
			ok(!round_trip(NATIVE, &b->events[i], &err) &&
			   strstr(err.msg, "field version: is larger than an INTEGER can be"));
	}
	batch_free(b);
	stop();
}

void
test_other_layouts_hold_an_event_or_refuse_it_by_name(void)
{
	struct batch *b = batch_new();
	struct err err = ERR_INIT;
	size_t i, held[KINDS] = {0};
	unsigned seed = 2;
	int k;

	start();
	samples_add_all(b);
	for (i = 0; i < 2000; i++)
		samples_add_random(b, &seed);
	for (i = 0; i < b->len; i++) {
		b->events[i].stream = i % 2 ? SLICE_LIT("order.1") : b->events[i].stream;
		b->events[i].time_ns = i % 3 ? (int64_t)i : b->events[i].time_ns;
		eq_int(event_check(&b->events[i], b->mem, &err), 0);
		for (k = RITA; k < KINDS; k++)
			held[k] += round_trip((enum kind)k, &b->events[i], &err);
	}
	ok(held[RITA] > 30 && held[CLOUDEVENTS] > 100);
	batch_free(b);
	stop();
}

void
test_texts_that_no_line_holds_go_into_every_field_of_native(void)
{
	static const struct slice texts[] = {
	    {(const uint8_t *)" ", 1},
	    {(const uint8_t *)" a b ", 5},
	    {(const uint8_t *)"\ta\t", 3},
	    {(const uint8_t *)"a\r\nNats-Rollup: all\r\n\r\n", 23},
	    {(const uint8_t *)"%", 1},
	    {(const uint8_t *)"%20", 3},
	    {(const uint8_t *)"-", 1},
	    {(const uint8_t *)"a.b.*.>", 7},
	    {(const uint8_t *)".", 1},
	    {(const uint8_t *)"*", 1},
	    {(const uint8_t *)"%~", 2},
	    {(const uint8_t *)"Es-Type: x", 10},
	    {(const uint8_t *)"\x7f\0\r", 3},
	    {(const uint8_t *)"\xc3\xa9\xf0\x9f\x98\x80", 6},
	};
	struct batch *b = batch_new();
	struct event *e;
	size_t i;
	int f;

	start();
	for (f = 0; f < FIELDS; f++)
		for (i = 0; i < SAMPLES_N(texts); i++) {
			e = samples_event(b);
			if (event_text(e, (enum field)f))
				*event_text(e, (enum field)f) = texts[i];
			e->tags = arena_alloc(b->mem, sizeof(*e->tags));
			e->tags[e->n_tags++] = texts[i];
			event_add_attr(e, b->mem, texts[i], SLICE_LIT("\" a\\r\\n%\""));
			e->metadata = samples_payload(PAYLOAD_BYTES, texts[i]);
			holds(NATIVE, e);
		}
	batch_free(b);
	stop();
}

void
test_a_long_stream_is_in_a_header(void)
{
	struct event *e;
	struct err err;
	uint8_t name[2000];
	int k;

	start();
	memset(name, 'a', sizeof(name));
	batch_reset(batch);
	e = samples_event(batch);
	e->stream = (struct slice){name, sizeof(name)};
	holds(NATIVE, e);
	name[10] = '.';
	for (k = RITA; k < KINDS; k++)
		ok(!round_trip((enum kind)k, e, &err) &&
		   strstr(err.msg, "field stream: makes a subject of more than 1024 bytes"));
	stop();
}

static const struct payload_row {
	const char *content_type; /* or NULL */
	enum payload_kind kind;
	struct slice bytes;
	bool kept; /* by layouts that cannot say what the body is */
} payloads[] = {
    {NULL, PAYLOAD_NONE, {NULL, 0}, true},
    {NULL, PAYLOAD_JSON, {(const uint8_t *)"{\"a\": 1}\n", 9}, true},
    {NULL, PAYLOAD_BYTES, {(const uint8_t *)"", 0}, false},
    {NULL, PAYLOAD_BYTES, {(const uint8_t *)"\0\xff", 2}, true},
    {NULL, PAYLOAD_BYTES, {(const uint8_t *)"{\"a\":1}", 7}, false},
    {"application/json", PAYLOAD_NONE, {NULL, 0}, true},
    {"application/json", PAYLOAD_JSON, {(const uint8_t *)"1", 1}, true},
    {"application/json", PAYLOAD_BYTES, {(const uint8_t *)"{", 1}, true},
    {"application/json", PAYLOAD_BYTES, {(const uint8_t *)"1", 1}, false},
    {"application/x+json ; charset=utf-8", PAYLOAD_JSON, {(const uint8_t *)"1", 1}, true},
    {"application/jsonl", PAYLOAD_BYTES, {(const uint8_t *)"1", 1}, true},
    {"application/jsonl", PAYLOAD_JSON, {(const uint8_t *)"1", 1}, false},
    {"application/octet-stream", PAYLOAD_BYTES, {(const uint8_t *)"1", 1}, true},
    {"application/octet-stream", PAYLOAD_BYTES, {(const uint8_t *)"", 0}, false},
    {"application/octet-stream", PAYLOAD_JSON, {(const uint8_t *)"1", 1}, false},
    {"application/msgpack", PAYLOAD_BYTES, {(const uint8_t *)"\x81\xa1\x61\x01", 4}, true},
    {"application/cbor", PAYLOAD_CBOR, {(const uint8_t *)"\xa1\x61\x61\x01", 4}, true},
    {"application/cbor", PAYLOAD_BYTES, {(const uint8_t *)"\xa1\x61", 2}, true},
    {"application/cbor", PAYLOAD_JSON, {(const uint8_t *)"\"a\"", 3}, false},
    {"", PAYLOAD_JSON, {(const uint8_t *)"[]", 2}, true},
};

/* Of content types rita has words for these. */
static bool
rita_knows(const char *content_type)
{
	return !content_type || strstr(content_type, "msgpack") || strstr(content_type, "octet");
}

void
test_payloads_of_every_kind_and_content_type(void)
{
	const struct payload_row *p;
	struct event *e;
	struct err err;

	start();
	batch_reset(batch);
	for (p = payloads; p < payloads + SAMPLES_N(payloads); p++) {
		e = samples_event(batch);
		e->stream = SLICE_LIT("order.1");
		e->time_ns = 0;
		e->content_type = slice_str(p->content_type);
		e->data = samples_payload(p->kind, p->bytes);
		holds(NATIVE, e);
		if (!ok(round_trip(CLOUDEVENTS, e, &err) == p->kept) ||
		    !ok(round_trip(RITA, e, &err) == (p->kept && rita_knows(p->content_type))))
			eq_str(err.msg, p->content_type);
	}
	stop();
}

void
test_numbers_up_to_the_greatest(void)
{
	static const int64_t times[] = {-1, INT64_MIN + 1, INT64_MAX,
	                                1,  -62135596800,  1709251198500000000,
	                                -1, -999999999,    -1000000001};
	struct event *e;
	size_t i;
	int k;

	start();
	batch_reset(batch);
	e = samples_event(batch);
	e->stream = SLICE_LIT("order.1");
	for (k = 0; k < KINDS; k++)
		for (i = 0; i < SAMPLES_N(times); i++) {
			e->time_ns = times[i];
			e->version = i % 2 ? INT64_MAX : 0;
			e->position = i % 3 ? UINT64_MAX - i : i;
			holds((enum kind)k, e);
		}
	stop();
}

void
test_only_native_holds_that_there_is_no_time(void)
{
	struct event *e;
	struct err err;

	start();
	batch_reset(batch);
	e = samples_event(batch);
	e->stream = SLICE_LIT("order.1");
	holds(NATIVE, e);
	ok(!round_trip(RITA, e, &err) && strstr(err.msg, "field time: is absent"));
	ok(!round_trip(CLOUDEVENTS, e, &err) && strstr(err.msg, "field time: is absent"));
	stop();
}

void
test_messages_of_native(void)
{
	start();
	comes_back(NATIVE, "S.s\nEs-Version: 0\nEs-Type: t\nEs-Time: 1970-01-01T00:00:00Z\n\n",
	           "{" SMALL "}");
	comes_back(NATIVE,
	           "S.order-1\nNats-Msg-Id: 7\nEs-Version: 3\nEs-Type: Placed\n"
	           "Es-Time: 1969-12-31T23:59:59.999999999Z\nEs-Correlation-Id: c\n"
	           "Es-Causation-Id: %\nEs-Content-Type: application/json\n"
	           "Es-Tags: [\"a\",\"b c\"]\nEs-Attributes: {\"x\":1,\"y\":[null,{}]}\n"
	           "Es-Metadata: {\"a\":1}\n\n{\"b\":2}",
	           "{\"stream\":\"order-1\",\"version\":3,\"id\":\"7\",\"type\":\"Placed\","
	           "\"time\":\"1969-12-31T23:59:59.999999999Z\",\"correlation_id\":\"c\","
	           "\"causation_id\":\"\",\"content_type\":\"application/json\","
	           "\"tags\":[\"a\",\"b c\"],\"attributes\":{\"x\":1,\"y\":[null,{}]},"
	           "\"metadata\":{\"a\":1},\"data\":{\"b\":2}}");
	comes_back(NATIVE,
	           "S.a%2Eb%20c\nEs-Stream: a.b c\nEs-Version: 0\nEs-Type: %20t\nEs-Time: -\n"
	           "Es-Tags: []\nEs-Metadata-Base64: /wA=\nEs-Data: bytes\n\n[1]",
	           "{\"stream\":\"a.b c\",\"version\":0,\"type\":\" t\",\"tags\":[],"
	           "\"metadata_base64\":\"/wA=\",\"data_base64\":\"WzFd\"}");
	writes(NATIVE,
	       "{" SMALL ",\"content_type\":\"text/plain\",\"metadata\":{\"a\":1},"
	       "\"metadata_text\":\"{\\n\\\"a\\\": 1}\",\"data\":1}",
	       "S.s\nEs-Version: 0\nEs-Type: t\nEs-Time: 1970-01-01T00:00:00Z\n"
	       "Es-Content-Type: text/plain\nEs-Metadata: {%0A\"a\": 1}\nEs-Data: json\n\n1");
	stop();
}

void
test_messages_of_rita(void)
{
	start();
	comes_back(RITA,
	           "$ES.S.order.1.Placed\nNats-Msg-Id: 7\nRita-Entity: order.1\n"
	           "Rita-Type: Placed\nRita-Time: 2026-01-31T12:00:00.5Z\nRita-Codec: json\n"
	           "Rita-Meta-user: anna\nRita-Meta-at: a b\nEs-Version: 4\n\n{\"a\":1}",
	           "{\"stream\":\"order.1\",\"version\":4,\"id\":\"7\",\"type\":\"Placed\","
	           "\"time\":\"2026-01-31T12:00:00.5Z\","
	           "\"metadata\":{\"user\":\"anna\",\"at\":\"a b\"},\"data\":{\"a\":1}}");
	comes_back(RITA,
	           "$ES.S.a.b.t\nRita-Entity: a.b\nRita-Type: t\n"
	           "Rita-Time: 1970-01-01T00:00:00Z\nRita-Codec: protobuf\nEs-Version: 0\n\n\xff",
	           "{\"stream\":\"a.b\",\"version\":0,\"type\":\"t\","
	           "\"time\":\"1970-01-01T00:00:00Z\","
	           "\"content_type\":\"application/protobuf\",\"data_base64\":\"/w==\"}");
	stop();
}

void
test_messages_of_cloudevents(void)
{
	start();
	writes(CLOUDEVENTS,
	       "{\"stream\":\"order.1\",\"version\":4,\"id\":\"a 7\",\"type\":\"com.x.Placed\","
	       "\"time\":\"2026-01-31T12:00:00Z\",\"correlation_id\":\"\xc3\xa9\","
	       "\"content_type\":\"application/json\",\"attributes\":{\"ce-source\":\"/shop\","
	       "\"ce-subject\":\"a\\\"b\"},\"data\":[1]}",
	       "order.1\nce-subject: a%22b\nce-specversion: 1.0\nce-id: a%207\n"
	       "ce-type: com.x.Placed\nce-source: /shop\nce-time: 2026-01-31T12:00:00Z\n"
	       "ce-datacontenttype: application/json\nce-correlationid: %C3%A9\nEs-Version: 4\n"
	       "Nats-Msg-Id: a%207\n\n[1]");
	writes(CLOUDEVENTS, "{" SMALL "}",
	       "s\nce-specversion: 1.0\nce-type: t\nce-source: urn:esimport\n"
	       "ce-time: 1970-01-01T00:00:00Z\nEs-Version: 0\n\n");
	reads(CLOUDEVENTS,
	      "orders\nCE-ID: %41%e2%82%ac\nce-type: t t\nce-source: urn:esimport\n"
	      "ce-specversion: 1.0\nce-time: 2026-01-31T13:00:00+01:00\nEs-Version: 1\n\n",
	      "{\"stream\":\"orders\",\"version\":1,\"id\":\"A\xe2\x82\xac\",\"type\":\"t t\","
	      "" AT_NOON ",\"attributes\":{\"$time\":\"2026-01-31T13:00:00+01:00\"}}");
	stop();
}

void
test_attributes_are_headers_where_no_header_holds_them_all(void)
{
	start();
	writes(CLOUDEVENTS, "{" SMALL ",\"attributes\":{\"x\":\"1\",\"y\":[\"a\",\"\"],\"$z\":5}}",
	       "s\nx: 1\ny: a\ny: \nce-specversion: 1.0\nce-type: t\nce-source: urn:esimport\n"
	       "ce-time: 1970-01-01T00:00:00Z\nEs-Version: 0\n\n");
	refuses(CLOUDEVENTS, "{" SMALL ",\"attributes\":{\"x\":1}}", "attribute x: the layout has");
	refuses(CLOUDEVENTS, "{" SMALL ",\"attributes\":{\"x\":null}}",
	        "attribute x: the layout has");
	refuses(CLOUDEVENTS, "{" SMALL ",\"attributes\":{\"x\":[]}}",
	        "attribute x: the layout has");
	refuses(CLOUDEVENTS, "{" SMALL ",\"attributes\":{\"x\":[\"a\"]}}",
	        "attribute x: the layout");
	refuses(CLOUDEVENTS, "{" SMALL ",\"attributes\":{\"x\":[\"a\",1]}}",
	        "attribute x: the layout");
	refuses(CLOUDEVENTS, "{" SMALL ",\"attributes\":{\"x\":{\"a\":\"b\"}}}",
	        "attribute x: the");
	refuses(CLOUDEVENTS, "{" SMALL ",\"attributes\":{\"x\":\"\\u0041\"}}", "attribute x: the");
	refuses(CLOUDEVENTS, "{" SMALL ",\"attributes\":{\"x\":\"\\ud800\"}}", "attribute x: the");
	refuses(CLOUDEVENTS, "{" SMALL ",\"attributes\":{\"a b\":\"1\"}}",
	        "attribute a b: the layout");
	refuses(CLOUDEVENTS, "{" SMALL ",\"attributes\":{\"a:\":\"1\"}}",
	        "attribute a:: the layout");
	refuses(CLOUDEVENTS, "{" SMALL ",\"attributes\":{\"CE-ID\":\"1\"}}",
	        "attribute CE-ID: the");
	stop();
}

void
test_any_number_of_attributes_are_headers(void)
{
	struct buf json = BUF_INIT;
	int i;

	start();
	buf_add_str(&json, "{" SMALL ",\"attributes\":{");
	for (i = 0; i < 100; i++)
		buf_printf(&json, "%s\"x%d\":\"%d\"", i ? "," : "", i, i);
	buf_add_str(&json, "}}");
	holds(CLOUDEVENTS, event_of(buf_cstr(&json)));
	buf_release(&json);
	stop();
}

void
test_an_attribute_may_have_another_name_as_a_header(void)
{
	start();
	comes_back(OWN, "app.s\nT: t\nV: 0\nX-Trace: 1\nAt: 0\nCopy: s\n\n",
	           "{" SMALL ",\"attributes\":{\"trace\":\"1\"}}");
	refuses(OWN, "{" SMALL ",\"attributes\":{\"X-Trace\":\"1\"}}",
	        "attribute X-Trace: the layout has no place");
	stop();
}

void
test_a_copy_that_no_header_holds_is_refused(void)
{
	start();
	holds(OWN, event_of("{\"stream\":\"a b\",\"version\":0,\"type\":\"t\"," AT_NOON "}"));
	refuses(OWN, "{\"stream\":\"a\\nb\",\"version\":0,\"type\":\"t\"," AT_NOON "}",
	        "field stream: has bytes that cannot stand in a header");
	stop();
}

void
test_attributes_that_were_headers_are_headers_again(void)
{
	start();
	comes_back(NATIVE,
	           "S.s\nX: 1\nY: a\nY: %20\nq\"u: %\nEs-Version: 0\nEs-Type: t\n"
	           "Es-Time: 1970-01-01T00:00:00Z\nEs-Attributes: {\"z\":1}\n\n",
	           "{" SMALL ",\"attributes\":{\"z\":1,\"X\":\"1\",\"Y\":[\"a\",\" \"],"
	           "\"q\\\"u\":\"\",\"$headers\":[\"X\",\"Y\",\"q\\\"u\"]}}");
	writes(NATIVE,
	       "{" SMALL ",\"attributes\":{\"X\":1,\"$headers\":[\"X\",\"Es-Type\",5,null]}}",
	       "S.s\nEs-Version: 0\nEs-Type: t\nEs-Time: 1970-01-01T00:00:00Z\n"
	       "Es-Attributes: {\"X\":1}\n\n");
	stop();
}

void
test_hints_that_others_made_are_nothing_to_rely_on(void)
{
	static const char *const hints[] = {"5",  "\"X\"", "[5]",           "[[]]",  "{}",
	                                    "[]", "null",  "[\"\\u0058\"]", "[1,2]", "[\"X\",{}]"};
	char json[200];
	size_t i;
	int k;

	start();
	for (i = 0; i < SAMPLES_N(hints); i++)
		for (k = 0; k < KINDS; k++) {
			snprintf(json, sizeof(json),
			         "{\"stream\":\"a.b\",\"version\":0,\"type\":\"t\"," AT_NOON
			         ",\"attributes\":{\"X\":\"1\",\"$headers\":%s}}",
			         hints[i]);
			holds((enum kind)k, event_of(json));
		}
	stop();
}

void
test_what_acts_on_a_server_is_never_written_as_a_header(void)
{
	static const char *const names[] = {
	    "Nats-Rollup",
	    "nats-rollup",
	    "NATS-TTL",
	    "Nats-TTL",
	    "Nats-Expected-Stream",
	    "Nats-Expected-Last-Sequence",
	    "Nats-Schedule",
	    "Nats-Incr",
	    "Nats-Batch-Id",
	    "Nats-Batch-Commit",
	    "Nats-Anything",
	    "Es-Import",
	    "es-import",
	    "Es-Version",
	    "Nats-Msg-Id",
	};
	char json[400], why[100];
	struct err err;
	struct event *e;
	size_t i;
	int k;

	start();
	for (i = 0; i < SAMPLES_N(names); i++) {
		snprintf(json, sizeof(json),
		         "{\"stream\":\"a.b\",\"version\":0,\"type\":\"t\"," AT_NOON
		         ",\"attributes\":{\"%s\":\"all\",\"$headers\":[\"%s\"]}}",
		         names[i], names[i]);
		e = event_of(json);
		holds(NATIVE, e); /* in Es-Attributes; round_trip() looks at the headers */
		snprintf(why, sizeof(why), "attribute %s: the layout has no place", names[i]);
		for (k = RITA; k < KINDS; k++)
			if (!ok(!round_trip((enum kind)k, e, &err) && strstr(err.msg, why)))
				eq_str(err.msg, why);
	}
	stop();
}

#define RITA_SMALL "\"stream\":\"a.b\",\"version\":0,\"type\":\"t\"," AT_NOON

void
test_what_rita_has_no_place_for(void)
{
	start();
	refuses(RITA, "{" SMALL "}", "field stream: has another number of parts");
	refuses(RITA, "{\"stream\":\"a.b c\",\"version\":0,\"type\":\"t\"}",
	        "field stream: has bytes that cannot stand in a subject");
	refuses(RITA, "{\"stream\":\"a.b\",\"version\":0,\"type\":\"t.u\"}",
	        "field type: has bytes that cannot stand in a subject");
	refuses(RITA, "{\"stream\":\"a.b\",\"version\":0,\"type\":\"\"}",
	        "field type: has an empty part");
	refuses(RITA, "{\"stream\":\"a.b\",\"version\":0,\"type\":\"*\"}",
	        "field type: has a part *");
	refuses(RITA, "{" RITA_SMALL ",\"id\":\" 1\"}", "field id: has bytes that cannot stand");
	refuses(RITA, "{" RITA_SMALL ",\"id\":\"1\\n\"}", "field id: has bytes that cannot stand");
	refuses(RITA, "{" RITA_SMALL ",\"correlation_id\":\"1\"}",
	        "field correlation_id: the layout has no place for it");
	refuses(RITA, "{" RITA_SMALL ",\"causation_id\":\"1\"}", "field causation_id: the layout");
	refuses(RITA, "{" RITA_SMALL ",\"tags\":[]}", "field tags: the layout has no place for it");
	refuses(RITA, "{" RITA_SMALL ",\"content_type\":\"application/json\"}",
	        "field content_type: is something that the layout has no word for");
	refuses(RITA, "{" RITA_SMALL ",\"attributes\":{\"Rita-Meta-a\":\"1\"}}",
	        "attribute Rita-Meta-a: the layout has no place");
	refuses(RITA, "{" RITA_SMALL ",\"metadata\":{}}", "field metadata: would come back");
	refuses(RITA, "{" RITA_SMALL ",\"metadata\":[]}", "field metadata: is no object of texts");
	refuses(RITA, "{" RITA_SMALL ",\"metadata\":{\"a\":1}}",
	        "field metadata: has a member that");
	refuses(RITA, "{" RITA_SMALL ",\"metadata\":{\"a\":\"\\ud800\"}}",
	        "field metadata: has a member that is no text");
	refuses(RITA, "{" RITA_SMALL ",\"metadata\":{\"a b\":\"1\"}}",
	        "field metadata: has a member whose name");
	refuses(RITA, "{" RITA_SMALL ",\"metadata\":{\"\":\"1\"}}",
	        "field metadata: has a member whose name");
	refuses(RITA, "{" RITA_SMALL ",\"metadata\":{\"a\":\"1\\n\"}}",
	        "field metadata: has bytes that cannot stand");
	refuses(RITA, "{" RITA_SMALL ",\"metadata_base64\":\"/w==\"}",
	        "field metadata: is no object");
	refuses(RITA, "{" RITA_SMALL ",\"metadata_base64\":\"eyJhIjoiYiJ9\"}",
	        "field metadata: would come back");
	stop();
}

void
test_what_cloudevents_has_no_place_for(void)
{
	start();
	refuses(CLOUDEVENTS, "{\"stream\":\"\",\"version\":0,\"type\":\"t\"}",
	        "field stream: has an empty part");
	refuses(CLOUDEVENTS, "{\"stream\":\"a b\",\"version\":0,\"type\":\"t\"}",
	        "field stream: has bytes that cannot stand in a subject");
	refuses(CLOUDEVENTS, "{\"stream\":\"a.>\",\"version\":0,\"type\":\"t\"}",
	        "field stream: has a part * or >");
	refuses(CLOUDEVENTS, "{" SMALL ",\"tags\":[\"a\"]}", "field tags: the layout has no place");
	refuses(CLOUDEVENTS, "{" SMALL ",\"metadata\":1}",
	        "field metadata: the layout has no place");
	refuses(CLOUDEVENTS, "{" SMALL ",\"attributes\":{\"ce-source\":\"urn:esimport\"}}",
	        "attribute ce-source: would come back");
	refuses(CLOUDEVENTS, "{" SMALL ",\"attributes\":{\"ce-source\":5}}",
	        "attribute ce-source: is no text");
	holds(CLOUDEVENTS, event_of("{" SMALL ",\"attributes\":{\"ce-source\":null}}"));
	refuses(CLOUDEVENTS, "{" SMALL ",\"attributes\":{\"ce-source\":true}}",
	        "attribute ce-source: is no text");
	refuses(CLOUDEVENTS, "{" SMALL ",\"attributes\":{\"ce-specversion\":\"1.0\"}}",
	        "attribute ce-specversion: would come back");
	stop();
}

/* {"$integer":...} and its like are written as what a header holds, and come back as texts. */
void
test_wrapped_values_are_no_texts(void)
{
	start();
	refuses(CLOUDEVENTS, "{" SMALL ",\"attributes\":{\"ce-source\":{\"$blob\":\"AA==\"}}}",
	        "attribute ce-source: is no text");
	refuses(CLOUDEVENTS,
	        "{" SMALL ",\"attributes\":{\"ce-source\":{\"$integer\":\"9007199254740993\"}}}",
	        "attribute ce-source: is no text");
	refuses(CLOUDEVENTS, "{" SMALL ",\"attributes\":{\"x\":{\"$text\":\"/w==\"}}}",
	        "attribute x: the layout has no place");
	stop();
}

void
test_foreign_messages_of_native_have_what_the_server_knows(void)
{
	start();
	reads_as(NATIVE, "S.a%2Eb\nes-type: t\n\n",
	         "{\"stream\":\"a.b\",\"version\":0,\"type\":\"t\"," AT_NOON "}", false);
	reads(NATIVE, "S.a\nES-TYPE: t\neS-VERSION: 5\n\n[ 1 ]",
	      "{\"stream\":\"a\",\"version\":5,\"type\":\"t\"," AT_NOON ",\"data\":[ 1 ]}");
	reads(NATIVE, "S.a\nEs-Type: t\nEs-Version: 0\nEs-Time: 2026-01-31T11:00:00Z\n\nno JSON",
	      "{\"stream\":\"a\",\"version\":0,\"type\":\"t\",\"time\":\"2026-01-31T11:00:00Z\","
	      "\"data_base64\":\"bm8gSlNPTg==\"}");
	reads(NATIVE, "S.a\nEs-Type: t\nEs-Version: 0\nEs-Data: cbor\n\n1",
	      "{\"stream\":\"a\",\"version\":0,\"type\":\"t\"," AT_NOON ",\"data\":1}");
	reads(NATIVE, "S.a\nEs-Type: t\nEs-Version: 0\nES-DATA: bytes\n\n",
	      "{\"stream\":\"a\",\"version\":0,\"type\":\"t\"," AT_NOON ",\"data_base64\":\"\"}");
	stop();
}

void
test_a_time_that_cannot_be_read_is_kept_and_none(void)
{
	static const char *const json = "{\"stream\":\"a\",\"version\":0,\"type\":\"t\","
					"\"attributes\":{\"$time\":\"soon\"}}";

	start();
	reads(NATIVE, "S.a\nEs-Type: t\nEs-Version: 0\nEs-Time: soon\n\n", json);
	reads(OWN, "app.a\nT: t\nV: 0\nAt: 9223372036854775808\n\n",
	      "{\"stream\":\"a\",\"version\":0,\"type\":\"t\","
	      "\"attributes\":{\"$time\":\"9223372036854775808\"}}");
	reads(OWN, "app.a\nT: t\nV: 0\nAt: 9223372036854775809\n\n",
	      "{\"stream\":\"a\",\"version\":0,\"type\":\"t\","
	      "\"attributes\":{\"$time\":\"9223372036854775809\"}}");
	writes(NATIVE, json,
	       "S.a\nEs-Version: 0\nEs-Type: t\nEs-Time: -\n"
	       "Es-Attributes: {\"$time\":\"soon\"}\n\n");
	stop();
}

void
test_headers_that_are_dropped_are_no_attributes(void)
{
	static const char *const names[] = {
	    "Nats-Expected-Last-Sequence",
	    "Nats-Expected-Stream",
	    "Nats-Batch-Id",
	    "Nats-Rollup",
	    "Nats-TTL",
	    "Nats-Schedule-Target",
	    "Nats-Stream-Source",
	    "Nats-Msg-Size",
	    "Es-Import",
	    "es-import",
	};
	char message[200];
	size_t i;

	start();
	for (i = 0; i < SAMPLES_N(names); i++) {
		snprintf(message, sizeof(message),
		         "S.s\nEs-Type: t\nEs-Version: 0\n%s: 1\n%s: 2\n\n", names[i], names[i]);
		reads(NATIVE, message,
		      "{\"stream\":\"s\",\"version\":0,\"type\":\"t\"," AT_NOON "}");
	}
	reads(CLOUDEVENTS, "s\nce-type: t\nEs-Version: 0\nNats-Msg-Id: other\nnats-msg-id: x\n\n",
	      "{\"stream\":\"s\",\"version\":0,\"type\":\"t\"," AT_NOON
	      ",\"attributes\":{\"ce-specversion\":null,\"ce-source\":null}}");
	stop();
}

void
test_unknown_headers_are_attributes(void)
{
	start();
	reads(RITA, "$ES.S.a.b.t\nX: 1\nx: 2\nY: a\nEs-Version: 0\nY: %20\nY: \nRita-Meta-: n\n\n",
	      "{\"stream\":\"a.b\",\"version\":0,\"type\":\"t\"," AT_NOON
	      ",\"attributes\":{\"X\":\"1\",\"x\":\"2\",\"Y\":[\"a\",\"%20\",\"\"],"
	      "\"Rita-Meta-\":\"n\",\"$headers\":[\"X\",\"x\",\"Y\",\"Rita-Meta-\"]}}");
	reads(NATIVE, "S.s\nEs-Version: 0\nEs-Type: t\nX: \xff\n\n",
	      "{\"stream\":\"s\",\"version\":0,\"type\":\"t\"," AT_NOON
	      ",\"attributes\":{\"X\":{\"$text\":\"/w==\"},\"$headers\":[\"X\"]}}");
	fails(NATIVE, "S.s\nEs-Type: t\nX: 1\nEs-Attributes: {\"X\":2}\n\n",
	      "stream S, message 7: its attributes: have the name of one of its headers");
	stop();
}

void
test_words_of_codecs(void)
{
	start();
	reads(RITA, "$ES.S.a.b.t\nEs-Version: 0\nRita-Codec: msgpack\n\n\x81",
	      "{\"stream\":\"a.b\",\"version\":0,\"type\":\"t\"," AT_NOON
	      ",\"content_type\":\"application/msgpack\",\"data_base64\":\"gQ==\"}");
	reads(RITA, "$ES.S.a.b.t\nEs-Version: 0\nRita-Codec: binary\n\n1",
	      "{\"stream\":\"a.b\",\"version\":0,\"type\":\"t\"," AT_NOON
	      ",\"content_type\":\"application/octet-stream\",\"data_base64\":\"MQ==\"}");
	reads(RITA, "$ES.S.a.b.t\nEs-Version: 0\nRITA-CODEC: json\n\n1",
	      "{\"stream\":\"a.b\",\"version\":0,\"type\":\"t\"," AT_NOON ",\"data\":1}");
	fails(RITA, "$ES.S.a.b.t\nRita-Codec: avro\n\n1",
	      "stream ES_S, message 7: Rita-Codec: says what the layout has no word for");
	fails(RITA, "$ES.S.a.b.t\nRita-Codec: JSON\n\n1",
	      "stream ES_S, message 7: Rita-Codec: says what the layout has no word for");
	stop();
}

void
test_a_header_that_is_mapped_is_there_once(void)
{
	start();
	fails(NATIVE, "S.s\nEs-Type: t\nEs-Type: t\n\n",
	      "stream S, message 7: Es-Type: is there more than once");
	fails(NATIVE, "S.s\nEs-Type: t\nES-TYPE: u\n\n",
	      "stream S, message 7: Es-Type: is there more than once");
	fails(NATIVE, "S.s\nEs-Type: t\nEs-Time: -\nEs-Time: 2026-01-31T12:00:00Z\n\n",
	      "stream S, message 7: Es-Time: is there more than once");
	fails(RITA, "$ES.S.a.b.t\nRita-Codec: json\nRita-Codec: msgpack\n\n1",
	      "stream ES_S, message 7: Rita-Codec: is there more than once");
	stop();
}

void
test_headers_that_cannot_be_read(void)
{
	start();
	fails(NATIVE, "S.s\nEs-Type: t\nEs-Version: -1\n\n",
	      "stream S, message 7: header Es-Version holds no number of an event");
	fails(NATIVE, "S.s\nEs-Type: t\nEs-Version: 007\n\n",
	      "stream S, message 7: header Es-Version holds no number of an event");
	fails(NATIVE, "S.s\nEs-Type: t\nEs-Version: 9223372036854775808\n\n",
	      "stream S, message 7: header Es-Version holds no number of an event");
	fails(NATIVE, "S.s\nEs-Type: t\nEs-Version: \n\n",
	      "stream S, message 7: header Es-Version holds no number of an event");
	fails(NATIVE, "S.s\nEs-Type: t\nEs-Metadata-Base64: =\n\n",
	      "stream S, message 7: Es-Metadata-Base64: is not base64");
	fails(NATIVE, "S.s\nEs-Type: t\nEs-Metadata: 1\nEs-Metadata-Base64: AA==\n\n",
	      "stream S, message 7: header Es-Metadata-Base64 is a second place for what another "
	      "one holds");
	fails(RITA, "$ES.S.a.b.t\nRita-Meta-a: \xff\n\n",
	      "stream ES_S, message 7: Rita-Meta-*: is not UTF-8");
	fails(RITA, "$ES.S.a.b.t\nRita-Meta-\xff: a\n\n",
	      "stream ES_S, message 7: Rita-Meta-*: is not UTF-8");
	stop();
}

void
test_subjects_that_do_not_fit(void)
{
	static const char no_subject[] =
	    "stream ES_S, message 7: its subject: does not fit the layout, and no header says what "
	    "it tells";

	start();
	fails(RITA, "elsewhere\n\n", no_subject);
	fails(RITA, "$ES.T.a.b.t\n\n", no_subject);
	fails(RITA, "elsewhere\nRita-Entity: a.b\n\n", no_subject);
	fails(RITA, "elsewhere\nRita-Type: t\n\n", no_subject);
	reads(RITA, "elsewhere\nRita-Entity: a\nRita-Type: t\nEs-Version: 0\n\n",
	      "{\"stream\":\"a\",\"version\":0,\"type\":\"t\"," AT_NOON "}");
	reads(RITA, "$ES.S.a.b.t\nRita-Entity: c.d\nRita-Type: u\nEs-Version: 0\n\n",
	      "{\"stream\":\"c.d\",\"version\":0,\"type\":\"u\"," AT_NOON "}");
	reads(NATIVE, "elsewhere\nEs-Stream: a\nEs-Type: t\nEs-Version: 0\n\n",
	      "{\"stream\":\"a\",\"version\":0,\"type\":\"t\"," AT_NOON "}");
	fails(NATIVE, "S.a.b\nEs-Type: t\n\n",
	      "stream S, message 7: its subject: does not fit the layout, and no header says what "
	      "it tells");
	stop();
}

void
test_a_type_that_nobody_tells_is_refused_by_name(void)
{
	struct natsrow_told told;
	struct err err = ERR_INIT;
	struct natsmsg m;

	start();
	parse("S.s\nX: 1\n\n", &m);
	eq_int(natsrow_read(&rows[NATIVE], &m, 1, again, &told, &err), 0);
	eq_int(event_check(&again->events[0], again->mem, &err), -1);
	eq_str(err.msg, "event 1 (stream \"s\", version 0): field type: is absent");
	stop();
}

void
test_the_name_of_the_stream_must_fit_the_layout(void)
{
	struct err err = ERR_INIT;
	struct natsrow r;

	start();
	eq_int(natsrow_open(&r, layouts[RITA], "ORDERS", &err), -1);
	eq_int(err.kind, ERR_LAYOUT);
	eq_str(err.msg, "stream ORDERS: layout rita is for streams named ES_{store}");
	natsrow_close(&r);
	natsrow_close(&r);
	stop();
}

void
test_metadata_of_rita_has_no_order_and_no_spelling(void)
{
	start();
	writes(RITA,
	       "{" RITA_SMALL ",\"metadata\":{\"b\":\"\\u0041\",\"a\":\"1\"},"
	       "\"metadata_text\":\"{ \\\"b\\\":\\\"\\\\u0041\\\",\\\"a\\\":\\\"1\\\"}\"}",
	       "$ES.S.a.b.t\nRita-Entity: a.b\nRita-Type: t\nRita-Time: 2026-01-31T12:00:00Z\n"
	       "Rita-Codec: json\nRita-Meta-b: A\nRita-Meta-a: 1\nEs-Version: 0\n\n");
	stop();
}
