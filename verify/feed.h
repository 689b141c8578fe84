#ifndef VERIFY_FEED_H
#define VERIFY_FEED_H

#include "export/source.h"

/*
 * The batches of a source, read ahead on a thread of its own, so that two places
 * are read at the same time.  Every event has been through event_check().
 *
 *	feed_open(&f, &address, &options, err);
 *	while ((rc = feed_next(f, &batch, err)) > 0) {
 *		...
 *		feed_give_back(f, batch);
 *	}
 *	feed_close(f);
 */
struct feed;

/* `options` as for source_open(). */
MUST_USE int feed_open(struct feed **out, const struct address *from,
                       const struct source_options *options, struct err *err);
/* Waits for the read that runs.  Batches that were not given back are forgotten.  NULL is fine. */
void feed_close(struct feed *f);

/* As the source described itself when it was opened. */
const struct source_info *feed_info(const struct feed *f);

/* The next batch, with one event at least: 1, 0 at the end, -1.  It is the caller's until
 * feed_give_back(), or until batch_free(). */
MUST_USE int feed_next(struct feed *f, struct batch **out, struct err *err);
void feed_give_back(struct feed *f, struct batch *b);

#endif
