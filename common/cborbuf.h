#ifndef COMMON_CBORBUF_H
#define COMMON_CBORBUF_H

#include "common/mem.h"

/*
 * CBOR into a buf, with libcbor's encoders: always the shortest head and
 * definite lengths (RFC 8949 section 4.2.1).  The order of map keys is the
 * caller's.
 */
void cborbuf_uint(struct buf *out, uint64_t n);
void cborbuf_int(struct buf *out, int64_t n);
void cborbuf_negint(struct buf *out, uint64_t n); /* the integer -1 - n */
void cborbuf_bytes(struct buf *out, struct slice bytes);
void cborbuf_text(struct buf *out, struct slice utf8);
void cborbuf_str(struct buf *out, const char *text);
void cborbuf_array(struct buf *out, uint64_t elements);
void cborbuf_map(struct buf *out, uint64_t pairs);
void cborbuf_tag(struct buf *out, uint64_t tag);
void cborbuf_bool(struct buf *out, bool value);
void cborbuf_null(struct buf *out);
void cborbuf_double(struct buf *out,
                    double value); /* the shortest of half, single, double that keeps it */

#endif
