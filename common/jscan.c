#include <assert.h>
#include <string.h>

#include "common/jscan.h"
#include "common/jscan_impl.h"

/*
 * The scan_* functions take the place to start at and return the place behind
 * what they scanned, or NULL with `bad` and `why` set.  The place is passed and
 * returned, not kept in the struct, so that it stays in a register.
 */
struct scan {
	const uint8_t *end;
	size_t depth_max;
	unsigned flags;
	const uint8_t *bad;
	const char *why;
};

__attribute__((cold, noinline)) static const uint8_t *
fail(struct scan *s, const uint8_t *p, const char *why)
{
	s->bad = p;
	s->why = why;
	return NULL;
}

__attribute__((cold, noinline)) static const uint8_t *
fail_at(struct scan *s, const uint8_t *p)
{
	return fail(s, p, p == s->end ? "unexpected end" : "unexpected byte");
}

static const uint8_t *
skip_spaces(struct scan *s, const uint8_t *p)
{
	bool newline = false;
	const uint8_t *q = jscan_space(p, s->end, &newline);

	if (q > p)
		s->flags |= JSCAN_SPACE;
	if (newline)
		s->flags |= JSCAN_NEWLINE;
	return q;
}

/* Mostly there is none, or a single space behind a colon or a comma. */
static inline const uint8_t *
skip(struct scan *s, const uint8_t *p)
{
	if (p<s->end && * p> ' ')
		return p;
	if (s->end - p >= 2 && p[0] == ' ' && p[1] > ' ') {
		s->flags |= JSCAN_SPACE;
		return p + 1;
	}
	return skip_spaces(s, p);
}

