#ifndef VERIFY_NOTEBOOK_H
#define VERIFY_NOTEBOOK_H

#include "common/event.h"

/*
 * What an event is called, noted while the events go by, for findings that show
 * only when all were seen.  Notes are kept in a buffer of 1 MiB, and beyond that
 * in a file without a name: 24 bytes an event, and its stream and id.  One thread.
 *
 *	notebook_add(n, event, &where, err);      // where rises from event to event
 *	notebook_read(n, where, &note, err);
 *	printf("%" PRIu64, note.position);
 *	note_release(&note);
 */
struct note {
	uint64_t position, version;
	struct slice stream, id; /* in `bytes`, or in the event that the note was made of */
	struct buf bytes;
};

#define NOTE_INIT                                                                                  \
	{                                                                                          \
		.bytes = BUF_INIT                                                                  \
	}

/* A note that borrows from the event. */
struct note note_of(const struct event *e);
/* "event 17 (stream \"order-1\", version 3, id \"x\")", for messages; `stream`: with its stream. */
#define NOTE_TEXT_BYTES 256
void note_describe(const struct note *n, bool stream, char out[NOTE_TEXT_BYTES]);
void note_release(struct note *n);

struct notebook;

struct notebook *notebook_new(void);
void notebook_free(struct notebook *n); /* NULL is fine */

/* ERR_IO: no place for the file; ERR_DATA: a stream or an id of 4 GiB. */
MUST_USE int notebook_add(struct notebook *n, const struct event *e, uint64_t *where,
                          struct err *err);
/* Into a note that is NOTE_INIT, or was read before; it stays good until it is read again. */
MUST_USE int notebook_read(struct notebook *n, uint64_t where, struct note *out, struct err *err);

#endif
