#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/jcanon.h"
#include "common/jcanon_impl.h"
#include "common/jscan_impl.h"

/*
 * First the text is written with its members in the order in which they come.
 * What is the same in the input is not written but waits as a run, so a text
 * that is canonical already is copied at once.  Objects whose keys are not in
 * order are noted, with their members in order, and so are objects around them;
 * then, if there are any, the text is written a second time, member by member.
 * So no byte moves more than twice, however deep it is.
 *
 * As in jscan.c, the scan_* functions take the place to start at and return the
 * place behind what they scanned.
 */
#define KEYS_BLOCK_BYTES 4096

struct jcanon_level {
	bool map, unsorted;
	size_t member; /* the first of its members, */
	size_t object; /* and what it is among `objects` */
};

struct scan {
	struct jcanon *c;
	struct jcanon_level *top; /* the innermost container that is open, or NULL */
	const uint8_t *end;
	const uint8_t *run; /* from here on it goes out as it is, and has not gone */
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

/* Where p is in the text that is written. */
static inline size_t
place(const struct scan *s, const uint8_t *p)
{
	return s->c->text.len + (size_t)(p - s->run);
}

/* Let the run up to p go; whoever calls this says where the next one starts. */
static void
flush(struct scan *s, const uint8_t *p)
{
	jcanon_put(&s->c->text, s->run, (size_t)(p - s->run));
}

static const uint8_t *
skip_spaces(struct scan *s, const uint8_t *p)
{
	bool newline = false;

	flush(s, p);
	return s->run = jscan_space(p, s->end, &newline);
}

/* p is within a container, so that there is a byte. */
static inline const uint8_t *
skip(struct scan *s, const uint8_t *p)
{
	return *p > ' ' ? p : skip_spaces(s, p);
}

/*
 * A number with a point and no exponent, [p, end): its digits, then how many are
 * behind the point.  A zero before the point goes, so none may follow it.
 */
static const uint8_t *
scan_fraction(struct scan *s, const uint8_t *whole, const uint8_t *point, const uint8_t *end)
{
	flush(s, *whole == '0' ? whole : point);
	s->run = point + 1;
	flush(s, end);
	jcanon_exponent(&s->c->text, -(int64_t)(end - (point + 1)));
	return s->run = end;
}

/* Most numbers take one of the short ways; what is left to do by value is jcanon_number(). */
static const uint8_t *
scan_number(struct scan *s, const uint8_t *p)
{
	const uint8_t *whole = p + (*p == '-'), *point = jcanon_digits_end(whole, s->end);
	bool fraction = point < s->end && *point == '.';
	const uint8_t *q = fraction ? jcanon_digits_end(point + 1, s->end) : point;

	if (q == s->end || (*q | 0x20) != 'e') {
		if (fraction && (*whole != '0' || point[1] != '0'))
			return scan_fraction(s, whole, point, q);
		if (!fraction && (q[-1] != '0' || q - p == 1))
			return q;
	}
	flush(s, p);
	return s->run = jcanon_number(p, s->end, &s->c->text);
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

/* p is at what jscan_inside() does not pass; *escapes is set where that is an escape. */
static const uint8_t *
scan_escapes(struct scan *s, const uint8_t *p, bool *escapes)
{
	for (; *p != '"'; p = jscan_inside(p, s->end)) {
		const uint8_t *q = p;
		uint32_t cp;

		*escapes = true;
		if (p[1] == '"' || p[1] == '\\') {
			p += 2;
			continue;
		}
		cp = escape_read(&q, s->end);
		flush(s, p);
		escape_add(&s->c->text, cp);
		p = s->run = q;
	}
	return p + 1;
}

/* p is behind the opening quote. */
static inline const uint8_t *
scan_string(struct scan *s, const uint8_t *p, bool *escapes)
{
	p = jscan_inside(p, s->end);
	return *p == '"' ? p + 1 : scan_escapes(s, p, escapes);
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

/* From a key over its colon to the value. */
static const uint8_t *
scan_key(struct scan *s, const uint8_t *p)
{
	struct jcanon *c = s->c;
	struct jcanon_member *m;
	const uint8_t *q;
	bool escapes = false;

	if (c->n_members == c->cap_members)
		c->members =
		    xgrow(c->members, &c->cap_members, c->n_members + 1, sizeof(*c->members));
	m = &c->members[c->n_members];
	m->from = place(s, p);
	m->object = c->n_objects;
	q = scan_string(s, p + 1, &escapes);
	m->key = escapes ? key_decode(c, p + 1, q - 1)
	                 : (struct slice){p + 1, (size_t)(q - 1 - (p + 1))};
	if (c->n_members > s->top->member && jcanon_key_cmp(m[-1].key, m->key) >= 0)
		s->top->unsorted = true;
	c->n_members++;
	return skip(s, skip(s, q) + 1);
}

static void
container_open(struct scan *s, const uint8_t *p)
{
	struct jcanon *c = s->c;

	if (c->n_levels == c->cap_levels)
		c->levels = xgrow(c->levels, &c->cap_levels, c->n_levels + 1, sizeof(*c->levels));
	s->top = &c->levels[c->n_levels++];
	*s->top =
	    (struct jcanon_level){.map = *p == '{', .member = c->n_members, .object = c->n_objects};
	if (!s->top->map)
		return;
	if (c->n_objects == c->cap_objects)
		c->objects =
		    xgrow(c->objects, &c->cap_objects, c->n_objects + 1, sizeof(*c->objects));
	c->objects[c->n_objects++].start = place(s, p);
}

/* p is behind the value of a member, or in an object that has none. */
static inline void
member_end(struct scan *s, const uint8_t *p)
{
	struct jcanon *c = s->c;

	if (s->top->map && c->n_members > s->top->member)
		c->members[c->n_members - 1].end = place(s, p);
}

static void
object_close(struct scan *s, const uint8_t *p)
{
	const struct jcanon_level *top = s->top;
	struct jcanon *c = s->c;
	struct jcanon_object *o = &c->objects[top->object];

	if (top->unsorted || c->n_objects > top->object + 1) {
		o->end = place(s, p) + 1;
		o->next = c->n_objects;
		jcanon_keep(c, o, c->members + top->member, c->n_members - top->member,
		            !top->unsorted);
	} else {
		c->n_objects--;
	}
	c->n_members = top->member;
}

/* Over opening brackets, and the keys between them, to a scalar or to a closing bracket. */
static inline const uint8_t *
scan_open(struct scan *s, const uint8_t *p)
{
	while (*p == '{' || *p == '[') {
		container_open(s, p);
		p = skip(s, p + 1);
		if (s->top->map && *p == '"')
			p = scan_key(s, p);
	}
	return p;
}

static inline const uint8_t *
scan_scalar(struct scan *s, const uint8_t *p)
{
	bool escapes;

	switch (*p) {
	case '"':
		return scan_string(s, p + 1, &escapes);
	case 't':
	case 'n':
		return p + 4;
	case 'f':
		return p + 5;
	case '}':
	case ']':
		return p;
	default:
		return scan_number(s, p);
	}
}

/* Behind a value: over closing brackets, to the value behind a comma or behind all. */
static inline const uint8_t *
scan_close(struct scan *s, const uint8_t *p)
{
	struct jcanon *c = s->c;

	while (s->top) {
		p = skip(s, p);
		member_end(s, p);
		if (*p == ',') {
			p = skip(s, p + 1);
			return s->top->map ? scan_key(s, p) : p;
		}
		if (s->top->map)
			object_close(s, p);
		p++;
		s->top = --c->n_levels ? s->top - 1 : NULL;
	}
	return p;
}

void
jcanon_add(struct jcanon *c, struct slice json, struct buf *out)
{
	struct scan s = {.c = c, .end = json.p + json.len};
	bool newline = false;
	const uint8_t *p = s.run = jscan_space(json.p, s.end, &newline);

	c->n_levels = c->n_members = c->n_objects = c->n_parts = 0;
	c->text.len = 0;
	arena_reset(c->keys);
	do {
		p = scan_open(&s, p);
		p = scan_scalar(&s, p);
		p = scan_close(&s, p);
	} while (s.top);
	flush(&s, p);
	if (c->n_objects)
		jcanon_reorder(c, out);
	else
		jcanon_put(out, c->text.p, c->text.len);
}
