#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/cborscan.h"
#include "tests/tap.h"
#include "tests/unit/hex.h"
#include "tests/unit/rfc8949.h"

static bool
has_kind(const char *hex, enum cborscan_kind kind, uint64_t n)
{
	struct buf b = BUF_INIT;
	struct slice in = unhex(&b, hex);
	struct cborscan_item item = {.n = 0};
	const char *why;
	bool same;

	same = cborscan_next(&in, &item, &why) == 1 && item.kind == kind && item.n == n;
	buf_release(&b);
	return same;
}

void
test_examples_of_appendix_a_are_well_formed(void)
{
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < sizeof(rfc8949_good) / sizeof(rfc8949_good[0]); i++) {
		struct slice in = unhex(&b, rfc8949_good[i].hex);
		const char *why = "";

		if (!ok(cborscan_valid(in)))
			eq_str(rfc8949_good[i].hex, "well-formed");
		buf_add_byte(&b, 0); /* the byte behind it is not touched, and not valid */
		ok(!cborscan_valid(buf_slice(&b)));
		in = buf_slice(&b);
		eq_int(cborscan_skip(&in, &why), 0);
		eq_uint(in.len, 1);
	}
	buf_release(&b);
}

void
test_beginnings_of_well_formed_items_are_refused(void)
{
	struct buf b = BUF_INIT;
	size_t i, len;

	for (i = 0; i < sizeof(rfc8949_good) / sizeof(rfc8949_good[0]); i++) {
		struct slice in = unhex(&b, rfc8949_good[i].hex);

		for (len = 0; len < in.len; len++)
			if (!ok(!cborscan_valid((struct slice){in.p, len})))
				eq_str(rfc8949_good[i].hex, "refused");
	}
	buf_release(&b);
}

void
test_examples_of_appendix_f_are_refused_with_a_reason(void)
{
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < sizeof(rfc8949_bad) / sizeof(rfc8949_bad[0]); i++) {
		struct slice in = unhex(&b, rfc8949_bad[i].hex);
		const char *why = "";

		ok(!cborscan_valid(in));
		eq_int(cborscan_skip(&in, &why), -1);
		if (!eq_str(why, rfc8949_bad[i].why))
			eq_str(rfc8949_bad[i].hex, "");
	}
	buf_release(&b);
}

void
test_items_have_their_kind_and_number(void)
{
	ok(has_kind("1bffffffffffffffff", CBORSCAN_UINT, UINT64_MAX));
	ok(has_kind("1803", CBORSCAN_UINT, 3));
	ok(has_kind("3903e7", CBORSCAN_NEGINT, 999));
	ok(has_kind("3a000f4240", CBORSCAN_NEGINT, 1000000));
	ok(has_kind("820000", CBORSCAN_ARRAY, 2));
	ok(has_kind("b80200000000", CBORSCAN_MAP, 2));
	ok(has_kind("f4", CBORSCAN_FALSE, 0));
	ok(has_kind("f5", CBORSCAN_TRUE, 0));
	ok(has_kind("f6", CBORSCAN_NULL, 0));
	ok(has_kind("f7", CBORSCAN_UNDEFINED, 0));
	ok(has_kind("e0", CBORSCAN_SIMPLE, 0));
	ok(has_kind("f3", CBORSCAN_SIMPLE, 19));
	ok(has_kind("f820", CBORSCAN_SIMPLE, 32));
	ok(has_kind("f8ff", CBORSCAN_SIMPLE, 255));
	ok(has_kind("5f", CBORSCAN_INDEFINITE_BYTES, 0));
	ok(has_kind("7f", CBORSCAN_INDEFINITE_TEXT, 0));
	ok(has_kind("9f", CBORSCAN_INDEFINITE_ARRAY, 0));
	ok(has_kind("bf", CBORSCAN_INDEFINITE_MAP, 0));
	ok(has_kind("ff", CBORSCAN_BREAK, 0));
}

void
test_every_tag_is_read(void)
{
	char hex[16];
	unsigned tag;

	for (tag = 0; tag < 24; tag++) {
		snprintf(hex, sizeof(hex), "%02x", 0xc0 | tag);
		ok(has_kind(hex, CBORSCAN_TAG, tag));
	}
	ok(has_kind("d806", CBORSCAN_TAG, 6));
	ok(has_kind("d9d9f7", CBORSCAN_TAG, 55799));
	ok(has_kind("dbffffffffffffffff", CBORSCAN_TAG, UINT64_MAX));
}

void
test_floats_of_all_sizes_are_doubles(void)
{
	static const struct {
		const char *hex;
		double real;
	} t[] = {
	    {"f97bff", 65504.0},         {"f90001", 0x1p-24},           {"fa47c35000", 100000.0},
	    {"fb3ff199999999999a", 1.1}, {"f9fc00", -(double)INFINITY},
	};
	struct buf b = BUF_INIT;
	struct cborscan_item item;
	const char *why;
	size_t i;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct slice in = unhex(&b, t[i].hex);

		eq_int(cborscan_next(&in, &item, &why), 1);
		eq_int(item.kind, CBORSCAN_FLOAT);
		ok(memcmp(&item.real, &t[i].real, sizeof(double)) == 0);
	}
	buf_release(&b);
}

