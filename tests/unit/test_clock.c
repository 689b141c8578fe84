#include "common/event.h"
#include "tests/tap.h"
#include "verify/clock.h"

void
test_rising_and_equal_times_are_good(void)
{
	struct clock c = {0};

	clock_add(&c, INT64_MIN + 1, 0);
	clock_add(&c, -5, 1);
	clock_add(&c, 7, 2);
	clock_add(&c, 7, 3);
	eq_uint(c.late, 0);
	eq_uint(c.timeless, 0);
}

void
test_the_tolerance_itself_is_good_and_a_nanosecond_more_is_not(void)
{
	struct clock c = {.tolerance_ns = 10};

	clock_add(&c, 100, 0);
	clock_add(&c, 90, 1);
	eq_uint(c.late, 0);
	clock_add(&c, 89, 2);
	eq_uint(c.late, 1);
	eq_uint(c.worst_ns, 11);
}

void
test_what_counts_is_the_greatest_before_and_the_first_is_kept(void)
{
	struct clock c = {0};

	clock_add(&c, 100, 0);
	clock_add(&c, 300, 1);
	clock_add(&c, 200, 2);
	clock_add(&c, 250, 3);
	clock_add(&c, 301, 4);
	clock_add(&c, 100, 5);
	eq_uint(c.late, 3);
	eq_uint(c.first.at, 2);
	eq_uint(c.first.behind, 1);
	eq_int(c.first.time_ns, 200);
	eq_int(c.first.behind_ns, 300);
	eq_uint(c.worst_ns, 201);
}

void
test_events_without_a_time_are_passed_over(void)
{
	struct clock c = {0};

	clock_add(&c, EVENT_NO_TIME, 0);
	clock_add(&c, 5, 1);
	clock_add(&c, EVENT_NO_TIME, 2);
	clock_add(&c, 6, 3);
	eq_uint(c.timeless, 2);
	eq_uint(c.late, 0);
}

void
test_the_whole_range_of_times_is_one_distance(void)
{
	struct clock c = {.tolerance_ns = INT64_MAX};

	clock_add(&c, INT64_MAX, 0);
	clock_add(&c, 0, 1);
	eq_uint(c.late, 0);
	clock_add(&c, INT64_MIN + 1, 2);
	eq_uint(c.late, 1);
	eq_uint(c.worst_ns, UINT64_MAX - 1);
}
