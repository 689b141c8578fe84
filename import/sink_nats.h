#ifndef IMPORT_SINK_NATS_H
#define IMPORT_SINK_NATS_H

#include "common/natsmark.h"
#include "common/natsstream.h"
#include "import/batch_nats.h"
#include "import/sink.h"

/* Private to sink_nats.c, which opens a target and collects a batch, checkpoint_nats.c, which
 * finds out how far it is, held_nats.c, which looks for an event, and publish_nats.c, which brings
 * a batch in. */
struct nats_sink {
	struct natsdb db;
	const struct address *to;
	struct sink_info *info;
	struct natsstream stream; /* as it was looked at last */
	struct natsstream plan;   /* as it is, or would be made, for the checks */
	struct layout *layout;
	const char *asked; /* layout */
	struct natsrow row;
	struct arena *scratch;
	struct batch_nats batch;
	size_t done;            /* messages of the batch that are there for sure */
	uint64_t base;          /* sequence behind which the batch goes */
	uint64_t ours;          /* sequence of the last message of this import; 0: there is none */
	natsSubscription *lock; /* see lock_nats_take() */
	const natsConnection *lock_conn;
	uint64_t events;            /* that the import has written, with those of the batch */
	struct natsmark mark;       /* what is the same in all of its messages */
	uint64_t others;            /* messages that others wrote behind those of this import */
	struct selection_bound end; /* events of a repair archive up to here must be there */
	struct selection_bound
	    behind;       /* of such an import: position of the last event that was committed */
	uint64_t held;    /* sequence of the message that was found last; 0: none was */
	uint64_t present; /* events since the last commit that were there already */
	uint64_t max_message_bytes;
	const char *max_setting; /* that would have to be raised */
	bool dry, append;
};

/* sink_driver.tail, but for trouble: what the last messages and the description of the stream say.
 */
MUST_USE int checkpoint_nats_read(struct nats_sink *self, const struct sink_key *key,
                                  struct sink_tail *out, struct err *err);

/*
 * Whether an event is there that lies before the last one of the import: 1, 0, -1;
 * ERR_CONFLICT, another one of its position is.  Where messages of others stand between
 * those of the import, it may not be found.
 */
MUST_USE int held_nats_find(struct nats_sink *self, const struct event *e, struct err *err);

/* Whether the description of the stream has to say what the last message does not (natsnote.h), or
 * says what is no longer so. */
bool checkpoint_nats_needs_note(const struct nats_sink *self, const struct sink_tail *tail);
/* Say it.  A failure is a warning. */
void checkpoint_nats_note(struct nats_sink *self, const struct sink_tail *tail);

/*
 * One import a stream: a consumer of a name that every import takes, and that the
 * server gives to nobody else as long as somebody listens to it.  It is not asked
 * for messages.  Taken again on a new connection; who has it already keeps it.
 * -1: ERR_CONFLICT, another import has it.
 */
MUST_USE int lock_nats_take(struct nats_sink *self, struct err *err);
void lock_nats_release(struct nats_sink *self); /* also where it was never taken */

/* The messages of the batch, in order and each once, again until that is certain. */
MUST_USE int publish_nats(struct nats_sink *self, struct err *err);

#endif
