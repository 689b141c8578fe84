#include <stdio.h>
#include <string.h>

#include "tests/tap.h"
#include "tests/unit/samples.h"
#include "verify/same.h"

#define BIT(field) (1U << (field))

static const struct source_info exact = {.time_step_ns = 1};

/* Two events that are alike, to be changed. */
struct two {
	struct batch *batch;
	struct event *a, *b;
};

static struct two
two_new(void)
{
	struct two t = {.batch = batch_new()};

	samples_event(t.batch);
	samples_event(t.batch);
	t.a = &t.batch->events[0];
	t.b = &t.batch->events[1];
	t.b->position = t.a->position;
	t.b->version = t.a->version;
	return t;
}

static unsigned
differ(const struct two *t, const struct source_info *a, const struct source_info *b,
       bool positions, bool by_value)
{
	struct same s;
	unsigned fields, back;

	same_init(&s, a, b, positions, by_value);
	fields = same_differences(&s, t->a, t->b);
	back = same_differences(&s, t->b, t->a);
	same_release(&s);
	return eq_uint(fields, back) ? fields : ~0U;
}

void
test_positions_count_where_asked_for(void)
{
	struct two t = two_new();

	t.b->position++;
	eq_uint(differ(&t, &exact, &exact, false, false), 0);
	eq_uint(differ(&t, &exact, &exact, true, false), BIT(FIELD_POSITION));
	batch_free(t.batch);
}

void
test_versions_count_where_both_keep_them(void)
{
	const struct source_info counts = {.time_step_ns = 1, .counts_versions = true};
	struct two t = two_new();

	t.b->version++;
	eq_uint(differ(&t, &exact, &exact, false, false), BIT(FIELD_VERSION));
	eq_uint(differ(&t, &exact, &counts, false, false), 0);
	eq_uint(differ(&t, &counts, &exact, false, false), 0);
	batch_free(t.batch);
}

void
test_times_count_in_the_coarser_steps(void)
{
	static const struct {
		int64_t a, b, step;
		bool same;
	} cases[] = {
	    {1000, 1000, 1000, true},
	    {1999, 1000, 1000, true}, /* cut */
	    {1999, 2000, 1000, true}, /* rounded */
	    {1500, 2000, 1000, true},
	    {1499, 2000, 1000, false}, /* neither */
	    {1000, 2000, 1000, false},
	    {1999, 2001, 1000, false},
	    {-1, -1000, 1000, true},
	    {-1, 0, 1000, true},
	    {-999, -1000, 1000, true},
	    {-501, -1000, 1000, true},
	    {1, 2, 1, false},
	    {INT64_MAX, INT64_MAX - 1, 1, false},
	    {INT64_MAX, INT64_MAX, 1000000000, true},
	    {INT64_MAX, INT64_MIN + 1, 1000000000, false},
	    {EVENT_NO_TIME, INT64_MIN + 1, 1000000000, false},
	    {EVENT_NO_TIME, EVENT_NO_TIME, 1000, true},
	};
	struct two t = two_new();
	size_t i;

	for (i = 0; i < SAMPLES_N(cases); i++) {
		const struct source_info coarse = {.time_step_ns = cases[i].step};

		t.a->time_ns = cases[i].a;
		t.b->time_ns = cases[i].b;
		if (!eq_uint(differ(&t, &exact, &coarse, false, false),
		             cases[i].same ? 0 : BIT(FIELD_TIME)))
			printf("# case %zu\n", i);
	}
	batch_free(t.batch);
}

void
test_json_counts_by_its_value_where_a_side_keeps_no_more(void)
{
	const struct source_info jsonb = {.time_step_ns = 1, .by_value = BIT(FIELD_DATA)};
	struct two t = two_new();

	t.a->data = samples_payload(PAYLOAD_JSON, SLICE_LIT("{\"a\":1e2,\"b\":-0}"));
	t.b->data = samples_payload(PAYLOAD_JSON, SLICE_LIT("{\"b\": 0, \"a\": 100}"));
	eq_uint(differ(&t, &exact, &exact, false, false), BIT(FIELD_DATA));
	eq_uint(differ(&t, &exact, &jsonb, false, false), 0);
	eq_uint(differ(&t, &exact, &exact, false, true), 0);
	t.b->data.bytes = SLICE_LIT("{\"b\": 0, \"a\": 100.0}");
	eq_uint(differ(&t, &exact, &jsonb, false, true), BIT(FIELD_DATA));

	t.b->data = t.a->data;
	t.a->metadata = samples_payload(PAYLOAD_JSON, SLICE_LIT("[1]"));
	t.b->metadata = samples_payload(PAYLOAD_JSON, SLICE_LIT("[ 1]"));
	eq_uint(differ(&t, &exact, &jsonb, false, false), BIT(FIELD_METADATA));
	eq_uint(differ(&t, &exact, &jsonb, false, true), 0);
	t.b->metadata.kind = PAYLOAD_BYTES;
	eq_uint(differ(&t, &exact, &exact, false, true), BIT(FIELD_METADATA));
	batch_free(t.batch);
}

