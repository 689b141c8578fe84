#include <stdio.h>
#include <string.h>

#include "common/jscan.h"
#include "tests/guard.h"
#include "tests/tap.h"

/*
 * The scanner against a second one, which follows the grammar of RFC 8259 rule
 * by rule and does not try to be fast: a cursor, a byte at a time, recursion.
 */
struct ref {
	const uint8_t *p;
	size_t len, at;
	unsigned flags;
	size_t members; /* of the value at the top, if that is an object */
};

static int
peek(const struct ref *r)
{
	return r->at < r->len ? r->p[r->at] : -1;
}

static bool
take(struct ref *r, int c)
{
	if (peek(r) != c)
		return false;
	r->at++;
	return true;
}

static bool
take_range(struct ref *r, int low, int high)
{
	if (peek(r) < low || peek(r) > high)
		return false;
	r->at++;
	return true;
}

static void
ref_space(struct ref *r)
{
	for (;;) {
		if (take(r, ' ') || take(r, '\t'))
			r->flags |= JSCAN_SPACE;
		else if (take(r, '\n') || take(r, '\r'))
			r->flags |= JSCAN_SPACE | JSCAN_NEWLINE;
		else
			return;
	}
}

static bool
ref_word(struct ref *r, const char *word)
{
	for (; *word; word++)
		if (!take(r, *word))
			return false;
	return true;
}

static bool
ref_digits(struct ref *r)
{
	bool any = false;

	while (take_range(r, '0', '9'))
		any = true;
	return any;
}

static bool
ref_number(struct ref *r)
{
	(void)take(r, '-');
	if (!take(r, '0')) {
		if (!take_range(r, '1', '9'))
			return false;
		(void)ref_digits(r);
	}
	if (take(r, '.') && !ref_digits(r))
		return false;
	if (take(r, 'e') || take(r, 'E')) {
		if (!take(r, '+'))
			(void)take(r, '-');
		if (!ref_digits(r))
			return false;
	}
	return true;
}

/* RFC 3629, section 4, as written there. */
static bool
ref_utf8(struct ref *r)
{
	static const int rules[][4][2] = {
	    {{0x00, 0x7f}},
	    {{0xc2, 0xdf}, {0x80, 0xbf}},
	    {{0xe0, 0xe0}, {0xa0, 0xbf}, {0x80, 0xbf}},
	    {{0xe1, 0xec}, {0x80, 0xbf}, {0x80, 0xbf}},
	    {{0xed, 0xed}, {0x80, 0x9f}, {0x80, 0xbf}},
	    {{0xee, 0xef}, {0x80, 0xbf}, {0x80, 0xbf}},
	    {{0xf0, 0xf0}, {0x90, 0xbf}, {0x80, 0xbf}, {0x80, 0xbf}},
	    {{0xf1, 0xf3}, {0x80, 0xbf}, {0x80, 0xbf}, {0x80, 0xbf}},
	    {{0xf4, 0xf4}, {0x80, 0x8f}, {0x80, 0xbf}, {0x80, 0xbf}},
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		size_t start = r->at, n = 1;

		if (!take_range(r, rules[i][0][0], rules[i][0][1]))
			continue;
		while (n < 4 && rules[i][n][0] && take_range(r, rules[i][n][0], rules[i][n][1]))
			n++;
		if (n == 4 || !rules[i][n][0])
			return true;
		r->at = start;
	}
	return false;
}

static bool
ref_escape(struct ref *r)
{
	if (!take(r, 'u')) {
		if (peek(r) <= 0 || !strchr("\"\\/bfnrt", peek(r)))
			return false;
		r->at++;
		return true;
	}
	for (int i = 0; i < 4; i++)
		if (!take_range(r, '0', '9') && !take_range(r, 'a', 'f') &&
		    !take_range(r, 'A', 'F'))
			return false;
	return true;
}

static bool
ref_string(struct ref *r)
{
	if (!take(r, '"'))
		return false;
	while (!take(r, '"')) {
		if (take(r, '\\')) {
			if (!ref_escape(r))
				return false;
		} else if (peek(r) < 0x20 || !ref_utf8(r)) {
			return false;
		}
	}
	return true;
}

