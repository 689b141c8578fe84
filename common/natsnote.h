#ifndef COMMON_NATSNOTE_H
#define COMMON_NATSNOTE_H

#include "common/natsmark.h"
#include "common/natsstream.h"

/*
 * What esimport notes in the description of a stream at its end, where that is
 * empty or its own already:
 *
 *	esimport: KEY up to N, message S is position P
 *
 * KEY is the import's (natsmark.h), in base64.  S and P stay true when that
 * message is deleted, which was the last one of the import.
 */
struct natsnote {
	uint8_t key[NATSMARK_DIGEST_BYTES];
	uint64_t upto;               /* the stream has everything of the import up to here */
	uint64_t sequence, position; /* of the last message of the import */
};

void natsnote_write(const struct natsnote *note, struct buf *out);
/* False: the description says something else, or nothing. */
bool natsnote_read(const struct natsstream *s, struct natsnote *out);
/* Whether the description may be replaced. */
bool natsnote_may_write(const struct natsstream *s);

#endif
