#ifndef COMMON_TRANSCODE_STACK_H
#define COMMON_TRANSCODE_STACK_H

#include "common/err.h"
#include "common/mem.h"

/*
 * What the two directions of transcode.h, and pgvalue.h, share: the containers
 * that are open, and the keys of the open maps, to find duplicates when a map
 * closes.  Keys lie in the output, so they are kept as offsets; how they are
 * spelt there must be unique.  Up to a usual size it allocates nothing.
 *
 *	transcode_stack_init(&s);
 *	if (!(level = transcode_stack_push(&s, true)))
 *		... nested too deep
 *	transcode_stack_add_key(&s, (struct transcode_key){from, len, at});
 *	if ((key = transcode_stack_pop(&s, out->p)))
 *		... a duplicate
 *	transcode_stack_release(&s);
 */
struct transcode_level {
	bool map;
	uint64_t count;   /* members so far */
	uint64_t left;    /* items to come, where known */
	size_t head;      /* where its head is in the output */
	size_t first_key; /* private */
};

struct transcode_key {
	size_t from, len; /* in the output */
	size_t at;        /* in the input */
};

struct transcode_stack {
	struct transcode_level *open;
	struct transcode_key *keys;
	size_t depth, open_cap, n_keys, keys_cap;
	struct transcode_level few_open[16];
	struct transcode_key few_keys[64];
};

void transcode_stack_init(struct transcode_stack *s); /* it points into itself: not to be moved */
void transcode_stack_release(struct transcode_stack *s);

/* The new top, or NULL when TRANSCODE_MAX_DEPTH are open.  Valid until the next push. */
struct transcode_level *transcode_stack_push(struct transcode_stack *s, bool map);

void transcode_stack_add_key(struct transcode_stack *s, struct transcode_key key); /* of the top */

/* Close the top.  NULL, or the later of two keys of it that are the same (then until the
 * next key is added). */
const struct transcode_key *transcode_stack_pop(struct transcode_stack *s, const uint8_t *out);

/* The error for a duplicate; `quoted` is the key as JSON. */
int transcode_stack_refuse_key(struct slice quoted, size_t at, struct err *err);

static inline struct transcode_level *
transcode_stack_top(struct transcode_stack *s)
{
	return s->depth > 0 ? &s->open[s->depth - 1] : NULL;
}

#endif
