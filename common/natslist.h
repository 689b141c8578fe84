#ifndef COMMON_NATSLIST_H
#define COMMON_NATSLIST_H

#include "common/natsdb.h"

/*
 * The streams of JetStream whose names begin alike, in the order of their names,
 * and how far each is.  What was there before the look began, and is not deleted,
 * is in it; what comes while it lasts may be.
 *
 *	struct natslist list = {0};
 *	if (natslist_read(&list, db, "orders_", err) < 0)
 *		...
 *	natslist_release(&list);
 */
struct natslist_stream {
	char *name;
	char created[40];     /* one that was made again under the same name is another one */
	uint64_t messages;    /* that are there */
	uint64_t first, last; /* sequences, where there are messages */
	int64_t last_ns;      /* when the last one was stored */
};

struct natslist {
	struct natslist_stream *streams;
	size_t n, cap;
};

/* What *out holds from before is released. */
MUST_USE int natslist_read(struct natslist *out, struct natsdb *db, const char *prefix,
                           struct err *err);
void natslist_release(struct natslist *l); /* also zeroed */

#endif
