#include <string.h>

#include "common/jscan.h"
#include "common/jscan_impl.h"
#include "tests/guard.h"
#include "tests/tap.h"

/* Each fast way over a run of bytes against the loop that says what it means. */
typedef const uint8_t *run_fn(const uint8_t *p, const uint8_t *end);
typedef const uint8_t *space_fn(const uint8_t *p, const uint8_t *end, bool *newline);

static const uint8_t *
run_slow(const uint8_t *p, const uint8_t *end)
{
	while (p < end && *p >= 0x20 && *p < 0x80 && *p != '"' && *p != '\\')
		p++;
	return p;
}

static const uint8_t *
inside_slow(const uint8_t *p, const uint8_t *end)
{
	while (p < end && *p != '"' && *p != '\\')
		p++;
	return p;
}

static const uint8_t *
ascii_slow(const uint8_t *p, const uint8_t *end)
{
	while (p < end && *p < 0x80)
		p++;
	return p;
}

static const uint8_t *
space_slow(const uint8_t *p, const uint8_t *end, bool *newline)
{
	for (; p < end && memchr(" \t\r\n", *p, 4); p++)
		if (*p == '\n' || *p == '\r')
			*newline = true;
	return p;
}

/* A second byte close behind the first: the words of SWAR borrow upwards. */
static void
compare_runs(run_fn *run, run_fn *slow, const uint8_t fill[3])
{
	struct guard g;
	uint8_t bytes[112];

	guard_init(&g, 4096);
	for (unsigned c = 0; c < 256; c++) {
		for (size_t len = 0; len <= 71; len++) {
			struct slice in;

			for (size_t i = 0; i < sizeof(bytes); i++)
				bytes[i] = fill[i % 3];
			bytes[71] = (uint8_t)c;
			bytes[72 + c % 7] = '"';
			in = (struct slice){bytes + 71 - len, len + c % 23};
			in = guard_end(&g, in);
			ok(run(in.p, in.p + in.len) == slow(in.p, in.p + in.len));
			in = guard_start(&g, in);
			ok(run(in.p, in.p + in.len) == slow(in.p, in.p + in.len));
		}
	}
	guard_release(&g);
}

static void
compare_all_runs(run_fn *run, run_fn *slow)
{
	compare_runs(run, slow, (const uint8_t *)"abc");
	compare_runs(run, slow, (const uint8_t *)"!#[");
	compare_runs(run, slow, (const uint8_t *)"]\x7f ");
}

static void
compare_spaces(space_fn *space)
{
	uint8_t bytes[100];
	struct guard g;

	guard_init(&g, 4096);
	for (unsigned c = 0; c < 256; c++) {
		for (size_t len = 0; len <= 50; len++) {
			for (size_t eol = 0; eol <= 60; eol += 1 + eol % 3) {
				bool got = false, want = false;
				struct slice in;

				for (size_t i = 0; i < sizeof(bytes); i++)
					bytes[i] = (uint8_t) " \t"[i % 2];
				bytes[eol] = (uint8_t) "\r\n"[len % 2];
				bytes[len] = (uint8_t)c;
				in = (struct slice){bytes, len + c % 37};
				in = guard_end(&g, in);
				ok(space(in.p, in.p + in.len, &got) ==
				   space_slow(in.p, in.p + in.len, &want));
				ok(got == want);
			}
		}
	}
	guard_release(&g);
}

void
test_portable_runs_end_where_they_should(void)
{
	compare_all_runs(jscan_run_swar, run_slow);
	compare_all_runs(jscan_inside_swar, inside_slow);
	compare_all_runs(jscan_ascii_swar, ascii_slow);
	compare_spaces(jscan_space_bytes);
}

void
test_sse2_runs_end_where_they_should(void)
{
#ifdef __SSE2__
	compare_all_runs(jscan_run_sse2, run_slow);
	compare_all_runs(jscan_inside_sse2, inside_slow);
	compare_all_runs(jscan_ascii_sse2, ascii_slow);
	compare_spaces(jscan_space_sse2);
#endif
}

void
test_string_end_does_not_leave_its_input(void)
{
	struct slice in = SLICE_LIT("ab\\\"c\\\\\"x");

	ok(jscan_string_end(in.p, in.p + in.len) == in.p + 8);
	for (size_t len = 0; len < 8; len++)
		ok(jscan_string_end(in.p, in.p + len) == in.p + len);
}

/* How long a sequence is by its lead byte, 0 for none, and the range of the second byte. */
static size_t
table_3_7(unsigned lead, unsigned *low, unsigned *high)
{
	*low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
	*high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
	if (lead < 0x80)
		return 1;
	if (lead < 0xc2 || lead > 0xf4)
		return 0;
	return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

void
test_utf8_is_exactly_table_3_7(void)
{
	for (unsigned lead = 0; lead < 256; lead++) {
		for (unsigned second = 0; second < 256; second++) {
			uint8_t s[4] = {(uint8_t)lead, (uint8_t)second, 0x80, 0xbf};
			unsigned low, high;
			size_t n = table_3_7(lead, &low, &high);
			bool fits = n == 1 || (second >= low && second <= high);

			ok(jscan_utf8((struct slice){s, 1}) == (n == 1));
			for (size_t len = 2; len <= 4; len++) {
				bool ascii = n == 1 && len == 2 && second < 0x80;

				if (n == 1 && len > 2)
					continue;
				ok(jscan_utf8((struct slice){s, len}) ==
				   (ascii || (n == len && fits)));
			}
		}
	}
	ok(jscan_utf8(SLICE_LIT("")));
	ok(jscan_utf8(SLICE_ABSENT));
}
