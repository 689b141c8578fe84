#ifndef IMPORT_DEADLETTER_H
#define IMPORT_DEADLETTER_H

#include "format/header.h"

/*
 * The events of an import that its target refused, as a repair archive with the reason
 * beside each, in the attribute DEADLETTER_REASON.  One thread; about two chunks of
 * memory, and 8 bytes for each event that an earlier run left.
 *
 *	deadletter_open(&d, path, err);
 *	deadletter_begin(d, header, &origin, filters, err); // what an earlier run left in FILE.part
 *	...
 *	deadletter_add(d, event, reason, err);
 *	deadletter_sync(d, err);        // now the checkpoint may pass them
 *	deadletter_finish(d, err);      // now the file has its name
 *	deadletter_free(d);
 *
 * FILE.part is made with the first event: where nothing is refused there is none.
 */
struct deadletter;

#define DEADLETTER_REASON "$refused" /* a hint: its value is a JSON string */

/* Whether the file could be made.  `path` must outlive it.  -1: ERR_USAGE, ERR_IO. */
MUST_USE int deadletter_open(struct deadletter **out, const char *path, struct err *err);
void deadletter_free(struct deadletter *d); /* NULL is fine; FILE.part stays */

/*
 * Say which import it is of: `input` is the header of what is read, NULL for JSON Lines, of
 * which `origin` is known.  An earlier run of this import may have left FILE.part: its
 * events are kept.  -1: ERR_CONFLICT, it is of another import; ERR_FORMAT, it is damaged
 * before events that are whole; ERR_IO.
 */
MUST_USE int deadletter_begin(struct deadletter *d, const struct header *input,
                              const struct digest *origin, const struct buf *filters,
                              struct err *err);

/* How many events of an earlier run have a position from `first` to `last`. */
uint64_t deadletter_between(const struct deadletter *d, uint64_t first, uint64_t last);

/* One event, which is copied.  One that an earlier run left is not added again.  -1: ERR_DATA where
 * it stands before one that is there. */
MUST_USE int deadletter_add(struct deadletter *d, const struct event *e, const char *reason,
                            struct err *err);
MUST_USE int deadletter_sync(struct deadletter *d, struct err *err); /* what was added is on disk */
MUST_USE int deadletter_finish(struct deadletter *d, struct err *err);

uint64_t deadletter_events(const struct deadletter *d); /* also those of earlier runs */

/* The origin of the import that such an archive is of, for lines that were made of it.  -1: it is
 * none (ERR_USAGE), or cannot be read. */
MUST_USE int deadletter_origin(const char *path, struct digest *out, struct err *err);

/* Take the reasons out: events that come from such an archive are as they were. */
void deadletter_strip(struct batch *b);

#endif