static bool ref_value(struct ref *r, size_t *count);

static bool
ref_container(struct ref *r, char close, size_t *count)
{
	r->at++;
	ref_space(r);
	if (take(r, close))
		return true;
	do {
		size_t inner;

		ref_space(r);
		if (close == '}') {
			if (!ref_string(r))
				return false;
			ref_space(r);
			if (!take(r, ':'))
				return false;
			ref_space(r);
		}
		if (!ref_value(r, &inner))
			return false;
		ref_space(r);
		++*count;
	} while (take(r, ','));
	return take(r, close);
}

static bool
ref_value(struct ref *r, size_t *count)
{
	*count = 0;
	switch (peek(r)) {
	case '{':
		return ref_container(r, '}', count);
	case '[':
		return ref_container(r, ']', count);
	case '"':
		return ref_string(r);
	case 't':
		return ref_word(r, "true");
	case 'f':
		return ref_word(r, "false");
	case 'n':
		return ref_word(r, "null");
	default:
		return ref_number(r);
	}
}

static bool
ref_text(struct ref *r, struct slice in)
{
	*r = (struct ref){.p = in.p, .len = in.len};
	ref_space(r);
	if (!ref_value(r, &r->members))
		return false;
	ref_space(r);
	return r->at == r->len;
}

/* The walk of an object or an array agrees about validity and the count of members. */
static bool
walk_agrees(const struct ref *r, struct slice in, bool valid, bool object)
{
	struct slice key, value;
	struct jscan_iter it;
	size_t n = 0;
	int rc;

	if (object)
		jscan_object(&it, in);
	else
		jscan_array(&it, in);
	while ((rc = object ? jscan_member(&it, &key, &value) : jscan_element(&it, &value)) > 0)
		n++;
	return valid ? rc == 0 && n == r->members : rc < 0 && it.fault.at <= in.len;
}

static void
compare(struct slice in)
{
	unsigned flags = 0;
	struct jscan_fault fault = {0, NULL};
	struct ref r;
	bool want = ref_text(&r, in);
	bool got = jscan_valid(in, &flags, &fault);
	bool same = got == want && (!want || flags == r.flags) && (got || fault.at <= in.len);
	size_t first = 0;

	while (first < in.len && in.p[first] <= ' ')
		first++;
	if (first < in.len && in.p[first] == '{')
		same = same && walk_agrees(&r, in, want, true);
	if (first < in.len && in.p[first] == '[')
		same = same && walk_agrees(&r, in, want, false);
	if (ok(same))
		return;
	printf("# want %d %u, got %d %u:", want, r.flags, got, flags);
	for (size_t i = 0; i < in.len; i++)
		printf(" %02x", in.p[i]);
	printf("\n");
}

void
test_all_short_texts_are_judged_as_the_grammar_says(void)
{
	static const char alphabet[] = "{}[]:,\"\\0-.eu \n\xc3\xa9";
	const size_t n = sizeof(alphabet) - 1;
	struct guard g;

	guard_init(&g, 4096);
	for (size_t len = 0; len <= 5; len++) {
		size_t digits[5] = {0}, i;

		do {
			uint8_t text[5];

			for (i = 0; i < len; i++)
				text[i] = (uint8_t)alphabet[digits[i]];
			compare(guard_end(&g, (struct slice){text, len}));
			for (i = 0; i < len && ++digits[i] == n; i++)
				digits[i] = 0;
		} while (i < len);
	}
	guard_release(&g);
}

/* The next of a fixed sequence (xorshift64*), below n. */
static size_t
dice(uint64_t *seed, size_t n)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return (size_t)((*seed * UINT64_C(0x2545f4914f6cdd1d)) >> 32) % n;
}

static void
make_space(struct buf *out, uint64_t *seed)
{
	static const char *const spaces[] = {" ", "\n", "\r\n", "\t", "\n                    "};

	if (dice(seed, 6) == 0)
		buf_add_str(out, spaces[dice(seed, 5)]);
}

