#ifndef FORMAT_BLOCK_H
#define FORMAT_BLOCK_H

#include "common/err.h"
#include "common/mem.h"
#include "format/wire.h"

/*
 * One block of ours in its skippable frame (spec/FORMAT.md, "Blocks"): a head,
 * one CBOR map, a hash over both.
 */
enum block_kind {
	BLOCK_HEADER = 'H',
	BLOCK_CHUNK = 'C',
	BLOCK_INDEX = 'I',
	BLOCK_END = 'E',
};

/* Append the whole frame to `out`. */
void block_write(enum block_kind kind, struct slice map, struct buf *out);

/*
 * Check the content of a skippable frame (what follows its 8 bytes of head) and
 * find its kind and its map, a slice of `content`.  Unknown kinds are the
 * caller's matter.  -1: ERR_FORMAT.
 */
MUST_USE int block_read(struct slice content, uint8_t *kind, struct slice *map, struct err *err);

#endif
