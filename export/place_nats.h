#ifndef EXPORT_PLACE_NATS_H
#define EXPORT_PLACE_NATS_H

#include "common/natsnote.h"

/*
 * Positions in a stream of JetStream.  What an import wrote has the position that
 * its source had, in a header.  Any other message is as far behind the last one of
 * those as its sequence is; where no import wrote before it, its position is its
 * sequence.  As an import writes sequences without holes, positions rise.
 *
 *	place_nats_find(&place, &start, db, &stream, &select->after, err);
 *	... position = place_nats_of(&place, message);      // in their order
 */
struct place_nats {
	uint64_t sequence, position; /* of the last message of an import; 0 and 0 without one */
	struct natsnote note; /* of an import's end, in the stream's description; else zero */
};

void place_nats_init(struct place_nats *p, const struct natsstream *s);

uint64_t place_nats_of(struct place_nats *p, const struct natsmsg *m);

/* The sequence at which messages behind position `after` begin, and the place of what comes before.
 * Asks for a handful of messages. */
MUST_USE int place_nats_find(struct place_nats *p, uint64_t *start, struct natsdb *db,
                             const struct natsstream *s, uint64_t after, struct err *err);

#endif
