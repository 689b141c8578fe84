#include "format/block.h"
#include "tests/unit/archives.h"

static const struct codec *const codecs[] = {&codec_jsonl, &codec_cbor};

/* A chunk of all samples, as it would be read. */
static void
pack(struct chunk *c, const struct codec *codec, struct chunker *state)
{
	struct archives_plan plan = {.codec = codec, .all_samples = true, .first = 5};
	struct batch *b = batch_new();
	struct err err = ERR_INIT;

	archives_fill(b, &plan, 0);
	eq_int(chunk_encode(c, b, codec, 0, &err), 0);
	eq_int(chunk_compress(c, state, &err), 0);
	eq_uint(c->info.events, b->len);
	eq_uint(c->info.first, 5);
	eq_uint(c->info.last, 5 + 10 * (b->len - 1));
	eq_int(c->info.least_ns, INT64_MIN + 1);
	eq_int(c->info.greatest_ns, INT64_MAX);
	batch_free(b);
}

static int
unpack(struct chunk *c, const struct codec *codec, struct chunker *state, struct err *err)
{
	struct batch *b = batch_new();
	int rc = chunk_decompress(c, state, err);

	if (rc == 0)
		rc = chunk_decode(c, codec, b, err);
	batch_free(b);
	return rc;
}

static int
read_info(struct chunk_info *info, const struct buf *frame, struct err *err)
{
	struct slice map;
	uint8_t kind = 0;

	ok(block_read((struct slice){frame->p + 8, frame->len - 8}, &kind, &map, err) == 0);
	eq_int(kind, BLOCK_CHUNK);
	return chunk_info_read(info, map, err);
}

void
test_a_chunk_comes_back(void)
{
	struct chunker *state = chunker_new(3);
	struct chunk c = {.raw = BUF_INIT};
	struct err err = ERR_INIT;
	unsigned i;

	for (i = 0; i < 4; i++) { /* with the state of the one before */
		pack(&c, codecs[i % 2], state);
		if (!eq_int(unpack(&c, codecs[i % 2], state, &err), 0))
			eq_str(err.msg, "");
		eq_int(unpack(&c, codecs[1 - i % 2], state, &err), -1);
		eq_int(err.kind, ERR_FORMAT);
		err = (struct err)ERR_INIT;
	}
	chunk_release(&c);
	chunker_free(state);
	chunker_free(NULL);
}

/* Each lie in the block is found before an event is handed out. */
static void
lie(struct chunk_info *info, int which)
{
	switch (which) {
	case 0:
		info->check++;
		break;
	case 1:
		info->digest.bytes[15] ^= 1;
		break;
	case 2:
		info->raw_bytes--;
		break;
	case 3:
		info->raw_bytes = WIRE_CHUNK_RAW_MAX;
		break;
	case 4:
		info->events--;
		break;
	case 5:
		info->events++;
		break;
	case 6:
		info->first--;
		break;
	case 7:
		info->last++;
		break;
	case 8:
		info->least_ns++;
		break;
	case 9:
		info->events -= 5; /* reading stops where more come than were said */
		break;
	default:
		info->greatest_ns = EVENT_NO_TIME;
		break;
	}
}

void
test_what_the_block_says_must_be_so(void)
{
	struct chunker *state = chunker_new(1);
	struct chunk c = {.raw = BUF_INIT};
	struct chunk_info good;
	int i;

	pack(&c, &codec_cbor, state);
	good = c.info;
	for (i = 0; i < 11; i++) {
		struct err err = ERR_INIT;

		c.info = good;
		lie(&c.info, i);
		if (!eq_int(unpack(&c, &codec_cbor, state, &err), -1))
			eq_int(i, -1);
		eq_int(err.kind, ERR_FORMAT);
		ok(strncmp(err.msg, "chunk 0 at byte 0: ", 19) == 0);
	}
	chunk_release(&c);
	chunker_free(state);
}

/* Put the check right each time, so that zstd and the digest have to find it. */
void
test_a_payload_that_is_not_the_one_frame_is_refused(void)
{
	struct chunker *state = chunker_new(1);
	struct chunk c = {.raw = BUF_INIT};
	struct err err = ERR_INIT;
	size_t i, len, harmless = 0;

	pack(&c, &codec_jsonl, state);
	len = c.stored.len;
	for (i = 0; i < len; i += 1 + i / 64) {
		c.stored.p[i] ^= 0x04;
		c.info.check = digest_of_64(buf_slice(&c.stored));
		/* A bit that zstd makes no use of may change: the content is right then. */
		harmless += unpack(&c, &codec_jsonl, state, &err) == 0;
		c.stored.p[i] ^= 0x04;
		c.stored.len = i;
		c.info.check = digest_of_64(buf_slice(&c.stored));
		eq_int(unpack(&c, &codec_jsonl, state, &err), -1);
		c.stored.len = len;
	}
	ok(harmless < 4);
	buf_reserve(&c.stored, len);
	buf_add_slice(&c.stored, buf_slice(&c.stored)); /* two frames */
	c.info.check = digest_of_64(buf_slice(&c.stored));
	eq_int(unpack(&c, &codec_jsonl, state, &err), -1);
	chunk_release(&c);
	chunker_free(state);
}

