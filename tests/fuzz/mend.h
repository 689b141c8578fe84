#ifndef TESTS_FUZZ_MEND_H
#define TESTS_FUZZ_MEND_H

#include <string.h>

#include <zstd.h>

#include "format/block.h"
#include "format/trailer.h"

/* The mutator of a fuzzer that reads archives. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);
/* Of libFuzzer; a replay has none and never mutates. */
__attribute__((weak)) size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);

#define MEND_RAW_MOST ((size_t)4 << 20) /* what is unpacked */

/*
 * Mutation.  Hashes stop nearly every change at the first check, so most inputs
 * are mended afterwards: the frames are kept, and what the format computes from
 * others is computed anew, as far as the seed says.
 */
enum mend { MEND_NOTHING, MEND_HASHES, MEND_CHUNKS, MEND_TRAILER };

struct mender {
	struct slice in;
	struct buf out;
	struct trailer seen;
	size_t began; /* where this archive begins in `out` */
	enum mend how;
};

static void
mend_chunk(struct mender *m, struct slice map)
{
	struct chunk_info info = {0};
	struct err err = ERR_INIT;
	size_t stored = ZSTD_findFrameCompressedSize(m->in.p, m->in.len), at = m->out.len;
	unsigned long long raw = ZSTD_getFrameContentSize(m->in.p, m->in.len);
	struct buf bytes = BUF_INIT;

	if (m->how < MEND_CHUNKS || chunk_info_read(&info, map, &err) < 0 || ZSTD_isError(stored) ||
	    raw > MEND_RAW_MOST) {
		block_write(BLOCK_CHUNK, map, &m->out);
		return;
	}
	info.seq = m->seen.n_chunks;
	info.offset = m->out.len - m->began;
	info.stored_bytes = stored;
	info.raw_bytes = raw;
	info.check = digest_of_64((struct slice){m->in.p, stored});
	buf_reserve(&bytes, raw + 1);
	if (ZSTD_decompress(bytes.p, raw, m->in.p, stored) == raw)
		info.digest = digest_of((struct slice){bytes.p, raw});
	buf_release(&bytes);
	info.chain = digest_chain(&m->seen.totals.chain, &info.digest);
	chunk_info_write(&info, &m->out);
	trailer_add_chunk(&m->seen, &info, m->out.len - at);
	buf_add(&m->out, m->in.p, stored);
	m->in.p += stored;
	m->in.len -= stored;
}

static void
mend_header(struct mender *m, struct slice map)
{
	m->began = m->out.len;
	block_write(BLOCK_HEADER, map, &m->out);
	trailer_release(&m->seen);
	trailer_init(&m->seen);
	m->seen.header_hash =
	    digest_of_64((struct slice){m->out.p + m->began, m->out.len - m->began});
	trailer_add_frame(&m->seen, m->out.len - m->began, 0);
}

static void
mend_block(struct mender *m, uint8_t kind, struct slice map)
{
	size_t at = m->out.len;

	if (kind == BLOCK_HEADER) {
		mend_header(m, map);
		return;
	}
	if (kind == BLOCK_CHUNK) {
		mend_chunk(m, map);
		return;
	}
	m->seen.read = m->seen.totals.events;
	if (m->how == MEND_TRAILER && kind == BLOCK_INDEX)
		trailer_write_index(&m->seen, &m->out);
	else if (m->how == MEND_TRAILER && kind == BLOCK_END)
		trailer_write_end(&m->seen, &m->out);
	else
		block_write((enum block_kind)kind, map, &m->out);
	trailer_add_frame(&m->seen, m->out.len - at, 0);
}

/* One frame of ours off the input; false: what is left is none. */
static bool
mend_frame(struct mender *m)
{
	const size_t around = WIRE_FRAME_HEAD_BYTES + WIRE_BLOCK_HEAD_BYTES + WIRE_BLOCK_HASH_BYTES;
	struct slice in = m->in;
	size_t size;

	if (in.len < WIRE_FRAME_HEAD_BYTES)
		return false;
	size = WIRE_FRAME_HEAD_BYTES + (size_t)wire_get_u32(in.p + 4);
	if (size > in.len)
		return false;
	if (wire_get_u32(in.p) == WIRE_MAGIC_BLOCK && size >= around) {
		m->in.p += size;
		m->in.len -= size;
		mend_block(m, in.p[WIRE_FRAME_HEAD_BYTES + 4],
		           (struct slice){in.p + WIRE_FRAME_HEAD_BYTES + WIRE_BLOCK_HEAD_BYTES,
		                          size - around});
		return true;
	}
	if (wire_get_u32(in.p) != WIRE_MAGIC_SEEK)
		return false;
	if (m->how == MEND_TRAILER)
		trailer_write_seek_table(&m->seen, &m->out);
	else
		buf_add(&m->out, in.p, size);
	m->in.p += size;
	m->in.len -= size;
	return true;
}

/* Append `in` to `out`, mended so far. */
static void
mend(struct slice in, enum mend how, struct buf *out)
{
	struct mender m = {.in = in, .out = *out, .how = how};

	trailer_init(&m.seen);
	while (how != MEND_NOTHING && mend_frame(&m))
		;
	buf_add_slice(&m.out, m.in);
	trailer_release(&m.seen);
	*out = m.out;
}

/* What a mutator returns: the bytes that it changed, mended as the seed says. */
static inline size_t
mend_mutated(uint8_t *data, size_t size, size_t most, unsigned seed)
{
	struct buf out = BUF_INIT;

	mend((struct slice){data, size}, (enum mend)(seed % 4), &out);
	if (out.len <= most) {
		size = out.len;
		memcpy(data, out.p, size);
	}
	buf_release(&out);
	return size;
}

#endif
