#include <stdio.h>
#include <string.h>

#include "common/natssubject.h"
#include "tests/tap.h"

static const struct slice store = {(const uint8_t *)"S", 1};

static const struct {
	const char *pattern, *why;
} patterns[] = {
    {"{stream}", NULL},
    {"{store}.{stream}", NULL},
    {"$ES.{store}.{stream:2}.{type}", NULL},
    {"{type}.a.{stream:*}.b", NULL},
    {"{stream:1}", NULL},
    {"{stream:9}", NULL},
    {"{stream}.\xc3\xa9.{store}.{store}", NULL},
    {"", "neither"},
    {".{stream}", "neither"},
    {"{stream}.", "neither"},
    {"a..{stream}", "neither"},
    {"{stream:0}", "neither"},
    {"{stream:10}", "neither"},
    {"{stream:}", "neither"},
    {"{stream:2", "neither"},
    {"{type:2}", "neither"},
    {"{Stream}", "neither"},
    {"a{stream}", "neither"},
    {"{stream}{type}", "neither"},
    {"{stream}.*", "neither"},
    {"{stream}.>", "neither"},
    {"{stream}.a*", "neither"},
    {"{stream}.a b", "neither"},
    {"{stream}.a\tb", "neither"},
    {"{stream}.a\r\nPUB b", "neither"},
    {"{stream}.a\x7f", "neither"},
    {"{stream}.a}", "neither"},
    {"a.b", "must have the stream once"},
    {"{type}", "must have the stream once"},
    {"{stream}.{stream}", "must have the stream once"},
    {"{stream:2}.{stream:*}", "must have the stream once"},
    {"{stream}.{type}.{type}", "must have the stream once"},
};

void
test_what_a_pattern_may_be(void)
{
	const char *why;
	size_t i;

	for (i = 0; i < sizeof(patterns) / sizeof(*patterns); i++) {
		why = natssubject_check(patterns[i].pattern);
		if (!ok(!why == !patterns[i].why) ||
		    (why && !ok(strstr(why, patterns[i].why) != NULL)))
			eq_str(why, patterns[i].pattern);
	}
}

void
test_a_pattern_has_64_parts_at_most(void)
{
	char pattern[200] = "{stream}";
	size_t i;

	for (i = 1; i < 64; i++)
		strcat(pattern, ".a");
	ok(!natssubject_check(pattern));
	strcat(pattern, ".a");
	eq_str(natssubject_check(pattern), "has too many parts");
}

void
test_what_a_pattern_tells(void)
{
	ok(natssubject_has("{store}.{stream}", FIELD_STREAM));
	ok(!natssubject_has("{store}.{stream}", FIELD_TYPE));
	ok(natssubject_has("{stream:*}.{type}", FIELD_STREAM));
	ok(natssubject_has("{stream:*}.{type}", FIELD_TYPE));
	ok(natssubject_has("a.{stream:3}", FIELD_STREAM));
}

static void
check_store(const char *name_of_layout, const char *stream, const char *want)
{
	struct layout_messages m = {.stream = name_of_layout};
	struct slice got;
	bool fits = natssubject_store(&m, slice_str(stream), &got);

	if (!ok(fits == (want != NULL)) || (want && !eq_mem(got.p, got.len, want, strlen(want))))
		eq_str(stream, name_of_layout);
}

void
test_the_store_is_in_the_name_of_the_stream(void)
{
	check_store(NULL, "ORDERS", "ORDERS");
	check_store("{store}", "ORDERS", "ORDERS");
	check_store("ES_{store}", "ES_a", "a");
	check_store("ES_{store}", "ES_ES_a", "ES_a");
	check_store("ES_{store}", "ES_", NULL);
	check_store("ES_{store}", "es_a", NULL);
	check_store("ES_{store}", "E", NULL);
	check_store("a{store}b", "aXb", "X");
	check_store("a{store}b", "ab", NULL);
	check_store("a{store}b", "aXc", NULL);
	check_store("aa{store}aa", "aaa", NULL);
	check_store("{store}", "", NULL);
}

