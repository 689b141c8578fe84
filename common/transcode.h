#ifndef COMMON_TRANSCODE_H
#define COMMON_TRANSCODE_H

#include "common/err.h"
#include "common/mem.h"

/*
 * One payload from JSON to CBOR and back: exact, or refused with ERR_DATA and a
 * reason ("duplicate key \"a\" at byte 12").  What the values are is kept, down
 * to the digits of a number; how a text was spelt (white space, escapes, 1E2
 * for 1e2) is not.  The table of what becomes what is in spec/FORMAT.md.
 *
 *	if (transcode_json_to_cbor(payload, &event, err) < 0)
 *		return err_wrap(err, "payload of event %llu", position);
 *
 * Output is appended to `out`; on failure out->len is left as it was.  The
 * input must not lie in `out`.  No recursion; small payloads need no allocation
 * beyond `out`.
 */
/* Below the depth that JSCAN_MAX_DEPTH and CBORSCAN_MAX_DEPTH allow, so that a decimal
 * fraction at the bottom and an envelope around the payload still fit. */
#define TRANSCODE_MAX_DEPTH 16000

MUST_USE int transcode_json_to_cbor(struct slice json, struct buf *out, struct err *err);
MUST_USE int transcode_cbor_to_json(struct slice cbor, struct buf *out, struct err *err);

#endif
