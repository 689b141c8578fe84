#ifndef COMMON_JSAME_H
#define COMMON_JSAME_H

#include "common/mem.h"

/*
 * Whether two valid JSON texts mean the same to a reader of the common kind, one
 * that keeps numbers as IEEE 754 doubles (I-JSON, RFC 7493; jq, JavaScript):
 * white space, escapes and the order of keys do not count, of members with one
 * name the last counts, a number counts as its nearest finite double, and a
 * lone surrogate as U+FFFD.  Used to see whether somebody edited `data` and
 * left `data_text` behind.  A text that is not valid is the same as none.
 *
 * Not fast: n log n in the length of the texts, whatever the depth and the
 * number of keys.  It does not recurse; it allocates a small multiple of the
 * texts, at the worst (arrays of digits) some 30 bytes for each byte.
 */
bool jsame(struct slice a, struct slice b);

#endif
