#ifndef COMMON_SHA256_H
#define COMMON_SHA256_H

#include "common/mem.h"

/* SHA-256 (FIPS 180-4) of bytes that are in memory: what PostgreSQL's sha256() gives. */
#define SHA256_BYTES 32

void sha256_of(struct slice s, uint8_t out[SHA256_BYTES]);

#endif
