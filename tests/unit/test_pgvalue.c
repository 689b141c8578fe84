#include <math.h>
#include <string.h>

#include "common/pgvalue.h"
#include "tests/guard.h"
#include "tests/tap.h"
#include "tests/unit/hex.h"

/* Wire bytes are written by hand, and were compared with what a server 15 sends. */
static struct arena *mem;
static struct pgcharset *utf8, *latin1, *sql_ascii;

static void
start(void)
{
	struct err err = ERR_INIT;

	mem = arena_new(4096);
	ok(pgcharset_open(&utf8, "UTF8", &err) == 0);
	ok(pgcharset_open(&latin1, "LATIN1", &err) == 0);
	ok(pgcharset_open(&sql_ascii, "SQL_ASCII", &err) == 0);
}

static void
stop(void)
{
	arena_free(mem);
	pgcharset_close(utf8);
	pgcharset_close(latin1);
	pgcharset_close(sql_ascii);
}

static struct pgcolumn
column(uint32_t oid, int32_t modifier)
{
	struct pgcolumn c = {.needed = false};

	pgvalue_type(oid, modifier, &c);
	return c;
}

static struct value
integer(int64_t n)
{
	return (struct value){.type = VALUE_INTEGER, .integer = n};
}

static struct value
real(double n)
{
	return (struct value){.type = VALUE_REAL, .real = n};
}

static struct value
boolean(bool held)
{
	return (struct value){.type = VALUE_BOOL, .integer = held};
}

static struct value
text_of(struct slice s)
{
	return (struct value){.type = VALUE_TEXT, .bytes = s};
}

static struct value
text(const char *s)
{
	return text_of(slice_str(s));
}

static struct value
bytes(struct slice s)
{
	return (struct value){.type = VALUE_BYTES, .bytes = s};
}

static bool
same(const struct value *a, const struct value *b)
{
	if (a->type != b->type)
		return false;
	if (a->type == VALUE_TEXT || a->type == VALUE_BYTES)
		return slice_eq(a->bytes, b->bytes);
	return a->type == VALUE_REAL ? memcmp(&a->real, &b->real, sizeof(a->real)) == 0
	                             : a->integer == b->integer;
}

/* Both ways; `hex` is without the length. */
static void
check_both(const struct pgcolumn *c, const char *hex, struct value v)
{
	struct buf wire = BUF_INIT, out = BUF_INIT;
	struct value got;
	const char *why;

	unhex(&wire, hex);
	buf_reserve(&wire, 1); /* an empty field is not NULL */
	if (!ok(pgvalue_read(c, buf_slice(&wire), mem, &got) && same(&got, &v)))
		eq_str("read", hex);
	why = pgvalue_write(c, utf8, &v, &out);
	if (!ok(!why) || !eq_uint(out.len, wire.len + 4) ||
	    !eq_uint((size_t)out.p[2] << 8 | out.p[3], wire.len) ||
	    !eq_mem(out.p + 4, out.len - 4, wire.p, wire.len))
		eq_str(why, hex);
	buf_release(&wire);
	buf_release(&out);
}

static bool
reads(const struct pgcolumn *c, const char *hex)
{
	struct buf wire = BUF_INIT;
	struct value got;
	struct guard g;
	bool good;

	unhex(&wire, hex);
	buf_reserve(&wire, 1);
	guard_init(&g, 4096);
	good = pgvalue_read(c, guard_end(&g, buf_slice(&wire)), mem, &got);
	guard_release(&g);
	buf_release(&wire);
	return good;
}

static const char *
write_in(const struct pgcharset *charset, const struct pgcolumn *c, struct value v)
{
	struct buf out = BUF_INIT;
	const char *why;

	buf_add_str(&out, "before");
	why = pgvalue_write(c, charset, &v, &out);
	if (why)
		eq_mem(out.p, out.len, "before", 6);
	else
		ok(out.len >= 10);
	buf_release(&out);
	return why ? why : "";
}

static const char *
write_to(const struct pgcolumn *c, struct value v)
{
	return write_in(utf8, c, v);
}

