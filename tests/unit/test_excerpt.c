#include <stdio.h>
#include <string.h>

#include "common/jscan.h"
#include "tests/tap.h"
#include "tests/unit/samples.h"
#include "verify/excerpt.h"

static void
shows(enum field f, const struct event *a, const struct event *b, const char *text_a,
      const char *text_b)
{
	struct buf x = BUF_INIT, y = BUF_INIT;

	excerpt_pair(a, b, f, &x, &y);
	eq_str(buf_cstr(&x), text_a);
	eq_str(buf_cstr(&y), text_b);
	buf_release(&x);
	buf_release(&y);
}

static struct event *
two(struct batch *b)
{
	samples_event(b);
	samples_event(b);
	return b->events;
}

void
test_small_values_are_shown_whole(void)
{
	struct batch *b = batch_new();
	struct event *e = two(b);
	struct slice tags[] = {SLICE_LIT("x\"y"), SLICE_LIT("")};

	shows(FIELD_POSITION, &e[0], &e[1], "10", "20");
	shows(FIELD_VERSION, &e[0], &e[1], "0", "1");
	e[1].time_ns = 1500000000;
	shows(FIELD_TIME, &e[0], &e[1], "(absent)", "1970-01-01T00:00:01.5Z");
	e[1].id = SLICE_LIT("");
	shows(FIELD_ID, &e[0], &e[1], "(absent)", "");
	e[1].tags = tags;
	e[1].n_tags = 2;
	shows(FIELD_TAGS, &e[0], &e[1], "(absent)", "[\"x\\\"y\",\"\"]");
	event_add_attr(&e[1], b->mem, SLICE_LIT("z"), SLICE_LIT("1"));
	event_add_attr(&e[1], b->mem, SLICE_LIT("$hint"), SLICE_LIT("1"));
	event_add_attr(&e[1], b->mem, SLICE_LIT("a"), SLICE_LIT("null"));
	shows(FIELD_ATTRIBUTES, &e[0], &e[1], "{}", "{\"a\":null,\"z\":1}");
	e[0].data = samples_payload(PAYLOAD_JSON, SLICE_LIT("{\n\t\"a\": 1}"));
	shows(FIELD_DATA, &e[0], &e[1], "{  \"a\": 1}", "(absent)");
	e[0].data = samples_payload(PAYLOAD_BYTES, SLICE_LIT("\x00\xFF"));
	e[1].data = samples_payload(PAYLOAD_CBOR, SLICE_LIT("\x01"));
	shows(FIELD_DATA, &e[0], &e[1], "bytes 00ff", "CBOR, bytes 01");
	e[0].data.bytes = SLICE_LIT("");
	shows(FIELD_DATA, &e[0], &e[1], "bytes (none)", "CBOR, bytes 01");
	batch_free(b);
}

void
test_a_long_value_is_cut_about_the_difference(void)
{
	struct batch *b = batch_new();
	struct event *e = two(b);
	struct buf x = BUF_INIT, y = BUF_INIT, out_x = BUF_INIT, out_y = BUF_INIT;
	size_t at;

	for (at = 0; at < 700; at++) {
		x.len = y.len = out_x.len = out_y.len = 0;
		while (x.len < 600)
			buf_add_str(&x, "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80-");
		buf_add_slice(&y, (struct slice){x.p, at < x.len ? at : x.len});
		while (y.len && jscan_utf8(buf_slice(&y)) == false)
			y.len--;
		buf_add_str(&y, "DIFFERENT");
		e[0].data = samples_payload(PAYLOAD_JSON, buf_slice(&x));
		e[1].data = samples_payload(PAYLOAD_JSON, buf_slice(&y));
		excerpt_pair(&e[0], &e[1], FIELD_DATA, &out_x, &out_y);
		if (!ok(jscan_utf8(buf_slice(&out_x)) && jscan_utf8(buf_slice(&out_y))) ||
		    !ok(out_x.len <= EXCERPT_BYTES + 6 && out_y.len <= EXCERPT_BYTES + 6) ||
		    !ok(strstr(buf_cstr(&out_y), "DIFFERENT") != NULL)) {
			printf("# at %zu: %s / %s\n", at, buf_cstr(&out_x), buf_cstr(&out_y));
			break;
		}
	}
	buf_release(&x);
	buf_release(&y);
	buf_release(&out_x);
	buf_release(&out_y);
	batch_free(b);
}
