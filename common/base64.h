#ifndef COMMON_BASE64_H
#define COMMON_BASE64_H

#include "common/err.h"
#include "common/mem.h"

/* RFC 4648 section 4, with padding.  Appends to `out`. */
void base64_encode(struct slice bytes, struct buf *out);

/* Strict: padding complete, no white space, spare bits zero.  0, or -1 and nothing appended. */
MUST_USE int base64_decode(struct slice text, struct buf *out);

#endif
