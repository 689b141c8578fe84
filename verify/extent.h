#ifndef VERIFY_EXTENT_H
#define VERIFY_EXTENT_H

#include "common/address.h"
#include "common/selection.h"

/*
 * From where to where a place goes, found without reading its events where that can be: a
 * store is asked, of an archive the blocks are read, JSON Lines are read.  PostgreSQL notes up to
 * where it is read; nothing else is noted.
 */
struct extent {
	uint64_t events;      /* of the range that was asked for; of archives: in all */
	uint64_t first, last; /* positions, in that range */
	bool empty;
};

struct extent_place {
	const struct address *address;
	const char *layout;
	const struct selection *select; /* of it, the range */
	bool plain;
};

MUST_USE int extent_find(const struct extent_place *place, struct extent *out, struct err *err);

/* The position of the `n`th event from `first` on, or `last` where there are fewer up to it;
 * `step`: how many positions to look at first. */
MUST_USE int extent_walk(const struct extent_place *place, uint64_t first, uint64_t last,
                         uint64_t step, uint64_t n, uint64_t *out, struct err *err);

#endif
