#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/jcanon.h"
#include "common/jcanon_impl.h"
#include "common/jscan_impl.h"

/*
 * First the text is written with its members in the order in which they come.
 * What is the same in the input is not written but waits as a run, so a text
 * that is canonical already is one memcpy.  Objects whose keys are not in order
 * are noted, with their members in order, and so are objects around them; then,
 * if there are any, the text is written a second time, member by member.  So no
 * byte moves more than three times, however deep it is.
 */
#define FEW_MEMBERS 16 /* are sorted by insertion */
#define KEYS_BLOCK_BYTES 4096

/* A stretch of the text: a member, from its key on. */
struct jcanon_part {
	size_t from, end;
	size_t object; /* the first of `objects` in it, or behind it */
};

struct jcanon_member {
	struct slice key; /* decoded, a lone surrogate as three bytes; in the input or in `keys` */
	struct jcanon_part part;
};

struct jcanon_object {
	size_t start, end;     /* of its brackets */
	size_t part, part_end; /* its members */
	size_t next;           /* the first of `objects` behind it */
};

struct jcanon_level {
	bool map, unsorted;
	size_t member; /* the first of its members, */
	size_t object; /* and what it is among `objects` */
};

/* The part of the text that is being copied, as a member of an object. */
struct jcanon_frame {
	struct jcanon_part now;
	size_t next, end; /* the parts behind it */
};

struct scan {
	struct jcanon *c;
	struct buf *out;
	size_t start; /* of the form in `out` */
	const uint8_t *p, *end;
	const uint8_t *run; /* [run, p) goes out as it is, and has not gone */
	bool key_next;
};

void
jcanon_init(struct jcanon *c)
{
	memset(c, 0, sizeof(*c));
	c->keys = arena_new(KEYS_BLOCK_BYTES);
}

void
jcanon_release(struct jcanon *c)
{
	free(c->levels);
	free(c->members);
	free(c->spare);
	free(c->objects);
	free(c->parts);
	free(c->frames);
	arena_free(c->keys);
	buf_release(&c->text);
	buf_release(&c->key);
	memset(c, 0, sizeof(*c));
}

/* Where in the form p is. */
static size_t
place(const struct scan *s)
{
	return s->out->len - s->start + (size_t)(s->p - s->run);
}

/* Let the run go; the next one starts at p. */
static void
flush(struct scan *s, const uint8_t *p)
{
	jcanon_put(s->out, s->run, (size_t)(s->p - s->run));
	s->p = s->run = p;
}

static void
scan_number(struct scan *s)
{
	const uint8_t *q = jcanon_digits_end(s->p + 1, s->end);

	/* An integer that ends in another digit than 0 is as it should be, and so is 0. */
	if ((q == s->end || (*q != '.' && (*q | 0x20) != 'e')) &&
	    (q[-1] != '0' || (q - s->p == 1))) {
		s->p = q;
		return;
	}
	flush(s, s->p);
	s->p = s->run = jcanon_number(s->p, s->end, s->out);
}

static bool
is_surrogate(uint32_t cp)
{
	return cp >> 11 == 0xd800 >> 11;
}

/* As jscan_escape(), but a lone surrogate is its number. */
static uint32_t
escape_read(const uint8_t **pp, const uint8_t *end)
{
	const uint8_t *at = *pp;
	uint32_t cp = jscan_escape(pp, end);

	return cp == JSCAN_NO_CHARACTER ? jscan_hex4(at + 2) : cp;
}

static void
escape_add(struct buf *out, uint32_t cp)
{
	if (cp < 0x20 || is_surrogate(cp)) {
		buf_printf(out, "\\u%04" PRIx32, cp);
		return;
	}
	buf_reserve(out, 4);
	if (cp == '"' || cp == '\\')
		out->p[out->len++] = '\\';
	out->len = (size_t)(jscan_utf8_put(out->p + out->len, cp) - out->p);
}

void
jcanon_quote(struct slice utf8, struct buf *out)
{
	const uint8_t *p = utf8.p, *end = p + utf8.len, *q;

	buf_reserve(out, utf8.len + 2);
	buf_add_byte(out, '"');
	while (p < end) {
		for (q = jscan_run(p, end); q < end && *q >= 0x80;)
			q = jscan_run(q + 1, end);
		buf_add(out, p, (size_t)(q - p));
		if (q < end)
			escape_add(out, *q++);
		p = q;
	}
	buf_add_byte(out, '"');
}

