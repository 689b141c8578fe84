#include <stdio.h>
#include <string.h>

#include "common/event.h"
#include "common/jscan.h"
#include "tests/tap.h"
#include "tests/unit/samples.h"

static bool
refused(struct event *e, struct batch *b, const char *says)
{
	struct err err = ERR_INIT;

	return eq_int(event_check(e, b->mem, &err), -1) && eq_int(err.kind, ERR_DATA) &&
	       (ok(strstr(err.msg, says) != NULL) || eq_str(err.msg, says));
}

static bool
checked(struct event *e, struct batch *b)
{
	struct err err = ERR_INIT;

	return eq_int(event_check(e, b->mem, &err), 0) || eq_str(err.msg, "");
}

void
test_each_text_field_must_be_utf8(void)
{
	static const char *const wrong[] = {"\x80",     "a\xFF",    "\xED\xA0\x80",
	                                    "\xC0\x80", "\xE2\x82", "\xF4\x90\x80\x80"};
	struct batch *b = batch_new();
	struct event *e;
	char says[100];
	size_t i;
	int f;

	for (f = 0; f < FIELDS; f++)
		for (i = 0; i < SAMPLES_N(wrong); i++) {
			e = samples_event(b);
			if (!event_text(e, (enum field)f))
				continue;
			*event_text(e, (enum field)f) = slice_str(wrong[i]);
			snprintf(says, sizeof(says), "): field %s: is not valid UTF-8",
			         event_field_name((enum field)f));
			ok(refused(e, b, says));
		}
	e = samples_event(b);
	e->tags = arena_alloc(b->mem, 2 * sizeof(*e->tags));
	e->n_tags = 2;
	e->tags[0] = SLICE_LIT("good");
	e->tags[1] = SLICE_LIT("\xFF");
	ok(refused(e, b, "field tags: "));
	e = samples_event(b);
	event_add_attr(e, b->mem, SLICE_LIT("\xFF"), SLICE_LIT("1"));
	ok(refused(e, b, "field attributes: "));
	batch_free(b);
}

void
test_stream_and_type_must_be_there(void)
{
	struct batch *b = batch_new();
	struct event *e = samples_event(b);

	ok(checked(e, b));
	e->stream = SLICE_ABSENT;
	ok(refused(e, b, "event 10 (stream \"\", version 0): field stream: is absent"));
	e->stream = e->type = SLICE_LIT("");
	ok(checked(e, b)); /* empty is not absent */
	e->type = SLICE_ABSENT;
	ok(refused(e, b, "field type: is absent"));
	batch_free(b);
}

void
test_positions_and_versions_have_a_largest(void)
{
	struct batch *b = batch_new();
	struct event *e = samples_event(b);

	e->position = e->version = UINT64_MAX - 1;
	ok(checked(e, b));
	e->position = EVENT_NO_POSITION;
	ok(refused(e, b, "field position: is absent"));
	e->position = 1;
	e->version = UINT64_MAX;
	ok(refused(e, b, "field version: is larger than 2^64 - 2"));
	batch_free(b);
}

/* An archive nests the values of attributes once more. */
void
test_attributes_are_there_once_and_not_too_deep(void)
{
	struct batch *b = batch_new();
	struct event *e = samples_event(b);
	struct buf deep = BUF_INIT;
	int i;

	for (i = 0; i < 2 * (JSCAN_MAX_DEPTH - 1); i++)
		buf_add_byte(&deep, i < JSCAN_MAX_DEPTH - 1 ? '[' : ']');
	event_add_attr(e, b->mem, SLICE_LIT("a"), buf_slice(&deep));
	ok(checked(e, b));
	event_add_attr(e, b->mem, SLICE_LIT("a"), SLICE_LIT("1"));
	ok(refused(e, b, "field attributes: an attribute is there twice"));
	e = samples_event(b);
	deep.len = 0;
	for (i = 0; i < 2 * JSCAN_MAX_DEPTH; i++)
		buf_add_byte(&deep, i < JSCAN_MAX_DEPTH ? '[' : ']');
	ok(jscan_valid(buf_slice(&deep), NULL, NULL));
	event_add_attr(e, b->mem, SLICE_LIT("a"), buf_slice(&deep));
	ok(refused(e, b, "field attributes: a value is nested too deeply"));
	buf_release(&deep);
	batch_free(b);
}