void
test_types_and_limits_come_from_oid_and_modifier(void)
{
	static const struct {
		uint32_t oid;
		int32_t modifier;
		enum pgtype type;
		int32_t limit;
		uint32_t element;
	} rows[] = {
	    {16, -1, PGTYPE_BOOL, -1, 0},          {17, -1, PGTYPE_BYTEA, -1, 0},
	    {18, -1, PGTYPE_OTHER, -1, 0},         {19, -1, PGTYPE_TEXT, 63, 0},
	    {20, -1, PGTYPE_INT8, -1, 0},          {21, -1, PGTYPE_INT2, -1, 0},
	    {23, -1, PGTYPE_INT4, -1, 0},          {25, -1, PGTYPE_TEXT, -1, 0},
	    {26, -1, PGTYPE_OTHER, -1, 0},         {114, -1, PGTYPE_JSON, -1, 0},
	    {700, -1, PGTYPE_FLOAT4, -1, 0},       {701, -1, PGTYPE_FLOAT8, -1, 0},
	    {1009, -1, PGTYPE_TEXT_ARRAY, -1, 25}, {1015, -1, PGTYPE_TEXT_ARRAY, -1, 1043},
	    {1015, 7, PGTYPE_TEXT_ARRAY, 3, 1043}, {1042, 5, PGTYPE_BPCHAR, 1, 0},
	    {1042, -1, PGTYPE_BPCHAR, -1, 0},      {1043, 104, PGTYPE_TEXT, 100, 0},
	    {1043, -1, PGTYPE_TEXT, -1, 0},        {1114, -1, PGTYPE_TIMESTAMP, -1, 0},
	    {1114, 0, PGTYPE_TIMESTAMP, 0, 0},     {1184, 6, PGTYPE_TIMESTAMP, 6, 0},
	    {1700, 655366, PGTYPE_OTHER, -1, 0},   {2950, -1, PGTYPE_UUID, -1, 0},
	    {3802, -1, PGTYPE_JSONB, -1, 0},       {UINT32_MAX, 5, PGTYPE_OTHER, -1, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pgcolumn c = {.type = PGTYPES, .limit = 99, .element = 99};

		pgvalue_type(rows[i].oid, rows[i].modifier, &c);
		if (!eq_int(c.type, rows[i].type) || !eq_int(c.limit, rows[i].limit) ||
		    !eq_uint(c.element, rows[i].element))
			eq_uint(rows[i].oid, 0);
	}
}

void
test_null_goes_both_ways_unless_the_column_needs_a_value(void)
{
	struct value null = VALUE_INIT, got = integer(1);

	start();
	for (int type = 0; type < PGTYPES; type++) {
		struct pgcolumn c = {.type = (enum pgtype)type, .limit = -1};
		struct buf out = BUF_INIT;

		ok(pgvalue_read(&c, SLICE_ABSENT, mem, &got) && got.type == VALUE_NULL);
		ok(!pgvalue_write(&c, utf8, &null, &out));
		eq_mem(out.p, out.len, "\xff\xff\xff\xff", 4);
		buf_release(&out);
		c.needed = true;
		eq_str(write_to(&c, null), "is missing, and the column is NOT NULL");
	}
	stop();
}

void
test_integers(void)
{
	struct pgcolumn i2 = column(21, -1), i4 = column(23, -1), i8 = column(20, -1);

	start();
	check_both(&i2, "0001", integer(1));
	check_both(&i2, "ffff", integer(-1));
	check_both(&i2, "7fff", integer(INT16_MAX));
	check_both(&i2, "8000", integer(INT16_MIN));
	check_both(&i4, "01020304", integer(0x01020304));
	check_both(&i4, "80000000", integer(INT32_MIN));
	check_both(&i4, "7fffffff", integer(INT32_MAX));
	check_both(&i8, "0102030405060708", integer(INT64_C(0x0102030405060708)));
	check_both(&i8, "8000000000000000", integer(INT64_MIN));
	check_both(&i8, "7fffffffffffffff", integer(INT64_MAX));
	check_both(&i8, "fffffffffffffffe", integer(-2));
	eq_str(write_to(&i2, integer(32768)), "is out of the range of the column");
	eq_str(write_to(&i2, integer(-32769)), "is out of the range of the column");
	eq_str(write_to(&i4, integer(INT64_C(1) << 31)), "is out of the range of the column");
	eq_str(write_to(&i4, integer(-(INT64_C(1) << 31) - 1)),
	       "is out of the range of the column");
	eq_str(write_to(&i4, integer(INT64_MIN)), "is out of the range of the column");
	eq_str(write_to(&i8, text("1")), "is not an integer, which the column needs");
	eq_str(write_to(&i8, real(1)), "is not an integer, which the column needs");
	eq_str(write_to(&i8, boolean(true)), "is not an integer, which the column needs");
	eq_str(write_to(&i8, bytes(SLICE_LIT("1"))), "is not an integer, which the column needs");
	ok(!reads(&i2, "") && !reads(&i2, "01") && !reads(&i2, "010203"));
	ok(!reads(&i4, "0102") && !reads(&i8, "01020304") && !reads(&i8, "010203040506070809"));
	stop();
}

void
test_booleans(void)
{
	struct pgcolumn c = column(16, -1);

	start();
	check_both(&c, "00", boolean(false));
	check_both(&c, "01", boolean(true));
	ok(!reads(&c, "02") && !reads(&c, "") && !reads(&c, "0101"));
	eq_str(write_to(&c, integer(1)), "is not true or false, which the column needs");
	eq_str(write_to(&c, text("true")), "is not true or false, which the column needs");
	stop();
}

void
test_floats(void)
{
	static const char exactly[] = "is a number that the column cannot hold exactly";
	struct pgcolumn f4 = column(700, -1), f8 = column(701, -1);

	start();
	check_both(&f4, "3f800000", real(1));
	check_both(&f4, "80000000", real(-0.0));
	check_both(&f4, "00000001", real(0x1p-149));
	check_both(&f4, "7f7fffff", real(0x1.fffffep127));
	check_both(&f4, "7f800000", real((double)INFINITY));
	check_both(&f4, "ff800000", real(-(double)INFINITY));
	check_both(&f4, "7fc00000", text("NaN"));
	check_both(&f8, "3ff8000000000000", real(1.5));
	check_both(&f8, "8000000000000000", real(-0.0));
	check_both(&f8, "0000000000000001", real(0x1p-1074));
	check_both(&f8, "7ff0000000000000", real((double)INFINITY));
	check_both(&f8, "7ff8000000000000", text("NaN"));
	ok(reads(&f4, "ffc00001") && reads(&f8, "fff8000000000001"));
	ok(!reads(&f4, "3ff8000000000000") && !reads(&f8, "3f800000") && !reads(&f8, ""));
	eq_str(write_to(&f4, real(0.1)), exactly);
	eq_str(write_to(&f4, real(1e300)), exactly);
	eq_str(write_to(&f4, real(0x1p128)), exactly);
	eq_str(write_to(&f4, real(1e-300)), exactly);
	eq_str(write_to(&f8, real(0.1)), "");
	eq_str(write_to(&f8, real((double)NAN)), "");
	eq_str(write_to(&f8, text("nan")), "is not a number, which the column needs");
	eq_str(write_to(&f8, text("1")), "is not a number, which the column needs");
	eq_str(write_to(&f8, boolean(true)), "is not a number, which the column needs");
	stop();
}

void
test_integers_go_to_floats_that_hold_them(void)
{
	static const char exactly[] = "is an integer that the column cannot hold exactly";
	struct pgcolumn f4 = column(700, -1), f8 = column(701, -1);

	start();
	eq_str(write_to(&f4, integer(16777216)), "");
	eq_str(write_to(&f4, integer(16777217)), "is a number that the column cannot hold exactly");
	eq_str(write_to(&f8, integer(16777217)), "");
	eq_str(write_to(&f8, integer((INT64_C(1) << 53) + 1)), exactly);
	eq_str(write_to(&f8, integer(INT64_MIN)), "");
	eq_str(write_to(&f8, integer(INT64_MAX)), exactly);
	eq_str(write_to(&f8, integer(INT64_MAX - 1023)), "");
	stop();
}

void
test_texts(void)
{
	struct pgcolumn any = column(25, -1), three = column(1043, 7);

	start();
	check_both(&any, "", text(""));
	check_both(&any, "c3a9e282ac", text("\xc3\xa9\xe2\x82\xac"));
	check_both(&three, "f09f9880f09f9880f09f9880",
	           text("\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80"));
	ok(!reads(&any, "610062") && !reads(&any, "c3") && !reads(&any, "eda080"));
	eq_str(write_to(&three, text("abcd")), "is longer than the column");
	eq_str(write_to(&three, text("abc ")), "is longer than the column");
	eq_str(write_to(&any, text_of(SLICE_LIT("a\0b"))),
	       "holds a NUL character, which PostgreSQL cannot");
	eq_str(write_to(&any, text("\xff")), "is not UTF-8");
	eq_str(write_to(&any, integer(1)), "is not text, which the column needs");
	eq_str(write_to(&any, bytes(SLICE_LIT("a"))), "is not text, which the column needs");
	eq_str(write_in(latin1, &any, text("\xc3\xa9")), "");
	eq_str(write_in(latin1, &any, text("\xe2\x82\xac")),
	       "holds a character that the encoding of the database lacks");
	eq_str(write_in(sql_ascii, &any, text("\xe2\x82\xac")), "");
	eq_str(write_in(sql_ascii, &three, text("\xe2\x82\xac")), "");
	eq_str(write_in(sql_ascii, &three, text("\xe2\x82\xac ")), "is longer than the column");
	stop();
}

void
test_texts_of_one_length_are_never_filled_up(void)
{
	static const char filled[] =
	    "is shorter than the column, which is always filled up with spaces";
	struct pgcolumn three = column(1042, 7), any = column(1042, -1);

	start();
	check_both(&three, "616220", text("ab "));
	check_both(&three, "c3a9c3a9c3a9", text("\xc3\xa9\xc3\xa9\xc3\xa9"));
	check_both(&any, "6162", text("ab"));
	eq_str(write_to(&three, text("ab")), filled);
	eq_str(write_to(&three, text("")), filled);
	eq_str(write_to(&three, text("abc ")), "is longer than the column");
	stop();
}

void
test_bytes(void)
{
	struct pgcolumn c = column(17, -1);

	start();
	check_both(&c, "", bytes(SLICE_LIT("")));
	check_both(&c, "00ff80", bytes(SLICE_LIT("\0\xff\x80")));
	eq_str(write_to(&c, text("a")), "is not a string of bytes, which the column needs");
	stop();
}

void
test_uuids(void)
{
	static const char canonical[] = "01234567-89ab-cdef-fedc-ba9876543210";
	static const char why[] = "is not a UUID in its canonical form";
	struct pgcolumn c = column(2950, -1);

	start();
	check_both(&c, "0123456789abcdeffedcba9876543210", text(canonical));
	ok(!reads(&c, "") && !reads(&c, "0123456789abcdeffedcba98765432") &&
	   !reads(&c, "0123456789abcdeffedcba987654321000"));
	eq_str(write_to(&c, text("01234567-89AB-cdef-fedc-ba9876543210")), why);
	eq_str(write_to(&c, text("0123456789abcdeffedcba9876543210")), why);
	eq_str(write_to(&c, text("")), why);
	eq_str(write_to(&c, bytes(slice_str(canonical))), why);
	stop();
}

void
test_json_stays_as_it_is(void)
{
	struct pgcolumn c = column(114, -1);

	start();
	check_both(&c, "7b2261223a312c202261223a327d", text("{\"a\":1, \"a\":2}"));
	check_both(&c, "225c753030303022", text("\"\\u0000\""));
	check_both(&c, "225c756438303022", text("\"\\ud800\""));
	eq_str(write_to(&c, text("1e999999")), "");
	eq_str(write_to(&c, text("")), "is not JSON, or nested too deeply");
	eq_str(write_to(&c, text("{")), "is not JSON, or nested too deeply");
	eq_str(write_to(&c, text("\"\xff\"")), "is not JSON, or nested too deeply");
	eq_str(write_to(&c, text_of(SLICE_LIT("\"\0\""))), "is not JSON, or nested too deeply");
	eq_str(write_to(&c, integer(1)), "is not JSON, or nested too deeply");
	eq_str(write_in(latin1, &c, text("\"\xe2\x82\xac\"")),
	       "holds a character that the encoding of the database lacks");
	eq_str(write_in(latin1, &c, text("\"\\u20ac\"")), ""); /* kept as an escape */
	ok(!reads(&c, "2200"));
	stop();
}

void
test_jsonb_has_a_version(void)
{
	struct pgcolumn c = column(3802, -1);

	start();
	check_both(&c, "017b7d", text("{}"));
	ok(!reads(&c, "") && !reads(&c, "027b7d") && !reads(&c, "012200"));
	eq_str(write_to(&c, text("[")), "is not JSON, or nested too deeply");
	eq_str(write_to(&c, text("\"\\u0000\"")), "holds \\u0000, which jsonb cannot");
	stop();
}

void
test_times(void)
{
	static const char digits[] = "has more digits of a second than the column";
	struct pgcolumn c = column(1184, -1), milli = column(1114, 3), whole = column(1114, 0);

	start();
	check_both(&c, "0000000000000000", integer(INT64_C(946684800000000)));
	check_both(&c, "fffca2fec4c82000", integer(0));
	check_both(&c, "fffca2fec4c81fff", integer(-1));
	check_both(&c, "7fffffffffffffff", integer(INT64_MAX));
	check_both(&c, "8000000000000000", integer(INT64_MIN));
	check_both(&c, "fd0f7cc1411fa000", integer(INT64_C(-210866803200000000)));
	eq_str(write_to(&c, integer(INT64_C(-210866803200000001))),
	       "is before 4713 BC, where the times of PostgreSQL begin");
	eq_str(write_to(&c, integer(INT64_MIN + 1)),
	       "is before 4713 BC, where the times of PostgreSQL begin");
	check_both(&c, "7ffca2fec4c81ffe", integer(INT64_MAX - 1));
	ok(!reads(&c, "7ffca2fec4c81fff")); /* INT64_MAX is infinity */
	ok(!reads(&c, "7fffff5bb3b29fff")); /* 294276-12-31 */
	ok(!reads(&c, "7ffffffffffffffe") && !reads(&c, "8000000000000001"));
	ok(!reads(&c, "fd0f7cc1411f9fff") && !reads(&c, "00000000"));
	check_both(&milli, "00000000000003e8", integer(INT64_C(946684800001000)));
	eq_str(write_to(&milli, integer(INT64_C(946684800001001))), digits);
	eq_str(write_to(&milli, integer(INT64_C(946684800001100))), digits);
	eq_str(write_to(&milli, integer(-1)), digits);
	eq_str(write_to(&milli, integer(-1000)), "");
	eq_str(write_to(&milli, integer(INT64_MAX)), "");
	eq_str(write_to(&whole, integer(1000)), digits);
	eq_str(write_to(&whole, integer(-3000000)), "");
	eq_str(write_to(&c, real(1)), "is not a time, which the column needs");
	eq_str(write_to(&c, text("2000-01-01")), "is not a time, which the column needs");
	stop();
}

void
test_arrays_of_texts(void)
{
	struct pgcolumn c = column(1009, -1), three = column(1015, 7);

	start();
	check_both(&c, "000000000000000000000019", text("[]"));
	check_both(&c,
	           "000000010000000100000019"
	           "0000000300000001"
	           "0000000161"
	           "ffffffff"
	           "00000000",
	           text("[\"a\",null,\"\"]"));
	check_both(&c,
	           "000000010000000000000019"
	           "0000000100000001"
	           "000000042209c3a9",
	           text("[\"\\\"\\t\xc3\xa9\"]"));
	check_both(&three,
	           "000000010000000000000413"
	           "0000000100000001"
	           "00000003616263",
	           text("[\"abc\"]"));
	stop();
}

void
test_arrays_that_json_cannot_tell_are_not_read(void)
{
	struct pgcolumn c = column(1009, -1);

	start();
	ok(reads(&c, "000000010000000100000019"
	             "0000000100000001"
	             "0000000161")); /* no null, after all */
	ok(!reads(&c, "000000010000000200000019"
	              "0000000100000001"
	              "0000000161"));
	ok(!reads(&c, "000000010000000000000413"
	              "0000000100000001"
	              "0000000161"));
	ok(!reads(&c, "000000010000000000000019"
	              "0000000100000000"
	              "0000000161"));
	ok(!reads(&c, "000000010000000000000019"
	              "0000000100000002"
	              "0000000161"));
	ok(!reads(&c, "000000020000000000000019"
	              "0000000100000001"
	              "0000000100000001"
	              "0000000161"));
	ok(!reads(&c, "ffffffff0000000000000019"));
	stop();
}

void
test_lengths_in_arrays_are_checked(void)
{
	struct pgcolumn c = column(1009, -1);

	start();
	ok(!reads(&c, "") && !reads(&c, "0000000000000000000000"));
	ok(!reads(&c, "00000000000000000000001900"));
	ok(!reads(&c, "000000010000000000000019"));
	ok(!reads(&c, "000000010000000000000019"
	              "00000001000000"));
	ok(!reads(&c, "000000010000000000000019"
	              "0000000000000001"));
	ok(!reads(&c, "000000010000000000000019"
	              "0000000100000001"));
	ok(!reads(&c, "000000010000000000000019"
	              "ffffffff00000001"
	              "0000000161"));
	ok(!reads(&c, "000000010000000000000019"
	              "0000000100000001"
	              "000000"));
	ok(!reads(&c, "000000010000000000000019"
	              "0000000100000001"
	              "0000000261"));
	ok(!reads(&c, "000000010000000000000019"
	              "0000000100000001"
	              "fffffffe61"));
	ok(!reads(&c, "000000010000000000000019"
	              "0000000100000001"
	              "7fffffff61"));
	ok(!reads(&c, "000000010000000000000019"
	              "0000000100000001"
	              "000000016100"));
	ok(!reads(&c, "000000010000000000000019"
	              "0000000200000001"
	              "0000000161"));
	ok(!reads(&c, "000000010000000000000019"
	              "0000000100000001"
	              "0000000100"));
	ok(!reads(&c, "000000010000000000000019"
	              "0000000100000001"
	              "00000001ff"));
	stop();
}

void
test_arrays_are_written_from_strings_and_nulls_only(void)
{
	static const char why[] = "is not a JSON array of strings and nulls";
	struct pgcolumn c = column(1009, -1), three = column(1015, 7);

	start();
	eq_str(write_to(&c, text(" [ ] ")), "");
	eq_str(write_to(&c, text("[\"\\u00e9\", null]")), "");
	eq_str(write_to(&c, text("")), why);
	eq_str(write_to(&c, text("null")), why);
	eq_str(write_to(&c, text("{}")), why);
	eq_str(write_to(&c, text("[1]")), why);
	eq_str(write_to(&c, text("[\"a\",true]")), why);
	eq_str(write_to(&c, text("[[\"a\"]]")), why);
	eq_str(write_to(&c, text("[\"a\"")), why);
	eq_str(write_to(&c, text("[\"a\"]]")), why);
	eq_str(write_to(&c, text("[\"\xff\"]")), why);
	eq_str(write_to(&c, integer(1)), why);
	eq_str(write_to(&c, text("[\"a\",\"\\u0000\"]")),
	       "holds a NUL character, which PostgreSQL cannot");
	eq_str(write_to(&c, text("[\"\\ud800\"]")),
	       "holds half of a surrogate pair, which PostgreSQL cannot");
	eq_str(write_to(&three, text("[\"abc\",\"abcd\"]")), "is longer than the column");
	eq_str(write_in(latin1, &c, text("[\"\\u20ac\"]")),
	       "holds a character that the encoding of the database lacks");
	stop();
}

void
test_other_types_are_read_as_text_and_not_written(void)
{
	struct pgcolumn c = column(1700, -1);
	struct value got;

	start();
	ok(pgvalue_read(&c, SLICE_LIT("1.50"), mem, &got) && got.type == VALUE_TEXT &&
	   slice_is(got.bytes, "1.50"));
	ok(!reads(&c, "00"));
	eq_str(write_to(&c, text("1.50")),
	       "is of a type that can only be read; a query of the layout may cast it to text");
	stop();
}

void
test_what_is_too_large_is_refused_before_it_is_looked_at(void)
{
	struct pgcolumn c = column(25, -1), b = column(17, -1);
	struct slice large = {(const uint8_t *)"", PGVALUE_MAX_BYTES + 1};
	static const char why[] = "is too large for PostgreSQL, which takes up to 1 GB";

	start();
	eq_str(write_to(&c, text_of(large)), why);
	eq_str(write_to(&b, bytes(large)), why);
	stop();
}
