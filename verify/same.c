#include <stdlib.h>
#include <string.h>

#include "common/transcode.h"
#include "verify/same.h"

#define BIT(field) (1U << (field))
#define JSON_FIELDS (BIT(FIELD_METADATA) | BIT(FIELD_DATA) | BIT(FIELD_ATTRIBUTES))

void
same_init(struct same *s, const struct source_info *a, const struct source_info *b, bool positions,
          bool by_value)
{
	*s = (struct same){0};
	s->rules.positions = positions;
	s->rules.versions = !a->counts_versions && !b->counts_versions;
	s->rules.time_step_ns =
	    a->time_step_ns > b->time_step_ns ? a->time_step_ns : b->time_step_ns;
	s->rules.by_value = by_value ? JSON_FIELDS : a->by_value | b->by_value;
	jcanon_init(&s->canon);
}

void
same_release(struct same *s)
{
	jcanon_release(&s->canon);
	buf_release(&s->a);
	buf_release(&s->b);
	buf_release(&s->json);
}

static int64_t
floor_to(int64_t ns, int64_t step_ns)
{
	int64_t rest = ns % step_ns;

	return rest < 0 ? ns - rest - step_ns : ns - rest;
}

/* The coarser place may have cut the time, or rounded it. */
static bool
same_time(int64_t a, int64_t b, int64_t step_ns)
{
	int64_t low, high;

	if (a == EVENT_NO_TIME || b == EVENT_NO_TIME)
		return a == b;
	low = a < b ? a : b;
	high = a < b ? b : a;
	if ((uint64_t)high - (uint64_t)low >= (uint64_t)step_ns)
		return false;
	if (low > INT64_MAX - step_ns || low < INT64_MIN + step_ns)
		return low == high;
	return floor_to(low, step_ns) == floor_to(high, step_ns) ||
	       (high % step_ns == 0 && high - low <= step_ns / 2);
}

static bool
same_json(struct same *s, struct slice a, struct slice b)
{
	s->a.len = s->b.len = 0;
	jcanon_add(&s->canon, a, &s->a);
	jcanon_add(&s->canon, b, &s->b);
	return slice_eq(buf_slice(&s->a), buf_slice(&s->b));
}

/* The JSON that a CBOR payload stands for; absent: none, exactly. */
static struct slice
json_of_cbor(struct same *s, struct slice cbor)
{
	struct err ignored = ERR_INIT;

	s->json.len = 0;
	return transcode_cbor_to_json(cbor, &s->json, &ignored) == 0 ? buf_slice(&s->json)
	                                                             : SLICE_ABSENT;
}

struct slice
same_value(struct same *s, const struct payload *p)
{
	struct slice json = p->bytes;

	if (p->kind == PAYLOAD_CBOR)
		json = json_of_cbor(s, p->bytes);
	if ((p->kind != PAYLOAD_JSON && p->kind != PAYLOAD_CBOR) || !json.p)
		return p->bytes.p ? p->bytes : SLICE_LIT("");
	s->a.len = 0;
	jcanon_add(&s->canon, json, &s->a);
	return buf_slice(&s->a);
}

/* What --payload-codec makes of the type of the content: `x/y+cbor` of `x/y+json`, and
 * `application/cbor` of none and of `application/json`; none of `application/cbor`. */
static bool
is_converted_type(struct slice json, struct slice cbor)
{
	if (slice_ends(json, "+json") && slice_ends(cbor, "+cbor"))
		return json.len == cbor.len && json.len > 5 &&
		       memcmp(json.p, cbor.p, json.len - 4) == 0;
	return slice_is(cbor, "application/cbor") &&
	       (!json.p || slice_is(json, "application/json"));
}

/* Whether the data of one event is the CBOR that --payload-codec makes of the other's. */
static bool
same_transcoded(struct same *s, const struct event *a, const struct event *b)
{
	const struct event *cbor = a->data.kind == PAYLOAD_CBOR ? a : b;
	const struct event *json = a->data.kind == PAYLOAD_CBOR ? b : a;
	struct slice value;

	if (cbor->data.kind != PAYLOAD_CBOR || json->data.kind != PAYLOAD_JSON ||
	    !is_converted_type(json->content_type, cbor->content_type))
		return false;
	value = json_of_cbor(s, cbor->data.bytes);
	if (!value.p || !same_json(s, value, json->data.bytes))
		return false;
	s->transcoded = true;
	return true;
}

static bool
same_by_value(struct same *s, enum field f, const struct payload *a, const struct payload *b)
{
	return s->rules.by_value & BIT(f) && a->kind == PAYLOAD_JSON && b->kind == PAYLOAD_JSON &&
	       same_json(s, a->bytes, b->bytes);
}

static bool
same_attributes(struct same *s, const struct event *a, const struct event *b)
{
	uint32_t i, n, m;
	struct attr *x = event_sorted_attrs(a, false, &n), *y = event_sorted_attrs(b, false, &m);
	bool same = n == m;

	for (i = 0; i < n && same; i++)
		same = slice_eq(x[i].name, y[i].name) && same_json(s, x[i].value, y[i].value);
	free(x);
	free(y);
	return same;
}

/* Of the fields that differ in their bytes, those that are the same by the rules. */
static unsigned
excused(struct same *s, const struct event *a, const struct event *b, unsigned differ)
{
	unsigned same = 0;

	if (!s->rules.positions)
		same |= BIT(FIELD_POSITION);
	if (!s->rules.versions)
		same |= BIT(FIELD_VERSION);
	if (differ & BIT(FIELD_TIME) && same_time(a->time_ns, b->time_ns, s->rules.time_step_ns))
		same |= BIT(FIELD_TIME);
	if (differ & BIT(FIELD_ATTRIBUTES) && s->rules.by_value & BIT(FIELD_ATTRIBUTES) &&
	    same_attributes(s, a, b))
		same |= BIT(FIELD_ATTRIBUTES);
	if (differ & BIT(FIELD_METADATA) &&
	    same_by_value(s, FIELD_METADATA, &a->metadata, &b->metadata))
		same |= BIT(FIELD_METADATA);
	if (differ & BIT(FIELD_DATA) && same_by_value(s, FIELD_DATA, &a->data, &b->data))
		same |= BIT(FIELD_DATA);
	if (differ & BIT(FIELD_DATA) && same_transcoded(s, a, b))
		same |= BIT(FIELD_DATA) | BIT(FIELD_CONTENT_TYPE);
	return same;
}

unsigned
same_differences(struct same *s, const struct event *a, const struct event *b)
{
	unsigned differ = event_differences(a, b);

	return differ ? differ & ~excused(s, a, b, differ) : 0;
}
