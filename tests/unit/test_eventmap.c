#include <stdlib.h>
#include <string.h>

#include "common/eventmap.h"
#include "tests/tap.h"
#include "tests/unit/samples.h"

#define DASH_TO_COLON "{category}-{id}={category}:{id}"

static void
ask(struct selection_list *list, const char *text)
{
	list->items = xgrow(list->items, &list->cap, list->len + 1, sizeof(*list->items));
	list->items[list->len++] = text;
}

static struct eventmap *
open_map(const struct eventmap_options *o)
{
	struct eventmap *m = NULL;
	struct err err = ERR_INIT;

	eq_int(eventmap_open(&m, o, &err), 0);
	return m;
}

static struct event
mapped(const struct eventmap *m, const struct event *e, struct batch *b, bool *dropped)
{
	struct err err = ERR_INIT;
	struct event out;

	eq_int(eventmap_apply(m, e, b->mem, &out, dropped, &err), 0);
	return out;
}

void
test_nothing_asked_for_is_no_map(void)
{
	struct eventmap_options o = {0};

	ok(open_map(&o) == NULL);
	ok(eventmap_asked(&o) == NULL);
	eventmap_free(NULL);
	eventmap_options_release(&o);
}

void
test_a_stream_goes_by_the_first_template_that_it_fits(void)
{
	struct eventmap_options o = {0};
	struct batch *b = batch_new();
	struct slice a = SLICE_LIT("order-1"), z = SLICE_LIT("plain");
	struct eventmap *m;

	ask(&o.templates, DASH_TO_COLON);
	ask(&o.templates, "{name}={name}");
	m = open_map(&o);
	ok(eventmap_stream(m, &a, b->mem) == NULL && slice_is(a, "order:1"));
	ok(eventmap_stream(m, &z, b->mem) == NULL && slice_is(z, "plain"));
	ok(eventmap_refuses(m));
	eventmap_free(m);
	eventmap_options_release(&o);
	batch_free(b);
}

/* a-b:c would be a:b:c, which is a, b:c the other way; and x:1 would be x:1, as x-1 is. */
void
test_a_name_that_would_not_lead_back_is_refused(void)
{
	struct eventmap_options o = {0};
	struct batch *b = batch_new();
	struct event *e = samples_event(b), out;
	struct err err = ERR_INIT;
	struct eventmap *m;
	bool dropped;

	ask(&o.templates, DASH_TO_COLON);
	ask(&o.templates, "{name}={name}");
	m = open_map(&o);
	e->stream = SLICE_LIT("a:b-c");
	eq_int(eventmap_apply(m, e, b->mem, &out, &dropped, &err), -1);
	eq_int(err.kind, ERR_DATA);
	ok(strstr(err.msg, "(stream \"a:b-c\", version 0): field stream: ") != NULL);
	e->stream = SLICE_LIT("x:1");
	eq_int(eventmap_apply(m, e, b->mem, &out, &dropped, &err), -1);
	eventmap_free(m);
	eventmap_options_release(&o);
	batch_free(b);
}

void
test_a_hint_of_a_name_that_is_another_goes(void)
{
	struct eventmap_options o = {0};
	struct batch *b = batch_new();
	struct event *e = samples_event(b), out;
	struct eventmap *m;
	bool dropped;

	event_add_attr(e, b->mem, SLICE_LIT("$stream"), SLICE_LIT("7"));
	event_add_attr(e, b->mem, SLICE_LIT("$type"), SLICE_LIT("8"));
	event_add_attr(e, b->mem, SLICE_LIT("$time"), SLICE_LIT("9"));
	ask(&o.templates, DASH_TO_COLON);
	m = open_map(&o);
	out = mapped(m, e, b, &dropped);
	ok(!dropped);
	ok(!event_attr(&out, "$stream").p);
	ok(slice_is(event_attr(&out, "$type"), "8") && slice_is(event_attr(&out, "$time"), "9"));
	eq_uint(e->n_attrs, 3);
	eventmap_free(m);
	eventmap_options_release(&o);
	batch_free(b);
}

void
test_attributes_are_left_out_by_pattern_and_hints_are_not(void)
{
	struct eventmap_options o = {0};
	struct batch *b = batch_new();
	struct event *e = samples_event(b), out;
	struct eventmap *m;
	bool dropped;

	event_add_attr(e, b->mem, SLICE_LIT("tenant"), SLICE_LIT("1"));
	event_add_attr(e, b->mem, SLICE_LIT("ten"), SLICE_LIT("2"));
	event_add_attr(e, b->mem, SLICE_LIT("other"), SLICE_LIT("3"));
	event_add_attr(e, b->mem, SLICE_LIT("$data"), SLICE_LIT("\"text\""));
	event_add_attr(e, b->mem, SLICE_LIT("$attributes"), SLICE_LIT("\"{}\""));
	ask(&o.dropped, "ten*");
	ask(&o.dropped, "$data");
	m = open_map(&o);
	out = mapped(m, e, b, &dropped);
	ok(dropped);
	eq_uint(out.n_attrs, 2);
	ok(slice_is(event_attr(&out, "other"), "3") && event_attr(&out, "$data").p);
	ok(!eventmap_refuses(m));
	e->n_attrs = 0;
	out = mapped(m, e, b, &dropped);
	ok(!dropped);
	eventmap_free(m);
	eventmap_options_release(&o);
	batch_free(b);
}