/* The field is the one to blame; texts are C strings but for NULL, which is absent. */
static const struct {
	const char *pattern, *stream, *type, *subject, *why;
	enum layout_escape tokens;
	enum field culprit;
	bool changed;
} written[] = {
    {"{store}.{stream}", "a", "T", "S.a", NULL, LAYOUT_RAW, FIELD_STREAM, false},
    {"{store}.{stream}", "a.b", "T", "S.a%2Eb", NULL, LAYOUT_PERCENT, FIELD_STREAM, true},
    {"{store}.{stream}", "", "T", "S.%", NULL, LAYOUT_PERCENT, FIELD_STREAM, true},
    {"{type}.{stream}", "a", "b c", "b%20c.a", NULL, LAYOUT_PERCENT, FIELD_STREAM, false},
    {"{stream}.{type}.x", "a", "b", "a.b.x", NULL, LAYOUT_RAW, FIELD_TYPE, false},
    {"$ES.{store}.{stream:2}.{type}", "o.1", "P", "$ES.S.o.1.P", NULL, LAYOUT_RAW, FIELD_TYPE,
     false},
    {"{stream:*}", "a.b.c", "T", "a.b.c", NULL, LAYOUT_RAW, FIELD_STREAM, false},
    {"{stream:*}", "a b.c", "T", "a%20b.c", NULL, LAYOUT_PERCENT, FIELD_STREAM, true},
    {"{stream}", "a.b", "T", NULL, "has bytes that", LAYOUT_RAW, FIELD_STREAM, false},
    {"{stream}", "", "T", NULL, "has an empty part", LAYOUT_RAW, FIELD_STREAM, false},
    {"{stream}", "*", "T", NULL, "has a part *", LAYOUT_RAW, FIELD_STREAM, false},
    {"{stream}.{type}", "a", "b.c", NULL, "has bytes that", LAYOUT_RAW, FIELD_TYPE, false},
    {"{stream}.{type}", "a", NULL, NULL, "is absent", LAYOUT_RAW, FIELD_TYPE, false},
    {"{stream:2}", "a", "T", NULL, "has another number of parts", LAYOUT_RAW, FIELD_STREAM, false},
    {"{stream:2}", "a.b.c", "T", NULL, "has another number of parts", LAYOUT_RAW, FIELD_STREAM,
     false},
    {"{stream:2}", "a.", "T", NULL, "has an empty part", LAYOUT_PERCENT, FIELD_STREAM, false},
    {"{stream:*}", "", "T", NULL, "has an empty part", LAYOUT_PERCENT, FIELD_STREAM, false},
    {"{stream:*}", "a.>", "T", NULL, "has a part *", LAYOUT_RAW, FIELD_STREAM, false},
};

void
test_subjects_of_events(void)
{
	struct natssubject_made made;
	struct buf out = BUF_INIT;
	const char *why;
	size_t i;

	for (i = 0; i < sizeof(written) / sizeof(*written); i++) {
		struct layout_messages m = {.subject = written[i].pattern,
		                            .tokens = written[i].tokens};
		struct event e = {.stream = slice_str(written[i].stream),
		                  .type = slice_str(written[i].type)};

		out.len = 0;
		why = natssubject_write(&m, store, &e, &made, &out);
		eq_int(made.culprit, written[i].culprit);
		if (written[i].why) {
			if (!ok(why && strncmp(why, written[i].why, strlen(written[i].why)) == 0))
				eq_str(why, written[i].pattern);
			continue;
		}
		ok(!why && made.changed == written[i].changed);
		eq_str(buf_cstr(&out), written[i].subject);
	}
	buf_release(&out);
}

