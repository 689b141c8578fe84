#include <stdlib.h>
#include <string.h>

#include "format/totals.h"

#define NAME_ARENA_BYTES ((size_t)16 << 10)
#define SLOTS ((size_t)4096) /* four times the types: short probes */

void
totals_init(struct totals *t)
{
	*t = (struct totals){.least_ns = EVENT_NO_TIME, .greatest_ns = EVENT_NO_TIME};
	t->names = arena_new(NAME_ARENA_BYTES);
	t->n_slots = SLOTS;
	t->slots = xcalloc(t->n_slots, sizeof(*t->slots));
}

void
totals_release(struct totals *t)
{
	arena_free(t->names);
	free(t->types);
	free(t->slots);
	*t = (struct totals){0};
}

static void
add_times(struct totals *t, int64_t least_ns, int64_t greatest_ns)
{
	if (least_ns == EVENT_NO_TIME)
		return;
	if (t->least_ns == EVENT_NO_TIME || least_ns < t->least_ns)
		t->least_ns = least_ns;
	if (t->greatest_ns == EVENT_NO_TIME || greatest_ns > t->greatest_ns)
		t->greatest_ns = greatest_ns;
}

void
totals_add_chunk(struct totals *t, const struct chunk_info *info)
{
	if (t->events == 0)
		t->first = info->first;
	t->last = info->last;
	t->chunks++;
	t->events += info->events;
	t->raw_bytes += info->raw_bytes;
	t->stored_bytes += info->stored_bytes;
	t->chain = info->chain;
	add_times(t, info->least_ns, info->greatest_ns);
}

static void
count_type(struct totals *t, struct slice name, uint64_t events)
{
	size_t at = digest_of_64(name) % t->n_slots;

	for (; t->slots[at]; at = (at + 1) % t->n_slots)
		if (slice_eq(t->types[t->slots[at] - 1].name, name)) {
			t->types[t->slots[at] - 1].events += events;
			return;
		}
	if (t->n_types == WIRE_TYPES_MAX) {
		t->more_types += events;
		return;
	}
	t->types = xgrow(t->types, &t->cap_types, t->n_types + 1, sizeof(*t->types));
	t->types[t->n_types++] = (struct totals_type){arena_dup(t->names, name), events};
	t->slots[at] = (uint32_t)t->n_types;
}

void
totals_add_events(struct totals *t, const struct batch *b)
{
	size_t i;

	for (i = 0; i < b->len; i++) {
		t->streams += b->events[i].version == 0;
		count_type(t, b->events[i].type, 1);
	}
}

void
totals_add_contents(struct totals *t, struct slice digests)
{
	struct digest one;
	size_t at;

	for (at = 0; at < digests.len; at += sizeof(one.bytes)) {
		memcpy(one.bytes, digests.p + at, sizeof(one.bytes));
		t->content = digest_chain(&t->content, &one);
		t->digested++;
	}
}

bool
totals_has_content(const struct totals *t)
{
	return t->digested == t->events;
}

/* A chain cannot be put behind another one. */
static void
merge_content(struct totals *t, const struct totals *other)
{
	if (other->events == 0)
		return;
	t->content = other->content;
	t->digested = t->events ? 0 : other->digested;
}

void
totals_merge(struct totals *t, const struct totals *other)
{
	size_t i;

	merge_content(t, other);
	if (other->events) {
		t->first = t->events ? t->first : other->first;
		t->last = other->last;
	}
	t->chunks += other->chunks;
	t->events += other->events;
	t->raw_bytes += other->raw_bytes;
	t->stored_bytes += other->stored_bytes;
	t->chain = other->chain;
	t->streams += other->streams;
	t->more_types += other->more_types;
	add_times(t, other->least_ns, other->greatest_ns);
	for (i = 0; i < other->n_types; i++)
		count_type(t, other->types[i].name, other->types[i].events);
}

static int
compare_types(const void *a, const void *b)
{
	const struct totals_type *x = a, *y = b;

	if (x->events != y->events)
		return x->events < y->events ? 1 : -1;
	return slice_cmp(x->name, y->name);
}

/* The hash table is of no use afterwards: nothing is counted behind the end. */
void
totals_sort_types(struct totals *t)
{
	if (t->n_types)
		qsort(t->types, t->n_types, sizeof(*t->types), compare_types);
}

bool
totals_same_types(const struct totals *a, const struct totals *b)
{
	size_t i, j;

	if (a->n_types != b->n_types || a->more_types != b->more_types)
		return false;
	for (i = 0; i < a->n_types; i++) {
		for (j = 0; j < b->n_types; j++)
			if (slice_eq(a->types[i].name, b->types[j].name))
				break;
		if (j == b->n_types || a->types[i].events != b->types[j].events)
			return false;
	}
	return true;
}

const char *
totals_difference(const struct totals *a, const struct totals *b)
{
	if (a->chunks != b->chunks)
		return "number of chunks";
	if (a->events != b->events)
		return "number of events";
	if (a->raw_bytes != b->raw_bytes || a->stored_bytes != b->stored_bytes)
		return "number of bytes";
	if (a->first != b->first || a->last != b->last)
		return "first and last position";
	if (a->least_ns != b->least_ns || a->greatest_ns != b->greatest_ns)
		return "least and greatest time";
	if (!digest_eq(&a->chain, &b->chain))
		return "chain of digests";
	return NULL;
}