void
test_fields_that_may_be_absent_are_left_out_with_their_hints(void)
{
	static const char *const names[] = {"id",           "time",         "correlation_id",
	                                    "causation_id", "content_type", "tags",
	                                    "metadata"};
	struct eventmap_options o = {0};
	struct batch *b = batch_new();
	struct event *e = samples_event(b), bare, out;
	struct slice tag = SLICE_LIT("t");
	struct eventmap *m;
	bool dropped;
	size_t i;

	bare = *e;
	e->id = e->correlation_id = e->causation_id = e->content_type = SLICE_LIT("x");
	e->time_ns = 5;
	e->tags = &tag;
	e->n_tags = 1;
	e->metadata = samples_payload(PAYLOAD_JSON, SLICE_LIT("{}"));
	e->data = bare.data = samples_payload(PAYLOAD_JSON, SLICE_LIT("1"));
	event_add_attr(e, b->mem, SLICE_LIT("$tags"), SLICE_LIT("7"));
	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		ask(&o.dropped, names[i]);
	ask(&o.dropped, "data");
	m = open_map(&o);
	out = mapped(m, e, b, &dropped);
	ok(dropped);
	eq_uint(out.n_attrs, 0);
	eq_uint(event_differences(&out, &bare), 0);
	out = mapped(m, &bare, b, &dropped);
	ok(!dropped);
	eventmap_free(m);
	eventmap_options_release(&o);
	batch_free(b);
}

/* An attribute that is added behind must not write over what others hold. */
void
test_attributes_that_are_left_have_room_of_their_own(void)
{
	struct eventmap_options o = {0};
	struct batch *b = batch_new();
	struct event *e = samples_event(b), out;
	struct eventmap *m;
	bool dropped;

	event_add_attr(e, b->mem, SLICE_LIT("a"), SLICE_LIT("1"));
	event_add_attr(e, b->mem, SLICE_LIT("b"), SLICE_LIT("2"));
	event_add_attr(e, b->mem, SLICE_LIT("c"), SLICE_LIT("3"));
	event_add_attr(e, b->mem, SLICE_LIT("d"), SLICE_LIT("4"));
	ask(&o.dropped, "b");
	m = open_map(&o);
	out = mapped(m, e, b, &dropped);
	event_add_attr(&out, b->mem, SLICE_LIT("e"), SLICE_LIT("5"));
	ok(slice_is(event_attr(e, "b"), "2") && slice_is(event_attr(e, "d"), "4"));
	ok(slice_is(event_attr(&out, "d"), "4") && slice_is(event_attr(&out, "e"), "5"));
	eventmap_free(m);
	eventmap_options_release(&o);
	batch_free(b);
}

void
test_names_go_back_where_the_map_made_them(void)
{
	struct eventmap_options o = {0};
	struct batch *b = batch_new();
	struct event *e = samples_event(b);
	struct eventmap *m;

	ask(&o.templates, DASH_TO_COLON);
	m = open_map(&o);
	e->stream = SLICE_LIT("order:1-2");
	ok(eventmap_back(m, e, b->mem) && slice_is(e->stream, "order-1-2"));
	ok(!eventmap_back(m, e, b->mem) && slice_is(e->stream, "order-1-2"));
	eventmap_free(m);
	eventmap_options_release(&o);
	batch_free(b);
}

static void
encode(const char *templates[2], const char *dropped[2], struct buf *out)
{
	struct eventmap_options o = {0};
	struct eventmap *m;
	int i;

	for (i = 0; i < 2; i++) {
		ask(&o.templates, templates[i]);
		ask(&o.dropped, dropped[i]);
	}
	ask(&o.dropped, dropped[0]); /* once more */
	m = open_map(&o);
	eventmap_encode(m, out);
	eventmap_free(m);
	eventmap_options_release(&o);
}

void
test_what_a_map_does_is_known_by_its_bytes(void)
{
	const char *ab[2] = {"a", "b"}, *ba[2] = {"b", "a"}, *others[2] = {"other", "b"};
	const char *there[2] = {DASH_TO_COLON, "{n}={n}"}, *turned[2] = {"{n}={n}", DASH_TO_COLON};
	struct buf bytes[4] = {BUF_INIT, BUF_INIT, BUF_INIT, BUF_INIT};
	int i;

	encode(there, ab, &bytes[0]);
	encode(there, ba, &bytes[1]);
	encode(turned, ab, &bytes[2]);
	encode(there, others, &bytes[3]);
	ok(slice_eq(buf_slice(&bytes[0]), buf_slice(&bytes[1])));
	ok(!slice_eq(buf_slice(&bytes[0]), buf_slice(&bytes[2])));
	ok(!slice_eq(buf_slice(&bytes[0]), buf_slice(&bytes[3])));
	for (i = 0; i < 4; i++)
		buf_release(&bytes[i]);
}

void
test_a_template_that_is_none_opens_no_map(void)
{
	struct eventmap_options o = {0};
	struct err err = ERR_INIT;
	struct eventmap *m;

	ask(&o.templates, DASH_TO_COLON);
	ask(&o.templates, "nothing");
	eq_int(eventmap_open(&m, &o, &err), -1);
	eq_int(err.kind, ERR_USAGE);
	ok(m == NULL);
	eventmap_options_release(&o);
}
