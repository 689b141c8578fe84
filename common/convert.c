#include <string.h>

#include "common/convert.h"
#include "common/jscan.h"
#include "common/timestamp.h"
#include "common/uuid.h"

/* Payloads have two more members to compare and no single value: rowmap.c does them. */

/* What each conversion writes, and whether what it reads is always what it would write. */
static const struct {
	enum value_type type;
	bool exact;
} conversions[LAYOUT_CONVS] = {
    [LAYOUT_TEXT] = {VALUE_TEXT, false},        [LAYOUT_INT] = {VALUE_INTEGER, true},
    [LAYOUT_UUID_HEX] = {VALUE_TEXT, false},    [LAYOUT_UUID_BLOB] = {VALUE_BYTES, true},
    [LAYOUT_JSON] = {VALUE_TEXT, false},        [LAYOUT_JSON_BLOB] = {VALUE_BYTES, false},
    [LAYOUT_BYTES] = {VALUE_BYTES, false},      [LAYOUT_PAYLOAD] = {VALUE_TEXT, false},
    [LAYOUT_UNIX_S] = {VALUE_INTEGER, true},    [LAYOUT_UNIX_MS] = {VALUE_INTEGER, true},
    [LAYOUT_UNIX_US] = {VALUE_INTEGER, true},   [LAYOUT_UNIX_NS] = {VALUE_INTEGER, true},
    [LAYOUT_RFC3339] = {VALUE_TEXT, false},     [LAYOUT_DATETIME] = {VALUE_TEXT, false},
    [LAYOUT_TIMESTAMP] = {VALUE_INTEGER, true}, [LAYOUT_NANOSECONDS] = {VALUE_INTEGER, true},
    [LAYOUT_JSON_ARRAY] = {VALUE_TEXT, false},  [LAYOUT_JSON_OBJECT] = {VALUE_TEXT, false},
    [LAYOUT_MEMBERS] = {VALUE_TEXT, false},     [LAYOUT_VALUE] = {VALUE_TEXT, false},
};

static int64_t
unit_ns(enum layout_conv conv)
{
	switch (conv) {
	case LAYOUT_UNIX_S:
		return 1000000000;
	case LAYOUT_UNIX_MS:
		return 1000000;
	case LAYOUT_UNIX_US:
	case LAYOUT_TIMESTAMP:
		return 1000;
	default:
		return 1;
	}
}

static struct slice
number_text(const struct value *v, struct arena *mem)
{
	struct buf text = arena_take_buf(mem);
	struct slice s;

	if (v->type == VALUE_INTEGER)
		buf_printf(&text, "%lld", (long long)v->integer);
	else
		value_print_real(v->real, &text);
	s = arena_dup(mem, buf_slice(&text));
	arena_give_buf(mem, &text);
	return s;
}

static bool
read_text(const struct layout_column *c, const struct value *v, struct event *e, struct arena *mem)
{
	struct slice *text = event_text(e, c->field);
	uint8_t uuid[UUID_BYTES];
	char *canonical;

	/* A column of 16 bytes takes no other text than a UUID. */
	if (c->conv != LAYOUT_UUID_BLOB && (v->type == VALUE_INTEGER || v->type == VALUE_REAL)) {
		*text = number_text(v, mem);
		return true;
	}
	if (c->conv == LAYOUT_TEXT || (c->conv == LAYOUT_UUID_HEX && v->type == VALUE_TEXT &&
	                               uuid_parse_hex(v->bytes, uuid) < 0)) {
		if (v->type != VALUE_TEXT)
			return false;
		*text = arena_dup(mem, v->bytes);
		return true;
	}
	if (v->type == VALUE_BYTES && c->conv == LAYOUT_UUID_BLOB && v->bytes.len == UUID_BYTES)
		memcpy(uuid, v->bytes.p, UUID_BYTES);
	else if (v->type != VALUE_TEXT || c->conv != LAYOUT_UUID_HEX)
		return false;
	canonical = arena_alloc(mem, UUID_TEXT_BYTES + 1);
	uuid_format(uuid, canonical);
	*text = (struct slice){(uint8_t *)canonical, UUID_TEXT_BYTES};
	return true;
}

