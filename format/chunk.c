#include <inttypes.h>
#include <stdlib.h>

#include <zstd.h>
#include <zstd_errors.h>

#include "common/cborbuf.h"
#include "format/block.h"
#include "format/cbormap.h"
#include "format/chunk.h"

struct chunker {
	ZSTD_CCtx *pack;
	ZSTD_DCtx *unpack;
	int level;
};

void
chunk_release(struct chunk *c)
{
	buf_release(&c->raw);
	buf_release(&c->stored);
	buf_release(&c->contents);
}

struct chunker *
chunker_new(int level)
{
	struct chunker *c = xcalloc(1, sizeof(*c));

	c->level = level;
	return c;
}

void
chunker_free(struct chunker *c)
{
	if (!c)
		return;
	ZSTD_freeCCtx(c->pack);
	ZSTD_freeDCtx(c->unpack);
	free(c);
}

/* Keys in the order of RFC 8949 section 4.2.1, which for short text is length first. */
void
chunk_info_write(const struct chunk_info *info, struct buf *out)
{
	struct buf map = BUF_INIT;
	bool dated = info->least_ns != EVENT_NO_TIME;

	cborbuf_map(&map, 9U + dated + (info->filtered > 0));
	cborbuf_str(&map, "raw");
	cborbuf_uint(&map, info->raw_bytes);
	cborbuf_str(&map, "seq");
	cborbuf_uint(&map, info->seq);
	cborbuf_str(&map, "last");
	cborbuf_uint(&map, info->last);
	cborbuf_str(&map, "chain");
	cborbuf_bytes(&map, (struct slice){info->chain.bytes, WIRE_DIGEST_BYTES});
	cborbuf_str(&map, "check");
	cborbuf_uint(&map, info->check);
	cborbuf_str(&map, "first");
	cborbuf_uint(&map, info->first);
	if (dated) {
		cborbuf_str(&map, "times");
		cborbuf_array(&map, 2);
		cborbuf_int(&map, info->least_ns);
		cborbuf_int(&map, info->greatest_ns);
	}
	cborbuf_str(&map, "digest");
	cborbuf_bytes(&map, (struct slice){info->digest.bytes, WIRE_DIGEST_BYTES});
	cborbuf_str(&map, "events");
	cborbuf_uint(&map, info->events);
	cborbuf_str(&map, "stored");
	cborbuf_uint(&map, info->stored_bytes);
	if (info->filtered) {
		cborbuf_str(&map, "filtered");
		cborbuf_uint(&map, info->filtered);
	}
	block_write(BLOCK_CHUNK, buf_slice(&map), out);
	buf_release(&map);
}

static const struct cbormap_number numbers[] = {
    {"seq", offsetof(struct chunk_info, seq)},
    {"events", offsetof(struct chunk_info, events)},
    {"first", offsetof(struct chunk_info, first)},
    {"last", offsetof(struct chunk_info, last)},
    {"raw", offsetof(struct chunk_info, raw_bytes)},
    {"stored", offsetof(struct chunk_info, stored_bytes)},
    {"check", offsetof(struct chunk_info, check)},
};

static bool
read_times(struct chunk_info *info, struct slice map)
{
	struct slice times = cbormap_get(map, "times");
	uint64_t two;

	info->least_ns = info->greatest_ns = EVENT_NO_TIME;
	if (!times.p)
		return true;
	return cbormap_take_array(&times, &two) && two == 2 &&
	       cbormap_take_int(&times, &info->least_ns) &&
	       cbormap_take_int(&times, &info->greatest_ns) &&
	       info->least_ns <= info->greatest_ns && info->least_ns != EVENT_NO_TIME;
}

int
chunk_info_read(struct chunk_info *info, struct slice map, struct err *err)
{
	if (!cbormap_numbers(map, numbers, sizeof(numbers) / sizeof(*numbers), info) ||
	    !cbormap_bytes(map, "digest", WIRE_DIGEST_BYTES, info->digest.bytes) ||
	    !cbormap_bytes(map, "chain", WIRE_DIGEST_BYTES, info->chain.bytes))
		return err_set(err, ERR_FORMAT, "chunk block: a key is missing or of another kind");
	info->filtered = 0;
	if (cbormap_get(map, "filtered").p && !cbormap_uint(map, "filtered", &info->filtered))
		return err_set(err, ERR_FORMAT, "chunk block: \"filtered\" is not a number");
	if (!read_times(info, map))
		return err_set(err, ERR_FORMAT, "chunk block: \"times\" is not a pair of times");
	if (info->raw_bytes > WIRE_CHUNK_RAW_MAX || info->stored_bytes > WIRE_CHUNK_STORED_MAX ||
	    info->events > WIRE_CHUNK_EVENTS_MAX)
		return err_set(err, ERR_FORMAT, "chunk block: larger than a chunk may be");
	if (info->events == 0 || info->first > info->last ||
	    info->last - info->first < info->events - 1)
		return err_set(err, ERR_FORMAT, "chunk block: positions and events do not fit");
	return 0;
}

static void
add_time(struct chunk_info *info, int64_t time_ns)
{
	if (time_ns == EVENT_NO_TIME)
		return;
	if (info->least_ns == EVENT_NO_TIME || time_ns < info->least_ns)
		info->least_ns = time_ns;
	if (info->greatest_ns == EVENT_NO_TIME || time_ns > info->greatest_ns)
		info->greatest_ns = time_ns;
}

int
chunk_encode(struct chunk *c, struct batch *b, const struct codec *codec, unsigned flags,
             struct err *err)
{
	struct chunk_info *info = &c->info;
	char which[256];
	size_t i;

