#ifndef COMMON_JSCAN_ESCAPE_H
#define COMMON_JSCAN_ESCAPE_H

#include "common/mem.h"

/* What escapes in scanned strings stand for; the rest is in jscan_impl.h, for the same files. */

#define JSCAN_NO_CHARACTER UINT32_MAX /* a lone surrogate */

/*
 * The character of the escape at the backslash *pp, which moves behind it
 * (RFC 8259, section 7).  The form of the escape has been checked.
 */
uint32_t jscan_escape(const uint8_t **pp, const uint8_t *end);

uint32_t jscan_hex4(const uint8_t *p); /* four hexadecimal digits */

/* Write a code point, a surrogate too, as UTF-8 writes such numbers: up to 4 bytes.  The end. */
uint8_t *jscan_utf8_put(uint8_t *o, uint32_t cp);

#endif