static bool
read_time(const struct layout_column *c, const struct value *v, struct event *e)
{
	int64_t ns;

	if (c->conv == LAYOUT_RFC3339 || c->conv == LAYOUT_DATETIME) {
		if (v->type != VALUE_TEXT || timestamp_parse(v->bytes, &ns) < 0)
			return false;
	} else if (v->type != VALUE_INTEGER ||
	           __builtin_mul_overflow(v->integer, unit_ns(c->conv), &ns)) {
		return false;
	}
	if (ns == EVENT_NO_TIME)
		return false;
	e->time_ns = ns;
	return true;
}

static bool
read_tags(const struct value *v, struct event *e, struct arena *mem)
{
	struct buf text;
	struct slice value, all;
	struct jscan_iter it;
	uint32_t n = 0;
	int rc;

	if (v->type != VALUE_TEXT)
		return false;
	all = arena_dup(mem, v->bytes);
	jscan_array(&it, all);
	while ((rc = jscan_element(&it, &value)) > 0 && value.p[0] == '"')
		n++;
	if (rc != 0)
		return false;
	text = arena_take_buf(mem);
	e->tags = arena_alloc(mem, n * sizeof(*e->tags) + 1);
	jscan_array(&it, all);
	while ((rc = jscan_element(&it, &value)) > 0) {
		text.len = 0;
		if (jscan_string(value, &text) < 0)
			break;
		e->tags[e->n_tags++] = arena_dup(mem, buf_slice(&text));
	}
	arena_give_buf(mem, &text);
	if (rc == 0)
		return true;
	e->tags = NULL;
	e->n_tags = 0;
	return false;
}

bool
convert_read(const struct layout_column *c, const struct value *v, struct event *e,
             struct arena *mem)
{
	switch (c->field) {
	case FIELD_POSITION:
		e->position = (uint64_t)v->integer;
		return v->type == VALUE_INTEGER && v->integer >= 0;
	case FIELD_VERSION:
		e->version = (uint64_t)v->integer - (uint64_t)c->base;
		return v->type == VALUE_INTEGER && v->integer >= c->base;
	case FIELD_TIME:
		return read_time(c, v, e);
	case FIELD_TAGS:
		return read_tags(v, e, mem);
	default:
		return read_text(c, v, e, mem);
	}
}

static const char *
write_number(uint64_t n, int64_t base, struct value *v)
{
	v->type = VALUE_INTEGER;
	if (n > INT64_MAX || __builtin_add_overflow((int64_t)n, base, &v->integer))
		return "is larger than an INTEGER can be";
	return NULL;
}

static const char *
write_text(const struct layout_column *c, struct slice text, struct arena *mem, struct value *v)
{
	uint8_t uuid[UUID_BYTES];
	char *hex;

	v->type = VALUE_TEXT;
	v->bytes = text;
	if (c->conv == LAYOUT_TEXT || (uuid_parse(text, uuid) < 0 && c->conv == LAYOUT_UUID_HEX))
		return NULL;
	if (uuid_parse(text, uuid) < 0)
		return "is not a UUID, which the column needs";
	if (c->conv == LAYOUT_UUID_BLOB) {
		v->type = VALUE_BYTES;
		v->bytes = arena_dup(mem, (struct slice){uuid, sizeof(uuid)});
		return NULL;
	}
	hex = arena_alloc(mem, UUID_HEX_BYTES + 1);
	uuid_format_hex(uuid, hex);
	v->bytes = (struct slice){(uint8_t *)hex, UUID_HEX_BYTES};
	return NULL;
}

