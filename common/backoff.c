#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "common/backoff.h"
#include "common/stop.h"
#include "common/timestamp.h"

#define NS_PER_MS UINT64_C(1000000)
#define SLICE_MS 50 /* how long a stop may go unseen */

/* splitmix64 (Steele, Lea, Flood, 2014): every state is a good one. */
static uint64_t
next_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

void
backoff_start(struct backoff *b, uint64_t budget_ms, struct retries *retries)
{
	*b = (struct backoff){.budget_ms = budget_ms,
	                      .least_ms = BACKOFF_LEAST_MS,
	                      .most_ms = BACKOFF_MOST_MS,
	                      .retries = retries};
	/* Clients of one server must not come back in step. */
	if (getrandom(&b->random, sizeof(b->random), GRND_NONBLOCK) != sizeof(b->random))
		b->random = timestamp_monotonic_ns() ^ (uint64_t)getpid() << 40;
}

uint64_t
backoff_next_ms(struct backoff *b)
{
	uint64_t last = b->last_ms < b->least_ms ? b->least_ms : b->last_ms;
	uint64_t most = last * 3 < b->most_ms ? last * 3 : b->most_ms;

	b->last_ms = b->least_ms + next_random(&b->random) % (most - b->least_ms + 1);
	return b->last_ms;
}

static void
sleep_until(uint64_t end_ns)
{
	struct timespec slice = {0};
	uint64_t now_ns, left_ns;

	while (!stop_asked() && (now_ns = timestamp_monotonic_ns()) < end_ns) {
		left_ns = end_ns - now_ns;
		slice.tv_nsec =
		    (long)(left_ns < SLICE_MS * NS_PER_MS ? left_ns : SLICE_MS * NS_PER_MS);
		nanosleep(&slice, NULL); /* one that a signal ends is one more look at the flag */
	}
}

bool
backoff_wait(struct backoff *b)
{
	uint64_t now_ns = timestamp_monotonic_ns();
	uint64_t wait_ns, spent_ns, budget_ns;

	if (b->began_ns == 0)
		b->began_ns = now_ns;
	spent_ns = now_ns - b->began_ns;
	budget_ns = b->budget_ms * NS_PER_MS;
	if (spent_ns >= budget_ns || stop_asked() || (b->retries && b->row >= b->retries->most))
		return false;
	/* The last try is made when the budget ends, not before. */
	wait_ns = backoff_next_ms(b) * NS_PER_MS;
	if (wait_ns > budget_ns - spent_ns)
		wait_ns = budget_ns - spent_ns;
	sleep_until(now_ns + wait_ns);
	if (stop_asked())
		return false;
	b->row++;
	if (b->retries)
		b->retries->made++;
	return true;
}

void
backoff_rest(struct backoff *b)
{
	b->began_ns = 0;
	b->last_ms = 0;
	b->row = 0;
}

bool
backoff_allows(const struct backoff *b)
{
	return b->budget_ms > 0 && (!b->retries || b->retries->most > 0);
}
