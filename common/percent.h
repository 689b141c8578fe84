#ifndef COMMON_PERCENT_H
#define COMMON_PERCENT_H

#include "common/mem.h"

/*
 * Bytes as %XX (RFC 3986, section 2.1), in addresses and wherever a name must
 * not hold some bytes.
 *
 *	percent_encode(&out, slice_str("a b"), percent_unreserved);   // a%20b
 *	if (!percent_decode(&out, slice_str("a%20b")))
 *		... not well-formed
 *
 * Both append.
 */
typedef bool percent_keep(uint8_t byte); /* whether a byte stands for itself */

bool percent_unreserved(uint8_t byte); /* letters, digits and -._~ (section 2.3) */

void percent_encode(struct buf *out, struct slice s, percent_keep *keep);

/* What is no %XX is appended as it is.  False where there was a % of that kind, or %00, which
 * would end a C string. */
bool percent_decode(struct buf *out, struct slice s);

#endif
