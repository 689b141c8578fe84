#include <string.h>

#include "common/jcanon_impl.h"

#define FEW_MEMBERS 16 /* are sorted by insertion */
#define FEW_BYTES 64   /* are copied in place */
#define STEP_BYTES 16  /* so many at once: a register */

/* The part of the text that is being copied, as a member of an object. */
struct jcanon_frame {
	size_t from, end, object; /* what is left of it */
	size_t next, stop;        /* the parts behind it */
};

static void
sort_few(struct jcanon_member *to, const struct jcanon_member *from, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t j = i;

		for (; j > 0 && jcanon_key_cmp(to[j - 1].key, from[i].key) > 0; j--)
			to[j] = to[j - 1];
		to[j] = from[i];
	}
}

/* Two runs in order, side by side, into one. */
static void
merge(struct jcanon_member *to, const struct jcanon_member *a, size_t n_a, size_t n_b)
{
	const struct jcanon_member *b = a + n_a, *a_end = b, *b_end = b + n_b;

	while (a < a_end && b < b_end)
		*to++ = jcanon_key_cmp(a->key, b->key) <= 0 ? *a++ : *b++;
	while (a < a_end)
		*to++ = *a++;
	while (b < b_end)
		*to++ = *b++;
}

/* All runs of a length into runs of twice the length. */
static void
merge_all(struct jcanon_member *to, const struct jcanon_member *from, size_t n, size_t run)
{
	size_t i, most;

	for (i = 0; i < n; i += most) {
		most = n - i < 2 * run ? n - i : 2 * run;
		merge(to + i, from + i, most < run ? most : run, most < run ? 0 : most - run);
	}
}

/*
 * By key; equal keys stay in the order of the text.  qsort_r() allocates, and
 * does not keep that order.
 */
static void
sort(struct jcanon *c, struct jcanon_member *to, const struct jcanon_member *from, size_t n)
{
	struct jcanon_member *one = to, *two, *other;
	size_t i, run;

	for (i = 0; i < n; i += FEW_MEMBERS)
		sort_few(to + i, from + i, n - i < FEW_MEMBERS ? n - i : FEW_MEMBERS);
	if (n <= FEW_MEMBERS)
		return;
	c->spare = xgrow(c->spare, &c->cap_spare, n, sizeof(*c->spare));
	two = c->spare;
	for (run = FEW_MEMBERS; run < n; run *= 2) {
		merge_all(two, one, n, run);
		other = one;
		one = two;
		two = other;
	}
	if (one != to)
		memcpy(to, one, n * sizeof(*to));
}

/* Of equal keys the last; how many are left. */
static size_t
drop_equal(struct jcanon_member *m, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (i + 1 < n && jcanon_key_cmp(m[i].key, m[i + 1].key) == 0)
			continue;
		if (kept < i)
			m[kept] = m[i];
		kept++;
	}
	return kept;
}

void
jcanon_keep(struct jcanon *c, struct jcanon_object *o, const struct jcanon_member *m, size_t n,
            bool sorted)
{
	struct jcanon_member *to;

	c->parts = xgrow(c->parts, &c->cap_parts, c->n_parts + n, sizeof(*c->parts));
	to = c->parts + c->n_parts;
	if (sorted) {
		memcpy(to, m, n * sizeof(*to));
	} else {
		sort(c, to, m, n);
		n = drop_equal(to, n);
	}
	o->part = c->n_parts;
	o->part_end = c->n_parts += n;
}

/* A piece, to memory that goes on for a step behind it, and so does what it comes from.  The end.
 */
static inline uint8_t *
copy(uint8_t *to, const uint8_t *from, size_t len)
{
	if (len > FEW_BYTES)
		memcpy(to, from, len);
	else
		for (size_t i = 0; i < len; i += STEP_BYTES)
			memcpy(to + i, from + i, STEP_BYTES);
	return to + len;
}

static void
frame_push(struct jcanon *c, const struct jcanon_frame *frame)
{
	if (c->n_frames == c->cap_frames)
		c->frames = xgrow(c->frames, &c->cap_frames, c->n_frames + 1, sizeof(*c->frames));
	c->frames[c->n_frames++] = *frame;
}

static void
frame_next(const struct jcanon *c, struct jcanon_frame *f)
{
	const struct jcanon_member *part = &c->parts[f->next++];

	f->from = part->from;
	f->end = part->end;
	f->object = part->object;
}

/* A frame is on the stack where one of an object in it is copied. */
void
jcanon_reorder(struct jcanon *c, struct buf *out)
{
	struct jcanon_frame f = {.end = c->text.len};
	const uint8_t *text;
	uint8_t *to;

	buf_reserve(&c->text, STEP_BYTES);
	buf_reserve(out, c->text.len + STEP_BYTES);
	text = c->text.p;
	to = out->p + out->len;
	c->n_frames = 0;
	for (;;) {
		const struct jcanon_object *o = &c->objects[f.object];

		if (f.object < c->n_objects && o->start < f.end) {
			to = copy(to, text + f.from, o->start + 1 - f.from);
			f.from = o->end - 1;
			f.object = o->next;
			frame_push(c, &f);
			f.next = o->part;
			f.stop = o->part_end;
			frame_next(c, &f);
			continue;
		}
		to = copy(to, text + f.from, f.end - f.from);
		if (f.next < f.stop) {
			*to++ = ',';
			frame_next(c, &f);
		} else if (c->n_frames) {
			f = c->frames[--c->n_frames];
		} else {
			break;
		}
	}
	out->len = (size_t)(to - out->p);
}
