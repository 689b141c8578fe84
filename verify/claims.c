#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/cborscan.h"
#include "common/jscan.h"
#include "verify/claims.h"

enum claim { CLAIM_NONE, CLAIM_JSON, CLAIM_CBOR, CLAIM_UTF8 };

static bool
ends_in(struct slice s, const char *end)
{
	size_t n = strlen(end);

	return s.len >= n && strncasecmp((const char *)s.p + s.len - n, end, n) == 0;
}

static bool
begins_with(struct slice s, const char *start)
{
	size_t n = strlen(start);

	return s.len >= n && strncasecmp((const char *)s.p, start, n) == 0;
}

static bool
is_word(struct slice s, const char *word)
{
	return s.len == strlen(word) && begins_with(s, word);
}

static struct slice
trim(struct slice s, const char *set)
{
	while (s.len && s.p[0] && strchr(set, s.p[0])) {
		s.p++;
		s.len--;
	}
	while (s.len && s.p[s.len - 1] && strchr(set, s.p[s.len - 1]))
		s.len--;
	return s;
}

/* What stands before the next ';', which is taken off `rest`. */
static struct slice
next_part(struct slice *rest)
{
	const uint8_t *end = rest->len ? memchr(rest->p, ';', rest->len) : NULL;
	struct slice part = *rest;

	if (end)
		part.len = (size_t)(end - rest->p);
	rest->p += part.len + (end != NULL);
	rest->len -= part.len + (end != NULL);
	return trim(part, " \t");
}

/* The value of the parameter `charset`, or absent.  RFC 9110, 8.3.1. */
static struct slice
charset_of(struct slice parameters)
{
	struct slice part;

	while (parameters.len) {
		part = next_part(&parameters);
		if (begins_with(part, "charset=")) {
			part.p += strlen("charset=");
			part.len -= strlen("charset=");
			return trim(part, "\"");
		}
	}
	return SLICE_ABSENT;
}

/*
 * RFC 6839 for suffixes.  Text without a charset is US-ASCII or UTF-8 (RFC 2046,
 * RFC 6657), and the one is valid as the other; XML and HTML say it inside.
 */
static enum claim
claim_of(struct slice content_type)
{
	struct slice rest = content_type, type = next_part(&rest), charset = charset_of(rest);
	bool utf8 =
	    is_word(charset, "utf-8") || is_word(charset, "utf8") || is_word(charset, "us-ascii");

	if (charset.p && !utf8)
		return CLAIM_NONE;
	if (ends_in(type, "/json") || ends_in(type, "+json"))
		return CLAIM_JSON;
	if (is_word(type, "application/cbor") || ends_in(type, "+cbor"))
		return CLAIM_CBOR;
	if (utf8)
		return CLAIM_UTF8;
	if (ends_in(type, "/xml") || ends_in(type, "+xml") || ends_in(type, "/html"))
		return CLAIM_NONE;
	return begins_with(type, "text/") ? CLAIM_UTF8 : CLAIM_NONE;
}

/* Compressed, encrypted or in Base64: what the content type says is true of the inside. */
static bool
is_encoded(const struct event *e)
{
	uint32_t i;

	for (i = 0; i < e->n_attrs; i++)
		if (ends_in(e->attrs[i].name, "encoding"))
			return true;
	return false;
}

static enum claim
claim_made(const struct event *e, enum field f)
{
	const char *hint = f == FIELD_DATA ? "$data" : "$metadata";

	if (f == FIELD_DATA && is_encoded(e))
		return CLAIM_NONE;
	if (f == FIELD_DATA && e->content_type.len)
		return claim_of(e->content_type);
	return slice_is(event_attr(e, hint), "\"text\"") ? CLAIM_JSON : CLAIM_NONE;
}

static bool
json_holds(const struct event *e, enum field f, struct slice bytes, char why[CLAIMS_TEXT_BYTES])
{
	struct jscan_fault fault = {0};

	if (jscan_valid(bytes, NULL, &fault))
		return true;
	snprintf(why, CLAIMS_TEXT_BYTES, "%s, but is not: %s at byte %zu of %zu",
	         f == FIELD_DATA && e->content_type.len ? "claims to be JSON by its content type"
	                                                : "is kept as JSON text",
	         fault.why, fault.at, bytes.len);
	return false;
}

bool
claims_hold(const struct event *e, enum field f, char why[CLAIMS_TEXT_BYTES])
{
	const struct payload *p = f == FIELD_DATA ? &e->data : &e->metadata;
	enum claim claim;

	if (p->kind == PAYLOAD_NONE || p->bytes.len == 0)
		return true;
	/* JSON has been looked at, and is UTF-8: nearly all events end here. */
	if (p->kind == PAYLOAD_JSON && (f != FIELD_DATA || !e->content_type.len))
		return true;
	claim = claim_made(e, f);
	if (claim == CLAIM_JSON && p->kind != PAYLOAD_JSON)
		return json_holds(e, f, p->bytes, why);
	if (claim == CLAIM_CBOR && !cborscan_valid(p->bytes)) {
		snprintf(why, CLAIMS_TEXT_BYTES,
		         "claims to be CBOR by its content type, but is not one well-formed item");
		return false;
	}
	if (claim == CLAIM_UTF8 && p->kind != PAYLOAD_JSON && !jscan_utf8(p->bytes)) {
		snprintf(why, CLAIMS_TEXT_BYTES,
		         "claims to be text by its content type, but is not valid UTF-8");
		return false;
	}
	return true;
}