void
test_positions_that_do_not_rise_are_refused(void)
{
	struct chunker *state = chunker_new(1);
	struct batch *b = batch_new();
	struct chunk c = {.raw = BUF_INIT};
	struct err err = ERR_INIT;
	int i;

	for (i = 0; i < 3; i++)
		samples_event(b);
	b->events[1].position = b->events[0].position;
	eq_int(chunk_encode(&c, b, &codec_cbor, 0, &err), 0);
	eq_int(chunk_compress(&c, state, &err), 0);
	eq_int(unpack(&c, &codec_cbor, state, &err), -1);
	ok(strstr(err.msg, "positions do not rise") != NULL);
	batch_free(b);
	chunk_release(&c);
	chunker_free(state);
}

void
test_an_event_that_cannot_travel_is_named(void)
{
	struct batch *b = batch_new();
	struct chunk c = {.raw = BUF_INIT};
	struct err err = ERR_INIT;

	samples_event(b);
	samples_event(b)->type = SLICE_LIT("\xFF");
	eq_int(chunk_encode(&c, b, &codec_jsonl, 0, &err), -1);
	eq_int(err.kind, ERR_DATA);
	ok(strncmp(err.msg, "event 20 (stream \"order-1\", version 1): field type", 50) == 0);
	batch_reset(b);
	eq_int(chunk_encode(&c, b, &codec_jsonl, 0, &err), 0);
	ok(c.info.events == 0 && c.info.raw_bytes == 0 && c.info.least_ns == EVENT_NO_TIME);
	batch_free(b);
	chunk_release(&c);
}

static const struct {
	struct chunk_info info;
	bool good;
} infos[] = {
    {{.events = 1}, true},
    {{.events = 3, .first = 5, .last = 7, .least_ns = -5, .greatest_ns = -5}, true},
    {{.events = 1, .raw_bytes = WIRE_CHUNK_RAW_MAX, .stored_bytes = WIRE_CHUNK_STORED_MAX}, true},
    {{.events = 0}, false},
    {{.events = 1, .first = 2, .last = 1}, false},
    {{.events = 4, .first = 5, .last = 7}, false},
    {{.events = WIRE_CHUNK_EVENTS_MAX + 1, .last = UINT64_MAX}, false},
    {{.events = 1, .raw_bytes = WIRE_CHUNK_RAW_MAX + 1}, false},
    {{.events = 1, .stored_bytes = WIRE_CHUNK_STORED_MAX + 1}, false},
    {{.events = 1, .least_ns = 1, .greatest_ns = 0}, false},
};

void
test_a_block_with_impossible_numbers_is_refused(void)
{
	struct chunk_info back;
	struct buf out = BUF_INIT;
	size_t i;

	for (i = 0; i < SAMPLES_N(infos); i++) {
		struct err err = ERR_INIT;

		back = (struct chunk_info){0};
		out.len = 0;
		chunk_info_write(&infos[i].info, &out);
		eq_int(read_info(&back, &out, &err), infos[i].good ? 0 : -1);
		if (infos[i].good)
			eq_mem(&back, sizeof(back), &infos[i].info, sizeof(back));
		else
			eq_int(err.kind, ERR_FORMAT);
	}
	buf_release(&out);
}

/* Rename each key of a block in turn, or change what kind of value it has.  A key stands behind its
 * length: c is 3, d is 4. */
void
test_a_block_that_lacks_something_is_refused(void)
{
	static const struct {
		const char *from, *to, *says;
	} changes[] = {
	    {"cseq", "cSeq", "a key is missing"},
	    {"fevents", "fEvents", "a key is missing"},
	    {"efirst", "eFirst", "a key is missing"},
	    {"dlast", "dLast", "a key is missing"},
	    {"craw", "cRaw", "a key is missing"},
	    {"fstored", "fStored", "a key is missing"},
	    {"echeck", "eCheck", "a key is missing"},
	    {"fdigest\x50", "fdigest\x70", "a key is missing or of another kind"},
	    {"echain\x50", "echain\x70", "a key is missing or of another kind"},
	    {"hfiltered\x07", "hfiltered\x27", "\"filtered\" is not a number"},
	    {"etimes\x82\x01", "etimes\x82\x60", "\"times\" is not a pair of times"},
	};
	struct chunk_info info = {.events = 1, .filtered = 7, .least_ns = 1, .greatest_ns = 2},
			  back;
	struct buf out = BUF_INIT;
	struct slice map;
	uint8_t *at, kind;
	size_t i;

	for (i = 0; i < SAMPLES_N(changes); i++) {
		struct err err = ERR_INIT;

		out.len = 0;
		chunk_info_write(&info, &out);
		ok(block_read((struct slice){out.p + 8, out.len - 8}, &kind, &map, &err) == 0);
		at = memmem(map.p, map.len, changes[i].from, strlen(changes[i].from));
		if (ok(at != NULL))
			memcpy(at, changes[i].to, strlen(changes[i].to));
		eq_int(chunk_info_read(&back, map, &err), -1);
		eq_int(err.kind, ERR_FORMAT);
		if (!ok(strstr(err.msg, changes[i].says) != NULL))
			eq_str(err.msg, changes[i].says);
	}
	buf_release(&out);
}
