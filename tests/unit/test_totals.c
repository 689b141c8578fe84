#include <stdio.h>

#include "format/totals.h"
#include "tests/tap.h"
#include "tests/unit/samples.h"

static struct chunk_info
info_of(uint64_t first, uint64_t last, int64_t least_ns, int64_t greatest_ns)
{
	return (struct chunk_info){.events = last - first + 1,
	                           .first = first,
	                           .last = last,
	                           .raw_bytes = 100,
	                           .stored_bytes = 10,
	                           .least_ns = least_ns,
	                           .greatest_ns = greatest_ns,
	                           .chain = {{(uint8_t)last}}};
}

static void
add_event(struct totals *t, const char *type, uint64_t version, unsigned times)
{
	struct batch *b = batch_new();
	struct event *e;

	while (times--) {
		e = samples_event(b);
		e->type = slice_str(type);
		e->version = version;
	}
	totals_add_events(t, b);
	batch_free(b);
}

void
test_chunks_are_summed_up(void)
{
	struct chunk_info a = info_of(0, 4, EVENT_NO_TIME, EVENT_NO_TIME);
	struct chunk_info b = info_of(5, 5, -7, 9), c = info_of(8, 9, -3, 20);
	struct totals t;

	totals_init(&t);
	totals_add_chunk(&t, &a);
	ok(t.least_ns == EVENT_NO_TIME && t.greatest_ns == EVENT_NO_TIME);
	totals_add_chunk(&t, &b);
	totals_add_chunk(&t, &c);
	totals_add_chunk(&t, &a); /* one without times changes no times */
	eq_uint(t.chunks, 4);
	eq_uint(t.events, 13);
	eq_uint(t.raw_bytes, 400);
	eq_uint(t.stored_bytes, 40);
	eq_uint(t.first, 0);
	eq_uint(t.last, 4);
	eq_int(t.least_ns, -7);
	eq_int(t.greatest_ns, 20);
	eq_int(t.chain.bytes[0], 4);
	totals_release(&t);
	totals_release(&t);
}

void
test_types_are_counted_and_sorted(void)
{
	struct totals t;

	totals_init(&t);
	totals_sort_types(&t);
	add_event(&t, "b", 0, 2);
	add_event(&t, "a", 1, 2);
	add_event(&t, "", 0, 1);
	add_event(&t, "often", 7, 5);
	add_event(&t, "b", 3, 1);
	eq_uint(t.streams, 3);
	totals_sort_types(&t);
	eq_uint(t.n_types, 4);
	ok(slice_is(t.types[0].name, "often") && t.types[0].events == 5);
	ok(slice_is(t.types[1].name, "b") && t.types[1].events == 3);
	ok(slice_is(t.types[2].name, "a") && t.types[2].events == 2);
	ok(slice_is(t.types[3].name, "") && t.types[3].events == 1);
	totals_release(&t);
}

void
test_types_beyond_the_limit_are_counted_together(void)
{
	struct totals t, merged;
	char name[20];
	uint64_t sum;
	size_t k;
	int i;

	totals_init(&t);
	totals_init(&merged);
	for (i = 0; i < 3000; i++) {
		snprintf(name, sizeof(name), "type-%d", i % 1500);
		add_event(&t, name, 1, 1);
	}
	eq_uint(t.n_types, WIRE_TYPES_MAX);
	eq_uint(t.more_types, 1000);
	totals_merge(&merged, &t);
	totals_merge(&merged, &t);
	eq_uint(merged.more_types, 2000);
	for (sum = merged.more_types, k = 0; k < merged.n_types; k++)
		sum += merged.types[k].events;
	eq_uint(sum, 6000);
	ok(merged.types[0].name.p != t.types[0].name.p); /* its own copy */
	totals_release(&t);
	totals_release(&merged);
}