static void
make_string(struct buf *out, uint64_t *seed)
{
	static const char *const pieces[] = {
	    "a",
	    "bcd",
	    "efghijklmnopqrstuvwxyz",
	    "\xc3\xa9",
	    "\xe2\x82\xac",
	    "\\\"",
	    "\\\\",
	    "\xf0\x9f\x98\x80",
	    "\\u12Ab",
	    " ",
	    "\\n",
	    "{\\\"]:,}",
	    "\x7f",
	    "\\ud800",
	    "\xef\xbf\xbf",
	    "0",
	    "\\udfff\\/",
	    "\xed\x9f\xbf",
	    "\xdf\xbfxyz'",
	};

	buf_add_byte(out, '"');
	for (size_t n = dice(seed, 6); n--;)
		buf_add_str(out, pieces[dice(seed, sizeof(pieces) / sizeof(pieces[0]))]);
	buf_add_byte(out, '"');
}

static void
make_value(struct buf *out, uint64_t *seed, int depth)
{
	static const char *const scalars[] = {"0",      "-0",    "1.5",  "-12.50e+10",
	                                      "1E-2",   "true",  "42",   "100000",
	                                      "1234e5", "false", "null", "0.1234567890123456789"};
	size_t kind = dice(seed, depth ? 4 : 2);

	make_space(out, seed);
	if (kind == 0) {
		buf_add_str(out, scalars[dice(seed, sizeof(scalars) / sizeof(scalars[0]))]);
	} else if (kind == 1) {
		make_string(out, seed);
	} else {
		buf_add_byte(out, kind == 2 ? '{' : '[');
		make_space(out, seed);
		for (size_t n = dice(seed, 4); n--;) {
			make_space(out, seed);
			if (kind == 2) {
				make_string(out, seed);
				make_space(out, seed);
				buf_add_byte(out, ':');
			}
			make_value(out, seed, depth - 1);
			if (n)
				buf_add_byte(out, ',');
		}
		buf_add_byte(out, kind == 2 ? '}' : ']');
	}
	make_space(out, seed);
}

/* One byte changed, removed, doubled, or the text cut. */
static void
mutate(struct buf *b, uint64_t *seed)
{
	static const char likely[] = "{}[]:,\"\\09-+.eEutfn \n\t\x1f\x80\xc2\xe0\xed\xf0\xf4\xff";
	size_t at = dice(seed, b->len);

	switch (dice(seed, 5)) {
	case 0:
		b->p[at] = (uint8_t)dice(seed, 256);
		break;
	case 1:
		b->p[at] = (uint8_t)likely[dice(seed, sizeof(likely))];
		break;
	case 2:
		memmove(b->p + at, b->p + at + 1, b->len - at - 1);
		b->len--;
		break;
	case 3:
		buf_add_byte(b, 0);
		memmove(b->p + at + 1, b->p + at, b->len - at - 1);
		break;
	default:
		b->len = at;
	}
}

void
test_random_texts_are_judged_as_the_grammar_says(void)
{
	struct buf b = BUF_INIT, compact = BUF_INIT;
	uint64_t seed = 20240229;
	struct guard g;

	guard_init(&g, 65536);
	for (int i = 0; i < 20000; i++) {
		unsigned flags = 9;
		size_t len;

		b.len = compact.len = 0;
		make_value(&b, &seed, 1 + i % 5);
		ok(jscan_valid(buf_slice(&b), NULL, NULL));
		compare(guard_end(&g, buf_slice(&b)));
		jscan_compact(buf_slice(&b), &compact);
		ok(jscan_valid(buf_slice(&compact), &flags, NULL) && flags == 0);
		len = compact.len;
		jscan_compact((struct slice){compact.p, len}, &b);
		ok(b.len >= len && memcmp(b.p + b.len - len, compact.p, len) == 0);
		b.len -= len;
		for (int n = 0; n < 10 && b.len; n++) {
			mutate(&b, &seed);
			compare(guard_end(&g, buf_slice(&b)));
		}
	}
	buf_release(&b);
	buf_release(&compact);
	guard_release(&g);
}
