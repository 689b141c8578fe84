#include <string.h>

#include "format/follows.h"
#include "tests/tap.h"
#include "tests/unit/samples.h"

static bool
same_follows(const struct follows *a, const struct follows *b)
{
	return a->first == b->first && a->bounded == b->bounded && a->position == b->position &&
	       a->version == b->version && slice_eq(a->stream, b->stream);
}

/* The event at position 7 with the hint as text; NULL: without. */
static struct event *
event_with(struct batch *b, const char *hint)
{
	struct event *e = samples_event(b);

	e->position = 7;
	e->attrs = NULL;
	e->n_attrs = 0;
	event_add_attr(e, b->mem, SLICE_LIT("x"), SLICE_LIT("1"));
	if (hint)
		event_add_attr(e, b->mem, SLICE_LIT("$follows"), slice_str(hint));
	event_add_attr(e, b->mem, SLICE_LIT("y"), SLICE_LIT("2"));
	return e;
}

void
test_what_was_put_is_taken_off_and_leaves_the_event_as_it_was(void)
{
	static const struct follows all[] = {
	    {.first = true},
	    {.first = true, .bounded = true, .position = 6},
	    {.position = 0, .stream = {(const uint8_t *)"", 0}, .version = 0},
	    {.position = 6, .stream = {(const uint8_t *)"a\"\n\xc3\xa9", 5}, .version = 9},
	};
	static const char *const texts[] =
	    {"null", "{\"position\":6}", "{\"position\":0,\"stream\":\"\",\"version\":0}",
	     "{\"position\":6,\"stream\":\"a\\\"\\n\xc3\xa9\",\"version\":9}"};
	struct batch *b = batch_new();
	struct event *e, put;
	struct follows got;
	struct err err = ERR_INIT;
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(*all); i++) {
		e = event_with(b, i % 2 ? "\"of the store\"" : NULL);
		follows_put(&put, e, &all[i], b->mem);
		eq_int(put.n_attrs, 3);
		ok(slice_is(event_attr(&put, "$follows"), texts[i]));
		eq_int(follows_take(&put, b->mem, &got, &err), 0);
		ok(same_follows(&got, &all[i]));
		eq_int(put.n_attrs, 2);
		ok(slice_is(event_attr(&put, "x"), "1") && slice_is(event_attr(&put, "y"), "2"));
	}
	batch_free(b);
}

void
test_keys_in_any_order_and_unknown_ones_are_read(void)
{
	struct batch *b = batch_new();
	struct follows got = {0};
	struct err err = ERR_INIT;
	struct event *e =
	    event_with(b, "{\"version\":3,\"id\":[1],\"str\\u0065am\":\"\\u0073\",\"position\":6}");

	eq_int(follows_take(e, b->mem, &got, &err), 0);
	ok(!got.first && got.position == 6 && got.version == 3 && slice_is(got.stream, "s"));
	batch_free(b);
}

void
test_what_cannot_be_is_refused(void)
{
	static const char *const hints[] = {
	    "{}",
	    "[]",
	    "5",
	    "\"null\"",
	    "{\"stream\":\"s\",\"version\":1}",
	    "{\"position\":6,\"stream\":\"s\"}",
	    "{\"position\":6,\"version\":1}",
	    "{\"position\":-1}",
	    "{\"position\":1.5}",
	    "{\"position\":\"6\"}",
	    "{\"position\":18446744073709551615}",
	    "{\"position\":7}", /* not before it */
	    "{\"position\":7,\"stream\":\"s\",\"version\":1}",
	    "{\"position\":6,\"stream\":5,\"version\":1}",
	    "{\"position\":6,\"stream\":\"\\ud800\",\"version\":1}",
	};
	struct batch *b = batch_new();
	struct follows got;
	struct err err;
	size_t i;

	for (i = 0; i < sizeof(hints) / sizeof(*hints); i++) {
		err = (struct err)ERR_INIT;
		eq_int(follows_take(event_with(b, hints[i]), b->mem, &got, &err), -1);
		eq_int(err.kind, ERR_FORMAT);
		ok(strstr(err.msg, "is none that can be") != NULL);
	}
	ok(!follows_says(event_with(b, NULL)) && follows_says(event_with(b, "5")));
	batch_free(b);
}
