#ifndef VERIFY_EXCERPT_H
#define VERIFY_EXCERPT_H

#include "common/event.h"

/*
 * The values of one field of two events as two lines for people, each no longer
 * than EXCERPT_BYTES and about the place where they begin to differ: what was left
 * out is `...`, control characters are spaces, bytes and CBOR are hexadecimal,
 * an absent value is `(absent)`.  Valid UTF-8.
 */
#define EXCERPT_BYTES 100

void excerpt_pair(const struct event *a, const struct event *b, enum field f, struct buf *text_a,
                  struct buf *text_b);

/* Append the beginning of a text in the same manner. */
void excerpt_text(struct slice text, struct buf *out);

#endif
