#include <string.h>

#include "common/base64.h"
#include "common/jsame.h"
#include "common/jscan.h"
#include "common/timestamp.h"
#include "format/codec.h"

/*
 * The keys in the order in which they are written.  A payload has up to three
 * of them: `x` is the JSON value, `x_base64` bytes that are no JSON, `x_text`
 * the exact JSON text where `x` could not keep it.
 */
enum form { FORM_VALUE, FORM_BASE64, FORM_TEXT };

static const struct key {
	const char *name;
	enum field field;
	enum form form;
} keys[] = {
    {"position", FIELD_POSITION, FORM_VALUE},
    {"stream", FIELD_STREAM, FORM_VALUE},
    {"version", FIELD_VERSION, FORM_VALUE},
    {"id", FIELD_ID, FORM_VALUE},
    {"type", FIELD_TYPE, FORM_VALUE},
    {"time", FIELD_TIME, FORM_VALUE},
    {"correlation_id", FIELD_CORRELATION_ID, FORM_VALUE},
    {"causation_id", FIELD_CAUSATION_ID, FORM_VALUE},
    {"content_type", FIELD_CONTENT_TYPE, FORM_VALUE},
    {"tags", FIELD_TAGS, FORM_VALUE},
    {"attributes", FIELD_ATTRIBUTES, FORM_VALUE},
    {"metadata", FIELD_METADATA, FORM_VALUE},
    {"metadata_base64", FIELD_METADATA, FORM_BASE64},
    {"metadata_text", FIELD_METADATA, FORM_TEXT},
    {"data", FIELD_DATA, FORM_VALUE},
    {"data_base64", FIELD_DATA, FORM_BASE64},
    {"data_text", FIELD_DATA, FORM_TEXT},
};
#define SAME_MAX_BYTES ((size_t)64 << 20) /* comparing takes 40 times as much memory */
#define N_KEYS (sizeof(keys) / sizeof(*keys))

static void
put_text(struct buf *out, const char *key, struct slice text)
{
	if (!text.p)
		return;
	buf_add_str(out, key);
	jscan_quote(text, out);
}

static void
put_attributes(struct buf *out, const struct event *e)
{
	uint32_t i;

	if (!e->n_attrs)
		return;
	buf_add_str(out, ",\"attributes\":");
	for (i = 0; i < e->n_attrs; i++) {
		buf_add_byte(out, i ? ',' : '{');
		jscan_quote(e->attrs[i].name, out);
		buf_add_byte(out, ':');
		buf_add_slice(out, e->attrs[i].value);
	}
	buf_add_byte(out, '}');
}

static void
put_tags(struct buf *out, const struct event *e)
{
	uint32_t i;

	if (!e->tags)
		return;
	buf_add_str(out, ",\"tags\":[");
	for (i = 0; i < e->n_tags; i++) {
		if (i)
			buf_add_byte(out, ',');
		jscan_quote(e->tags[i], out);
	}
	buf_add_byte(out, ']');
}

/* Whether a JSON payload can stand in a line as it is, so that a reader gets the same bytes back.
 */
static bool
fits_line(const struct payload *p)
{
	return !(p->json_flags & JSCAN_NEWLINE) && p->bytes.p[0] > ' ' &&
	       p->bytes.p[p->bytes.len - 1] > ' ';
}

/* `\uD8xx` and its like: the third digit is between `from` and `to`. */
static bool
is_surrogate(const uint8_t *p, const uint8_t *end, char from, char to)
{
	int third = end - p >= 6 ? p[3] | 0x20 : 0; /* lower case; digits have the bit anyway */

	return third >= from && third <= to && p[0] == '\\' && p[1] == 'u' &&
	       (p[2] | 0x20) == 'd' && (third <= '9' || third >= 'a');
}

/*
 * A value beside its exact text: compact, and with U+FFFD for lone surrogates,
 * which jq and its like refuse.  The text is what counts.
 */