void
test_json_that_is_none_becomes_bytes_with_a_hint_if_it_was_text(void)
{
	struct batch *b = batch_new();
	struct event *e = samples_event(b);

	e->data = samples_payload(PAYLOAD_JSON, SLICE_LIT("{\"a\": 1}"));
	e->metadata = samples_payload(PAYLOAD_JSON, SLICE_LIT("[1,\n2]"));
	ok(checked(e, b));
	ok(e->data.kind == PAYLOAD_JSON && e->data.json_flags == JSCAN_SPACE);
	ok(e->metadata.json_flags == (JSCAN_SPACE | JSCAN_NEWLINE));
	eq_uint(e->n_attrs, 0);

	e->data = samples_payload(PAYLOAD_JSON, SLICE_LIT("{'a':1}"));
	e->data.was_text = true;
	e->metadata = samples_payload(PAYLOAD_JSON, SLICE_LIT(""));
	ok(checked(e, b));
	ok(e->data.kind == PAYLOAD_BYTES && e->metadata.kind == PAYLOAD_BYTES);
	eq_uint(e->n_attrs, 1);
	ok(slice_is(event_attr(e, "$data"), "\"text\""));
	ok(event_attr(e, "$metadata").p == NULL && attr_is_hint(&e->attrs[0]));

	e->metadata = samples_payload(PAYLOAD_JSON, SLICE_LIT("\"\xFF\""));
	e->metadata.was_text = true;
	ok(checked(e, b));
	ok(slice_is(event_attr(e, "$metadata"), "\"text\""));
	batch_free(b);
}

void
test_bytes_are_cbor_where_the_content_type_says_so_and_they_are(void)
{
	static const struct {
		const char *type;
		struct slice bytes;
		bool cbor;
	} cases[] = {
	    {"application/cbor", {(const uint8_t *)"\x01", 1}, true},
	    {"application/vnd.x+cbor", {(const uint8_t *)"\x01", 1}, true},
	    {"application/cbor", {(const uint8_t *)"\x01\x01", 2}, false},
	    {"application/cbor", {(const uint8_t *)"\x81", 1}, false},
	    {"application/cbor", {(const uint8_t *)"", 0}, false},
	    {"application/json", {(const uint8_t *)"\x01", 1}, false},
	    {"application/cbor-seq", {(const uint8_t *)"\x01", 1}, false},
	    {"+cbor", {(const uint8_t *)"\x01", 1}, false},
	    {"", {(const uint8_t *)"\x01", 1}, false},
	    {NULL, {(const uint8_t *)"\x01", 1}, false},
	};
	struct batch *b = batch_new();
	struct event *e;
	size_t i;

	for (i = 0; i < SAMPLES_N(cases); i++) {
		e = samples_event(b);
		e->content_type = slice_str(cases[i].type);
		e->metadata = e->data = samples_payload(PAYLOAD_BYTES, cases[i].bytes);
		ok(checked(e, b));
		if (!ok((e->data.kind == PAYLOAD_CBOR) == cases[i].cbor))
			eq_str(cases[i].type, "as expected");
		ok(e->metadata.kind == PAYLOAD_BYTES);
	}
	e->content_type = SLICE_LIT("application/cbor");
	e->data = samples_payload(PAYLOAD_JSON, SLICE_LIT("1"));
	ok(checked(e, b) && e->data.kind == PAYLOAD_JSON);
	batch_free(b);
}

/* An event with everything in it, and what it is that differs. */
static const char *
difference_after(void (*change)(struct event *, int), int what, bool positions)
{
	struct batch *b = batch_new();
	struct event *e[2];
	const char *differs;
	int i, f;

	for (i = 0; i < 2; i++)
		samples_event(b);
	for (i = 0; i < 2; i++) {
		e[i] = &b->events[i];
		e[i]->position = e[i]->version = 5;
		for (f = 0; f < FIELDS; f++)
			if (event_text(e[i], (enum field)f))
				*event_text(e[i], (enum field)f) = SLICE_LIT("x");
		e[i]->data = e[i]->metadata = samples_payload(PAYLOAD_JSON, SLICE_LIT("1"));
		e[i]->tags = arena_alloc(b->mem, 2 * sizeof(*e[i]->tags));
		e[i]->tags[0] = e[i]->tags[1] = SLICE_LIT("t");
		e[i]->n_tags = 2;
		event_add_attr(e[i], b->mem, SLICE_LIT("a"), SLICE_LIT("1"));
		event_add_attr(e[i], b->mem, SLICE_LIT("b"), SLICE_LIT("2"));
		event_add_attr(e[i], b->mem, SLICE_LIT("$h"), SLICE_LIT("3"));
	}
	change(e[1], what);
	differs = event_difference(e[0], e[1], positions);
	i = event_difference(e[1], e[0], positions) == differs; /* names are static */
	batch_free(b);
	return ok(i) ? differs : "not the same in both directions";
}

