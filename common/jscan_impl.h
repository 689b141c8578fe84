#ifndef COMMON_JSCAN_IMPL_H
#define COMMON_JSCAN_IMPL_H

#include <string.h>

#include "common/jscan_escape.h"
#include "common/jscan_utf8.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/*
 * What the files of the scanner share: how far a run of bytes goes.  For them,
 * jcanon.c, jsame.c, pgcharset.c, pgvalue_jsonb.c and tests; everybody else uses jscan.h.
 *
 * Every function takes [p, end) and never reads outside it.  Those that end in
 * _swar are the portable ones, 8 bytes in a word; they also take the tails that
 * are too short for SSE2.
 */
#define JSCAN_ONES UINT64_C(0x0101010101010101)
#define JSCAN_HIGH UINT64_C(0x8080808080808080)

static inline bool
jscan_is_space(uint8_t c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* What a scan of a string must look at: quotes, backslashes, controls, non-ASCII. */
static inline bool
jscan_is_special(uint8_t c)
{
	return c < 0x20 || c >= 0x80 || c == '"' || c == '\\';
}

/* The first special byte, or `end`. */
static inline const uint8_t *
jscan_run_swar(const uint8_t *p, const uint8_t *end)
{
	while (end - p >= 8) {
		uint64_t x, quote, slash;

		memcpy(&x, p, sizeof(x));
		quote = x ^ (JSCAN_ONES * '"');
		slash = x ^ (JSCAN_ONES * '\\');
		/*
		 * A subtraction borrows from the next byte only where it found
		 * something: no bit at all is exact, which bit is not.
		 */
		if (((x - JSCAN_ONES * 0x20) | x | (quote - JSCAN_ONES) | (slash - JSCAN_ONES)) &
		    JSCAN_HIGH)
			break;
		p += 8;
	}
	while (p < end && !jscan_is_special(*p))
		p++;
	return p;
}

/* The first quote or backslash, or `end`: all that ends a run in a string that was scanned. */
static inline const uint8_t *
jscan_inside_swar(const uint8_t *p, const uint8_t *end)
{
	while (end - p >= 8) {
		uint64_t x, quote, slash;

		memcpy(&x, p, sizeof(x));
		quote = x ^ (JSCAN_ONES * '"');
		slash = x ^ (JSCAN_ONES * '\\');
		if ((((quote - JSCAN_ONES) & ~quote) | ((slash - JSCAN_ONES) & ~slash)) &
		    JSCAN_HIGH)
			break;
		p += 8;
	}
	while (p < end && *p != '"' && *p != '\\')
		p++;
	return p;
}

/* The first byte that is not ASCII, or `end`. */
static inline const uint8_t *
jscan_ascii_swar(const uint8_t *p, const uint8_t *end)
{
	while (end - p >= 8) {
		uint64_t x;

		memcpy(&x, p, sizeof(x));
		if (x & JSCAN_HIGH)
			break;
		p += 8;
	}
	while (p < end && *p < 0x80)
		p++;
	return p;
}

/* The first byte that is not white space, or `end`; *newline is set for CR and LF. */
static inline const uint8_t *
jscan_space_bytes(const uint8_t *p, const uint8_t *end, bool *newline)
{
	while (p < end && jscan_is_space(*p)) {
		*newline |= *p == '\n' || *p == '\r';
		p++;
	}
	return p;
}

#ifdef __SSE2__
static inline const uint8_t *
jscan_run_sse2(const uint8_t *p, const uint8_t *end)
{
	const __m128i quote = _mm_set1_epi8('"');
	const __m128i slash = _mm_set1_epi8('\\');
	const __m128i space = _mm_set1_epi8(' ');

	while (end - p >= 16) {
		__m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
		/* As signed bytes, non-ASCII is below the space as well. */
		__m128i found =
		    _mm_or_si128(_mm_cmplt_epi8(x, space),
		                 _mm_or_si128(_mm_cmpeq_epi8(x, quote), _mm_cmpeq_epi8(x, slash)));
		unsigned bits = (unsigned)_mm_movemask_epi8(found);

		if (bits)
			return p + __builtin_ctz(bits);
		p += 16;
	}
	return jscan_run_swar(p, end);
}

static inline const uint8_t *
jscan_inside_sse2(const uint8_t *p, const uint8_t *end)
{
	while (end - p >= 16) {
		__m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
		__m128i found = _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8('"')),
		                             _mm_cmpeq_epi8(x, _mm_set1_epi8('\\')));
		unsigned bits = (unsigned)_mm_movemask_epi8(found);

		if (bits)
			return p + __builtin_ctz(bits);
		p += 16;
	}
	return jscan_inside_swar(p, end);
}

static inline const uint8_t *
jscan_ascii_sse2(const uint8_t *p, const uint8_t *end)
{
	while (end - p >= 16) {
		__m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
		unsigned bits = (unsigned)_mm_movemask_epi8(x);

		if (bits)
			return p + __builtin_ctz(bits);
		p += 16;
	}
	return jscan_ascii_swar(p, end);
}

static inline const uint8_t *
jscan_space_sse2(const uint8_t *p, const uint8_t *end, bool *newline)
{
	while (end - p >= 16) {
		__m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
		__m128i eol = _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8('\n')),
		                           _mm_cmpeq_epi8(x, _mm_set1_epi8('\r')));
		__m128i blank = _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8(' ')),
		                             _mm_cmpeq_epi8(x, _mm_set1_epi8('\t')));
		unsigned eols = (unsigned)_mm_movemask_epi8(eol);
		unsigned other = (unsigned)_mm_movemask_epi8(_mm_or_si128(eol, blank)) ^ 0xffffU;

		if (other) {
			/* x & (~x + 1) - 1 are the bits below the lowest. */
			*newline |= (eols & ((other & (~other + 1U)) - 1U)) != 0;
			return p + __builtin_ctz(other);
		}
		*newline |= eols != 0;
		p += 16;
	}
	return jscan_space_bytes(p, end, newline);
}

#define jscan_run jscan_run_sse2
#define jscan_inside jscan_inside_sse2
#define jscan_ascii jscan_ascii_sse2
#define jscan_space jscan_space_sse2
#else
#define jscan_run jscan_run_swar
#define jscan_inside jscan_inside_swar
#define jscan_ascii jscan_ascii_swar
#define jscan_space jscan_space_bytes
#endif

/* Behind the closing quote of a scanned string; p is behind the opening one. */
static inline const uint8_t *
jscan_string_end(const uint8_t *p, const uint8_t *end)
{
	while ((p = jscan_inside(p, end)) < end) {
		if (*p == '"')
			return p + 1;
		if (end - p == 1)
			break;
		p += 2;
	}
	return end;
}

/*
 * As jscan_string(); with `lossy`, a lone surrogate becomes U+FFFD and it does
 * not fail.
 */
int jscan_decode(struct slice quoted, bool lossy, struct buf *out);

#endif
