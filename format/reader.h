#ifndef FORMAT_READER_H
#define FORMAT_READER_H

#include "common/file.h"
#include "format/header.h"
#include "format/trailer.h"

/*
 * Reads archives and plain JSON Lines from a file or a pipe, chunk by chunk.
 * Which of the two it is shows in the first bytes.  Archives that stand one
 * behind the other are read in order, when each continues the one before.
 *
 *	reader_open(&r, "-", false, err);
 *	while ((rc = reader_next(r, chunk, err)) > 0)   // one thread
 *		if (!wanted(chunk) || reader_payload(r, chunk, err) == 0)
 *			reader_unpack(chunk, state, batch, err); // any thread
 *
 * The end (0) is reached only when all is there and fits: blocks, chain, index,
 * totals, seek table.  Plain JSON Lines cannot tell whether they are complete.
 */
struct reader;

/* `plain`: it is JSON Lines, and may be empty. */
MUST_USE int reader_open(struct reader **out, const char *path, bool plain, struct err *err);
/* The same from a file that is at its beginning; it is the reader's, also after an error. */
MUST_USE int reader_open_file(struct reader **out, struct file *f, bool plain, struct err *err);
void reader_free(struct reader *r); /* NULL is fine */

bool reader_is_plain(const struct reader *r);
/* Of the archive being read; NULL for JSON Lines, and before the first reader_next().  Changes
 * where the next archive begins. */
const struct header *reader_header(const struct reader *r);
uint64_t reader_size_bytes(const struct reader *r); /* of the file; 0 for a pipe */
uint64_t reader_bytes(const struct reader *r);      /* read or passed over so far */

/* A chunk as it is read: what is needed to unpack it elsewhere. */
struct reader_chunk {
	struct chunk chunk;
	const struct codec *codec;
	bool plain;
	bool whole;          /* the payload has been read */
	uint64_t first_line; /* plain: number of its first line */
};

void reader_chunk_release(struct reader_chunk *c);

/*
 * The next chunk: 1 with c->chunk.info (all but plain, which has its lines at
 * once), 0 at a good end, -1.  Then reader_payload() reads what was not
 * read, or the next reader_next() passes over it.
 */
MUST_USE int reader_next(struct reader *r, struct reader_chunk *c, struct err *err);
MUST_USE int reader_payload(struct reader *r, struct reader_chunk *c, struct err *err);

/* Check and decode.  Not on the reader: any thread may do it, with its own `state`. */
MUST_USE int reader_unpack(struct reader_chunk *c, struct chunker *state, struct batch *into,
                           struct err *err);

/* Behind which position the first archive of the input begins; not set: at the beginning. */
struct selection_bound reader_begins(const struct reader *r);
/*
 * Up to which position the input holds every event of its selection.  Not set
 * where that is unknown: before the end, and when nothing was read.
 */
struct selection_bound reader_reached(const struct reader *r);

/* What the end blocks of all archives that were read say together.  After the end. */
const struct totals *reader_said(const struct reader *r);
/* What the blocks of an archive say whose end block was not reached, or NULL. */
const struct totals *reader_unfinished(const struct reader *r);

#endif
