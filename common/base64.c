#include "common/base64.h"

/* The value of each byte, BAD for those that are not in the alphabet. */
#define BAD 0xff

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* clang-format off */
static const uint8_t values[256] = {
	BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD,
	BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD,
	BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, 62,  BAD, BAD, BAD, 63,
	52,  53,  54,  55,  56,  57,  58,  59,  60,  61,  BAD, BAD, BAD, BAD, BAD, BAD,
	BAD, 0,   1,   2,   3,   4,   5,   6,   7,   8,   9,   10,  11,  12,  13,  14,
	15,  16,  17,  18,  19,  20,  21,  22,  23,  24,  25,  BAD, BAD, BAD, BAD, BAD,
	BAD, 26,  27,  28,  29,  30,  31,  32,  33,  34,  35,  36,  37,  38,  39,  40,
	41,  42,  43,  44,  45,  46,  47,  48,  49,  50,  51,  BAD, BAD, BAD, BAD, BAD,
	BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD,
	BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD,
	BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD,
	BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD,
	BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD,
	BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD,
	BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD,
	BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD,
};
/* clang-format on */

void
base64_encode(struct slice bytes, struct buf *out)
{
	const uint8_t *p = bytes.p;
	size_t left = bytes.len;
	uint8_t *o;

	buf_reserve(out, left / 3 * 4 + 4);
	o = out->p + out->len;
	for (; left >= 3; left -= 3, p += 3, o += 4) {
		uint32_t v = (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];

		o[0] = (uint8_t)alphabet[v >> 18];
		o[1] = (uint8_t)alphabet[v >> 12 & 63];
		o[2] = (uint8_t)alphabet[v >> 6 & 63];
		o[3] = (uint8_t)alphabet[v & 63];
	}
	if (left) {
		uint32_t v = (uint32_t)p[0] << 16 | (left == 2 ? (uint32_t)p[1] << 8 : 0);

		o[0] = (uint8_t)alphabet[v >> 18];
		o[1] = (uint8_t)alphabet[v >> 12 & 63];
		o[2] = left == 2 ? (uint8_t)alphabet[v >> 6 & 63] : '=';
		o[3] = '=';
		o += 4;
	}
	out->len = (size_t)(o - out->p);
}

/* The last group of four, which may be padded.  Returns the count of bytes, or -1. */
static int
decode_last(const uint8_t *p, uint8_t *o)
{
	int pad = p[3] != '=' ? 0 : p[2] != '=' ? 1 : 2;
	uint8_t a = values[p[0]], b = values[p[1]];
	uint8_t c = pad < 2 ? values[p[2]] : 0;
	uint8_t d = pad < 1 ? values[p[3]] : 0;
	uint32_t v = (uint32_t)a << 18 | (uint32_t)b << 12 | (uint32_t)c << 6 | d;

	if ((a | b | c | d) & 0xc0)
		return -1;
	/* RFC 4648, section 3.5: one text for one value. */
	if ((pad == 1 && v & 0xff) || (pad == 2 && v & 0xffff))
		return -1;
	o[0] = (uint8_t)(v >> 16);
	if (pad < 2)
		o[1] = (uint8_t)(v >> 8);
	if (pad < 1)
		o[2] = (uint8_t)v;
	return 3 - pad;
}

int
base64_decode(struct slice text, struct buf *out)
{
	const uint8_t *p = text.p;
	uint8_t *o;
	int n;

	if (text.len % 4)
		return -1;
	if (text.len == 0)
		return 0;
	buf_reserve(out, text.len / 4 * 3);
	o = out->p + out->len;
	for (size_t left = text.len; left > 4; left -= 4, p += 4, o += 3) {
		uint8_t a = values[p[0]], b = values[p[1]], c = values[p[2]], d = values[p[3]];
		uint32_t v = (uint32_t)a << 18 | (uint32_t)b << 12 | (uint32_t)c << 6 | d;

		if ((a | b | c | d) & 0xc0)
			return -1;
		o[0] = (uint8_t)(v >> 16);
		o[1] = (uint8_t)(v >> 8);
		o[2] = (uint8_t)v;
	}
	n = decode_last(p, o);
	if (n < 0)
		return -1;
	out->len = (size_t)(o + n - out->p);
	return 0;
}