static const char *
write_time(const struct layout_column *c, int64_t ns, struct arena *mem, struct value *v)
{
	char text[TIMESTAMP_BYTES];
	int64_t unit, below;
	size_t len;

	if (c->conv == LAYOUT_RFC3339 || c->conv == LAYOUT_DATETIME) {
		len = timestamp_format(ns,
		                       c->conv == LAYOUT_RFC3339 ? TIMESTAMP_RFC3339
		                                                 : TIMESTAMP_DATETIME,
		                       text);
		v->type = VALUE_TEXT;
		v->bytes = arena_dup(mem, (struct slice){(uint8_t *)text, len});
		return NULL;
	}
	unit = unit_ns(c->conv);
	below = (ns % unit + unit) % unit;
	v->type = VALUE_INTEGER;
	v->integer = ns / unit - (ns % unit < 0);
	if (c->conv == LAYOUT_NANOSECONDS)
		v->integer = (ns % 1000 + 1000) % 1000;
	return below && !c->split ? "is finer than the unit of the column" : NULL;
}

static void
write_tags(const struct event *e, struct arena *mem, struct value *v)
{
	struct buf text = arena_take_buf(mem);
	uint32_t i;

	for (i = 0; i < e->n_tags; i++) {
		buf_add_byte(&text, i ? ',' : '[');
		jscan_quote(e->tags[i], &text);
	}
	buf_add_str(&text, e->n_tags ? "]" : "[]");
	v->type = VALUE_TEXT;
	v->bytes = arena_dup(mem, buf_slice(&text));
	arena_give_buf(mem, &text);
}

const char *
convert_write(const struct layout_column *c, const struct event *e, struct arena *mem,
              struct value *v)
{
	struct event *any = (struct event *)(uintptr_t)e; /* event_text() only finds the place */

	switch (c->field) {
	case FIELD_POSITION:
		return write_number(e->position, 0, v);
	case FIELD_VERSION:
		return write_number(e->version, c->base, v);
	case FIELD_TIME:
		return write_time(c, e->time_ns, mem, v);
	case FIELD_TAGS:
		write_tags(e, mem, v);
		return NULL;
	default:
		return write_text(c, *event_text(any, c->field), mem, v);
	}
}

bool
convert_absent(const struct layout_column *c, const struct event *e)
{
	struct event *any = (struct event *)(uintptr_t)e;

	switch (c->field) {
	case FIELD_POSITION:
	case FIELD_VERSION:
		return false;
	case FIELD_TIME:
		return e->time_ns == EVENT_NO_TIME;
	case FIELD_TAGS:
		return e->tags == NULL;
	default:
		return event_text(any, c->field)->p == NULL;
	}
}

bool
convert_lossy(const struct layout_column *c, const struct value *v)
{
	return !conversions[c->conv].exact && (c->conv != LAYOUT_TEXT || v->type != VALUE_TEXT);
}

enum value_type
convert_type(enum layout_conv conv)
{
	return conversions[conv].type;
}

bool
convert_holds(const struct layout_column *c, const struct value *raw, bool typed,
              const struct event *e, struct arena *mem)
{
	struct event read = {.time_ns = EVENT_NO_TIME};
	struct value a = VALUE_INIT, z = VALUE_INIT;

	if (typed && raw->type != convert_type(c->conv))
		return false;
	if (!convert_read(c, raw, &read, mem))
		return raw->type != VALUE_NULL && convert_absent(c, e);
	if (convert_absent(c, e))
		return false;
	return !convert_write(c, &read, mem, &a) && !convert_write(c, e, mem, &z) &&
	       value_eq(&a, &z);
}

bool
convert_takes(const struct layout_column *c, const struct payload *p)
{
	return !c->split || (p->kind == PAYLOAD_JSON) == (c->conv == LAYOUT_JSON);
}

bool
convert_keeps_hint(const struct layout_column *c, struct slice hint)
{
	return c->conv == LAYOUT_JSON && slice_is(hint, "\"text\"");
}

bool
convert_tells(const struct layout_column *c, bool text, struct slice bytes)
{
	if (!text)
		return c->conv == LAYOUT_JSON;
	return c->conv == LAYOUT_BYTES || c->conv == LAYOUT_JSON_BLOB ||
	       !jscan_valid(bytes, NULL, NULL);
}