void
test_cbor_beside_json_is_what_it_stands_for(void)
{
	/* What no conversion makes of each other. */
	static const char *const others[][2] = {
	    {"application/x+cbor", "application/x+yaml"},
	    {"application/x+cbor", "application/y+json"},
	    {"application/x+cbor", NULL},
	    {"application/cbor", "application/cbor"},
	    {"application/cbor", "application/x+json"},
	    {"+cbor", "+json"},
	    {NULL, NULL},
	};
	const unsigned both = BIT(FIELD_DATA) | BIT(FIELD_CONTENT_TYPE);
	struct two t = two_new();
	size_t i;

	/* {"a": 1.10}, the number as a decimal fraction */
	t.a->data = samples_payload(PAYLOAD_CBOR, SLICE_LIT("\xA1\x61"
	                                                    "a\xC4\x82\x21\x18\x6E"));
	t.a->content_type = SLICE_LIT("application/cbor");
	t.b->data = samples_payload(PAYLOAD_JSON, SLICE_LIT("{ \"a\":1.10 }"));
	eq_uint(differ(&t, &exact, &exact, false, false), 0);
	t.b->content_type = SLICE_LIT("text/plain");
	eq_uint(differ(&t, &exact, &exact, false, false), both);
	t.b->content_type = SLICE_LIT("application/json");
	eq_uint(differ(&t, &exact, &exact, false, false), 0);
	t.a->content_type = SLICE_LIT("application/x+cbor");
	t.b->content_type = SLICE_LIT("application/x+json");
	eq_uint(differ(&t, &exact, &exact, false, false), 0);
	for (i = 0; i < SAMPLES_N(others); i++) {
		t.a->content_type = slice_str(others[i][0]);
		t.b->content_type = slice_str(others[i][1]);
		eq_uint(differ(&t, &exact, &exact, false, false),
		        slice_eq(t.a->content_type, t.b->content_type) ? BIT(FIELD_DATA) : both);
	}
	t.a->content_type = SLICE_LIT("application/x+cbor");
	t.b->content_type = SLICE_LIT("application/x+json");
	t.b->data.bytes = SLICE_LIT("{\"a\":1.1}");
	eq_uint(differ(&t, &exact, &exact, false, false),
	        BIT(FIELD_DATA) | BIT(FIELD_CONTENT_TYPE));
	batch_free(t.batch);
}

void
test_attributes_count_by_value_where_asked_for(void)
{
	struct two t = two_new();

	event_add_attr(t.a, t.batch->mem, SLICE_LIT("x"), SLICE_LIT("{\"a\":1,\"b\":2}"));
	event_add_attr(t.a, t.batch->mem, SLICE_LIT("y"), SLICE_LIT("1"));
	event_add_attr(t.b, t.batch->mem, SLICE_LIT("y"), SLICE_LIT("1"));
	event_add_attr(t.b, t.batch->mem, SLICE_LIT("x"), SLICE_LIT("{\"b\":2,\"a\":1}"));
	event_add_attr(t.b, t.batch->mem, SLICE_LIT("$hint"), SLICE_LIT("1"));
	eq_uint(differ(&t, &exact, &exact, false, false), BIT(FIELD_ATTRIBUTES));
	eq_uint(differ(&t, &exact, &exact, false, true), 0);
	event_add_attr(t.b, t.batch->mem, SLICE_LIT("z"), SLICE_LIT("1"));
	eq_uint(differ(&t, &exact, &exact, false, true), BIT(FIELD_ATTRIBUTES));
	batch_free(t.batch);
}