/* Past a string; whether it has an escape. */
static bool
scan_string(struct scan *s)
{
	bool escapes = false;

	for (s->p++; *(s->p = jscan_run(s->p, s->end)) != '"';) {
		const uint8_t *q = s->p;
		uint32_t cp;

		if (*q != '\\') { /* not ASCII */
			while (*s->p >= 0x80)
				s->p++;
			continue;
		}
		escapes = true;
		if (q[1] == '"' || q[1] == '\\') {
			s->p += 2;
			continue;
		}
		cp = escape_read(&q, s->end);
		flush(s, q);
		escape_add(s->out, cp);
	}
	s->p++;
	return escapes;
}

/* By code points, whose order is that of the bytes; mostly the first one decides. */
static inline int
key_cmp(struct slice a, struct slice b)
{
	if (a.len && b.len && *a.p != *b.p)
		return *a.p < *b.p ? -1 : 1;
	return slice_cmp(a, b);
}

static struct slice
key_decode(struct jcanon *c, const uint8_t *p, const uint8_t *end)
{
	struct buf *key = &c->key;

	key->len = 0;
	buf_reserve(key, (size_t)(end - p)); /* no escape is shorter than what it stands for */
	while (p < end) {
		if (*p == '\\')
			key->len =
			    (size_t)(jscan_utf8_put(key->p + key->len, escape_read(&p, end)) -
			             key->p);
		else
			key->p[key->len++] = *p++;
	}
	return arena_dup(c->keys, buf_slice(key));
}

static void
scan_key(struct scan *s)
{
	struct jcanon *c = s->c;
	struct jcanon_level *top = &c->levels[c->n_levels - 1];
	const uint8_t *quote = s->p;
	struct jcanon_member *m;

	if (c->n_members == c->cap_members)
		c->members =
		    xgrow(c->members, &c->cap_members, c->n_members + 1, sizeof(*c->members));
	m = &c->members[c->n_members];
	m->part = (struct jcanon_part){.from = place(s), .object = c->n_objects};
	if (scan_string(s))
		m->key = key_decode(c, quote + 1, s->p - 1);
	else
		m->key = (struct slice){quote + 1, (size_t)(s->p - 1 - (quote + 1))};
	if (c->n_members > top->member && key_cmp(m[-1].key, m->key) >= 0)
		top->unsorted = true;
	c->n_members++;
}

static void
sort_few(struct jcanon_member *m, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct jcanon_member one = m[i];
		size_t j = i;

		for (; j > 0 && key_cmp(m[j - 1].key, one.key) > 0; j--)
			m[j] = m[j - 1];
		m[j] = one;
	}
}

/* Two runs in order, side by side, into one. */
static void
merge(struct jcanon_member *to, const struct jcanon_member *a, size_t n_a, size_t n_b)
{
	const struct jcanon_member *b = a + n_a, *a_end = b, *b_end = b + n_b;

	while (a < a_end && b < b_end)
		*to++ = key_cmp(a->key, b->key) <= 0 ? *a++ : *b++;
	while (a < a_end)
		*to++ = *a++;
	while (b < b_end)
		*to++ = *b++;
}

/*
 * By key; equal keys stay in the order of the text.  qsort_r() allocates, and
 * does not keep that order.
 */
static void
members_sort(struct jcanon *c, struct jcanon_member *m, size_t n)
{
	struct jcanon_member *from = m, *to, *other;
	size_t i, run, most;

	for (i = 0; i < n; i += FEW_MEMBERS)
		sort_few(m + i, n - i < FEW_MEMBERS ? n - i : FEW_MEMBERS);
	if (n <= FEW_MEMBERS)
		return;
	c->spare = xgrow(c->spare, &c->cap_spare, n, sizeof(*c->spare));
	to = c->spare;
	for (run = FEW_MEMBERS; run < n; run *= 2) {
		for (i = 0; i < n; i += most) {
			most = n - i < 2 * run ? n - i : 2 * run;
			merge(to + i, from + i, most < run ? most : run,
			      most < run ? 0 : most - run);
		}
		other = from;
		from = to;
		to = other;
	}
	if (from != m)
		memcpy(m, from, n * sizeof(*m));
}

/* Keep the members of an object, in order, as its parts; of equal keys the last. */
static void
parts_keep(struct jcanon *c, const struct jcanon_level *top)
{
	struct jcanon_member *m = c->members + top->member;
	size_t n = c->n_members - top->member;

	if (top->unsorted)
		members_sort(c, m, n);
	c->parts = xgrow(c->parts, &c->cap_parts, c->n_parts + n, sizeof(*c->parts));
	for (size_t i = 0; i < n; i++)
		if (i + 1 == n || !slice_eq(m[i].key, m[i + 1].key))
			c->parts[c->n_parts++] = m[i].part;
}

