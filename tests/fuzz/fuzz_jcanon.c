#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/jcanon.h"
#include "common/jsame.h"
#include "common/jscan.h"

/*
 * The canonical form of a JSON text:
 *   - is JSON without space, at most three times as long, and its own form;
 *   - means the same as the text (jsame(), but for lone surrogates as keys);
 *   - is the form of itself disguised: members backwards, space between tokens,
 *     each character escaped, numbers written in another way.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define POINT_MAX 40 /* digits behind the point that are written out */

static void
disguise_string(struct slice s, struct buf *out)
{
	const uint8_t *p = s.p + 1, *end = s.p + s.len - 1;

	buf_add_byte(out, '"');
	while (p < end) {
		if (*p == '\\' && p[1] == 'u') {
			for (int i = 0; i < 6; i++, p++)
				buf_add_byte(out, i > 1 && *p >= 'a' ? *p - 0x20 : *p);
			continue;
		}
		p += *p == '\\';
		if (*p < 0x80)
			buf_printf(out, "\\u%04X", *p++);
		else
			buf_add_byte(out, *p++);
	}
	buf_add_byte(out, '"');
}

/* Digits, with `point` of them behind a point. */
static void
add_with_point(const uint8_t *digits, size_t n, uint64_t point, struct buf *out)
{
	for (uint64_t i = n > point ? n : point + 1; i > 0; i--) {
		buf_add_byte(out, i > n ? '0' : digits[n - i]);
		if (i == point + 1)
			buf_add_byte(out, '.');
	}
}

static void
disguise_number(struct slice s, struct buf *out)
{
	const uint8_t *end = s.p + s.len, *digits = s.p + (*s.p == '-');
	const uint8_t *e = memchr(s.p, 'e', s.len), *mantissa_end = e ? e : end;
	bool negative = e && e[1] == '-';
	struct slice exponent = e ? (struct slice){e + 1 + negative, 0} : SLICE_LIT("0");
	uint64_t point;

	if (e)
		exponent.len = (size_t)(end - exponent.p);
	buf_add(out, s.p, (size_t)(digits - s.p));
	if (negative && jscan_uint(exponent, &point) && point <= POINT_MAX &&
	    !memchr(s.p, '.', s.len)) {
		add_with_point(digits, (size_t)(mantissa_end - digits), point, out);
		return;
	}
	buf_add(out, digits, (size_t)(mantissa_end - digits));
	buf_add_str(out, negative ? "E-00" : "E+00");
	buf_add_slice(out, exponent);
}

static void disguise(struct slice s, struct buf *out);

static void
disguise_members(struct slice s, struct buf *out)
{
	struct {
		struct slice key, value;
	} *m = NULL;
	size_t n = 0, cap = 0;
	struct jscan_iter it;
	struct slice key, value;

	jscan_object(&it, s);
	while (jscan_member(&it, &key, &value) > 0) {
		m = xgrow(m, &cap, n + 1, sizeof(*m));
		m[n].key = key;
		m[n++].value = value;
	}
	buf_add_str(out, " {\n");
	while (n-- > 0) {
		disguise_string(m[n].key, out);
		buf_add_str(out, " : ");
		disguise(m[n].value, out);
		if (n)
			buf_add_str(out, " ,");
	}
	buf_add_str(out, "\t}\r");
	free(m);
}

static void
disguise_elements(struct slice s, struct buf *out)
{
	struct jscan_iter it;
	struct slice value;
	bool more = false;

	jscan_array(&it, s);
	buf_add_str(out, " [ ");
	while (jscan_element(&it, &value) > 0) {
		if (more)
			buf_add_str(out, " ,\n");
		disguise(value, out);
		more = true;
	}
	buf_add_str(out, " ]");
}

/* A canonical text in another spelling. */
static void
disguise(struct slice s, struct buf *out)
{
	if (*s.p == '{')
		disguise_members(s, out);
	else if (*s.p == '[')
		disguise_elements(s, out);
	else if (*s.p == '"')
		disguise_string(s, out);
	else if (*s.p == '-' || (*s.p >= '0' && *s.p <= '9'))
		disguise_number(s, out);
	else
		buf_add_slice(out, s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct slice in = {data, len};
	struct buf form = BUF_INIT, other = BUF_INIT, again = BUF_INIT;
	struct jcanon c;
	unsigned flags = 0;

	if (!jscan_valid(in, NULL, NULL))
		return 0;
	jcanon_init(&c);
	jcanon_add(&c, in, &form);
	assert(jscan_valid(buf_slice(&form), &flags, NULL) && flags == 0);
	assert(form.len <= 3 * len);
	assert(memmem(form.p, form.len, "\\ud", 3) || jsame(in, buf_slice(&form)));
	jcanon_add(&c, buf_slice(&form), &again);
	assert(slice_eq(buf_slice(&again), buf_slice(&form)));
	disguise(buf_slice(&form), &other);
	again.len = 0;
	jcanon_add(&c, buf_slice(&other), &again);
	assert(slice_eq(buf_slice(&again), buf_slice(&form)));
	jcanon_release(&c);
	buf_release(&form);
	buf_release(&other);
	buf_release(&again);
	return 0;
}
