#include <stdlib.h>

#include "export/ranks.h"
#include "format/digest.h"

#define FIRST_SLOTS 1024

struct slot {
	struct digest stream;
	uint64_t next;
	bool used;
};

/* Open addressing, a power of two, at most half full. */
struct ranks {
	struct slot *slots;
	size_t n_slots, n_used;
};

struct ranks *
ranks_new(void)
{
	struct ranks *r = xcalloc(1, sizeof(*r));

	r->n_slots = FIRST_SLOTS;
	r->slots = xcalloc(r->n_slots, sizeof(*r->slots));
	return r;
}

void
ranks_free(struct ranks *r)
{
	if (!r)
		return;
	free(r->slots);
	free(r);
}

static struct slot *
find(struct slot *slots, size_t n, const struct digest *key)
{
	size_t i = 0, b;

	for (b = 0; b < sizeof(i); b++)
		i = i << 8 | key->bytes[b];
	for (i &= n - 1; slots[i].used && !digest_eq(&slots[i].stream, key); i = (i + 1) & (n - 1))
		;
	return &slots[i];
}

static void
grow(struct ranks *r)
{
	size_t n = r->n_slots * 2, i;
	struct slot *slots = xcalloc(n, sizeof(*slots));

	for (i = 0; i < r->n_slots; i++)
		if (r->slots[i].used)
			*find(slots, n, &r->slots[i].stream) = r->slots[i];
	free(r->slots);
	r->slots = slots;
	r->n_slots = n;
}

static struct slot *
slot_of(struct ranks *r, struct slice stream)
{
	struct digest key = digest_of(stream);
	struct slot *s = find(r->slots, r->n_slots, &key);

	if (s->used)
		return s;
	if (2 * ++r->n_used > r->n_slots) {
		grow(r);
		s = find(r->slots, r->n_slots, &key);
	}
	*s = (struct slot){.stream = key, .used = true};
	return s;
}

uint64_t
ranks_next(struct ranks *r, struct slice stream)
{
	return slot_of(r, stream)->next++;
}

void
ranks_set(struct ranks *r, struct slice stream, uint64_t version)
{
	slot_of(r, stream)->next = version + 1;
}
