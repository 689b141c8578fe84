#ifndef COMMON_SHA1_H
#define COMMON_SHA1_H

#include "common/mem.h"

/* SHA-1 (FIPS 180-4) of bytes that are in memory: only for stores that name things by it.  It
 * protects nothing. */
#define SHA1_BYTES 20

void sha1_of(struct slice s, uint8_t out[SHA1_BYTES]);

#endif
