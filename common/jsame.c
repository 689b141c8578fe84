#include <assert.h>
#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "common/jsame.h"
#include "common/jscan.h"
#include "common/jscan_impl.h"

/*
 * Both texts become a tree whose objects are sorted by key; then the trees are
 * compared in step.  A node is a slice of 16 bytes, as a text of 10 MB may hold
 * 5 million of them: the first byte tells the kind, and `len` of a container is
 * the place in `kids` where the count of its children is, and behind it they.
 * An object's children are keys and values in turn.
 */
struct ids {
	size_t *v;
	size_t n, cap;
};

struct tree {
	struct slice *nodes; /* [0] is the root; a key is without quotes, and decoded */
	size_t n_nodes, cap_nodes;
	struct ids kids;
	struct ids pending; /* children of the open containers, and the root */
	struct ids open;    /* where in `pending` the children of each start */
	struct arena *keys; /* those that had escapes */
	struct buf scratch;
};

struct pair {
	size_t key, value;
};

static void
ids_push(struct ids *ids, size_t id)
{
	ids->v = xgrow(ids->v, &ids->cap, ids->n + 1, sizeof(*ids->v));
	ids->v[ids->n++] = id;
}

static void
node_add(struct tree *t, struct slice node)
{
	t->nodes = xgrow(t->nodes, &t->cap_nodes, t->n_nodes + 1, sizeof(*t->nodes));
	t->nodes[t->n_nodes] = node;
	ids_push(&t->pending, t->n_nodes++);
}

/* The container whose children are collected; its node is in front of them. */
static struct slice *
innermost(struct tree *t)
{
	return t->open.n ? &t->nodes[t->pending.v[t->open.v[t->open.n - 1] - 1]] : NULL;
}

static void
string_add(struct tree *t, struct slice quoted)
{
	const struct slice *in = innermost(t);
	size_t place = in ? t->pending.n - t->open.v[t->open.n - 1] : 0;
	struct slice key;

	if (!in || *in->p != '{' || place % 2 == 1) {
		node_add(t, quoted);
		return;
	}
	key = jscan_plain(quoted);
	if (!key.p) {
		t->scratch.len = 0;
		(void)!jscan_decode(quoted, true, &t->scratch);
		key = arena_dup(t->keys, buf_slice(&t->scratch));
	}
	node_add(t, key);
}

/* By key; members with one name stay in the order of the text. */
static int
pair_cmp(const void *va, const void *vb, void *nodes)
{
	const struct pair *a = va, *b = vb;
	const struct slice *node = nodes;
	int order = slice_cmp(node[a->key], node[b->key]);

	return order ? order : (a->value > b->value) - (a->value < b->value);
}

/* Returns how many are left when only the last one of each name is kept. */
static size_t
pairs_sort(const struct tree *t, struct pair *pairs, size_t count)
{
	size_t kept = 0;

	if (count)
		qsort_r(pairs, count, sizeof(*pairs), pair_cmp, t->nodes);
	for (size_t i = 0; i < count; i++) {
		if (i + 1 < count && slice_eq(t->nodes[pairs[i].key], t->nodes[pairs[i + 1].key]))
			continue;
		pairs[kept++] = pairs[i];
	}
	return kept;
}

/* At a closing bracket: move the children from `pending` to `kids`. */
static void
container_close(struct tree *t)
{
	struct slice *node = innermost(t);
	struct ids *kids = &t->kids;
	size_t start, count;

	_Static_assert(sizeof(struct pair) == 2 * sizeof(size_t), "no padding");
	assert(t->open.v && t->pending.v); /* the container is open, and stands among its own */
	start = t->open.v[--t->open.n];
	count = t->pending.n - start;
	if (*node->p == '{')
		count = 2 * pairs_sort(t, (struct pair *)(void *)(t->pending.v + start), count / 2);
	node->len = kids->n;
	kids->v = xgrow(kids->v, &kids->cap, kids->n + 1 + count, sizeof(*kids->v));
	kids->v[kids->n++] = count;
	if (count)
		memcpy(kids->v + kids->n, t->pending.v + start, count * sizeof(*kids->v));
	kids->n += count;
	t->pending.n = start;
}

/* The end of a number or a literal. */
static const uint8_t *
word_end(const uint8_t *p, const uint8_t *end)
{
	while (p < end && !jscan_is_space(*p) && *p != ',' && *p != ']' && *p != '}')
		p++;
	return p;
}

