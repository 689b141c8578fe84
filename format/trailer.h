#ifndef FORMAT_TRAILER_H
#define FORMAT_TRAILER_H

#include "common/selection.h"
#include "format/totals.h"

/*
 * What stands behind the chunks: the index block, the end block, and the seek
 * table of the zstd seekable format (spec/FORMAT.md).
 */

/* Two sizes of one frame of the archive. */
struct trailer_frame {
	uint32_t stored_bytes, raw_bytes; /* raw: 0 for a skippable frame */
};

/* All that a trailer is made from, kept while the archive is written or read: 100 bytes a chunk. */
struct trailer {
	struct trailer_frame *frames;
	size_t n_frames, cap_frames;
	struct chunk_info *chunks;
	size_t n_chunks, cap_chunks;
	uint64_t header_hash; /* XXH3-64 of the header block's frame */
	struct totals totals;
	uint64_t read, filtered;        /* events that the export read, and left out */
	struct selection_bound reached; /* position of the last event that it read */
};

void trailer_init(struct trailer *t);
void trailer_release(struct trailer *t);

void trailer_add_frame(struct trailer *t, uint64_t stored_bytes, uint64_t raw_bytes);
/* The chunk's two frames, its place and its totals. */
void trailer_add_chunk(struct trailer *t, const struct chunk_info *info, uint64_t block_bytes);

/* Each appends a whole frame. */
void trailer_write_index(const struct trailer *t, struct buf *out);
void trailer_write_end(const struct trailer *t, struct buf *out);
void trailer_write_seek_table(const struct trailer *t, struct buf *out);

/* Compare the index that was read with the chunks that were seen. */
MUST_USE int trailer_check_index(const struct trailer *seen, struct slice map, struct err *err);
/* The rows of an index, to be taken one by one: a chunk's offset, positions, events, times and
 * lengths.  False where there is none. */
bool trailer_index_rows(struct slice map, struct slice *rows, uint64_t *n);
bool trailer_index_row(struct slice *rows, struct chunk_info *row);
/* Read the end block into an initialised trailer: totals, header hash, read, filtered. */
MUST_USE int trailer_read_end(struct trailer *t, struct slice map, struct err *err);

#endif
