#include "verify/clock.h"
#include "common/event.h"

void
clock_add(struct clock *c, int64_t time_ns, uint64_t at)
{
	uint64_t back_ns;

	if (time_ns == EVENT_NO_TIME) {
		c->timeless++;
		return;
	}
	if (!c->any || time_ns >= c->greatest_ns) {
		c->any = true;
		c->greatest_ns = time_ns;
		c->greatest_at = at;
		return;
	}
	back_ns = (uint64_t)c->greatest_ns - (uint64_t)time_ns; /* may be more than INT64_MAX */
	if (back_ns <= c->tolerance_ns)
		return;
	if (c->late++ == 0)
		c->first = (struct clock_place){at, c->greatest_at, time_ns, c->greatest_ns};
	if (back_ns > c->worst_ns)
		c->worst_ns = back_ns;
}
