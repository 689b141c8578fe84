#ifndef EXPORT_MERGE_NATS_H
#define EXPORT_MERGE_NATS_H

#include "common/natslist.h"
#include "common/natsstream.h"
#include "format/digest.h"

/*
 * The messages of many streams of JetStream as one row, in the order in which the
 * server stored them; of one stream always in its own order, and of one instant by
 * the names of the streams.
 *
 * What is read is looked at once, in the beginning: the streams are listed twice,
 * and of what the second list has, all that is no younger than the youngest message
 * of the first.  So nothing is missing that was stored before something that is
 * there, as one clock sees it: that of one server.
 *
 *	merge_nats_look(&m, db, "orders_", err);
 *	while ((rc = merge_nats_next(&m, err)) > 0)
 *		... m.current->stream->name, m.current->m.msg
 *	merge_nats_check(&m, err);
 *	merge_nats_release(&m);
 */
struct merge_lane {
	const struct natslist_stream *stream;
	struct natsstream_message m; /* the next one; mem == NULL: it must be asked for again */
	uint64_t sequence;           /* of that one, or before it */
	uint64_t read;               /* messages, with that one */
	int64_t time_ns;             /* by which it is ordered */
};

struct merge_nats {
	struct natsdb *db;
	struct natslist list;
	int64_t cut_ns; /* nothing younger is read */
	uint64_t messages;
	struct merge_lane *lanes; /* of streams with messages */
	size_t n_lanes, n_begun;
	struct merge_lane **heap; /* of those with a next message: the least one first */
	size_t n_heap;
	struct merge_lane *current; /* whose message is the row's, until the next call */
	size_t held_bytes;          /* of messages in lanes */
};

/* After trouble it may be done again. */
MUST_USE int merge_nats_look(struct merge_nats *m, struct natsdb *db, const char *prefix,
                             struct err *err);
void merge_nats_release(struct merge_nats *m); /* also zeroed */

/* A digest of what was looked at: the same one, the same messages in the same order. */
struct digest merge_nats_identity(const struct merge_nats *m);

/* Move to the next message: 1, 0 at the end, -1: after trouble it may be called again. */
MUST_USE int merge_nats_next(struct merge_nats *m, struct err *err);

/* At the end: whether all streams are still those that were looked at.  -1: ERR_STORE. */
MUST_USE int merge_nats_check(struct merge_nats *m, struct err *err);

#endif
