#ifndef COMMON_NATSROW_H
#define COMMON_NATSROW_H

#include "common/layout.h"
#include "common/natsmsg.h"
#include "common/rowmap.h"

/*
 * Messages of JetStream to events and back, by a layout.  Headers that it does
 * not name, and does not drop, are attributes of their name: a text, or a list of
 * texts where one comes several times.
 *
 *	natsrow_open(&r, layout, "ORDERS", err);
 *	... natsrow_read(&r, &message, position, batch, &told, err);
 *	... natsrow_write(&r, event, scratch, &message, err);
 *	natsrow_close(&r);
 */
struct natsrow {
	const struct layout *layout;
	char *stream;       /* of JetStream */
	struct slice store; /* what its name tells, for subjects */
	struct value *values;
	struct batch *again; /* what was written, read back */
};

/* -1: ERR_LAYOUT where the name of the stream does not fit. */
MUST_USE int natsrow_open(struct natsrow *r, const struct layout *l, const char *stream,
                          struct err *err);
/* Messages of another stream of JetStream come from now on.  -1 as above. */
MUST_USE int natsrow_turn(struct natsrow *r, const char *stream, struct err *err);
void natsrow_close(struct natsrow *r); /* also zeroed */

/* What the message itself tells of the event. */
struct natsrow_told {
	bool version; /* else it is 0, and for the caller to count */
};

/*
 * Add the event of a message; it owns its bytes.  Its time is the server's where
 * no header has one.  -1: ERR_DATA.
 */
MUST_USE int natsrow_read(struct natsrow *r, const struct natsmsg *m, uint64_t position,
                          struct batch *into, struct natsrow_told *told, struct err *err);

/*
 * Make the message of an event, whose bytes are the event's or in `scratch`.  It
 * is read back, and must give the same event.  -1: ERR_DATA that names the event
 * and what the layout has no place for.
 */
MUST_USE int natsrow_write(struct natsrow *r, const struct event *e, struct arena *scratch,
                           struct natsmsg *out, struct err *err);

/* As rowmap_misfits(): what has no place in a message.  natsrow_write() refuses more than that. */
void natsrow_misfits(struct natsrow *r, const struct event *e, struct arena *scratch,
                     rowmap_tell *tell, void *ctx);

/* The header with which esimport marks what it has written; no layout knows it. */
#define NATSROW_IMPORT "Es-Import"

#endif
