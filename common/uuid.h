#ifndef COMMON_UUID_H
#define COMMON_UUID_H

#include "common/err.h"
#include "common/mem.h"

/* UUIDs (RFC 9562) in their canonical text: lower case with dashes, 36 characters. */
#define UUID_BYTES 16
#define UUID_TEXT_BYTES 36
#define UUID_HEX_BYTES 32

/* 0, or -1: `text` is not the canonical text of a UUID. */
MUST_USE int uuid_parse(struct slice text, uint8_t out[UUID_BYTES]);
/* The same for 32 lower-case hexadecimal digits without dashes. */
MUST_USE int uuid_parse_hex(struct slice text, uint8_t out[UUID_BYTES]);
void uuid_format(const uint8_t uuid[UUID_BYTES], char out[UUID_TEXT_BYTES + 1]);
void uuid_format_hex(const uint8_t uuid[UUID_BYTES], char out[UUID_HEX_BYTES + 1]);

#endif
