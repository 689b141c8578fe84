#ifndef COMMON_GLOB_H
#define COMMON_GLOB_H

#include "common/mem.h"

/*
 * Whether the whole of `text` fits the pattern: `*` is any run of bytes, `?`
 * one character (of UTF-8), `[a-z]` and `[!a-z]` one byte, `\` makes the next
 * character plain.  Unlike fnmatch(3) it knows no locale, treats no `/` or
 * leading dot specially, and takes text that holds NUL bytes.  Linear in
 * pattern times text at worst; no recursion.
 */
bool glob_match(const char *pattern, struct slice text);

#endif
