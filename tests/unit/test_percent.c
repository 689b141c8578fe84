#include <string.h>

#include "common/percent.h"
#include "tests/tap.h"

static const struct {
	const char *encoded, *bytes;
	bool good;
} decoded[] = {
    {"", "", true},
    {"abc", "abc", true},
    {"a%20b", "a b", true},
    {"%c3%A9", "\xC3\xA9", true},
    {"%25%32%35", "%25", true},
    {"+", "+", true},
    {"%", "%", false},
    {"%2", "%2", false},
    {"%2g", "%2g", false},
    {"%g2", "%g2", false},
    {"%-1", "%-1", false},
    {"a%%20", "a% ", false},
    {"%20%", " %", false},
    {"%@0", "%@0", false},
    {"%`0", "%`0", false},
    {"%:0", "%:0", false},
};

void
test_bytes_come_out_of_percent_signs_and_the_rest_stays(void)
{
	struct buf out = BUF_INIT;
	size_t i;

	for (i = 0; i < sizeof(decoded) / sizeof(*decoded); i++) {
		out.len = 0;
		if (!ok(percent_decode(&out, slice_str(decoded[i].encoded)) == decoded[i].good))
			eq_str("", decoded[i].encoded);
		eq_str(buf_cstr(&out), decoded[i].bytes);
	}
	buf_release(&out);
}

void
test_a_zero_is_decoded_and_said_to_be_bad(void)
{
	struct buf out = BUF_INIT;

	ok(!percent_decode(&out, slice_str("a%00b")));
	eq_mem(out.p, out.len, "a\0b", 3);
	buf_release(&out);
}

void
test_what_is_cut_off_is_not_read(void)
{
	struct buf out = BUF_INIT;

	ok(!percent_decode(&out, (struct slice){(const uint8_t *)"%20", 2}));
	eq_str(buf_cstr(&out), "%2");
	buf_release(&out);
}

static bool
is_b(uint8_t byte)
{
	return byte == 'b';
}

void
test_what_is_to_be_kept_is_the_callers_to_say(void)
{
	struct buf out = BUF_INIT;

	percent_encode(&out, slice_str("aZ09-._~ /:@%\xFF"), percent_unreserved);
	eq_str(buf_cstr(&out), "aZ09-._~%20%2F%3A%40%25%FF");
	out.len = 0;
	percent_encode(&out, slice_str("abc"), is_b);
	eq_str(buf_cstr(&out), "%61b%63");
	buf_release(&out);
}

void
test_every_byte_goes_there_and_back(void)
{
	struct buf out = BUF_INIT, back = BUF_INIT;
	uint8_t all[255];
	size_t i;

	for (i = 0; i < sizeof(all); i++)
		all[i] = (uint8_t)(i + 1);
	percent_encode(&out, (struct slice){all, sizeof(all)}, percent_unreserved);
	ok(percent_decode(&back, buf_slice(&out)));
	eq_mem(back.p, back.len, all, sizeof(all));
	eq_uint(out.len, 66 + 3 * (255 - 66));
	ok(!percent_unreserved(0));
	buf_release(&out);
	buf_release(&back);
}
