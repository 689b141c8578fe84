#include <string.h>

#include "common/jscan.h"
#include "common/jscan_impl.h"

void
jscan_compact(struct slice json, struct buf *out)
{
	const uint8_t *p = json.p;
	const uint8_t *end = p + json.len;
	uint8_t *o;

	buf_reserve(out, json.len);
	o = out->p + out->len;
	while (p < end) {
		if (*p == '"') {
			const uint8_t *q = jscan_string_end(p + 1, end);

			memcpy(o, p, (size_t)(q - p));
			o += q - p;
			p = q;
		} else if (jscan_is_space(*p)) {
			p++;
		} else {
			*o++ = *p++;
		}
	}
	out->len = (size_t)(o - out->p);
}

uint32_t
jscan_hex4(const uint8_t *p)
{
	uint32_t v = 0;

	/* Digits are 0x30 on, letters 0x41 and 0x61 on. */
	for (int i = 0; i < 4; i++)
		v = v << 4 | ((p[i] & 0xfU) + (p[i] >> 6) * 9U);
	return v;
}

uint32_t
jscan_escape(const uint8_t **pp, const uint8_t *end)
{
	const uint8_t *p = *pp;
	uint32_t high, low;

	if (p[1] != 'u') {
		static const char names[] = "bfnrt", values[] = "\b\f\n\r\t";
		const char *name = strchr(names, p[1]);

		*pp = p + 2;
		return name ? (uint8_t)values[name - names] : p[1];
	}
	high = jscan_hex4(p + 2);
	*pp = p + 6;
	if (high >> 11 != 0xd800 >> 11)
		return high;
	if (high >= 0xdc00 || end - p < 12 || p[6] != '\\' || p[7] != 'u')
		return JSCAN_NO_CHARACTER;
	low = jscan_hex4(p + 8);
	if (low < 0xdc00 || low > 0xdfff)
		return JSCAN_NO_CHARACTER;
	*pp = p + 12;
	return 0x10000 + ((high - 0xd800) << 10 | (low - 0xdc00));
}

uint8_t *
jscan_utf8_put(uint8_t *o, uint32_t cp)
{
	if (cp < 0x80) {
		*o++ = (uint8_t)cp;
		return o;
	}
	if (cp < 0x800) {
		*o++ = (uint8_t)(0xc0 | cp >> 6);
	} else {
		if (cp < 0x10000) {
			*o++ = (uint8_t)(0xe0 | cp >> 12);
		} else {
			*o++ = (uint8_t)(0xf0 | cp >> 18);
			*o++ = (uint8_t)(0x80 | (cp >> 12 & 0x3f));
		}
		*o++ = (uint8_t)(0x80 | (cp >> 6 & 0x3f));
	}
	*o++ = (uint8_t)(0x80 | (cp & 0x3f));
	return o;
}

int
jscan_decode(struct slice quoted, bool lossy, struct buf *out)
{
	const uint8_t *p = quoted.p + 1;
	const uint8_t *end = quoted.p + quoted.len - 1;
	uint8_t *o;

	buf_reserve(out, quoted.len); /* no escape is shorter than what it stands for */
	o = out->p + out->len;
	while (p < end) {
		const uint8_t *slash = memchr(p, '\\', (size_t)(end - p));
		size_t len = (size_t)((slash ? slash : end) - p);
		uint32_t cp;

		memcpy(o, p, len);
		o += len;
		p += len;
		if (p == end)
			break;
		cp = jscan_escape(&p, end);
		if (cp == JSCAN_NO_CHARACTER) {
			if (!lossy)
				return -1;
			cp = 0xfffd;
		}
		o = jscan_utf8_put(o, cp);
	}
	out->len = (size_t)(o - out->p);
	return 0;
}

int
jscan_string(struct slice quoted, struct buf *out)
{
	return jscan_decode(quoted, false, out);
}

struct slice
jscan_plain(struct slice quoted)
{
	struct slice inner = {quoted.p + 1, quoted.len - 2};

	return memchr(inner.p, '\\', inner.len) ? SLICE_ABSENT : inner;
}

bool
jscan_key_is(struct slice key, const char *text)
{
	const uint8_t *p = key.p + 1;
	const uint8_t *end = key.p + key.len - 1;
	size_t len = key.len - 2, want = strlen(text);

	/* An escape is longer than the character that it stands for, and that is ASCII. */
	if (len <= want)
		return len == want && memcmp(p, text, len) == 0 && !memchr(p, '\\', len);
	if (!memchr(p, '\\', len))
		return false;
	for (; p < end && *text; text++) {
		uint32_t cp = *p == '\\' ? jscan_escape(&p, end) : *p++;

		if (cp != (uint8_t)*text)
			return false;
	}
	return p == end && !*text;
}

static void
quote_byte(struct buf *out, uint8_t c)
{
	static const char short_of[] = "btn\0fr"; /* from 0x08 on; 0x0b has none */

	if (c >= 0x20) {
		buf_add_byte(out, '\\');
		buf_add_byte(out, c);
	} else if (c >= '\b' && c <= '\r' && short_of[c - '\b']) {
		buf_add_byte(out, '\\');
		buf_add_byte(out, (uint8_t)short_of[c - '\b']);
	} else {
		buf_printf(out, "\\u%04x", c);
	}
}

void
jscan_quote(struct slice utf8, struct buf *out)
{
	const uint8_t *p = utf8.p ? utf8.p : (const uint8_t *)"";
	const uint8_t *end = p + utf8.len;

	buf_reserve(out, utf8.len + 2);
	buf_add_byte(out, '"');
	while (p < end) {
		const uint8_t *q = jscan_run(p, end);

		while (q < end && *q >= 0x80)
			q = jscan_run(q + 1, end);
		buf_add(out, p, (size_t)(q - p));
		if (q < end)
			quote_byte(out, *q++);
		p = q;
	}
	buf_add_byte(out, '"');
}

bool
jscan_uint(struct slice number, uint64_t *out)
{
	uint64_t v = 0;

	if (number.len == 0 || (number.p[0] == '0' && number.len > 1))
		return false;
	for (size_t i = 0; i < number.len; i++) {
		unsigned digit = number.p[i] - (unsigned)'0';

		if (digit > 9 || v > UINT64_MAX / 10 || v * 10 > UINT64_MAX - digit)
			return false;
		v = v * 10 + digit;
	}
	*out = v;
	return true;
}
