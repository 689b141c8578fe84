#include "common/jscan.h"
#include "format/codec.h"
#include "tests/tap.h"
#include "tests/unit/samples.h"

/* What holds for both codecs. */

/* Encode each of them, decode it again, and compare. */
static void
round_trip(const struct codec *codec, struct batch *b, unsigned flags)
{
	struct batch *back = batch_new();
	struct buf out = BUF_INIT, again = BUF_INIT;
	struct err err = ERR_INIT;
	const char *differs;
	struct slice rest;
	size_t i;

	for (i = 0; i < b->len; i++) {
		out.len = again.len = 0;
		batch_reset(back);
		eq_int(event_check(&b->events[i], b->mem, &err), 0);
		eq_int(codec->encode(&b->events[i], flags, &out, &err), 0);
		rest = buf_slice(&out);
		if (!eq_int(codec->decode(&rest, 0, back, &err), 0)) {
			eq_str(err.msg, "");
			continue;
		}
		eq_uint(rest.len, 0);
		differs = event_difference(&b->events[i], &back->events[0], true);
		if (!ok(differs == NULL)) {
			eq_str(differs, NULL);
			eq_mem(out.p, out.len, NULL, 0);
		}
		eq_uint(back->events[0].n_attrs, b->events[i].n_attrs);
		/* What was decoded gives the same bytes. */
		eq_int(event_check(&back->events[0], back->mem, &err), 0);
		eq_int(codec->encode(&back->events[0], flags, &again, &err), 0);
		eq_mem(again.p, again.len, out.p, out.len);
	}
	buf_release(&out);
	buf_release(&again);
	batch_free(back);
}

static void
check_round_trips(struct batch *b, unsigned flags)
{
	round_trip(&codec_jsonl, b, flags);
	round_trip(&codec_cbor, b, flags);
}

void
test_nasty_events_come_back(void)
{
	struct batch *b = batch_new();

	samples_add_all(b);
	ok(b->len > 150);
	check_round_trips(b, 0);
	check_round_trips(b, CODEC_EXACT_TEXT);
	batch_free(b);
}

void
test_random_events_come_back(void)
{
	struct batch *b = batch_new();
	unsigned seed = 1;
	int i;

	for (i = 0; i < 3000; i++)
		samples_add_random(b, &seed);
	check_round_trips(b, 0);
	batch_free(b);
}

void
test_all_of_unicode_comes_back(void)
{
	struct batch *b = batch_new();
	struct buf text = BUF_INIT;
	struct event *e;
	uint32_t c;

	for (c = 0; c <= 0x10FFFF; c += c == 0xD7FF ? 0x801 : 1) {
		if (c >= 0x10000)
			buf_add_byte(&text, (uint8_t)(0xF0 | c >> 18));
		if (c >= 0x800)
			buf_add_byte(&text, (uint8_t)((c >= 0x10000 ? 0x80 : 0xE0) |
			                              (c >> 12 & (c >= 0x10000 ? 0x3F : 0x0F))));
		if (c >= 0x80)
			buf_add_byte(&text, (uint8_t)((c >= 0x800 ? 0x80 : 0xC0) |
			                              (c >> 6 & (c >= 0x800 ? 0x3F : 0x1F))));
		buf_add_byte(&text, (uint8_t)(c >= 0x80 ? 0x80 | (c & 0x3F) : c));
	}
	e = samples_event(b);
	e->stream = e->id = buf_slice(&text);
	e->data = samples_payload(PAYLOAD_JSON, buf_slice(&text)); /* is no JSON */
	check_round_trips(b, 0);
	ok(b->events[0].data.kind == PAYLOAD_BYTES);
	buf_release(&text);
	batch_free(b);
}

/* What may be in an event may be as deep as a JSON text may be at all. */
void
test_the_deepest_payload_comes_back(void)
{
	struct batch *b = batch_new();
	struct buf text = BUF_INIT;
	struct event *e;
	int i;

	for (i = 0; i < JSCAN_MAX_DEPTH; i++)
		buf_add_byte(&text, '[');
	for (i = 0; i < JSCAN_MAX_DEPTH; i++)
		buf_add_byte(&text, ']');
	e = samples_event(b);
	e->data = e->metadata = samples_payload(PAYLOAD_JSON, buf_slice(&text));
	check_round_trips(b, 0);
	check_round_trips(b, CODEC_EXACT_TEXT);
	ok(b->events[0].data.kind == PAYLOAD_JSON);
	buf_release(&text);
	batch_free(b);
}
