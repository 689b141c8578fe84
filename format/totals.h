#ifndef FORMAT_TOTALS_H
#define FORMAT_TOTALS_H

#include "format/chunk.h"

/*
 * What an archive holds in all: summed up while it is written, summed up again
 * while it is read, and compared.  Memory is bounded: types beyond
 * WIRE_TYPES_MAX are counted together.
 */
struct totals_type {
	struct slice name; /* owned by the totals */
	uint64_t events;
};

struct totals {
	uint64_t chunks, events, raw_bytes, stored_bytes;
	uint64_t first, last;          /* positions; 0 without events */
	int64_t least_ns, greatest_ns; /* EVENT_NO_TIME without any */
	struct digest chain;
	struct digest content; /* of all events (content.h) */
	uint64_t digested;     /* events that are in it */
	uint64_t streams;      /* events of version 0: streams that begin here */
	struct totals_type *types;
	size_t n_types, cap_types;
	uint64_t more_types; /* events of the types that have no entry */
	uint32_t *slots;     /* private: hash table of type numbers + 1 */
	size_t n_slots;
	struct arena *names; /* private */
};

void totals_init(struct totals *t);
void totals_release(struct totals *t);

/* What the chunk's block says, and what only its events say. */
void totals_add_chunk(struct totals *t, const struct chunk_info *info);
void totals_add_events(struct totals *t, const struct batch *b);
/* content_digests() of some events. */
void totals_add_contents(struct totals *t, struct slice digests);
/* Whether `content` is that of all events. */
bool totals_has_content(const struct totals *t);

/* Add all that another one holds, of an archive that comes behind.  The content of both is not
 * known then, unless one is empty. */
void totals_merge(struct totals *t, const struct totals *other);

/* The types, the most frequent first; ties by name.  Pointers into `t`. */
void totals_sort_types(struct totals *t);

/* The first thing that differs in what blocks say, for a message, or NULL. */
const char *totals_difference(const struct totals *a, const struct totals *b);
bool totals_same_types(const struct totals *a, const struct totals *b);

#endif
