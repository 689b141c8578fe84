#ifndef COMMON_TRANSCODE_H
#define COMMON_TRANSCODE_H

#include "common/err.h"
#include "common/mem.h"

/*
 * One payload from JSON to CBOR and back: exact, or refused with ERR_DATA and a
 * reason ("duplicate key \"a\" at byte 12").  What the values are is kept, down
 * to the digits of a number; how a text was spelt (white space, escapes, 1E2
 * for 1e2) is not.  The table of what becomes what is in spec/FORMAT.md.
 * Output is appended to `out`, on failure it is left as it was.  No recursion;
 * depth is limited as in jscan.h and cborscan.h.
 */
MUST_USE int transcode_json_to_cbor(struct slice json, struct buf *out, struct err *err);
MUST_USE int transcode_cbor_to_json(struct slice cbor, struct buf *out, struct err *err);

#endif
