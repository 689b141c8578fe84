#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base64.h"
#include "common/jscan.h"
#include "common/value.h"

#define EXACT_INTEGER (INT64_C(1) << 53) /* a double holds every integer up to here */

bool
value_eq(const struct value *a, const struct value *b)
{
	if (a->type != b->type)
		return false;
	switch (a->type) {
	case VALUE_INTEGER:
	case VALUE_BOOL:
		return a->integer == b->integer;
	case VALUE_REAL:
		return a->real == b->real && signbit(a->real) == signbit(b->real);
	case VALUE_TEXT:
	case VALUE_BYTES:
		return slice_eq(a->bytes, b->bytes);
	default:
		return true;
	}
}

void
value_print_real(double real, struct buf *out)
{
	char text[40];
	int digits;

	if (isinf(real)) {
		buf_add_str(out, real < 0 ? "-9e999" : "9e999");
		return;
	}
	if (real == 0 && signbit(real)) { /* "-0" may be read as an integer, which has no such */
		buf_add_str(out, "-0.0");
		return;
	}
	for (digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, real);
		if (strtod(text, NULL) == real)
			break;
	}
	buf_add_str(out, text);
}

static void
wrap(const char *key, struct slice bytes, struct buf *out)
{
	buf_printf(out, "{\"%s\":\"", key);
	base64_encode(bytes, out);
	buf_add_str(out, "\"}");
}

static void
real_to_json(double real, struct buf *out)
{
	/* Without a fraction a reader of JSON may make an integer of it. */
	bool plain = isfinite(real) && real != floor(real);

	buf_add_str(out, plain ? "" : "{\"$real\":\"");
	value_print_real(real, out);
	buf_add_str(out, plain ? "" : "\"}");
}

void
value_to_json(const struct value *v, struct buf *out)
{
	switch (v->type) {
	case VALUE_INTEGER:
		buf_printf(out,
		           v->integer <= EXACT_INTEGER && v->integer >= -EXACT_INTEGER
		               ? "%" PRId64
		               : "{\"$integer\":\"%" PRId64 "\"}",
		           v->integer);
		break;
	case VALUE_REAL:
		real_to_json(v->real, out);
		break;
	case VALUE_TEXT:
		if (jscan_utf8(v->bytes))
			jscan_quote(v->bytes, out);
		else
			wrap("$text", v->bytes, out);
		break;
	case VALUE_BYTES:
		wrap("$blob", v->bytes, out);
		break;
	case VALUE_BOOL:
		buf_add_str(out, v->integer ? "true" : "false");
		break;
	default:
		buf_add_str(out, "null");
		break;
	}
}

/* The whole text as a number of this type. */
static bool
number_of(struct slice text, enum value_type type, struct value *v)
{
	char copy[64], *end;

	if (text.len == 0 || text.len >= sizeof(copy))
		return false;
	memcpy(copy, text.p, text.len);
	copy[text.len] = '\0';
	/* strtod() takes more: blanks, hexadecimal, NaN, and text behind a NUL. */
	if (strspn(copy, "+-.0123456789Ee") != text.len)
		return false;
	errno = 0;
	v->type = type;
	if (type == VALUE_INTEGER) {
		v->integer = strtoll(copy, &end, 10);
		return *end == '\0' && errno == 0;
	}
	v->real = strtod(copy, &end);
	return *end == '\0';
}

static struct slice
decode_string(struct slice quoted, struct arena *mem)
{
	struct buf out = arena_take_buf(mem);
	struct slice s = SLICE_ABSENT;

	if (jscan_string(quoted, &out) == 0)
		s = arena_dup(mem, buf_slice(&out));
	arena_give_buf(mem, &out);
	return s;
}

static bool
decode_base64(struct slice text, struct arena *mem, struct slice *out)
{
	struct buf bytes = arena_take_buf(mem);
	bool good = base64_decode(text, &bytes) == 0;

	if (good)
		*out = arena_dup(mem, buf_slice(&bytes));
	arena_give_buf(mem, &bytes);
	return good;
}

/* {"$real":"1"} and its like. */
static bool
unwrap(struct slice json, struct arena *mem, struct value *v)
{
	struct jscan_iter it;
	struct slice key, value, text, more[2];

	jscan_object(&it, json);
	if (jscan_member(&it, &key, &value) <= 0 || jscan_member(&it, &more[0], &more[1]) != 0 ||
	    value.p[0] != '"')
		return false;
	text = decode_string(value, mem);
	if (!text.p)
		return false;
	if (jscan_key_is(key, "$integer"))
		return number_of(text, VALUE_INTEGER, v);
	if (jscan_key_is(key, "$real"))
		return number_of(text, VALUE_REAL, v);
	v->type = jscan_key_is(key, "$blob") ? VALUE_BYTES : VALUE_TEXT;
	if (v->type == VALUE_TEXT && !jscan_key_is(key, "$text"))
		return false;
	return decode_base64(text, mem, &v->bytes);
}

struct value
value_of_json(struct slice json, struct arena *mem)
{
	struct value v = VALUE_INIT;

	if (slice_is(json, "null"))
		return v;
	if (slice_is(json, "true") || slice_is(json, "false"))
		return (struct value){.type = VALUE_BOOL, .integer = json.p[0] == 't'};
	if (json.p[0] == '"') {
		v.bytes = decode_string(json, mem);
		if (v.bytes.p) {
			v.type = VALUE_TEXT;
			return v;
		}
	}
	if (json.p[0] == '{' && unwrap(json, mem, &v))
		return v;
	if (number_of(json, VALUE_INTEGER, &v) || number_of(json, VALUE_REAL, &v))
		return v;
	return (struct value){.type = VALUE_TEXT, .bytes = json};
}
