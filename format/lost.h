#ifndef FORMAT_LOST_H
#define FORMAT_LOST_H

#include "common/mem.h"

/*
 * What could not be read of an archive: ranges of positions, rising, with the
 * number of events that they held where that is known.
 */
struct lost_range {
	uint64_t first, last; /* both may be lost, and all between */
	bool open;            /* `last` is not known */
	bool counted;
	uint64_t events; /* that were there, where `counted` */
};

struct lost {
	struct lost_range *ranges;
	size_t len, cap;
};

void lost_release(struct lost *l);

/*
 * Ranges rise: of one that does not, only what lies behind the others is taken.  Those of which
 * every position is lost become one where they meet; beyond LOST_MAX ranges all become one with the
 * last, which stays true and is less exact.  One that holds no position is passed over.
 */
#define LOST_MAX 100000
void lost_add(struct lost *l, struct lost_range r);

/* The events of all ranges; false where one is not counted. */
bool lost_events(const struct lost *l, uint64_t *events);

/* "positions 11 to 20: 10 events" */
#define LOST_TEXT_BYTES 160
const char *lost_text(const struct lost_range *r, char out[LOST_TEXT_BYTES]);
/* Append {"first":11,"last":20,"events":10}; null for what is not known. */
void lost_put_json(const struct lost_range *r, struct buf *out);
/* Append an array of them. */
void lost_put_array(const struct lost *l, struct buf *out);

/* Append them as the header's `lost` (spec/FORMAT.md). */
void lost_encode(const struct lost *l, struct buf *out);
/* Read that into an empty list.  False where it is none. */
bool lost_decode(struct lost *l, struct slice cbor);

#endif
