#ifndef EXPORT_RANKS_H
#define EXPORT_RANKS_H

#include "common/mem.h"

/*
 * The version that the next event of each stream gets, for stores that do not say
 * it: some 60 bytes a stream.  Streams are told apart by a digest of 128 bits.
 */
struct ranks;

struct ranks *ranks_new(void);
void ranks_free(struct ranks *r); /* NULL is fine */

/* The version of the next event of this stream, which is the one behind it from now on. */
uint64_t ranks_next(struct ranks *r, struct slice stream);
/* An event of the stream says its version itself. */
void ranks_set(struct ranks *r, struct slice stream, uint64_t version);

#endif
