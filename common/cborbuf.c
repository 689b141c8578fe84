#include <cbor.h>
#include <math.h>
#include <string.h>

#include "common/cborbuf.h"

#define HEAD_MAX 9 /* the longest head: one byte and a 64-bit argument */

/* All encoders of libcbor take the room they may use and return what they used. */
static uint8_t *
room(struct buf *out)
{
	buf_reserve(out, HEAD_MAX);
	return out->p + out->len;
}

void
cborbuf_uint(struct buf *out, uint64_t n)
{
	out->len += cbor_encode_uint(n, room(out), HEAD_MAX);
}

void
cborbuf_negint(struct buf *out, uint64_t n)
{
	out->len += cbor_encode_negint(n, room(out), HEAD_MAX);
}

void
cborbuf_int(struct buf *out, int64_t n)
{
	if (n >= 0)
		cborbuf_uint(out, (uint64_t)n);
	else
		cborbuf_negint(out, ~(uint64_t)n);
}

void
cborbuf_bytes(struct buf *out, struct slice bytes)
{
	out->len += cbor_encode_bytestring_start(bytes.len, room(out), HEAD_MAX);
	buf_add_slice(out, bytes);
}

void
cborbuf_text(struct buf *out, struct slice utf8)
{
	out->len += cbor_encode_string_start(utf8.len, room(out), HEAD_MAX);
	buf_add_slice(out, utf8);
}

void
cborbuf_str(struct buf *out, const char *text)
{
	cborbuf_text(out, slice_str(text));
}

void
cborbuf_array(struct buf *out, uint64_t elements)
{
	out->len += cbor_encode_array_start(elements, room(out), HEAD_MAX);
}

void
cborbuf_map(struct buf *out, uint64_t pairs)
{
	out->len += cbor_encode_map_start(pairs, room(out), HEAD_MAX);
}

void
cborbuf_tag(struct buf *out, uint64_t tag)
{
	out->len += cbor_encode_tag(tag, room(out), HEAD_MAX);
}

void
cborbuf_bool(struct buf *out, bool value)
{
	out->len += cbor_encode_bool(value, room(out), HEAD_MAX);
}

void
cborbuf_null(struct buf *out)
{
	out->len += cbor_encode_null(room(out), HEAD_MAX);
}

/*
 * The bits of the half that equals `value`, or -1.  Not cbor_encode_half():
 * that of libcbor 0.8 drops digits of subnormal halves.
 */
static int32_t
half_bits(float value)
{
	uint32_t bits, mantissa, sign;
	int exponent;

	memcpy(&bits, &value, sizeof(bits));
	sign = bits >> 16 & 0x8000;
	exponent = (int)(bits >> 23 & 0xff) - 127;
	mantissa = bits & 0x7fffff;
	if (exponent == -127 && mantissa == 0)
		return (int32_t)sign;
	if (exponent == 128 && mantissa == 0)
		return (int32_t)(sign | 0x7c00);
	if (exponent >= -14 && exponent <= 15) {
		if (mantissa & 0x1fff)
			return -1;
		return (int32_t)(sign | (uint32_t)(exponent + 15) << 10 | mantissa >> 13);
	}
	if (exponent < -24 || exponent > 15)
		return -1;
	mantissa |= 0x800000;
	if (mantissa & ((1U << (-1 - exponent)) - 1))
		return -1;
	return (int32_t)(sign | mantissa >> (-1 - exponent));
}

/* RFC 8949 section 4.2.2: one NaN, and it is f9 7e 00. */
void
cborbuf_double(struct buf *out, double value)
{
	int32_t half;

	if (!isnan(value) && (double)(float)value != value) {
		out->len += cbor_encode_double(value, room(out), HEAD_MAX);
		return;
	}
	half = isnan(value) ? 0x7e00 : half_bits((float)value);
	if (half < 0) {
		out->len += cbor_encode_single((float)value, room(out), HEAD_MAX);
		return;
	}
	buf_add_byte(out, 0xf9);
	buf_add_byte(out, (uint8_t)(half >> 8));
	buf_add_byte(out, (uint8_t)half);
}
