#include "common/convert.h"
#include "tests/tap.h"

/* The rest is in tests/cli/sqlite.bats and postgres_layout.bats, by the programs. */

/* What a column makes of a value, or false. */
static bool
reads(enum field field, enum layout_conv conv, const struct value *v, struct event *e,
      struct arena *mem)
{
	struct layout_column c = {.field = field, .conv = conv};

	*e = (struct event){.time_ns = EVENT_NO_TIME};
	return convert_read(&c, v, e, mem);
}

static struct value
text(const char *s)
{
	return (struct value){.type = VALUE_TEXT, .bytes = slice_str(s)};
}

static struct value
integer(int64_t n)
{
	return (struct value){.type = VALUE_INTEGER, .integer = n};
}

void
test_integers_of_each_unit_are_times_and_back(void)
{
	static const struct {
		enum layout_conv conv;
		int64_t n, ns;
	} units[] = {{LAYOUT_UNIX_S, -2, -2000000000}, {LAYOUT_UNIX_MS, -2, -2000000},
	             {LAYOUT_UNIX_US, 2, 2000},        {LAYOUT_TIMESTAMP, 2, 2000},
	             {LAYOUT_UNIX_NS, 2, 2},           {LAYOUT_UNIX_NS, INT64_MAX, INT64_MAX}};
	struct arena *mem = arena_new(4096);
	struct layout_column c = {.field = FIELD_TIME};
	struct value v;
	struct event e;
	size_t i;

	for (i = 0; i < sizeof(units) / sizeof(*units); i++) {
		v = integer(units[i].n);
		ok(reads(FIELD_TIME, units[i].conv, &v, &e, mem));
		eq_int(e.time_ns, units[i].ns);
		c.conv = units[i].conv;
		v.type = VALUE_NULL;
		ok(convert_write(&c, &e, mem, &v) == NULL);
		eq_int(v.type, VALUE_INTEGER);
		eq_int(v.integer, units[i].n);
	}
	arena_free(mem);
}

void
test_what_no_time_can_be_is_none(void)
{
	struct arena *mem = arena_new(4096);
	struct value v = integer(INT64_MAX / 1000000000 + 1);
	struct event e;

	ok(!reads(FIELD_TIME, LAYOUT_UNIX_S, &v, &e, mem));
	v = integer(EVENT_NO_TIME); /* the number that says so */
	ok(!reads(FIELD_TIME, LAYOUT_UNIX_NS, &v, &e, mem));
	v = text("1");
	ok(!reads(FIELD_TIME, LAYOUT_UNIX_NS, &v, &e, mem));
	eq_int(e.time_ns, EVENT_NO_TIME);
	arena_free(mem);
}

void
test_tags_are_an_array_of_texts_or_none(void)
{
	static const char *const others[] = {"",       "{}",
	                                     "[1]",    "[\"a\",null]",
	                                     "[\"a\"", "[\"a\",\"\\ud800\"]"};
	struct arena *mem = arena_new(4096);
	struct value v = text("[\"a\", \"\\u00e9\"]");
	struct event e;
	size_t i;

	ok(reads(FIELD_TAGS, LAYOUT_JSON_ARRAY, &v, &e, mem));
	eq_uint(e.n_tags, 2);
	ok(slice_is(e.tags[0], "a") && slice_is(e.tags[1], "\xC3\xA9"));
	for (i = 0; i < sizeof(others) / sizeof(*others); i++) {
		v = text(others[i]);
		if (!ok(!reads(FIELD_TAGS, LAYOUT_JSON_ARRAY, &v, &e, mem)) ||
		    !ok(e.tags == NULL && e.n_tags == 0))
			eq_str(others[i], "");
	}
	arena_free(mem);
}

void
test_what_is_no_text_is_no_id(void)
{
	static const enum layout_conv convs[] = {LAYOUT_TEXT, LAYOUT_UUID_HEX, LAYOUT_UUID_BLOB};
	struct arena *mem = arena_new(4096);
	struct value v = {.type = VALUE_BYTES, .bytes = SLICE_LIT("0123456789abcde")};
	struct event e;
	size_t i;

	for (i = 0; i < sizeof(convs) / sizeof(*convs); i++) {
		ok(!reads(FIELD_ID, convs[i], &v, &e, mem)); /* one byte is missing */
		ok(e.id.p == NULL);
	}
	arena_free(mem);
}
