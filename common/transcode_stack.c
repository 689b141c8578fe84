#include <stdlib.h>
#include <string.h>

#include "common/transcode.h"
#include "common/transcode_stack.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define FEW_KEYS 12 /* each is compared with each, beyond they are sorted */
#define SHOWN_MAX 60

void
transcode_stack_init(struct transcode_stack *s)
{
	s->open = s->few_open;
	s->open_cap = COUNT(s->few_open);
	s->keys = s->few_keys;
	s->keys_cap = COUNT(s->few_keys);
	s->depth = s->n_keys = 0;
}

void
transcode_stack_release(struct transcode_stack *s)
{
	if (s->open != s->few_open)
		free(s->open);
	if (s->keys != s->few_keys)
		free(s->keys);
}

/* Room for one more than `n`; `few` is the array inside the struct. */
static void *
grow(void *p, const void *few, size_t *cap, size_t n, size_t elem_bytes)
{
	void *more;

	if (n < *cap)
		return p;
	if (p != few)
		return xgrow(p, cap, n + 1, elem_bytes);
	*cap *= 2;
	more = xmalloc(*cap * elem_bytes);
	memcpy(more, p, n * elem_bytes);
	return more;
}

struct transcode_level *
transcode_stack_push(struct transcode_stack *s, bool map)
{
	struct transcode_level *top;

	if (s->depth == TRANSCODE_MAX_DEPTH)
		return NULL;
	s->open = grow(s->open, s->few_open, &s->open_cap, s->depth, sizeof(*s->open));
	top = &s->open[s->depth++];
	*top = (struct transcode_level){.map = map, .first_key = s->n_keys};
	return top;
}

void
transcode_stack_add_key(struct transcode_stack *s, struct transcode_key key)
{
	s->keys = grow(s->keys, s->few_keys, &s->keys_cap, s->n_keys, sizeof(*s->keys));
	s->keys[s->n_keys++] = key;
}

static int
cmp_bytes(const struct transcode_key *a, const struct transcode_key *b, const uint8_t *out)
{
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return memcmp(out + a->from, out + b->from, a->len);
}

static int
cmp_keys(const void *va, const void *vb, void *vout)
{
	const struct transcode_key *a = va, *b = vb;
	const uint8_t *const *out = vout;
	int order = cmp_bytes(a, b, *out);

	return order ? order : (a->at > b->at) - (a->at < b->at);
}

static const struct transcode_key *
find_among_few(const struct transcode_key *keys, size_t n, const uint8_t *out)
{
	size_t i, j;

	for (i = 1; i < n; i++)
		for (j = 0; j < i; j++)
			if (cmp_bytes(&keys[i], &keys[j], out) == 0)
				return &keys[i];
	return NULL;
}

/* Sorted: what is done per byte of key grows with log n only, whoever chose the keys. */
static const struct transcode_key *
find_among_many(struct transcode_key *keys, size_t n, const uint8_t *out)
{
	size_t i;

	qsort_r(keys, n, sizeof(*keys), cmp_keys, &out);
	for (i = 1; i < n; i++)
		if (cmp_bytes(&keys[i], &keys[i - 1], out) == 0)
			return &keys[i];
	return NULL;
}

const struct transcode_key *
transcode_stack_pop(struct transcode_stack *s, const uint8_t *out)
{
	const struct transcode_level *top = &s->open[--s->depth];
	struct transcode_key *keys = s->keys + top->first_key;
	size_t n = s->n_keys - top->first_key;

	s->n_keys = top->first_key;
	return n <= FEW_KEYS ? find_among_few(keys, n, out) : find_among_many(keys, n, out);
}

int
transcode_stack_refuse_key(struct slice quoted, size_t at, struct err *err)
{
	const char *more = "";

	if (quoted.len > SHOWN_MAX) {
		more = "...";
		for (quoted.len = SHOWN_MAX; (quoted.p[quoted.len] & 0xc0) == 0x80;)
			quoted.len--;
	}
	return err_set(err, ERR_DATA, "duplicate key %.*s%s at byte %zu", (int)quoted.len,
	               (const char *)quoted.p, more, at);
}