void
test_merging_is_as_counting_in_one(void)
{
	struct chunk_info a = info_of(3, 4, 1, 2), b = info_of(7, 9, 0, 1);
	struct totals one, two, all;

	totals_init(&one);
	totals_init(&two);
	totals_init(&all);
	totals_merge(&one, &two); /* nothing to nothing */
	ok(totals_difference(&one, &two) == NULL && totals_same_types(&one, &two));
	totals_add_chunk(&one, &a);
	add_event(&one, "x", 0, 1);
	totals_add_chunk(&two, &b);
	add_event(&two, "y", 0, 2);
	add_event(&two, "x", 1, 1);
	totals_add_chunk(&all, &a);
	totals_add_chunk(&all, &b);
	add_event(&all, "y", 0, 2);
	add_event(&all, "x", 0, 1);
	add_event(&all, "x", 1, 1);
	ok(totals_difference(&one, &all) != NULL || !totals_same_types(&one, &all));
	totals_merge(&one, &two);
	ok(totals_difference(&one, &all) == NULL && totals_same_types(&one, &all));
	eq_uint(one.first, 3);
	eq_uint(one.last, 9);
	totals_release(&one);
	totals_release(&two);
	totals_release(&all);
}

void
test_the_first_difference_is_named(void)
{
	struct chunk_info a = info_of(1, 2, 5, 6);
	struct totals t, same, other;

	totals_init(&t);
	totals_init(&same);
	totals_add_chunk(&t, &a);
	totals_add_chunk(&same, &a);
	add_event(&t, "x", 0, 2);
	add_event(&same, "x", 0, 2);
	ok(totals_difference(&t, &same) == NULL && totals_same_types(&t, &same));
#define DIFFERS(change, name)                                                                      \
	do {                                                                                       \
		other = same;                                                                      \
		change;                                                                            \
		eq_str(totals_difference(&t, &other), name);                                       \
	} while (0)
	DIFFERS(other.chunks++, "number of chunks");
	DIFFERS(other.events++, "number of events");
	DIFFERS(other.raw_bytes++, "number of bytes");
	DIFFERS(other.stored_bytes++, "number of bytes");
	DIFFERS(other.first++, "first and last position");
	DIFFERS(other.last++, "first and last position");
	DIFFERS(other.least_ns++, "least and greatest time");
	DIFFERS(other.greatest_ns++, "least and greatest time");
	DIFFERS(other.chain.bytes[15]++, "chain of digests");
	other = same;
	other.more_types++;
	ok(!totals_same_types(&t, &other));
	other = same;
	other.n_types--;
	ok(!totals_same_types(&t, &other));
	ok(totals_difference(&t, &other) == NULL);
	same.types[0].events++;
	ok(!totals_same_types(&t, &same));
	totals_release(&t);
	totals_release(&same);
}

void
test_the_content_of_two_is_not_known_from_both(void)
{
	static const uint8_t digests[2 * WIRE_DIGEST_BYTES] = {1, 2, 3};
	struct chunk_info info = info_of(0, 1, EVENT_NO_TIME, EVENT_NO_TIME);
	struct totals a, b, sum;
	struct digest want;

	totals_init(&a);
	totals_init(&b);
	totals_init(&sum);
	ok(totals_has_content(&a));
	totals_add_chunk(&a, &info);
	ok(!totals_has_content(&a));
	totals_add_contents(&a, (struct slice){digests, sizeof(digests)});
	ok(totals_has_content(&a));
	want = digest_of((struct slice){(uint8_t[2 * WIRE_DIGEST_BYTES]){[16] = 1, 2, 3}, 32});
	want = digest_chain(&want, &(struct digest){{0}});
	ok(digest_eq(&a.content, &want));
	totals_merge(&sum, &b); /* one that is empty changes nothing */
	totals_merge(&sum, &a);
	totals_merge(&sum, &b);
	ok(totals_has_content(&sum) && digest_eq(&sum.content, &want));
	totals_merge(&sum, &a);
	ok(!totals_has_content(&sum));
	totals_release(&a);
	totals_release(&b);
	totals_release(&sum);
}
