#ifndef IMPORT_BATCH_NATS_H
#define IMPORT_BATCH_NATS_H

#include <nats/nats.h>

#include "common/natsmsg.h"
#include "format/digest.h"

/*
 * Messages that wait for their commit, in one piece of memory, so that they can be
 * sent again.
 */
struct batch_nats_entry {
	size_t begin; /* in `bytes` */
	size_t id;    /* in `bytes`: the value of its Nats-Msg-Id; 0: see batch_nats_id() */
	size_t body_len;
	uint64_t position; /* of the event in its source */
	uint64_t events;   /* that the import has written with this one */
	struct digest event;
};

struct batch_nats {
	struct buf bytes; /* of each: subject NUL { name NUL value NUL } NUL body */
	struct batch_nats_entry *entries;
	size_t n, cap;
};

/* The entry is filled but for its place. */
void batch_nats_add(struct batch_nats *b, const struct natsmsg *m,
                    const struct batch_nats_entry *entry);
void batch_nats_reset(struct batch_nats *b); /* keeps the memory */
void batch_nats_release(struct batch_nats *b);

/* The id by which the server knows message i, for the next one to name; NULL where it has none, or
 * one that is longer than this.  Until the batch changes. */
#define BATCH_NATS_ID_MOST_BYTES 255
const char *batch_nats_id(const struct batch_nats *b, size_t i);

/* Message number i for the library and then natsfree_message(); `reply` may be NULL. */
natsStatus batch_nats_message(const struct batch_nats *b, size_t i, const char *reply,
                              natsMsg **out);

#endif
