#ifndef FORMAT_SCAN_H
#define FORMAT_SCAN_H

#include "common/file.h"

/*
 * Finds the blocks that are whole in bytes that need not be: what stands between
 * them is passed over.  It goes forward only, so that a pipe will do.
 *
 *	scan_open(&s, file);
 *	while (scan_next(s, &block, err) > 0)
 *		if (block.kind == BLOCK_CHUNK && scan_peek(s, 0, len, &bytes, err) > 0)
 *			scan_skip(s, len);
 *
 * Memory follows the bytes that arrive, up to the largest block or payload that is
 * asked for.  Bytes that claim to be blocks and are none cost time: where that would
 * be more than a small multiple of the input, reading ends with ERR_FORMAT.
 */
struct scan;

#define SCAN_SEEK_TABLE 'S' /* a kind beside those of enum block_kind */

struct scan_block {
	uint8_t kind;
	struct slice map;   /* of a seek table its content; good until the next call */
	struct slice frame; /* all of it, as long */
	uint64_t at;        /* where it begins in the input */
};

void scan_open(struct scan **out, struct file *f); /* `f` is the scan's */
void scan_free(struct scan *s);                    /* NULL is fine */

/* The next whole block at or behind where the scan stands, which then stands behind it: 1, 0 at
 * the end of the input, -1: also ERR_STOPPED. */
MUST_USE int scan_next(struct scan *s, struct scan_block *b, struct err *err);

/* `len` bytes that begin `ahead` of where the scan stands: 1, 0 where the input ends before, -1.
 * The slice is good until the next call. */
MUST_USE int scan_peek(struct scan *s, uint64_t ahead, uint64_t len, struct slice *out,
                       struct err *err);
/* Whether a whole block stands `ahead`, or the input ends there: 1, 0, -1. */
MUST_USE int scan_block_ahead(struct scan *s, uint64_t ahead, struct err *err);
/* Go on behind `len` bytes that scan_peek() gave. */
void scan_skip(struct scan *s, uint64_t len);
/* So many bytes were looked at in vain.  -1: too many. */
MUST_USE int scan_waste(struct scan *s, uint64_t len, struct err *err);

uint64_t scan_bytes(const struct scan *s); /* of the input, passed so far */
uint64_t scan_stray(const struct scan *s); /* of them, those of which scan_next() made nothing */
uint64_t scan_size_bytes(const struct scan *s);
const char *scan_path(const struct scan *s);

#endif