static inline bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool
is_hex(uint8_t c)
{
	return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

/* p is at the backslash. */
static const uint8_t *
scan_escape(struct scan *s, const uint8_t *p)
{
	p++;
	if (p == s->end)
		return fail_at(s, p);
	if (*p != 'u')
		return *p && strchr("\"\\/bfnrt", *p) ? p + 1 : fail(s, p, "invalid escape");
	p++;
	for (int i = 0; i < 4; i++, p++) {
		if (p == s->end)
			return fail_at(s, p);
		if (!is_hex(*p))
			return fail(s, p, "invalid escape");
	}
	return p;
}

/* A string with escapes or characters beyond ASCII; p is behind the first run. */
__attribute__((noinline)) static const uint8_t *
scan_runs(struct scan *s, const uint8_t *p)
{
	for (;; p = jscan_run(p, s->end)) {
		if (p == s->end)
			return fail_at(s, p);
		if (*p == '"')
			return p + 1;
		if (*p == '\\') {
			p = scan_escape(s, p);
			if (!p)
				return NULL;
			continue;
		}
		if (*p < 0x20)
			return fail(s, p, "control character in a string");
		/* Non-ASCII characters come in words. */
		while (p < s->end && *p >= 0x80) {
			size_t len = jscan_utf8_len(p, s->end);

			if (!len)
				return fail(s, p, "invalid UTF-8");
			p += len;
		}
	}
}

/* p is behind the opening quote; mostly the first run ends at the closing one. */
static inline const uint8_t *
scan_string(struct scan *s, const uint8_t *p)
{
	p = jscan_run(p, s->end);
	return p < s->end && *p == '"' ? p + 1 : scan_runs(s, p);
}

static inline const uint8_t *
scan_digits(struct scan *s, const uint8_t *p)
{
	if (p == s->end || !is_digit(*p))
		return fail_at(s, p);
	while (p < s->end && is_digit(*p))
		p++;
	return p;
}

static const uint8_t *
scan_number(struct scan *s, const uint8_t *p)
{
	if (*p == '-')
		p++;
	if (p < s->end && *p == '0')
		p++;
	else
		p = scan_digits(s, p);
	if (p && p < s->end && *p == '.')
		p = scan_digits(s, p + 1);
	if (p && p < s->end && (*p | 0x20) == 'e') {
		p++;
		if (p < s->end && (*p == '+' || *p == '-'))
			p++;
		p = scan_digits(s, p);
	}
	return p;
}

static const uint8_t *
scan_literal(struct scan *s, const uint8_t *p, const char *word)
{
	for (; *word; word++, p++)
		if (p == s->end || *p != (uint8_t)*word)
			return fail_at(s, p);
	return p;
}

/* p < end is at the first byte of a value that is no container. */
static inline const uint8_t *
scan_scalar(struct scan *s, const uint8_t *p)
{
	if (*p == '"')
		return scan_string(s, p + 1);
	if (is_digit(*p) || *p == '-')
		return scan_number(s, p);
	if (*p == 't')
		return scan_literal(s, p, "true");
	if (*p == 'f')
		return scan_literal(s, p, "false");
	if (*p == 'n')
		return scan_literal(s, p, "null");
	return fail_at(s, p);
}

/* From a key over its colon to the value. */
static inline const uint8_t *
scan_key(struct scan *s, const uint8_t *p)
{
	if (p == s->end || *p != '"')
		return fail_at(s, p);
	p = scan_string(s, p + 1);
	if (!p)
		return NULL;
	p = skip(s, p);
	if (p == s->end || *p != ':')
		return fail_at(s, p);
	return skip(s, p + 1);
}

/*
 * The open containers, a bit each, 1 for an object: the innermost is bit 0 of
 * `top`, and words of 64 are spilled when `top` is full.  So nothing is cleared
 * at the start, and shallow input does not touch the array.
 */
struct nest {
	uint64_t top;
	size_t depth;
	uint64_t spilled[JSCAN_MAX_DEPTH / 64];
};

static inline void
nest_push(struct nest *n, bool object)
{
	if (n->depth % 64 == 0)
		n->spilled[n->depth / 64] = n->top;
	n->top = n->top << 1 | object;
	n->depth++;
}

static inline void
nest_pop(struct nest *n)
{
	n->depth--;
	n->top >>= 1;
	if (n->depth % 64 == 0)
		n->top = n->spilled[n->depth / 64];
}

/*
 * Over opening brackets, and the keys between them, to a scalar or to the
 * closing bracket of a container that is empty.
 */
static inline const uint8_t *
scan_open(struct scan *s, struct nest *n, const uint8_t *p)
{
	while (p < s->end && (*p == '{' || *p == '[')) {
		bool object = *p == '{';

		if (n->depth == s->depth_max)
			return fail(s, p, "nested too deeply");
		nest_push(n, object);
		p = skip(s, p + 1);
		if (p < s->end && *p == (object ? '}' : ']'))
			return p;
		if (object) {
			p = scan_key(s, p);
			if (!p)
				return NULL;
		}
	}
	return p < s->end && *p != '}' && *p != ']' ? p : fail_at(s, p);
}

/*
 * Behind a value: over closing brackets.  Ends behind the outermost, or at the
 * value behind a comma.
 */
static inline const uint8_t *
scan_close(struct scan *s, struct nest *n, const uint8_t *p)
{
	while (n->depth) {
		bool object = n->top & 1;

		p = skip(s, p);
		if (p == s->end)
			return fail_at(s, p);
		if (*p == ',') {
			p = skip(s, p + 1);
			return object ? scan_key(s, p) : p;
		}
		if (*p != (object ? '}' : ']'))
			return fail_at(s, p);
		nest_pop(n);
		p++;
	}
	return p;
}

/* p is at the first byte of a value, or at the end. */
static const uint8_t *
scan_value(struct scan *s, const uint8_t *p)
{
	struct nest n;

	n.top = 0;
	n.depth = 0;
	do {
		p = scan_open(s, &n, p);
		if (p && *p != '}' && *p != ']')
			p = scan_scalar(s, p);
		if (p)
			p = scan_close(s, &n, p);
	} while (p && n.depth);
	return p;
}

bool
jscan_valid(struct slice in, unsigned *flags, struct jscan_fault *fault)
{
	/* An absent slice has no pointers to compare. */
	const uint8_t *begin = in.p ? in.p : (const uint8_t *)"";
	struct scan s = {.end = begin + in.len, .depth_max = JSCAN_MAX_DEPTH};
	const uint8_t *p = scan_value(&s, skip(&s, begin));

	if (p) {
		p = skip(&s, p);
		if (p != s.end)
			p = fail_at(&s, p);
	}
	if (!p && fault)
		*fault = (struct jscan_fault){(size_t)(s.bad - begin), s.why};
	if (p && flags)
		*flags = s.flags;
	return p != NULL;
}

enum iter_state {
	ITER_OBJECT, /* before the opening bracket */
	ITER_ARRAY,
	ITER_IN_OBJECT, /* behind a member */
	ITER_IN_ARRAY,
	ITER_END,
	ITER_FAULT,
};

static void
iter_start(struct jscan_iter *it, struct slice in, enum iter_state state)
{
	memset(it, 0, sizeof(*it));
	it->in = in.p ? in : SLICE_LIT("");
	it->state = (int)state;
}

void
jscan_object(struct jscan_iter *it, struct slice in)
{
	iter_start(it, in, ITER_OBJECT);
}

void
jscan_array(struct jscan_iter *it, struct slice in)
{
	iter_start(it, in, ITER_ARRAY);
}

/* p is at the closing bracket; behind it, only white space is left. */
static const uint8_t *
iter_end(struct jscan_iter *it, struct scan *s, const uint8_t *p)
{
	p = skip(s, p + 1);
	if (p != s->end)
		return fail_at(s, p);
	it->state = ITER_END;
	return p;
}

/* To the next key or element, or to the end, which it->state tells. */
static const uint8_t *
iter_next(struct jscan_iter *it, struct scan *s, bool object)
{
	const uint8_t *p = skip(s, it->in.p + it->at);
	uint8_t close = object ? '}' : ']';

	if (it->state == ITER_IN_OBJECT || it->state == ITER_IN_ARRAY) {
		if (p < s->end && *p == close)
			return iter_end(it, s, p);
		return p < s->end && *p == ',' ? skip(s, p + 1) : fail_at(s, p);
	}
	it->state = object ? ITER_IN_OBJECT : ITER_IN_ARRAY;
	if (p == s->end || *p != (object ? '{' : '['))
		return fail_at(s, p);
	p = skip(s, p + 1);
	return p < s->end && *p == close ? iter_end(it, s, p) : p;
}

/* A key, with its quotes, and the place of its value. */
static const uint8_t *
iter_key(struct scan *s, const uint8_t *p, struct slice *key)
{
	const uint8_t *q;

	if (p == s->end || *p != '"')
		return fail_at(s, p);
	q = scan_string(s, p + 1);
	if (!q)
		return NULL;
	*key = (struct slice){p, (size_t)(q - p)};
	q = skip(s, q);
	return q < s->end && *q == ':' ? skip(s, q + 1) : fail_at(s, q);
}

static int
iter_step(struct jscan_iter *it, struct slice *key, struct slice *value)
{
	/* The container that is walked does not count: a payload may be as deep alone as in a line.
	 */
	struct scan s = {.end = it->in.p + it->in.len, .depth_max = JSCAN_MAX_DEPTH};
	const uint8_t *p, *q = NULL;

	if (it->state == ITER_END)
		return 0;
	if (it->state == ITER_FAULT)
		return -1;
	p = iter_next(it, &s, key != NULL);
	if (p && it->state == ITER_END)
		return 0;
	if (p && key)
		p = iter_key(&s, p, key);
	if (p)
		q = scan_value(&s, p);
	if (!q) {
		it->state = ITER_FAULT;
		it->fault = (struct jscan_fault){(size_t)(s.bad - it->in.p), s.why};
		return -1;
	}
	*value = (struct slice){p, (size_t)(q - p)};
	it->at = (size_t)(q - it->in.p);
	return 1;
}

int
jscan_member(struct jscan_iter *it, struct slice *key, struct slice *value)
{
	assert(key && it->state != ITER_ARRAY && it->state != ITER_IN_ARRAY);
	return iter_step(it, key, value);
}

int
jscan_element(struct jscan_iter *it, struct slice *value)
{
	assert(it->state != ITER_OBJECT && it->state != ITER_IN_OBJECT);
	return iter_step(it, NULL, value);
}

bool
jscan_utf8(struct slice in)
{
	const uint8_t *p = in.p ? in.p : (const uint8_t *)"";
	const uint8_t *end = p + in.len;

	while ((p = jscan_ascii(p, end)) < end) {
		do {
			size_t len = jscan_utf8_len(p, end);

			if (!len)
				return false;
			p += len;
		} while (p < end && *p >= 0x80);
	}
	return true;
}