static void
member_end(struct scan *s)
{
	struct jcanon *c = s->c;
	const struct jcanon_level *top = &c->levels[c->n_levels - 1];

	if (top->map && c->n_members > top->member)
		c->members[c->n_members - 1].part.end = place(s);
}

static void
container_open(struct scan *s, bool map)
{
	struct jcanon *c = s->c;

	if (c->n_levels == c->cap_levels)
		c->levels = xgrow(c->levels, &c->cap_levels, c->n_levels + 1, sizeof(*c->levels));
	c->levels[c->n_levels++] =
	    (struct jcanon_level){.map = map, .member = c->n_members, .object = c->n_objects};
	if (map) {
		if (c->n_objects == c->cap_objects)
			c->objects = xgrow(c->objects, &c->cap_objects, c->n_objects + 1,
			                   sizeof(*c->objects));
		c->objects[c->n_objects++].start = place(s);
	}
	s->key_next = map;
	s->p++;
}

static void
container_close(struct scan *s)
{
	struct jcanon *c = s->c;
	const struct jcanon_level *top = &c->levels[c->n_levels - 1];

	member_end(s);
	s->p++;
	c->n_levels--;
	if (!top->map)
		return;
	if (top->unsorted || c->n_objects > top->object + 1) {
		struct jcanon_object *o = &c->objects[top->object];

		o->end = place(s);
		o->next = c->n_objects;
		o->part = c->n_parts;
		parts_keep(c, top);
		o->part_end = c->n_parts;
	} else {
		c->n_objects--;
	}
	c->n_members = top->member;
	s->key_next = false;
}

static void
frame_push(struct jcanon *c, struct jcanon_frame frame)
{
	if (c->n_frames == c->cap_frames)
		c->frames = xgrow(c->frames, &c->cap_frames, c->n_frames + 1, sizeof(*c->frames));
	c->frames[c->n_frames++] = frame;
}

/* Write `text` again, the members of `objects` in order. */
static void
reorder(struct jcanon *c, struct buf *out)
{
	struct slice text = buf_slice(&c->text);

	c->n_frames = 0;
	frame_push(c, (struct jcanon_frame){.now = {0, text.len, 0}});
	while (c->n_frames) {
		struct jcanon_frame *f = &c->frames[c->n_frames - 1];
		const struct jcanon_object *o = &c->objects[f->now.object];

		if (f->now.object < c->n_objects && o->start < f->now.end) {
			jcanon_put(out, text.p + f->now.from, o->start + 1 - f->now.from);
			f->now.from = o->end - 1;
			f->now.object = o->next;
			frame_push(c, (struct jcanon_frame){.now = c->parts[o->part],
			                                    .next = o->part + 1,
			                                    .end = o->part_end});
			continue;
		}
		jcanon_put(out, text.p + f->now.from, f->now.end - f->now.from);
		if (f->next < f->end) {
			jcanon_put(out, (const uint8_t *)",", 1);
			f->now = c->parts[f->next++];
		} else {
			c->n_frames--;
		}
	}
}

static void
scan_token(struct scan *s)
{
	bool newline = false;

	switch (*s->p) {
	case '{':
	case '[':
		container_open(s, *s->p == '{');
		break;
	case '}':
	case ']':
		container_close(s);
		break;
	case ',':
		member_end(s);
		s->key_next = s->c->levels[s->c->n_levels - 1].map;
		s->p++;
		break;
	case ':':
		s->key_next = false;
		s->p++;
		break;
	case '"':
		if (s->key_next)
			scan_key(s);
		else
			(void)scan_string(s);
		break;
	case 't':
	case 'n':
		s->p += 4;
		break;
	case 'f':
		s->p += 5;
		break;
	case ' ':
	case '\t':
	case '\n':
	case '\r':
		flush(s, jscan_space(s->p, s->end, &newline));
		break;
	default:
		scan_number(s);
	}
}

void
jcanon_add(struct jcanon *c, struct slice json, struct buf *out)
{
	struct scan s = {.c = c,
	                 .out = out,
	                 .start = out->len,
	                 .p = json.p,
	                 .end = json.p + json.len,
	                 .run = json.p};

	c->n_levels = c->n_members = c->n_objects = c->n_parts = 0;
	arena_reset(c->keys);
	while (s.p < s.end)
		scan_token(&s);
	flush(&s, s.end);
	if (c->n_objects == 0)
		return;
	c->text.len = 0;
	buf_add(&c->text, out->p + s.start, out->len - s.start);
	out->len = s.start;
	reorder(c, out);
}