static void
put_readable(struct buf *out, struct slice json)
{
	static const uint8_t replacement[6] = {'\\', 'u', 'f', 'f', 'f', 'd'};
	size_t start = out->len;
	uint8_t *p, *end;

	jscan_compact(json, out);
	end = out->p + out->len;
	for (p = out->p + start; (p = memchr(p, '\\', (size_t)(end - p))); p += 2) {
		if (is_surrogate(p, end, '8', 'b') && is_surrogate(p + 6, end, 'c', 'f'))
			p += 10;
		else if (is_surrogate(p, end, '8', 'f'))
			memcpy(p, replacement, sizeof(replacement));
	}
}

static void
put_payload(struct buf *out, const char *name, const struct payload *p, unsigned flags)
{
	bool broken = p->kind == PAYLOAD_JSON && !fits_line(p);

	if (p->kind == PAYLOAD_NONE)
		return;
	buf_add_str(out, ",\"");
	buf_add_str(out, name);
	buf_add_str(out, p->kind == PAYLOAD_JSON ? "\":" : "_base64\":");
	if (p->kind != PAYLOAD_JSON) {
		buf_add_byte(out, '"');
		base64_encode(p->bytes, out);
		buf_add_byte(out, '"');
		return;
	}
	if (flags & CODEC_EXACT_TEXT)
		put_readable(out, p->bytes);
	else if (broken)
		jscan_compact(p->bytes, out);
	else
		buf_add_slice(out, p->bytes);
	if (broken || (flags & CODEC_EXACT_TEXT)) {
		buf_printf(out, ",\"%s_text\":", name);
		jscan_quote(p->bytes, out);
	}
}

static int
encode_event(const struct event *e, unsigned flags, struct buf *out, struct err *err)
{
	char time[TIMESTAMP_BYTES];
	size_t n;

	(void)err; /* every checked event can be written */
	buf_reserve(out, event_weight_bytes(e));
	buf_add_str(out, "{\"position\":");
	buf_add_uint(out, e->position);
	put_text(out, ",\"stream\":", e->stream);
	buf_add_str(out, ",\"version\":");
	buf_add_uint(out, e->version);
	put_text(out, ",\"id\":", e->id);
	put_text(out, ",\"type\":", e->type);
	if (e->time_ns != EVENT_NO_TIME) {
		n = timestamp_format(e->time_ns, TIMESTAMP_RFC3339, time);
		buf_add_str(out, ",\"time\":\"");
		buf_add(out, time, n);
		buf_add_byte(out, '"');
	}
	put_text(out, ",\"correlation_id\":", e->correlation_id);
	put_text(out, ",\"causation_id\":", e->causation_id);
	put_text(out, ",\"content_type\":", e->content_type);
	put_tags(out, e);
	put_attributes(out, e);
	put_payload(out, "metadata", &e->metadata, flags);
	put_payload(out, "data", &e->data, flags);
	buf_add_str(out, "}\n");
	return 0;
}

/* One line while it is decoded. */
struct line {
	struct event *e;
	struct arena *mem;
	struct slice text[2]; /* the decoded metadata_text and data_text */
	unsigned seen;        /* bit per field, for the required ones */
	unsigned keys;        /* bit per key: each may come once */
};

static int
bad_value(const char *key, const char *want, struct err *err)
{
	return err_set(err, ERR_FORMAT, "\"%s\" is not %s", key, want);
}

/* A string: in place where it has no escapes, else decoded into the batch. */
static int
take_string(struct slice quoted, struct arena *mem, const char *key, struct slice *out,
            struct err *err)
{
	struct buf decoded;
	int rc;

	if (quoted.p[0] != '"')
		return bad_value(key, "a string", err);
	*out = jscan_plain(quoted);
	if (out->p)
		return 0;
	decoded = arena_take_buf(mem);
	rc = jscan_string(quoted, &decoded);
	if (rc == 0)
		*out = arena_dup(mem, buf_slice(&decoded));
	arena_give_buf(mem, &decoded);
	return rc < 0 ? err_set(err, ERR_FORMAT, "\"%s\" holds a lone surrogate", key) : 0;
}

static int
take_base64(struct slice quoted, struct arena *mem, const char *key, struct slice *out,
            struct err *err)
{
	struct buf decoded;
	struct slice text;
	int rc;

	if (take_string(quoted, mem, key, &text, err) < 0)
		return -1;
	decoded = arena_take_buf(mem);
	rc = base64_decode(text, &decoded);
	if (rc == 0)
		*out = arena_dup(mem, buf_slice(&decoded));
	arena_give_buf(mem, &decoded);
	return rc < 0 ? bad_value(key, "base64 (RFC 4648, section 4)", err) : 0;
}

