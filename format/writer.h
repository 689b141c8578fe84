#ifndef FORMAT_WRITER_H
#define FORMAT_WRITER_H

#include "common/file.h"
#include "format/header.h"
#include "format/trailer.h"

/*
 * Writes an archive, or plain JSON Lines, to a file or a pipe, from chunks that
 * were packed elsewhere.  One thread.
 *
 *	writer_open(&w, file, &header, err);
 *	while (...)
 *		writer_append(w, chunk, batch, err);
 *	writer_finish(w, &account, err);
 *	writer_free(w);
 */
struct writer;

/* `header` NULL: plain JSON Lines.  `f` is borrowed; publishing it is the caller's. */
MUST_USE int writer_open(struct writer **out, struct file *f, const struct header *header,
                         struct err *err);

/*
 * Go on with an archive that `f` holds the beginning of (file_resume()), whose
 * header this is.  writer_append() only counts what is there already, chunk by chunk,
 * until writer_go_on(), which cuts off what is behind that.
 */
MUST_USE int writer_resume(struct writer **out, struct file *f, const struct header *header,
                           struct err *err);
MUST_USE int writer_go_on(struct writer *w, struct err *err);

/* Gives the chunk its number, place and chain.  A chunk without events is passed over.  The end
 * block says the digest of the content where all chunks came with their `contents`. */
MUST_USE int writer_append(struct writer *w, struct chunk *c, const struct batch *b,
                           struct err *err);

/* What the export did with the events of its source. */
struct writer_account {
	uint64_t read;                  /* in the range */
	uint64_t filtered;              /* of them, left out by filters */
	struct selection_bound reached; /* position of the last one read, written or not */
};

/* The trailer. */
MUST_USE int writer_finish(struct writer *w, const struct writer_account *account, struct err *err);

const struct totals *writer_totals(const struct writer *w);
uint64_t writer_bytes(const struct writer *w); /* written so far */
void writer_free(struct writer *w);            /* NULL is fine */

#endif
