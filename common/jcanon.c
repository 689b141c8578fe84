#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/jcanon.h"
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
	buf_add(s->out, s->run, (size_t)(s->p - s->run));
	s->p = s->run = p;
}

/* Numbers */

/* How a number is written. */
struct written {
	bool negative;
	struct slice whole, fraction; /* digits */
	bool exponent_negative;
	struct slice exponent; /* digits, without leading zeros */
};

static const uint8_t *
digits_end(const uint8_t *p, const uint8_t *end)
{
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p;
}

/* The end of the number. */
static const uint8_t *
number_read(struct written *n, const uint8_t *p, const uint8_t *end)
{
	const uint8_t *from;

	memset(n, 0, sizeof(*n));
	n->negative = *p == '-';
	from = p + n->negative;
	p = digits_end(from, end);
	n->whole = (struct slice){from, (size_t)(p - from)};
	if (p < end && *p == '.') {
		from = p + 1;
		p = digits_end(from, end);
		n->fraction = (struct slice){from, (size_t)(p - from)};
	}
	if (p < end && (*p | 0x20) == 'e') {
		p++;
		n->exponent_negative = *p == '-';
		p += *p == '-' || *p == '+';
		while (p < end && *p == '0')
			p++;
		from = p;
		p = digits_end(from, end);
		n->exponent = (struct slice){from, (size_t)(p - from)};
	}
	return p;
}

/* The exponent of the digits without the point; false: beyond 64 bits. */
static bool
exponent_of_digits(const struct written *n, int64_t *out)
{
	int64_t v = 0;

	for (size_t i = 0; i < n->exponent.len; i++) {
		int digit = n->exponent.p[i] - '0';

		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_sub_overflow(v, n->exponent_negative ? digit : -digit, &v))
			return false;
	}
	return !__builtin_sub_overflow(v, (int64_t)n->fraction.len, out);
}

static void
add_as_written(struct buf *out, const struct written *n)
{
	if (n->negative)
		buf_add_byte(out, '-');
	buf_add_slice(out, n->whole);
	if (n->fraction.len) {
		buf_add_byte(out, '.');
		buf_add_slice(out, n->fraction);
	}
	buf_add_str(out, n->exponent_negative ? "e-" : "e");
	buf_add_slice(out, n->exponent);
}

static bool
number_add(struct buf *out, const struct written *n)
{
	size_t from = out->len, zeros = 0;
	int64_t exponent;

	if (!exponent_of_digits(n, &exponent))
		return false;
	if (n->negative)
		buf_add_byte(out, '-');
	buf_add_slice(out, n->whole);
	buf_add_slice(out, n->fraction);
	from += n->negative;
	while (from + zeros < out->len && out->p[from + zeros] == '0')
		zeros++;
	if (from + zeros == out->len) {
		out->len = from - n->negative;
		buf_add_byte(out, '0');
		exponent = exponent < 0 ? exponent : 0;
	} else {
		out->len -= zeros;
		memmove(out->p + from, out->p + from + zeros, out->len - from);
		for (; exponent >= 0 && out->p[out->len - 1] == '0'; out->len--)
			if (__builtin_add_overflow(exponent, 1, &exponent))
				return false;
	}
	if (exponent != 0)
		buf_printf(out, "e%" PRId64, exponent);
	return true;
}

static void
scan_number(struct scan *s)
{
	const uint8_t *q = digits_end(s->p + 1, s->end);
	struct written n;
	size_t was;

	/* An integer that ends in another digit than 0 is as it should be, and so is 0. */
	if ((q == s->end || (*q != '.' && (*q | 0x20) != 'e')) &&
	    (q[-1] != '0' || (q - s->p == 1))) {
		s->p = q;
		return;
	}
	q = number_read(&n, s->p, s->end);
	flush(s, q);
	was = s->out->len;
	if (!number_add(s->out, &n)) {
		s->out->len = was;
		add_as_written(s->out, &n);
	}
}

/* Strings */

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

	c->members = xgrow(c->members, &c->cap_members, c->n_members + 1, sizeof(*c->members));
	m = &c->members[c->n_members];
	m->part = (struct jcanon_part){.from = place(s), .object = c->n_objects};
	if (scan_string(s))
		m->key = key_decode(c, quote + 1, s->p - 1);
	else
		m->key = (struct slice){quote + 1, (size_t)(s->p - 1 - (quote + 1))};
	if (c->n_members > top->member && slice_cmp(m[-1].key, m->key) >= 0)
		top->unsorted = true;
	c->n_members++;
}

/* Objects */

static void
sort_few(struct jcanon_member *m, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct jcanon_member one = m[i];
		size_t j = i;

		for (; j > 0 && slice_cmp(m[j - 1].key, one.key) > 0; j--)
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
		*to++ = slice_cmp(a->key, b->key) <= 0 ? *a++ : *b++;
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

	c->levels = xgrow(c->levels, &c->cap_levels, c->n_levels + 1, sizeof(*c->levels));
	c->levels[c->n_levels++] =
	    (struct jcanon_level){.map = map, .member = c->n_members, .object = c->n_objects};
	if (map) {
		c->objects =
		    xgrow(c->objects, &c->cap_objects, c->n_objects + 1, sizeof(*c->objects));
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
			buf_add(out, text.p + f->now.from, o->start + 1 - f->now.from);
			f->now.from = o->end - 1;
			f->now.object = o->next;
			frame_push(c, (struct jcanon_frame){.now = c->parts[o->part],
			                                    .next = o->part + 1,
			                                    .end = o->part_end});
			continue;
		}
		buf_add(out, text.p + f->now.from, f->now.end - f->now.from);
		if (f->next < f->end) {
			buf_add_byte(out, ',');
			f->now = c->parts[f->next++];
		} else {
			c->n_frames--;
		}
	}
}

static void
scan_token(struct scan *s)
{
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
	while (s.p < s.end) {
		if (jscan_is_space(*s.p)) {
			bool newline = false;

			flush(&s, jscan_space(s.p, s.end, &newline));
		} else {
			scan_token(&s);
		}
	}
	flush(&s, s.end);
	if (c->n_objects == 0)
		return;
	c->text.len = 0;
	buf_add(&c->text, out->p + s.start, out->len - s.start);
	out->len = s.start;
	reorder(c, out);
}