static void
change_field(struct event *e, int f)
{
	struct slice *text = event_text(e, (enum field)f);

	if (text)
		*text = SLICE_LIT("y");
	else if (event_payload(e, (enum field)f))
		event_payload(e, (enum field)f)->bytes = SLICE_LIT("2");
	else if (f == FIELD_POSITION)
		e->position++;
	else if (f == FIELD_VERSION)
		e->version++;
	else if (f == FIELD_TIME)
		e->time_ns = 0;
	else if (f == FIELD_TAGS)
		e->tags[1] = SLICE_LIT("u");
	else if (f == FIELD_ATTRIBUTES)
		e->attrs[1].value = SLICE_LIT("3");
}

static void
empty_field(struct event *e, int f)
{
	struct slice *text = event_text(e, (enum field)f);

	if (text)
		*text = SLICE_ABSENT;
	else if (event_payload(e, (enum field)f))
		event_payload(e, (enum field)f)->kind = PAYLOAD_BYTES;
	else if (f == FIELD_TAGS)
		e->n_tags = 1;
	else if (f == FIELD_ATTRIBUTES)
		e->n_attrs = 1;
	else
		change_field(e, f);
}

static void
change_little(struct event *e, int what)
{
	struct attr swap = e->attrs[0];

	if (what == 0) { /* the order of attributes, and hints */
		e->attrs[0] = e->attrs[1];
		e->attrs[1] = swap;
	} else if (what == 1) {
		e->attrs[2].value = SLICE_LIT("other");
	} else if (what == 2) {
		e->n_attrs = 2;
	}
}

static void
drop_tags(struct event *e, int absent)
{
	e->n_tags = 0;
	if (absent)
		e->tags = NULL;
}

void
test_the_field_that_differs_is_named(void)
{
	int f;

	for (f = 0; f < FIELDS; f++) {
		eq_str(difference_after(change_field, f, true), event_field_name((enum field)f));
		eq_str(difference_after(empty_field, f, true), event_field_name((enum field)f));
	}
	ok(difference_after(change_field, FIELD_POSITION, false) == NULL);
	for (f = 0; f < 4; f++)
		ok(difference_after(change_little, f, true) == NULL);
	eq_str(difference_after(drop_tags, 0, true), "tags");
	eq_str(difference_after(drop_tags, 1, true), "tags");
}

void
test_no_tags_are_not_absent_tags(void)
{
	struct event a = {.n_tags = 0}, b = a;
	struct slice none;

	ok(event_difference(&a, &b, true) == NULL);
	b.tags = &none;
	eq_str(event_difference(&a, &b, true), "tags");
	a.tags = &none;
	ok(event_difference(&a, &b, true) == NULL);
}

void
test_a_batch_is_used_again(void)
{
	struct batch *b = batch_new();
	struct event *e;
	int i;

	for (i = 0; i < 70000; i++)
		ok(event_attr(batch_add(b), "x").p == NULL);
	eq_uint(b->len, 70000);
	batch_drop_last(b);
	eq_uint(b->len, 69999);
	b->weight_bytes = 5;
	batch_reset(b);
	ok(b->len == 0 && b->weight_bytes == 0 && b->cap == 0); /* a huge one gives memory back */
	e = batch_add(b);
	ok(e->time_ns == EVENT_NO_TIME && e->position == EVENT_NO_POSITION);
	for (i = 0; i < 100; i++)
		event_add_attr(e, b->mem, SLICE_LIT("n"), SLICE_LIT("1"));
	event_add_attr(e, b->mem, SLICE_LIT("last"), SLICE_LIT("2"));
	eq_uint(e->n_attrs, 101);
	ok(slice_is(event_attr(e, "last"), "2") && slice_is(event_attr(e, "n"), "1"));
	ok(event_weight_bytes(e) > 600);
	batch_free(b);
	batch_free(NULL);
}

void
test_descriptions_are_short_and_printable(void)
{
	struct event e = {.position = 17, .version = 3};
	char text[256], stream[201];

	e.stream = SLICE_LIT("order-1");
	event_describe(&e, text, sizeof(text));
	eq_str(text, "event 17 (stream \"order-1\", version 3)");
	e.stream = SLICE_LIT("a\"\n\x1B\0\x7F\xC3\xA9");
	event_describe(&e, text, sizeof(text));
	eq_str(text, "event 17 (stream \"a?????\xC3\xA9\", version 3)");
	memset(stream, 'x', sizeof(stream));
	memcpy(stream + 78, "\xE2\x82\xAC", 3); /* is not cut in two */
	e.stream = (struct slice){(uint8_t *)stream, sizeof(stream)};
	event_describe(&e, text, sizeof(text));
	ok(jscan_utf8(slice_str(text)) && strstr(text, "xx...\", version 3)"));
	ok(strlen(text) < 130);
	event_describe(&e, text, 10);
	eq_uint(strlen(text), 9);
}