static const struct {
	const char *pattern, *subject, *stream, *type;
	bool fits;
} read[] = {
    {"{store}.{stream}", "S.a", "a", NULL, true},
    {"{store}.{stream}", "S.a%2Eb", "a.b", NULL, true},
    {"{store}.{stream}", "S.%", "", NULL, true},
    {"{store}.{stream}", "S.a.b", NULL, NULL, false},
    {"{store}.{stream}", "S", NULL, NULL, false},
    {"{store}.{stream}", "s.a", NULL, NULL, false},
    {"{store}.{stream}", "", NULL, NULL, false},
    {"$ES.{store}.{stream:2}.{type}", "$ES.S.o.1.P", "o.1", "P", true},
    {"$ES.{store}.{stream:2}.{type}", "$ES.S.o.1.2.P", NULL, NULL, false},
    {"$ES.{store}.{stream:2}.{type}", "$ES.S.o.P", NULL, NULL, false},
    {"$ES.{store}.{stream:2}.{type}", "$es.S.o.1.P", NULL, NULL, false},
    {"{stream:*}", "a", "a", NULL, true},
    {"{stream:*}", "a.b.c.d", "a.b.c.d", NULL, true},
    {"{stream:*}", "a%20b.c", "a b.c", NULL, true},
    {"x.{stream:*}.{type}.y", "x.a.T.y", "a", "T", true},
    {"x.{stream:*}.{type}.y", "x.a.b.c.T.y", "a.b.c", "T", true},
    {"x.{stream:*}.{type}.y", "x.T.y", NULL, NULL, false},
    {"x.{stream:*}.{type}.y", "x.y", NULL, NULL, false},
    {"{type}.{stream}", "%20.b", "b", " ", true},
};

void
test_subjects_tell_the_stream_and_the_type(void)
{
	struct arena *mem = arena_new(4096);
	struct slice stream, type;
	bool fits;
	size_t i;

	for (i = 0; i < sizeof(read) / sizeof(*read); i++) {
		struct layout_messages m = {.subject = read[i].pattern, .tokens = LAYOUT_PERCENT};

		fits = natssubject_read(&m, store, slice_str(read[i].subject), mem, &stream, &type);
		if (!ok(fits == read[i].fits))
			eq_str(read[i].subject, read[i].pattern);
		if (fits && (!ok(slice_eq(stream, slice_str(read[i].stream))) ||
		             !ok(slice_eq(type, slice_str(read[i].type)))))
			eq_str(read[i].subject, read[i].pattern);
	}
	arena_free(mem);
}

void
test_subjects_with_wildcards(void)
{
	static const struct {
		const char *pattern, *wild;
	} rows[] = {
	    {"{store}.{stream}", "S.*"},
	    {"$ES.{store}.{stream:2}.{type}", "$ES.S.*.*.*"},
	    {"{stream:*}", ">"},
	    {"a.{stream:*}", "a.>"},
	    {"a.{stream:*}.{type}", "a.*.>"},
	    {"{store}.*", "S.*"},
	    {"$ES.{store}.>", "$ES.S.>"},
	    {"orders", "orders"},
	};
	struct buf out = BUF_INIT;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		out.len = 0;
		natssubject_wild(rows[i].pattern, store, &out);
		eq_str(buf_cstr(&out), rows[i].wild);
	}
	buf_release(&out);
}

void
test_which_subjects_are_within_others(void)
{
	static const struct {
		const char *inner, *outer;
		bool within;
	} rows[] = {
	    {"a", "a", true},         {"a", "b", false},         {"a", "a.b", false},
	    {"a.b", "a", false},      {"a", "*", true},          {"a.b", "*", false},
	    {"a.b", "a.*", true},     {"a.b", "*.b", true},      {"a", ">", true},
	    {"a.b.c", "a.>", true},   {"a", "a.>", false},       {"*", "*", true},
	    {"*", "a", false},        {"*", ">", true},          {">", ">", true},
	    {">", "*", false},        {"a.>", "a.*", false},     {"a.>", ">", true},
	    {"a.>", "a.>", true},     {"a.*", "a.>", true},      {">", "*.>", false},
	    {"a.*.c", "a.*.*", true}, {"a.b.*", "a.*.c", false}, {"ab", "a", false},
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (!ok(natssubject_within(slice_str(rows[i].inner), slice_str(rows[i].outer)) ==
		        rows[i].within))
			eq_str(rows[i].inner, rows[i].outer);
}
