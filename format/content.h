#ifndef FORMAT_CONTENT_H
#define FORMAT_CONTENT_H

#include "common/event.h"
#include "format/digest.h"

/*
 * The digest of what an event is, wherever it is kept: XXH3-128 over its content
 * as canonical JSON (common/jcanon.h), which is the same in every store and
 * either codec.  Neither its position nor hints are part of it.  Of a sequence
 * it is the chain of these digests, which begins with zeros.  spec/DIGEST.md
 * says it so that others can compute it.
 *
 *	struct content *c = content_new();
 *	struct digest one, all = {0};
 *	...
 *	content_digest(c, &event, &one);
 *	all = digest_chain(&all, &one);
 *
 * Events have been through event_check(), or come from a codec.  One thread; in
 * the steady state nothing is allocated.
 */
struct content;

struct content *content_new(void);
void content_free(struct content *c); /* NULL is fine */

/* Append what the digest is taken of: an object, as canonical JSON. */
void content_write(struct content *c, const struct event *e, struct buf *out);
void content_digest(struct content *c, const struct event *e, struct digest *out);

/* The digests of all events of a batch, one behind the other, in place of what is in `out`. */
void content_digests(struct content *c, const struct batch *b, struct buf *out);

#endif