static int
take_tags(struct slice array, struct line *l, struct err *err)
{
	struct jscan_iter it;
	struct slice value;
	uint32_t n = 0;
	int rc;

	jscan_array(&it, array);
	while ((rc = jscan_element(&it, &value)) > 0)
		n++;
	if (rc < 0)
		return bad_value("tags", "an array of strings", err);
	l->e->tags = arena_alloc(l->mem, n * sizeof(*l->e->tags) + 1);
	jscan_array(&it, array);
	while ((rc = jscan_element(&it, &value)) > 0)
		if (take_string(value, l->mem, "tags", &l->e->tags[l->e->n_tags++], err) < 0)
			return -1;
	return rc;
}

static int
take_attributes(struct slice object, struct line *l, struct err *err)
{
	struct buf compact = arena_take_buf(l->mem);
	struct jscan_iter it;
	struct slice key, value;
	int rc;

	jscan_object(&it, object);
	while ((rc = jscan_member(&it, &key, &value)) > 0) {
		if (take_string(key, l->mem, "attributes", &key, err) < 0)
			break;
		compact.len = 0;
		jscan_compact(value, &compact);
		if (compact.len != value.len)
			value = arena_dup(l->mem, buf_slice(&compact));
		event_add_attr(l->e, l->mem, key, value);
	}
	arena_give_buf(l->mem, &compact);
	if (rc > 0)
		return -1;
	if (rc == 0 && !event_attrs_unique(l->e))
		return err_set(err, ERR_FORMAT, "an attribute is there twice");
	return rc < 0 ? bad_value("attributes", "an object", err) : 0;
}

static int
take_payload(struct slice value, const struct key *key, struct line *l, struct err *err)
{
	struct payload *p = event_payload(l->e, key->field);

	switch (key->form) {
	case FORM_TEXT:
		return take_string(value, l->mem, key->name, &l->text[key->field == FIELD_DATA],
		                   err);
	case FORM_BASE64:
		if (p->kind != PAYLOAD_NONE)
			break;
		p->kind = PAYLOAD_BYTES;
		return take_base64(value, l->mem, key->name, &p->bytes, err);
	case FORM_VALUE:
		if (p->kind != PAYLOAD_NONE)
			break;
		*p = (struct payload){.kind = PAYLOAD_JSON, .bytes = value};
		return 0;
	}
	return err_set(err, ERR_FORMAT, "both \"%s\" and \"%s_base64\" are there",
	               event_field_name(key->field), event_field_name(key->field));
}

static int
take_time(struct slice value, struct line *l, struct err *err)
{
	struct slice text = SLICE_ABSENT;

	if (take_string(value, l->mem, "time", &text, err) < 0)
		return -1;
	if (timestamp_parse(text, &l->e->time_ns) < 0)
		return bad_value("time", "an RFC 3339 time from 1677 to 2262", err);
	return 0;
}

/* 2^64 - 1 is EVENT_NO_POSITION. */
static int
take_number(struct slice value, const char *key, uint64_t *out, struct err *err)
{
	if (jscan_uint(value, out) && *out != UINT64_MAX)
		return 0;
	return bad_value(key, "an integer from 0 to 2^64 - 2", err);
}

static int
take_value(struct slice value, const struct key *key, struct line *l, struct err *err)
{
	struct slice *text = event_text(l->e, key->field);

	if (text)
		return take_string(value, l->mem, key->name, text, err);
	switch (key->field) {
	case FIELD_POSITION:
		return take_number(value, key->name, &l->e->position, err);
	case FIELD_VERSION:
		return take_number(value, key->name, &l->e->version, err);
	case FIELD_TIME:
		return take_time(value, l, err);
	case FIELD_TAGS:
		return take_tags(value, l, err);
	case FIELD_ATTRIBUTES:
		return take_attributes(value, l, err);
	default:
		return take_payload(value, key, l, err);
	}
}

