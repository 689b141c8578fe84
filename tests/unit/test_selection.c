#include <stdlib.h>
#include <string.h>

#include "common/cborscan.h"
#include "common/selection.h"
#include "tests/tap.h"

static void
ask(struct selection_list *list, const char *pattern)
{
	list->items = xgrow(list->items, &list->cap, list->len + 1, sizeof(*list->items));
	list->items[list->len++] = pattern;
}

static bool
passes(const struct selection *s, const char *stream, const char *type, int64_t time_ns)
{
	struct event e = {.stream = slice_str(stream), .type = slice_str(type), .time_ns = time_ns};

	return selection_passes(s, &e);
}

void
test_nothing_asked_for_takes_everything(void)
{
	struct selection s = SELECTION_INIT;

	ok(!selection_filters(&s));
	ok(selection_in_range(&s, 0) && selection_in_range(&s, UINT64_MAX - 1));
	ok(passes(&s, "s", "t", EVENT_NO_TIME) && passes(&s, "", "", 0));
	selection_release(&s);
	selection_release(&s);
	ok(s.since_ns == EVENT_NO_TIME && s.until_ns == EVENT_NO_TIME);
}

void
test_a_range_is_open_below_and_closed_above(void)
{
	struct selection s = SELECTION_INIT;

	s.after.set = true;
	s.after.position = 10;
	ok(!selection_in_range(&s, 0) && !selection_in_range(&s, 10) && selection_in_range(&s, 11));
	s.upto.set = true;
	s.upto.position = 12;
	ok(!selection_in_range(&s, 10) && selection_in_range(&s, 11));
	ok(selection_in_range(&s, 12) && !selection_in_range(&s, 13));
	s.after.position = 0; /* a bound of 0 is a bound */
	ok(!selection_in_range(&s, 0) && selection_in_range(&s, 1));
	ok(!selection_filters(&s));
}

void
test_times_are_from_and_up_to_but_not_with(void)
{
	struct selection s = SELECTION_INIT;

	s.since_ns = 0;
	ok(selection_filters(&s));
	ok(!passes(&s, "s", "t", -1) && passes(&s, "s", "t", 0));
	ok(!passes(&s, "s", "t", EVENT_NO_TIME));
	s.until_ns = 5;
	ok(passes(&s, "s", "t", 4) && !passes(&s, "s", "t", 5));
	s.since_ns = EVENT_NO_TIME;
	ok(selection_filters(&s));
	ok(passes(&s, "s", "t", INT64_MIN + 1) && !passes(&s, "s", "t", EVENT_NO_TIME));
}

void
test_one_of_several_patterns_is_enough(void)
{
	struct selection s = SELECTION_INIT;

	ask(&s.streams, "order-*");
	ask(&s.streams, "cart-?");
	ok(selection_filters(&s));
	ok(passes(&s, "order-1", "x", EVENT_NO_TIME) && passes(&s, "cart-1", "x", 0));
	ok(!passes(&s, "cart-12", "x", 0) && !passes(&s, "", "x", 0));
	ask(&s.types, "Placed");
	ok(passes(&s, "order-1", "Placed", 0));
	ok(!passes(&s, "order-1", "Paid", 0) && !passes(&s, "other", "Placed", 0));
	selection_release(&s);
	ask(&s.types, "Pa*");
	ok(selection_filters(&s) && passes(&s, "any", "Paid", 0) && !passes(&s, "any", "x", 0));
	selection_release(&s);
}

void
test_encoding_is_one_deterministic_map(void)
{
	static const uint8_t want[] = "\xA4"
				      "\x65"
				      "since"
				      "\x20"
				      "\x65"
				      "types"
				      "\x81"
				      "\x61"
				      "T"
				      "\x65"
				      "until"
				      "\x18\x64"
				      "\x67"
				      "streams"
				      "\x82"
				      "\x61"
				      "a"
				      "\x61"
				      "b";
	struct selection s = SELECTION_INIT;
	struct buf out = BUF_INIT;

	selection_encode(&s, SLICE_ABSENT, &out);
	eq_mem(out.p, out.len, "\xA0", 1);
	ask(&s.streams, "b");
	ask(&s.streams, "a");
	ask(&s.types, "T");
	s.since_ns = -1;
	s.until_ns = 100;
	s.after.set = true; /* the range is not a filter */
	out.len = 0;
	selection_encode(&s, SLICE_ABSENT, &out);
	eq_mem(out.p, out.len, want, sizeof(want) - 1);
	eq_str(s.streams.items[0], "b");
	buf_release(&out);
	selection_release(&s);
}

/* Archives that follow each other must have the same filters, byte for byte. */
void
test_encoding_does_not_depend_on_the_order_of_asking(void)
{
	static const char *const patterns[] = {"b", "a*", "", "\xC3\xA9", "a", "B", "a*", "a"};
	struct buf first = BUF_INIT, out = BUF_INIT;
	unsigned seed = 1;
	size_t order[8], i, k, swap;
	int round;

	for (round = 0; round < 50; round++) {
		struct selection s = SELECTION_INIT;

		for (i = 0; i < 8; i++)
			order[i] = i;
		for (i = 7; i > 0; i--) {
			k = (size_t)rand_r(&seed) % (i + 1);
			swap = order[i];
			order[i] = order[k];
			order[k] = swap;
		}
		for (i = 0; i < 8; i++) {
			ask(&s.streams, patterns[order[i]]);
			ask(&s.types, patterns[order[7 - i]]);
		}
		out.len = 0;
		selection_encode(&s, SLICE_ABSENT, &out);
		ok(cborscan_valid(buf_slice(&out)));
		if (round == 0)
			buf_add_slice(&first, buf_slice(&out));
		eq_mem(out.p, out.len, first.p, first.len);
		selection_release(&s);
	}
	buf_release(&first);
	buf_release(&out);
}

void
test_asking_twice_for_the_same_is_asking_once(void)
{
	struct selection once = SELECTION_INIT, twice = SELECTION_INIT;
	struct buf a = BUF_INIT, b = BUF_INIT;

	ask(&once.streams, "x");
	ask(&once.streams, "y");
	ask(&twice.streams, "x");
	ask(&twice.streams, "y");
	ask(&twice.streams, "x");
	selection_encode(&once, SLICE_ABSENT, &a);
	selection_encode(&twice, SLICE_ABSENT, &b);
	eq_mem(b.p, b.len, a.p, a.len);
	buf_release(&a);
	buf_release(&b);
	selection_release(&once);
	selection_release(&twice);
}
