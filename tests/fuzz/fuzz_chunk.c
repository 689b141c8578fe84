#include <assert.h>
#include <string.h>

#include <zstd.h>

#include "format/chunk.h"

/*
 * The payload of a chunk, with a block that fits it as far as one can.  The
 * first byte says what the rest is: bit 0 the codec, bit 1 whether it is encoded
 * events or the stored frame.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define RAW_MOST ((size_t)4 << 20) /* what this target unpacks; the format allows a gibibyte */

/* Sizes and digests of what is stored.  False: no decoder gets anything out of it. */
static bool
describe_stored(struct chunk *c)
{
	struct chunk_info *info = &c->info;
	unsigned long long raw = ZSTD_getFrameContentSize(c->stored.p, c->stored.len);
	struct buf bytes = BUF_INIT;
	size_t got;

	info->stored_bytes = c->stored.len;
	info->check = digest_of_64(buf_slice(&c->stored));
	if (raw > RAW_MOST)
		return false;
	info->raw_bytes = raw;
	buf_reserve(&bytes, raw + 1);
	got = ZSTD_decompress(bytes.p, raw, c->stored.p, c->stored.len);
	if (!ZSTD_isError(got))
		info->digest = digest_of((struct slice){bytes.p, got});
	buf_release(&bytes);
	return !ZSTD_isError(got) && got == raw;
}

/* What the events say.  False: they do not decode, or are none, or not in order. */
static bool
describe_events(struct chunk *c, const struct codec *codec)
{
	struct chunk_info *info = &c->info;
	struct slice rest = buf_slice(&c->raw);
	struct batch *b = batch_new();
	struct err err = ERR_INIT;
	bool good = rest.len > 0;
	int64_t ns;
	size_t i;

	info->least_ns = info->greatest_ns = EVENT_NO_TIME;
	while (good && rest.len)
		good = codec->decode(&rest, 0, b, &err) == 0;
	for (i = 0; i < b->len; i++) {
		good = good && (i == 0 || b->events[i].position > b->events[i - 1].position);
		ns = b->events[i].time_ns;
		if (ns == EVENT_NO_TIME)
			continue;
		if (info->least_ns == EVENT_NO_TIME || ns < info->least_ns)
			info->least_ns = ns;
		if (ns > info->greatest_ns)
			info->greatest_ns = ns;
	}
	info->events = b->len ? b->len : 1;
	info->first = b->len ? b->events[0].position : 0;
	info->last = b->len ? b->events[b->len - 1].position : 0;
	batch_free(b);
	return good;
}

/* Events that were decoded make a chunk that makes the same events. */
static void
round_trip(struct batch *b, const struct codec *codec, struct chunker *state)
{
	struct chunk c = {.info = {.seq = b->seq}};
	struct batch *again = batch_new();
	struct err err = ERR_INIT;
	size_t i;

	assert(chunk_encode(&c, b, codec, 0, &err) == 0);
	assert(chunk_compress(&c, state, &err) == 0);
	c.raw.len = 0;
	assert(chunk_decompress(&c, state, &err) == 0);
	assert(chunk_decode(&c, codec, again, &err) == 0);
	assert(again->len == b->len && again->seq == b->seq);
	for (i = 0; i < b->len; i++)
		assert(!event_difference(&b->events[i], &again->events[i], true));
	batch_free(again);
	chunk_release(&c);
}

static void
decode(struct chunk *c, const struct codec *codec, struct chunker *state)
{
	struct batch *b = batch_new();
	struct err err = ERR_INIT;
	bool good = describe_events(c, codec);

	assert((chunk_decode(c, codec, b, &err) == 0) == good);
	if (!good)
		assert(err.kind == ERR_FORMAT && err.msg[0]);
	else
		round_trip(b, codec, state);
	batch_free(b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct codec *codec = size && data[0] & 1 ? &codec_cbor : &codec_jsonl;
	struct chunk c = {.info = {.seq = 7}};
	struct chunker *state = chunker_new(1);
	struct err err = ERR_INIT;
	bool good = true;

	if (size && data[0] & 2) {
		buf_add(&c.stored, data + 1, size - 1);
		good = describe_stored(&c);
	} else if (size) {
		buf_add(&c.raw, data + 1, size - 1);
		c.info.raw_bytes = c.raw.len;
		assert(chunk_compress(&c, state, &err) == 0);
		c.raw.len = 0;
	}
	if (c.info.raw_bytes <= RAW_MOST && chunk_decompress(&c, state, &err) == 0)
		decode(&c, codec, state);
	else
		assert(err.kind == ERR_FORMAT && (!good || size == 0 || data[0] & 2));
	chunk_release(&c);
	chunker_free(state);
	return 0;
}
