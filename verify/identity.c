#include "verify/identity.h"
#include "format/digest.h"

#define SPREAD UINT64_C(0x9e3779b97f4a7c15) /* 2^64 divided by the golden ratio */

#define SAYS (1U << FIELD_STREAM | 1U << FIELD_TYPE | 1U << FIELD_TIME | 1U << FIELD_DATA)

bool
identity_same_place(struct same *s, const struct event *a, const struct event *b)
{
	if (!slice_eq(a->stream, b->stream))
		return false;
	return s->rules.versions ? a->version == b->version : !(same_differences(s, a, b) & SAYS);
}

bool
identity_same(struct same *s, const struct event *a, const struct event *b)
{
	return a->id.p && b->id.p ? slice_eq(a->id, b->id) : identity_same_place(s, a, b);
}

/* Times may be of other steps, so they are left out. */
uint64_t
identity_place_hash(struct same *s, const struct event *e)
{
	uint64_t hash = digest_of_64(e->stream);

	if (s->rules.versions)
		return hash + e->version * SPREAD;
	hash += digest_of_64(e->type) * SPREAD;
	return hash ^ digest_of_64(same_value(s, &e->data));
}