void
test_strings_are_slices_of_the_input(void)
{
	struct buf b = BUF_INIT;
	struct slice in = unhex(&b, "6362c3bc42fffe6040");
	struct cborscan_item item;
	const char *why;

	eq_int(cborscan_next(&in, &item, &why), 1);
	eq_int(item.kind, CBORSCAN_TEXT);
	ok(item.bytes.p == b.p + 1 && item.bytes.len == 3);
	eq_int(cborscan_next(&in, &item, &why), 1);
	eq_int(item.kind, CBORSCAN_BYTES);
	ok(item.bytes.p == b.p + 5 && item.bytes.len == 2);
	eq_int(cborscan_next(&in, &item, &why), 1);
	ok(item.kind == CBORSCAN_TEXT && item.bytes.p && item.bytes.len == 0);
	eq_int(cborscan_next(&in, &item, &why), 1);
	ok(item.kind == CBORSCAN_BYTES && item.bytes.p && item.bytes.len == 0);
	eq_int(cborscan_next(&in, &item, &why), 0);
	buf_release(&b);
}

void
test_a_failed_item_leaves_the_input_at_it(void)
{
	struct buf b = BUF_INIT;
	struct slice in = unhex(&b, "8300010061ff");
	struct cborscan_item item;
	const char *why = "";

	in = unhex(&b, "830061ff01");
	eq_int(cborscan_skip(&in, &why), -1);
	eq_uint(in.p - b.p, 2);
	eq_int(cborscan_next(&in, &item, &why), -1);
	eq_uint(in.p - b.p, 2);
	in = unhex(&b, "827f616100ffff");
	eq_int(cborscan_skip(&in, &why), -1);
	eq_uint(in.p - b.p, 4);
	eq_str(why, "chunk of another kind");
	buf_release(&b);
}

/* `depth` heads, a zero inside, and what closes them. */
static bool
nest_is_valid(uint8_t head, size_t depth)
{
	struct buf b = BUF_INIT;
	size_t i;
	bool valid;

	for (i = 0; i < depth; i++) {
		if (head == 0xbf || head == 0xa1)
			buf_add_str(&b, head == 0xbf ? "\xbf\x01" : "\xa1\x01");
		else
			buf_add_byte(&b, head);
	}
	buf_add_byte(&b, 0);
	for (i = 0; i < depth && (head & 0x1f) == 0x1f; i++)
		buf_add_byte(&b, 0xff);
	valid = cborscan_valid(buf_slice(&b));
	buf_release(&b);
	return valid;
}

void
test_depth_has_a_limit(void)
{
	static const uint8_t heads[] = {0x81, 0xa1, 0xc1, 0x9f, 0xbf};
	size_t i;

	for (i = 0; i < sizeof(heads); i++) {
		ok(nest_is_valid(heads[i], CBORSCAN_MAX_DEPTH));
		ok(!nest_is_valid(heads[i], CBORSCAN_MAX_DEPTH + 1));
		ok(!nest_is_valid(heads[i], 1000000));
	}
}

void
test_the_last_element_closes_all_that_it_ends(void)
{
	struct buf b = BUF_INIT;

	ok(cborscan_valid(unhex(&b, "8182818281c1c2818000")) == false);
	ok(cborscan_valid(unhex(&b, "818281c1818000")));
	ok(cborscan_valid(unhex(&b, "9f9fff818000ff")));
	ok(cborscan_valid(unhex(&b, "bf9fff9fffa0a0ff")));
	ok(!cborscan_valid(unhex(&b, "bf9fff9fffa0ff")));
	ok(cborscan_valid(unhex(&b, "bf5fff7fffff")));
	buf_release(&b);
}

void
test_utf8_is_checked_to_the_table_of_unicode(void)
{
	static const struct {
		const char *hex;
		bool good;
	} t[] = {
	    {"6100", true},
	    {"617f", true},
	    {"6180", false},
	    {"62c280", true},
	    {"62c1bf", false},
	    {"62dfbf", true},
	    {"62c27f", false},
	    {"62c2c0", false},
	    {"63e0a080", true},
	    {"63e09fbf", false},
	    {"63ed9fbf", true},
	    {"63eda080", false},
	    {"63efbfbf", true},
	    {"63ee80c0", false},
	    {"64f0908080", true},
	    {"64f08fbfbf", false},
	    {"64f48fbfbf", true},
	    {"64f4908080", false},
	    {"64f5808080", false},
	    {"64f09080c0", false},
	    {"61c2", false},
	    {"62e0a0", false},
	    {"63f09080", false},
	    {"6c61616161616161616161c280", true},
	    {"6c61616161616161616161c27f", false},
	};
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (!ok(cborscan_valid(unhex(&b, t[i].hex)) == t[i].good))
			eq_str(t[i].hex, "");
	buf_release(&b);
}
