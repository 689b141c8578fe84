#ifndef FORMAT_CHUNK_H
#define FORMAT_CHUNK_H

#include "format/codec.h"
#include "format/digest.h"

/*
 * One chunk: some events, encoded, compressed, described (spec/FORMAT.md,
 * "Chunks").  Chunks are packed and unpacked independently, on any thread.
 */
struct chunk_info {
	uint64_t seq;         /* 0, 1, 2, ... in the archive */
	uint64_t offset;      /* of the chunk's block, from the start of the archive */
	uint64_t events;      /* one at least */
	uint64_t first, last; /* positions */
	uint64_t filtered;    /* events that filters left out, since the chunk before, up to last */
	uint64_t raw_bytes, stored_bytes;
	int64_t least_ns, greatest_ns; /* of the events' times; EVENT_NO_TIME: none has one */
	struct digest digest;          /* of the raw bytes */
	struct digest chain;           /* over the digests up to this one */
	uint64_t check;                /* XXH3-64 of the stored bytes */
};

struct chunk {
	struct chunk_info info;
	struct buf raw;      /* encoded events */
	struct buf stored;   /* the same as one Zstandard frame */
	struct buf contents; /* content_digests() of its events; empty: not asked for */
};

void chunk_release(struct chunk *c);

/* The block that goes before the payload: the whole frame. */
void chunk_info_write(const struct chunk_info *info, struct buf *out);
MUST_USE int chunk_info_read(struct chunk_info *info, struct slice map, struct err *err);

/* Compression state of one thread, used for many chunks. */
struct chunker;

struct chunker *chunker_new(int level); /* a level of zstd */
void chunker_free(struct chunker *c);   /* NULL is fine */

/*
 * Check and encode the events into c->raw and compress them into c->stored.
 * Fills in what the events say of c->info, not `seq`, `offset` and `chain`.
 * -1: ERR_DATA that names the event.
 */
MUST_USE int chunk_encode(struct chunk *c, struct batch *b, const struct codec *codec,
                          unsigned flags, struct err *err);
MUST_USE int chunk_compress(struct chunk *c, struct chunker *state, struct err *err);

/*
 * The way back, for a chunk whose `info` and `stored` were read: everything is
 * checked against `info` before the first event is handed out.  Events point
 * into c->raw.  -1: ERR_FORMAT.
 */
MUST_USE int chunk_decompress(struct chunk *c, struct chunker *state, struct err *err);
MUST_USE int chunk_decode(struct chunk *c, const struct codec *codec, struct batch *into,
                          struct err *err);

#endif
