#ifndef VERIFY_BEFORE_H
#define VERIFY_BEFORE_H

#include "common/address.h"
#include "common/selection.h"

/* The event before another one, where only a part of a place was read. */
struct before_place {
	const struct address *address;
	const char *layout;
	const struct selection *select; /* its filters count, not its range */
	bool plain;
};

/*
 * The last event of a place in front of a position, alone in `into`, which is empty where there
 * is none.  Reads backwards in ranges that grow, so that of a store few events come.
 */
MUST_USE int before_find(const struct before_place *place, uint64_t position, struct batch *into,
                         struct err *err);

#endif
