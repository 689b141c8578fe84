#ifndef FORMAT_UNPACK_H
#define FORMAT_UNPACK_H

#include "common/progress.h"
#include "format/reader.h"

/*
 * A whole input through the pipeline: chunks are read in order, checked and
 * decoded by the workers, and come out in order.  esimport and esverify are
 * this with something at the end.
 */
struct unpack_item {
	struct reader_chunk chunk;
	struct batch *batch; /* the events; empty where the payload was passed over */
	bool passed_over;
};

struct unpack_ops {
	/* On the producer's thread, as soon as the chunk's block is read: whether its payload is
	 * wanted.  May note in `ctx` what only this thread uses.  NULL: all are. */
	bool (*want)(void *ctx, const struct reader_chunk *c);
	/* On a worker: change the events.  NULL: they stay as they are. */
	int (*change)(void *ctx, struct batch *b, struct err *err);
	/* On the caller's thread, in order. */
	int (*take)(void *ctx, const struct unpack_item *item, struct err *err);
	/* Workers fill in chunk.chunk.contents, too: content_digests(), behind change(). */
	bool contents;
};

/*
 * Until the end of the input, which is a good one (reader.h), or -1.  `first`:
 * the first chunk, where the caller has read it already, else NULL; its memory
 * stays the caller's.
 */
MUST_USE int unpack_run(struct reader *r, struct reader_chunk *first, const struct unpack_ops *ops,
                        void *ctx, unsigned workers, struct progress_counts *progress,
                        struct err *err);

#endif
