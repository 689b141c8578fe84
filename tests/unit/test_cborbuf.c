#include <math.h>
#include <string.h>

#include "common/cborbuf.h"
#include "common/cborscan.h"
#include "tests/tap.h"

/* Compare with hex digits and empty the buf. */
static void
is_hex(struct buf *out, const char *hex)
{
	struct buf got = BUF_INIT;
	size_t i;

	for (i = 0; i < out->len; i++)
		buf_printf(&got, "%02x", out->p[i]);
	eq_str(buf_cstr(&got), hex);
	buf_release(&got);
	out->len = 0;
}

void
test_a_head_is_the_shortest(void)
{
	static const struct {
		uint64_t n;
		const char *uint, *negint, *array;
	} t[] = {
	    {0, "00", "20", "80"},
	    {23, "17", "37", "97"},
	    {24, "1818", "3818", "9818"},
	    {255, "18ff", "38ff", "98ff"},
	    {256, "190100", "390100", "990100"},
	    {65535, "19ffff", "39ffff", "99ffff"},
	    {65536, "1a00010000", "3a00010000", "9a00010000"},
	    {UINT32_MAX, "1affffffff", "3affffffff", "9affffffff"},
	    {UINT32_MAX + 1ULL, "1b0000000100000000", "3b0000000100000000", "9b0000000100000000"},
	    {UINT64_MAX, "1bffffffffffffffff", "3bffffffffffffffff", "9bffffffffffffffff"},
	};
	struct buf out = BUF_INIT;
	size_t i;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		cborbuf_uint(&out, t[i].n);
		is_hex(&out, t[i].uint);
		cborbuf_negint(&out, t[i].n);
		is_hex(&out, t[i].negint);
		cborbuf_array(&out, t[i].n);
		is_hex(&out, t[i].array);
	}
	buf_release(&out);
}

void
test_signed_integers_reach_both_ends(void)
{
	struct buf out = BUF_INIT;

	cborbuf_int(&out, 0);
	cborbuf_int(&out, -1);
	cborbuf_int(&out, -25);
	is_hex(&out, "00203818");
	cborbuf_int(&out, INT64_MAX);
	is_hex(&out, "1b7fffffffffffffff");
	cborbuf_int(&out, INT64_MIN);
	is_hex(&out, "3b7fffffffffffffff");
	buf_release(&out);
}

void
test_strings_maps_tags_and_simple_values(void)
{
	struct buf out = BUF_INIT;

	cborbuf_bytes(&out, SLICE_LIT(""));
	cborbuf_bytes(&out, SLICE_LIT("\x01\x02"));
	cborbuf_text(&out, SLICE_LIT("a\0b"));
	cborbuf_str(&out, "IETF");
	is_hex(&out, "40420102636100626449455446");
	cborbuf_map(&out, 2);
	cborbuf_tag(&out, 4);
	cborbuf_tag(&out, 32);
	cborbuf_bool(&out, false);
	cborbuf_bool(&out, true);
	cborbuf_null(&out);
	is_hex(&out, "a2c4d820f4f5f6");
	buf_release(&out);
}

void
test_a_buf_that_is_full_grows(void)
{
	struct buf out = BUF_INIT;
	struct slice in;
	struct cborscan_item item;
	const char *why;
	uint64_t n = 0;

	while (n < 100000)
		cborbuf_uint(&out, n++);
	for (in = buf_slice(&out), n = 0; cborscan_next(&in, &item, &why) > 0; n++)
		if (item.kind != CBORSCAN_UINT || item.n != n)
			break;
	eq_uint(n, 100000);
	buf_release(&out);
}

void
test_doubles_shrink_where_they_keep_their_value(void)
{
	static const struct {
		double value;
		const char *hex;
	} t[] = {
	    {0.0, "f90000"},
	    {-0.0, "f98000"},
	    {1.5, "f93e00"},
	    {65504.0, "f97bff"},
	    {65505.0, "fa477fe100"},
	    {65536.0, "fa47800000"},
	    {-65536.0, "fac7800000"},
	    {0x1p-14, "f90400"},
	    {0x1p-15, "f90200"},
	    {0x1.ff8p-15, "f903ff"},
	    {0x1.ffcp-15, "fa387fe000"},
	    {0x3p-24, "f90003"},
	    {-0x1p-24, "f98001"},
	    {0x1p-25, "fa33000000"},
	    {0x1.8p-24, "fa33c00000"},
	    {0x1p-149, "fa00000001"},
	    {0x1p-150, "fb3690000000000000"},
	    {3.4028234663852886e38, "fa7f7fffff"},
	    {3.5e38, "fb47f074f8c4d3cd7b"},
	    {0x1p128, "fb47f0000000000000"},
	    {1.1, "fb3ff199999999999a"},
	    {5e-324, "fb0000000000000001"},
	    {(double)INFINITY, "f97c00"},
	    {-(double)INFINITY, "f9fc00"},
	    {(double)NAN, "f97e00"},
	    {-(double)NAN, "f97e00"},
	};
	struct buf out = BUF_INIT;
	size_t i;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		cborbuf_double(&out, t[i].value);
		is_hex(&out, t[i].hex);
	}
	buf_release(&out);
}

void
test_every_half_is_written_as_it_was_read(void)
{
	struct buf out = BUF_INIT;
	unsigned bits, wrong = 0;

	for (bits = 0; bits < 0x10000; bits++) {
		uint8_t half[3] = {0xf9, (uint8_t)(bits >> 8), (uint8_t)bits};
		struct slice in = {half, sizeof(half)};
		struct cborscan_item item;
		const char *why;

		if (cborscan_next(&in, &item, &why) < 0 || item.kind != CBORSCAN_FLOAT)
			wrong++;
		out.len = 0;
		cborbuf_double(&out, item.real);
		if (!isnan(item.real) && (out.len != 3 || memcmp(out.p, half, 3) != 0))
			wrong++;
	}
	eq_uint(wrong, 0);
	buf_release(&out);
}
