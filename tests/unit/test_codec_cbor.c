#include <string.h>

#include "common/cborbuf.h"
#include "common/cborscan.h"
#include "common/jscan.h"
#include "format/codec.h"
#include "tests/tap.h"
#include "tests/unit/samples.h"

#define CODEC codec_cbor

static const struct {
	struct slice item;
	const char *says;
} bad[] = {
    {{(const uint8_t *)"", 0}, "not well-formed"},
    {{(const uint8_t *)"\x80", 1}, "not a map"},
    {{(const uint8_t *)"\xBF\xFF", 2}, "not a map"},
    {{(const uint8_t *)"\xA0", 1}, "no \"position\""},
    {{(const uint8_t *)"\xA1\x01\x01", 3}, "\"a key\" is not text"},
    {{(const uint8_t *)"\xA1\x61x\x01", 4}, "unknown key \"x\""},
    {{(const uint8_t *)"\xA1\x64"
                       "kind\x01",
      7},
     "\"kind\" that this version"},
    {{(const uint8_t *)"\xA2\x62"
                       "id\x61x\x62"
                       "id\x61x",
      11},
     "\"id\" is there twice"},
    {{(const uint8_t *)"\xA1\x62"
                       "id\x41x",
      6},
     "\"id\" is not text"},
    {{(const uint8_t *)"\xA1\x62"
                       "id\xD8\x25\x41x",
      8},
     "UUID of 16 bytes"},
    {{(const uint8_t *)"\xA1\x62"
                       "id\xD8\x25\x61x",
      8},
     "\"id\" is not a UUID"},
    {{(const uint8_t *)"\xA1\x64"
                       "type\xD8\x25\x41x",
      10},
     "\"type\" is not text"},
    {{(const uint8_t *)"\xA1\x64"
                       "type\x61\xFF",
      8},
     "not well-formed"},
    {{(const uint8_t *)"\xA1\x68"
                       "position\x20",
      11},
     "not an unsigned integer"},
    {{(const uint8_t *)"\xA1\x67"
                       "version\x1B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
      18},
     "2^64 - 2"},
    {{(const uint8_t *)"\xA1\x64"
                       "time\x00",
      7},
     "\"time\" is not a time"},
    {{(const uint8_t *)"\xA1\x64"
                       "time\xC1\x00",
      8},
     "\"time\" is not a time"},
    {{(const uint8_t *)"\xA1\x64"
                       "time\xC0\x61x",
      9},
     "RFC 3339"},
    {{(const uint8_t *)"\xA1\x64"
                       "tags\x61x",
      8},
     "\"tags\" is not an array"},
    {{(const uint8_t *)"\xA1\x64"
                       "tags\x81\x01",
      8},
     "an array of text"},
    {{(const uint8_t *)"\xA1\x64"
                       "tags\x9B\x0F\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
      15},
     "more elements than bytes"},
    {{(const uint8_t *)"\xA1\x6A"
                       "attributes\x80",
      13},
     "\"attributes\" is not a map"},
    {{(const uint8_t *)"\xA1\x6A"
                       "attributes\xA1\x61x\x01",
      16},
     "JSON (tag 262)"},
    {{(const uint8_t *)"\xA1\x6A"
                       "attributes\xA1\x61x\xD9\x01\x06\x41[",
      20},
     "the JSON that"},
    {{(const uint8_t *)"\xA1\x6A"
                       "attributes\xA1\x61x\xD9\x01\x06\x42 1",
      21},
     "compact JSON"},
    {{(const uint8_t *)"\xA1\x6A"
                       "attributes\xA2\x61x\xD9\x01\x06\x41"
                       "1\x61x\xD9\x01\x06\x41"
                       "2",
      27},
     "an attribute is there twice"},
    {{(const uint8_t *)"\xA1\x64"
                       "data\x61x",
      8},
     "JSON (tag 262), CBOR (tag 24) or bytes"},
    {{(const uint8_t *)"\xA1\x64"
                       "data\xD9\x01\x06\x41{",
      11},
     "the JSON that its tag says"},
    {{(const uint8_t *)"\xA1\x64"
                       "data\xD8\x18\x41\xA1",
      10},
     "the CBOR that its tag says"},
    {{(const uint8_t *)"\xA1\x68"
                       "metadata\xD8\x18\x41\x01",
      14},
     "\"metadata\" is not JSON"},
};

void
test_each_wrong_item_is_refused_with_its_reason(void)
{
	struct batch *b = batch_new();
	size_t i;

	for (i = 0; i < SAMPLES_N(bad); i++) {
		struct err err = ERR_INIT;
		struct slice in = bad[i].item;

		eq_int(codec_cbor.decode(&in, 0, b, &err), -1);
		eq_int(err.kind, ERR_FORMAT);
		if (!ok(strstr(err.msg, bad[i].says) != NULL)) {
			eq_int(i, -1);
			eq_str(err.msg, bad[i].says);
		}
		eq_uint(b->len, 0);
	}
	batch_free(b);
}

void
test_events_are_well_formed_cbor_and_their_beginnings_are_not(void)
{
	struct batch *b = batch_new(), *back = batch_new();
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;
	struct slice in;
	size_t i, len;

	samples_add_all(b);
	for (i = 0; i < b->len; i++) {
		out.len = 0;
		eq_int(event_check(&b->events[i], b->mem, &err), 0);
		eq_int(codec_cbor.encode(&b->events[i], 0, &out, &err), 0);
		ok(cborscan_valid(buf_slice(&out)));
		for (len = 0; len < out.len; len++) {
			in = (struct slice){out.p, len};
			batch_reset(back);
			if (!eq_int(codec_cbor.decode(&in, 0, back, &err), -1))
				break;
		}
	}
	buf_release(&out);
	batch_free(b);
	batch_free(back);
}

void
test_a_canonical_uuid_is_sixteen_bytes_and_any_other_id_is_text(void)
{
	static const char want[] = "\x62"
				   "id"
				   "\xD8\x25\x50";
	struct batch *b = batch_new();
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;
	struct event *e = samples_event(b);

	e->id = samples_texts[5];
	eq_int(codec_cbor.encode(e, 0, &out, &err), 0);
	ok(memmem(out.p, out.len, want, sizeof(want) - 1) != NULL);
	out.len = 0;
	e->id = samples_texts[6];
	e->type = samples_texts[5]; /* is no id */
	eq_int(codec_cbor.encode(e, 0, &out, &err), 0);
	ok(memmem(out.p, out.len, "\xD8\x25\x50", 3) == NULL);
	buf_release(&out);
	batch_free(b);
}
