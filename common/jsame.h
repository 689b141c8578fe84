#ifndef COMMON_JSAME_H
#define COMMON_JSAME_H

#include "common/mem.h"

/*
 * Whether two valid JSON texts mean the same to a reader of the common kind, one
 * that keeps numbers as IEEE 754 doubles (I-JSON, RFC 7493; jq, JavaScript):
 * white space, escapes and the order of keys do not count, of members with one
 * name the last counts, a number counts as its nearest finite double, and a
 * lone surrogate as U+FFFD.  Used to see whether somebody edited `data` and
 * left `data_text` behind.  Not fast, and it allocates; bounded by the length
 * of its input, not by the depth (no recursion).
 */
bool jsame(struct slice a, struct slice b);

#endif
