#ifndef COMMON_NATSSTREAM_H
#define COMMON_NATSSTREAM_H

#include "common/natsdb.h"
#include "common/natsrow.h"

/*
 * A stream of JetStream: what it holds, how it is set, and which layout its
 * messages have.
 */
struct natsstream {
	json_t *config;    /* owned; NULL: there is no such stream */
	uint64_t messages; /* that are there */
	uint64_t first,
	    last;         /* sequences; first > last: it is empty, and the next one gets last + 1 */
	char created[40]; /* when: one that was made again under the same name is another one */
};

/* Ask for it; a stream that does not exist is no error.  What *out holds from before is released.
 */
MUST_USE int natsstream_look(struct natsstream *out, struct natsdb *db, struct err *err);
void natsstream_release(struct natsstream *s); /* also zeroed */

/* A message of the stream, read without the library's headers. */
struct natsstream_message {
	struct natsmsg msg; /* until the next one is asked for */
	struct arena *mem;
};

/* The message at this sequence, or the first one behind it: 1, 0 where there is none, -1. */
MUST_USE int natsstream_get(struct natsstream_message *out, struct natsdb *db, uint64_t sequence,
                            struct err *err);
void natsstream_message_release(struct natsstream_message *m); /* also zeroed */

/*
 * The layout: the one asked for, or the only built-in one whose type stands in the
 * headers of the first message, best under just that name, or of an empty stream, whose subjects it
 * takes. "auto" and NULL are the same.  -1: ERR_LAYOUT.
 */
MUST_USE int natsstream_choose(struct layout **out, struct natsdb *db, const struct natsstream *s,
                               const char *asked, struct err *err);

/* Whether what is written to it stays, and every subject of the layout goes there.  -1: ERR_STORE,
 * ERR_LAYOUT. */
MUST_USE int natsstream_check(const struct natsstream *s, const struct natsdb *db,
                              const struct natsrow *row, struct err *err);

/* What it would be if it was made, without messages.  -1: ERR_USAGE where nobody says its subjects.
 */
MUST_USE int natsstream_plan(struct natsstream *out, struct natsdb *db, const struct natsrow *row,
                             struct err *err);

/* Whether messages of this subject go there; with wildcards, all of them. */
bool natsstream_takes(const struct natsstream *s, struct slice subject);

/* Make it, as the address and the layout say. */
MUST_USE int natsstream_make(struct natsdb *db, const struct natsrow *row, struct err *err);

#endif