static void
tree_init(struct tree *t, struct slice json)
{
	const uint8_t *p = json.p, *end = json.p + json.len, *q;

	memset(t, 0, sizeof(*t));
	t->keys = arena_new(4096);
	for (; p < end; p = q) {
		q = p + 1;
		if (*p == '{' || *p == '[') {
			node_add(t, (struct slice){p, 0});
			ids_push(&t->open, t->pending.n);
		} else if (*p == '}' || *p == ']') {
			container_close(t);
		} else if (*p == '"') {
			q = jscan_string_end(q, end);
			string_add(t, (struct slice){p, (size_t)(q - p)});
		} else if (*p != ',' && *p != ':' && !jscan_is_space(*p)) {
			q = word_end(q, end);
			node_add(t, (struct slice){p, (size_t)(q - p)});
		}
	}
}

static void
tree_release(struct tree *t)
{
	free(t->nodes);
	free(t->kids.v);
	free(t->pending.v);
	free(t->open.v);
	arena_free(t->keys);
	buf_release(&t->scratch);
}

/* No program of ours calls setlocale(), so the decimal point is a point. */
static double
number_value(struct buf *scratch, struct slice text)
{
	double v;

	scratch->len = 0;
	buf_add_slice(scratch, text);
	v = strtod(buf_cstr(scratch), NULL);
	return v > DBL_MAX ? DBL_MAX : v < -DBL_MAX ? -DBL_MAX : v;
}

static bool
scalar_same(struct tree *a, struct slice x, struct tree *b, struct slice y)
{
	if (slice_eq(x, y))
		return true;
	if (*x.p == '"' && *y.p == '"') {
		a->scratch.len = 0;
		b->scratch.len = 0;
		(void)!jscan_decode(x, true, &a->scratch);
		(void)!jscan_decode(y, true, &b->scratch);
		return slice_eq(buf_slice(&a->scratch), buf_slice(&b->scratch));
	}
	if ((*x.p == '-' || (*x.p >= '0' && *x.p <= '9')) &&
	    (*y.p == '-' || (*y.p >= '0' && *y.p <= '9'))) {
		double u = number_value(&a->scratch, x), v = number_value(&b->scratch, y);

		return u <= v && u >= v;
	}
	return false;
}

/* Both are containers of a kind: compare keys, put off the values to `todo`. */
static bool
containers_match(const struct tree *a, size_t x, const struct tree *b, size_t y, struct ids *todo)
{
	const size_t *kid_a = a->kids.v + a->nodes[x].len;
	const size_t *kid_b = b->kids.v + b->nodes[y].len;
	bool object = *a->nodes[x].p == '{';
	size_t count = *kid_a++;

	if (*kid_b++ != count)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (object && !slice_eq(a->nodes[kid_a[i]], b->nodes[kid_b[i]]))
			return false;
		i += object;
		ids_push(todo, kid_a[i]);
		ids_push(todo, kid_b[i]);
	}
	return true;
}

static bool
trees_same(struct tree *a, struct tree *b)
{
	struct ids todo = {0}; /* a node of `a`, one of `b`, and so on */
	bool same = true;

	assert(a->nodes && b->nodes); /* a valid text has a root */
	ids_push(&todo, 0);
	ids_push(&todo, 0);
	while (same && todo.n) {
		size_t y = todo.v[--todo.n], x = todo.v[--todo.n];
		uint8_t kind_a = *a->nodes[x].p, kind_b = *b->nodes[y].p;

		if (kind_a != '{' && kind_a != '[' && kind_b != '{' && kind_b != '[')
			same = scalar_same(a, a->nodes[x], b, b->nodes[y]);
		else
			same = kind_a == kind_b && containers_match(a, x, b, y, &todo);
	}
	free(todo.v);
	return same;
}

bool
jsame(struct slice a, struct slice b)
{
	struct tree ta, tb;
	bool same;

	if (!jscan_valid(a, NULL, NULL) || !jscan_valid(b, NULL, NULL))
		return false;
	if (slice_eq(a, b))
		return true;
	tree_init(&ta, a);
	tree_init(&tb, b);
	same = trees_same(&ta, &tb);
	tree_release(&ta);
	tree_release(&tb);
	return same;
}
