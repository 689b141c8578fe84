#include <stdio.h>

#include "export/ranks.h"
#include "tests/tap.h"

#define STREAMS 5000 /* the table grows three times */

static struct slice
name_of(char text[32], unsigned i)
{
	snprintf(text, 32, "stream-%u", i);
	return slice_str(text);
}

void
test_each_stream_counts_from_0(void)
{
	struct ranks *r = ranks_new();

	eq_uint(ranks_next(r, SLICE_LIT("a")), 0);
	eq_uint(ranks_next(r, SLICE_LIT("a")), 1);
	eq_uint(ranks_next(r, SLICE_LIT("b")), 0);
	eq_uint(ranks_next(r, SLICE_LIT("")), 0);
	eq_uint(ranks_next(r, SLICE_LIT("a\0")), 0);
	eq_uint(ranks_next(r, SLICE_LIT("a")), 2);
	eq_uint(ranks_next(r, SLICE_LIT("")), 1);
	ranks_free(r);
}

void
test_an_event_that_says_its_version_is_counted_from(void)
{
	struct ranks *r = ranks_new();

	ranks_set(r, SLICE_LIT("a"), 41);
	eq_uint(ranks_next(r, SLICE_LIT("a")), 42);
	ranks_set(r, SLICE_LIT("a"), 7);
	eq_uint(ranks_next(r, SLICE_LIT("a")), 8);
	ranks_set(r, SLICE_LIT("a"), 0);
	eq_uint(ranks_next(r, SLICE_LIT("a")), 1);
	ranks_set(r, SLICE_LIT("b"), UINT64_MAX - 2);
	eq_uint(ranks_next(r, SLICE_LIT("b")), UINT64_MAX - 1);
	ranks_free(r);
}

void
test_many_streams_are_told_apart_and_none_is_forgotten(void)
{
	struct ranks *r = ranks_new();
	char text[32];
	unsigned i, wrong = 0;

	for (i = 0; i < STREAMS; i++)
		wrong += ranks_next(r, name_of(text, i)) != 0;
	for (i = 0; i < STREAMS; i += 2)
		wrong += ranks_next(r, name_of(text, i)) != 1;
	for (i = 0; i < STREAMS; i++)
		wrong += ranks_next(r, name_of(text, i)) != 2 - i % 2;
	eq_uint(wrong, 0);
	ranks_free(r);
}

void
test_nothing_is_freed(void)
{
	ranks_free(NULL);
	ranks_free(ranks_new());
}
