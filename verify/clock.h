#ifndef VERIFY_CLOCK_H
#define VERIFY_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Whether times run backwards in the order of the positions, beyond a tolerance.
 * An event that is too early in its stream is too early here, too, for the
 * greatest time before it is no less: so one number has to be kept, and not one
 * for each stream.  Events without a time are passed over.
 *
 * `at` is whatever the caller finds the event by again.
 */
struct clock_place {
	uint64_t at, behind;        /* the event, and the one with the greatest time before it */
	int64_t time_ns, behind_ns; /* of both */
};

struct clock {
	uint64_t tolerance_ns; /* the caller sets it; the rest begins as zero */
	bool any;
	int64_t greatest_ns;
	uint64_t greatest_at;
	uint64_t timeless; /* events without a time */
	uint64_t late;     /* events that are too early for their place */
	uint64_t worst_ns; /* by how much at most */
	struct clock_place first;
};

void clock_add(struct clock *c, int64_t time_ns, uint64_t at);

#endif
