#ifndef COMMON_BACKOFF_H
#define COMMON_BACKOFF_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * How long to wait before the next try: exponential with decorrelated jitter
 * (Brooker, "Exponential Backoff And Jitter", 2015): each wait is random between
 * the least one and three times the last, and never beyond the greatest.
 *
 *	backoff_start(&b, budget_ms, &retries);
 *	while (try() < 0)
 *		if (!backoff_wait(&b))
 *			return -1;      // time or tries are spent, or the user asked to stop
 *	backoff_rest(&b);               // something was achieved: the budget is whole again
 */
#define BACKOFF_LEAST_MS 100
#define BACKOFF_MOST_MS 10000

/* What one program may try again, and has tried again, in all its threads. */
struct retries {
	uint64_t most; /* in a row, before something is achieved; UINT64_MAX: only time counts */
	_Atomic uint64_t made;
};

struct backoff {
	uint64_t budget_ms;
	uint64_t least_ms, most_ms; /* of one wait; as above, may be changed after the start */
	struct retries *retries;    /* borrowed; NULL: neither limited nor counted */
	uint64_t began_ns; /* monotonic, of the first wait since something was achieved; 0: none */
	uint64_t last_ms;
	uint64_t random; /* state of the generator */
	uint64_t row;    /* waits since something was achieved */
};

void backoff_start(struct backoff *b, uint64_t budget_ms, struct retries *retries);
/* Sleep, and count what comes behind it as one retry.  False at once where time or tries are spent,
 * and soon where a stop was asked for. */
bool backoff_wait(struct backoff *b);
void backoff_rest(struct backoff *b);
bool backoff_allows(const struct backoff *b); /* anything is tried again at all */

/* The next wait in milliseconds, without sleeping: what backoff_wait() uses. */
uint64_t backoff_next_ms(struct backoff *b);

#endif
