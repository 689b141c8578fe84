#ifndef TESTS_UNIT_SAMPLES_H
#define TESTS_UNIT_SAMPLES_H

#include <stdlib.h>
#include <string.h>

#include "common/event.h"

/* Events that have something unusual each, for the tests of codecs, chunks and archives. */

static inline struct event *
samples_event(struct batch *b)
{
	struct event *e = batch_add(b);

	e->position = b->len * 10;
	e->version = b->len - 1;
	e->stream = SLICE_LIT("order-1");
	e->type = SLICE_LIT("Placed");
	return e;
}

static inline struct payload
samples_payload(enum payload_kind kind, struct slice bytes)
{
	return (struct payload){.kind = kind, .bytes = bytes};
}

static const struct slice samples_texts[] = {
    {(const uint8_t *)"", 0},
    {(const uint8_t *)"\0", 1},
    {(const uint8_t *)"a\0b\x01\x1F\x7F", 6},
    {(const uint8_t *)"\"\\/\b\f\n\r\t", 8},
    {(const uint8_t *)"\xC2\x80\xE2\x80\xA8\xE2\x80\xA9\xEF\xBB\xBF\xEF\xBF\xBF\xF4\x8F\xBF\xBF",
     18},
    {(const uint8_t *)"01234567-89ab-cdef-fedc-ba9876543210", 36},
    {(const uint8_t *)"01234567-89AB-CDEF-FEDC-BA9876543210", 36},
    {(const uint8_t *)"0123456789abcdeffedcba9876543210", 32},
    {(const uint8_t *)"{01234567-89ab-cdef-fedc-ba98765432}", 36},
    {(const uint8_t *)"00000000-0000-0000-0000-000000000000", 36},
};

static const char *const samples_json[] = {
    "{}",
    "[]",
    "null",
    "true",
    "0",
    "-0.0e-0",
    "\"\"",
    "{\"a\":1,\"a\":2}",
    "123456789012345678901234567890.000000000000000000000000000000001",
    "1e999999",
    "\"\\ud800 \\u0000 \\u00e9 \xC3\xA9\"",
    "{\"a\" : [ 1 ,\t2 ]}",
    " 1",
    "1 ",
    "\t{\"a\":1}\t",
    "{\n  \"a\": 1,\r\n  \"b\": \"x\"\n}\n",
    "\n[1]\r",
    "{\"data_text\":\"{\\\"kind\\\":1}\"}",
};

static const char *const samples_values[] = {"null", "true",      "false", "0",  "-1.50",
                                             "\"\"", "\"a\\nb\"", "[]",    "{}", "[1,{\"a\":[]}]"};

#define SAMPLES_N(a) (sizeof(a) / sizeof((a)[0]))

static inline void
samples_add_texts(struct batch *b)
{
	struct slice *tags;
	struct event *e;
	size_t i, k;
	int f;

	for (f = 0; f < FIELDS; f++)
		for (i = 0; i < SAMPLES_N(samples_texts); i++) {
			e = samples_event(b);
			if (event_text(e, (enum field)f))
				*event_text(e, (enum field)f) = samples_texts[i];
		}
	for (i = 0; i <= SAMPLES_N(samples_texts); i++) {
		e = samples_event(b);
		tags = arena_alloc(b->mem, i * sizeof(*tags) + 1);
		e->n_tags = (uint32_t)i;
		e->tags = tags;
		for (k = 0; k < i; k++) {
			tags[k] = samples_texts[k];
			event_add_attr(e, b->mem, samples_texts[k],
			               slice_str(samples_values[k % SAMPLES_N(samples_values)]));
		}
	}
	for (i = 0; i < SAMPLES_N(samples_values); i++) {
		e = samples_event(b);
		event_add_attr(e, b->mem, SLICE_LIT("$x"), slice_str(samples_values[i]));
		event_add_attr(e, b->mem, SLICE_LIT("x"), slice_str(samples_values[i]));
	}
}

/* Bytes of every value, and each length around the groups of base64. */
static inline void
samples_add_payloads(struct batch *b)
{
	uint8_t *all = arena_alloc(b->mem, 256);
	struct event *e;
	size_t i;

	for (i = 0; i < 256; i++)
		all[i] = (uint8_t)i;
	for (i = 0; i < 9; i++) {
		e = samples_event(b);
		e->data = samples_payload(PAYLOAD_BYTES, (struct slice){all, i < 8 ? i : 256});
		e->metadata = samples_payload(PAYLOAD_BYTES, (struct slice){all + 8 - i, i});
	}
	for (i = 0; i < SAMPLES_N(samples_json); i++) {
		e = samples_event(b);
		e->data = samples_payload(PAYLOAD_JSON, slice_str(samples_json[i]));
		e = samples_event(b);
		e->metadata = samples_payload(PAYLOAD_JSON, slice_str(samples_json[i]));
		e->data = samples_payload(i % 2 ? PAYLOAD_BYTES : PAYLOAD_JSON, SLICE_LIT("1"));
	}
	e = samples_event(b);
	e->data = samples_payload(PAYLOAD_BYTES, SLICE_LIT("\xA1\x61"
	                                                   "a\x01"));
	e->content_type = SLICE_LIT("application/cbor");
	e = samples_event(b);
	e->data = samples_payload(PAYLOAD_BYTES, SLICE_LIT("\xA1\x61"));
	e->content_type = SLICE_LIT("application/x+cbor");
}

static inline void
samples_add_numbers(struct batch *b)
{
	static const int64_t times[] = {0, -1, 1, INT64_MIN + 1, INT64_MAX, 1709251198500000000};
	struct event *e;
	size_t i;

	for (i = 0; i < SAMPLES_N(times); i++) {
		e = samples_event(b);
		e->time_ns = times[i];
	}
	samples_event(b)->version = UINT64_MAX - 1;
	samples_event(b)->position = UINT64_MAX - 1;
}

static inline void
samples_add_all(struct batch *b)
{
	samples_add_texts(b);
	samples_add_payloads(b);
	samples_add_numbers(b);
}

/* One with a mixture of everything; the same seed gives the same event. */
static inline void
samples_add_random(struct batch *b, unsigned *seed)
{
	struct event *e = samples_event(b);
	struct slice *text;
	size_t r;
	int f;

	e->time_ns = rand_r(seed) % 3 ? (int64_t)rand_r(seed) * rand_r(seed) : EVENT_NO_TIME;
	for (f = 0; f < FIELDS; f++) {
		text = event_text(e, (enum field)f);
		r = (size_t)rand_r(seed);
		if (text && r % 2)
			*text = samples_texts[r / 2 % SAMPLES_N(samples_texts)];
		if (!event_payload(e, (enum field)f) || r % 4 == 0)
			continue;
		r = (size_t)rand_r(seed);
		*event_payload(e, (enum field)f) =
		    r % 3
			? samples_payload(PAYLOAD_JSON,
		                          slice_str(samples_json[r / 3 % SAMPLES_N(samples_json)]))
			: samples_payload(PAYLOAD_BYTES,
		                          samples_texts[r / 3 % SAMPLES_N(samples_texts)]);
	}
	for (r = (size_t)rand_r(seed) % 4; r > 0; r--) {
		event_add_attr(e, b->mem,
		               samples_texts[(size_t)rand_r(seed) % SAMPLES_N(samples_texts)],
		               slice_str(samples_values[r]));
		if (!event_attrs_unique(e))
			e->n_attrs--;
	}
}

#endif