/* Keys come in the order of the table as a rule: look on from the last one found. */
static const struct key *
find_key(struct slice quoted, size_t *next)
{
	size_t i, at;

	for (i = 0; i < N_KEYS; i++) {
		at = (*next + i) % N_KEYS;
		if (jscan_key_is(quoted, keys[at].name)) {
			*next = (at + 1) % N_KEYS;
			return &keys[at];
		}
	}
	return NULL;
}

static int
bad_key(struct slice quoted, struct err *err)
{
	int len = quoted.len < 60 ? (int)quoted.len : 60;

	if (jscan_key_is(quoted, "kind"))
		return err_set(err, ERR_FORMAT,
		               "a line of a \"kind\" that this version does not know");
	err_set(err, ERR_FORMAT, "unknown key %.*s", len, (const char *)quoted.p);
	return err_hint(err, "what has no field of its own belongs under \"attributes\"");
}

/*
 * Whether the value beside a text means the same.  As a rule it is the text,
 * compacted; only where somebody rewrote it the costly comparison is needed.
 */
static bool
same_meaning(struct slice text, struct slice value)
{
	struct buf compact = BUF_INIT;
	bool same;

	jscan_compact(text, &compact);
	same = slice_eq(buf_slice(&compact), value);
	if (!same) {
		compact.len = 0;
		put_readable(&compact, text);
		same = slice_eq(buf_slice(&compact), value);
	}
	buf_release(&compact);
	return same || (text.len <= SAME_MAX_BYTES && jsame(text, value));
}

/* The exact text wins, and must mean what the value beside it means. */
static int
settle_text(struct line *l, enum field f, struct err *err)
{
	struct slice text = l->text[f == FIELD_DATA];
	struct payload *p = event_payload(l->e, f);
	const char *name = event_field_name(f);

	if (!text.p)
		return 0;
	if (!jscan_valid(text, NULL, NULL))
		return err_set(err, ERR_FORMAT, "\"%s_text\" is not JSON", name);
	if (p->kind == PAYLOAD_BYTES)
		return err_set(err, ERR_FORMAT, "both \"%s_text\" and \"%s_base64\" are there",
		               name, name);
	if (p->kind == PAYLOAD_JSON && !same_meaning(text, p->bytes)) {
		err_set(err, ERR_FORMAT, "\"%s\" and \"%s_text\" differ in meaning", name, name);
		return err_hint(err, "delete \"%s_text\" where \"%s\" was edited", name, name);
	}
	*p = (struct payload){.kind = PAYLOAD_JSON, .bytes = text};
	return 0;
}

static int
decode_line(struct slice text, struct line *l, struct err *err)
{
	struct jscan_iter it;
	struct slice quoted, value;
	const struct key *key;
	size_t next = 0;
	int rc;

	jscan_object(&it, text);
	while ((rc = jscan_member(&it, &quoted, &value)) > 0) {
		key = find_key(quoted, &next);
		if (!key)
			return bad_key(quoted, err);
		if (l->keys & 1U << (key - keys))
			return err_set(err, ERR_FORMAT, "\"%s\" is there twice", key->name);
		l->keys |= 1U << (key - keys);
		l->seen |= 1U << key->field;
		if (take_value(value, key, l, err) < 0)
			return -1;
	}
	if (rc < 0)
		return err_set(err, ERR_FORMAT, "not a JSON object: %s at byte %zu of the line",
		               it.fault.why, it.fault.at);
	if (settle_text(l, FIELD_METADATA, err) < 0 || settle_text(l, FIELD_DATA, err) < 0)
		return -1;
	event_settle_cbor(l->e);
	return 0;
}

static int
decode_event(struct slice *in, unsigned flags, struct batch *into, struct err *err)
{
	const uint8_t *end = memchr(in->p, '\n', in->len);
	struct slice text = {in->p, end ? (size_t)(end - in->p) : in->len};
	struct line l = {.e = batch_add(into), .mem = into->mem};

	if (decode_line(text, &l, err) < 0 || codec_check_present(l.seen, flags, err) < 0) {
		batch_drop_last(into);
		return -1;
	}
	in->p += text.len + (end != NULL);
	in->len -= text.len + (end != NULL);
	return 0;
}

const struct codec codec_jsonl = {.name = "jsonl",
                                  .suffix = ".jsonl.zst",
                                  .encode = encode_event,
                                  .decode = decode_event};