	c->raw.len = 0;
	info->least_ns = info->greatest_ns = EVENT_NO_TIME;
	for (i = 0; i < b->len; i++) {
		if (event_check(&b->events[i], b->mem, err) < 0 ||
		    codec->encode(&b->events[i], flags, &c->raw, err) < 0)
			return -1;
		add_time(info, b->events[i].time_ns);
		if (c->raw.len > WIRE_CHUNK_RAW_MAX) {
			event_describe(&b->events[i], which, sizeof(which));
			return err_set(err, ERR_DATA, "%s: a chunk with it is larger than 1 GiB",
			               which);
		}
	}
	info->events = b->len;
	info->filtered = b->filtered;
	info->raw_bytes = c->raw.len;
	if (b->len) {
		info->first = b->events[0].position;
		info->last = b->events[b->len - 1].position;
	}
	return 0;
}

/* Whether zstd failed; where it had no memory, that is what ends the run. */
static bool
zstd_failed(size_t rc)
{
	if (ZSTD_getErrorCode(rc) == ZSTD_error_memory_allocation)
		mem_exhausted();
	return ZSTD_isError(rc);
}

int
chunk_compress(struct chunk *c, struct chunker *state, struct err *err)
{
	size_t rc;

	if (!state->pack) {
		state->pack = ZSTD_createCCtx();
		if (!state->pack)
			mem_exhausted();
		ZSTD_CCtx_setParameter(state->pack, ZSTD_c_compressionLevel, state->level);
		ZSTD_CCtx_setParameter(state->pack, ZSTD_c_checksumFlag, 1);
		ZSTD_CCtx_setParameter(state->pack, ZSTD_c_contentSizeFlag, 1);
	}
	c->stored.len = 0;
	buf_reserve(&c->stored, ZSTD_compressBound(c->raw.len));
	rc = ZSTD_compress2(state->pack, c->stored.p, c->stored.cap, c->raw.p, c->raw.len);
	if (zstd_failed(rc))
		return err_set(err, ERR_IO, "zstd: %s", ZSTD_getErrorName(rc));
	c->stored.len = rc;
	c->info.stored_bytes = rc;
	c->info.digest = digest_of(buf_slice(&c->raw));
	c->info.check = digest_of_64(buf_slice(&c->stored));
	return 0;
}

static int
bad_chunk(const struct chunk *c, struct err *err, const char *why)
{
	err_set(err, ERR_FORMAT, "chunk %" PRIu64 " at byte %" PRIu64 ": %s", c->info.seq,
	        c->info.offset, why);
	return err_hint(err, "nothing of it was written; restore the archive from another copy");
}

int
chunk_decompress(struct chunk *c, struct chunker *state, struct err *err)
{
	const struct chunk_info *info = &c->info;
	struct digest digest;
	size_t rc;

	if (digest_of_64(buf_slice(&c->stored)) != info->check)
		return bad_chunk(c, err, "the stored bytes are damaged");
	if (c->stored.len < 4 || wire_get_u32(c->stored.p) != WIRE_MAGIC_ZSTD)
		return bad_chunk(c, err, "the payload is not a zstd frame");
	/* The size is in the frame, too: a frame that lies is caught before memory is taken. */
	if (ZSTD_getFrameContentSize(c->stored.p, c->stored.len) != info->raw_bytes ||
	    ZSTD_findFrameCompressedSize(c->stored.p, c->stored.len) != c->stored.len)
		return bad_chunk(c, err,
		                 "the payload is not one zstd frame of the size it should be");
	if (!state->unpack)
		state->unpack = ZSTD_createDCtx();
	if (!state->unpack)
		mem_exhausted();
	c->raw.len = 0;
	buf_reserve(&c->raw, info->raw_bytes);
	rc = ZSTD_decompressDCtx(state->unpack, c->raw.p, c->raw.cap, c->stored.p, c->stored.len);
	if (zstd_failed(rc) || rc != info->raw_bytes)
		return bad_chunk(c, err, ZSTD_isError(rc) ? ZSTD_getErrorName(rc) : "short frame");
	c->raw.len = rc;
	digest = digest_of(buf_slice(&c->raw));
	if (!digest_eq(&digest, &info->digest))
		return bad_chunk(c, err, "the digest differs");
	return 0;
}

/* Whether the events are what the block said of them. */
static const char *
misfit(const struct chunk_info *info, const struct batch *b)
{
	struct chunk_info seen = {.least_ns = EVENT_NO_TIME, .greatest_ns = EVENT_NO_TIME};
	size_t i;

	for (i = 0; i < b->len; i++) {
		if (i > 0 && b->events[i].position <= b->events[i - 1].position)
			return "positions do not rise";
		add_time(&seen, b->events[i].time_ns);
	}
	if (b->len != info->events)
		return "holds another number of events than its block says";
	if (b->events[0].position != info->first || b->events[b->len - 1].position != info->last)
		return "holds other positions than its block says";
	if (seen.least_ns != info->least_ns || seen.greatest_ns != info->greatest_ns)
		return "holds other times than its block says";
	return NULL;
}

int
chunk_decode(struct chunk *c, const struct codec *codec, struct batch *into, struct err *err)
{
	struct slice rest = buf_slice(&c->raw);
	const char *why;

	batch_reset(into);
	into->seq = c->info.seq;
	while (rest.len) {
		if (into->len > c->info.events)
			break;
		if (codec->decode(&rest, 0, into, err) < 0)
			return err_wrap(err, "chunk %" PRIu64 " at byte %" PRIu64 ", event %zu",
			                c->info.seq, c->info.offset, into->len);
	}
	why = misfit(&c->info, into);
	return why ? bad_chunk(c, err, why) : 0;
}
