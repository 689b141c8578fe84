/*
 * What zstd needs by itself to compress the bytes of an archive in chunks of 4 MiB, and to
 * decompress an archive: the floor of the rows of archives in the benchmark.
 *
 *	zstdloop compress whole/cbor.raw 1 2      # level, threads
 *	zstdloop decompress whole/cbor.zst 2
 *
 * Each thread takes the next chunk and has a context of its own; what they make is not kept.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zstd.h>

#include "bench/floor.h"

#define CHUNK_BYTES ((size_t)4 << 20)
#define SKIPPABLE 0x184D2A50u /* the last four bits are free: RFC 8878, section 3.1.2 */
#define MOST_THREADS 64

struct loop {
	struct floor_bytes *chunks;
	size_t count, cap;
	size_t most; /* bytes that one becomes */
	int level;   /* 0: decompress */
	atomic_size_t next;
	atomic_ullong bytes;
};

static size_t
check(size_t rc)
{
	if (ZSTD_isError(rc))
		floor_fail("%s", ZSTD_getErrorName(rc));
	return rc;
}

static void
add_chunk(struct loop *l, struct floor_bytes chunk, size_t becomes)
{
	if (l->count == l->cap) {
		l->cap = l->cap ? 2 * l->cap : 256;
		l->chunks = realloc(l->chunks, l->cap * sizeof(*l->chunks));
		if (!l->chunks)
			floor_fail("out of memory");
	}
	l->chunks[l->count++] = chunk;
	if (becomes > l->most)
		l->most = becomes;
}

static void
cut(struct loop *l, struct floor_bytes from)
{
	struct floor_bytes chunk;

	while (from.left) {
		chunk.left = from.left < CHUNK_BYTES ? from.left : CHUNK_BYTES;
		chunk.at = floor_take(&from, chunk.left);
		add_chunk(l, chunk, ZSTD_compressBound(chunk.left));
	}
}

/* Blocks of an archive that are no chunks are frames that zstd passes over. */
static void
find_frames(struct loop *l, struct floor_bytes from)
{
	struct floor_bytes frame;
	uint32_t magic;

	while (from.left) {
		frame.left = check(ZSTD_findFrameCompressedSize(from.at, from.left));
		frame.at = floor_take(&from, frame.left);
		memcpy(&magic, frame.at, sizeof(magic));
		if ((magic & ~0xFu) != SKIPPABLE)
			add_chunk(l, frame, (size_t)ZSTD_getFrameContentSize(frame.at, frame.left));
	}
}

static void
set_up(ZSTD_CCtx *pack, int level)
{
	check(ZSTD_CCtx_setParameter(pack, ZSTD_c_compressionLevel, level));
	check(ZSTD_CCtx_setParameter(pack, ZSTD_c_checksumFlag, 1));
}

static void *
work(void *arg)
{
	struct loop *l = arg;
	ZSTD_CCtx *pack = ZSTD_createCCtx();
	ZSTD_DCtx *unpack = ZSTD_createDCtx();
	char *out = malloc(l->most);
	const struct floor_bytes *c;
	size_t i;

	if (!pack || !unpack || !out)
		floor_fail("out of memory");
	set_up(pack, l->level);
	while ((i = atomic_fetch_add(&l->next, 1)) < l->count) {
		c = &l->chunks[i];
		l->bytes +=
		    check(l->level ? ZSTD_compress2(pack, out, l->most, c->at, c->left)
		                   : ZSTD_decompressDCtx(unpack, out, l->most, c->at, c->left));
	}
	free(out);
	ZSTD_freeCCtx(pack);
	ZSTD_freeDCtx(unpack);
	return NULL;
}

static void
run_threads(struct loop *l, uint64_t threads)
{
	pthread_t all[MOST_THREADS];
	uint64_t i;

	if (threads > MOST_THREADS)
		floor_fail("%d threads at most", MOST_THREADS);
	for (i = 0; i < threads; i++)
		if (pthread_create(&all[i], NULL, work, l) != 0)
			floor_fail("no more threads");
	for (i = 0; i < threads; i++)
		pthread_join(all[i], NULL);
}

int
main(int argc, char **argv)
{
	struct loop l = {0};

	if (argc == 5 && strcmp(argv[1], "compress") == 0) {
		l.level = (int)floor_number(argv[3]);
		cut(&l, floor_map(argv[2]));
	} else if (argc == 4 && strcmp(argv[1], "decompress") == 0) {
		find_frames(&l, floor_map(argv[2]));
	} else {
		fprintf(stderr, "usage: zstdloop compress FILE LEVEL THREADS\n"
		                "       zstdloop decompress ARCHIVE THREADS\n");
		return 2;
	}
	run_threads(&l, floor_number(argv[argc - 1]));
	floor_say(l.count, "chunks", l.bytes);
	free(l.chunks);
	return 0;
}
