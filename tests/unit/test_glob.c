#include <stdlib.h>
#include <string.h>

#include "common/glob.h"
#include "tests/tap.h"

static bool
matches(const char *pattern, const char *text)
{
	return glob_match(pattern, slice_str(text));
}

static const struct {
	const char *pattern, *text;
	bool match;
} table[] = {
    {"", "", true},
    {"", "a", false},
    {"a", "", false},
    {"abc", "abc", true},
    {"abc", "abcd", false},
    {"abcd", "abc", false},
    {"*", "", true},
    {"*", "anything", true},
    {"**", "", true},
    {"a*", "a", true},
    {"*a", "a", true},
    {"*a", "ab", false},
    {"a*c", "abbbc", true},
    {"a*c", "abbb", false},
    {"*ab*ab", "abab", true},
    {"*ab*ab", "aab", false},
    {"order-*", "order-17", true},
    {"order-*", "reorder-17", false},
    {"?", "", false},
    {"?", "a", true},
    {"?", "ab", false},
    {"*?", "", false},
    {"?*", "a", true},
    {"a?c", "abc", true},
    {"*/x", ".a/b/x", true},
    {"?x", ".x", true},
    /* A class is of bytes. */
    {"[abc]", "b", true},
    {"[abc]", "d", false},
    {"[abc]", "", false},
    {"[a-c]x", "bx", true},
    {"[a-c]", "d", false},
    {"[!a-c]", "d", true},
    {"[^a-c]", "b", false},
    {"[]a]", "]", true},
    {"[!]a]", "]", false},
    {"[!]a]", "b", true},
    {"[a-]", "-", true},
    {"[a-]", "b", false},
    {"[-a]", "-", true},
    {"[a!]", "!", true},
    {"[*]", "*", true},
    {"[*]", "a", false},
    {"[z-a]", "m", false},
    {"[\\]", "\\", true},
    {"[[]", "[", true},
    {"[a-c-e]", "d", false},
    {"[a-c-e]", "-", true},
    /* One that is never closed matches nothing. */
    {"[", "[", false},
    {"[a", "a", false},
    {"[]", "]", false},
    {"[!]", "a", false},
    {"[a-", "a", false},
    {"*[a", "aa", false},
    /* A backslash makes the next character plain. */
    {"\\*", "*", true},
    {"\\*", "a", false},
    {"\\?", "?", true},
    {"\\[a]", "[a]", true},
    {"\\\\", "\\", true},
    {"a\\", "a\\", true},
    {"\\a", "a", true},
    {"*\\*", "a*", true},
    /* `?` is one character. */
    {"?", "\xC3\xA9", true},
    {"??", "\xC3\xA9", false},
    {"*??", "\xC3\xA9", false},
    {"?*?", "\xC3\xA9", false},
    {"?", "\xE2\x82\xAC", true},
    {"?", "\xF4\x8F\xBF\xBF", true},
    {"?b?",
     "\xF0\x9F\x98\x80"
     "b\xC3\xA9",
     true},
    {"??",
     "\xF0\x9F\x98\x80"
     "b\xC3\xA9",
     false},
    {"*\xA9", "\xC3\xA9", true},
};

void
test_the_table(void)
{
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (!ok(matches(table[i].pattern, table[i].text) == table[i].match))
			eq_str(table[i].pattern, table[i].text);
}

void
test_text_may_hold_nul_bytes(void)
{
	ok(glob_match("a?b", SLICE_LIT("a\0b")));
	ok(glob_match("a*", SLICE_LIT("a\0b")));
	ok(glob_match("*b", SLICE_LIT("\0\0b")));
	ok(glob_match("[!a]", SLICE_LIT("\0")));
	ok(!glob_match("a", SLICE_LIT("a\0")));
	ok(!glob_match("", SLICE_LIT("\0")));
	ok(!glob_match("ab", SLICE_LIT("a\0b")));
	ok(!glob_match("a\\", SLICE_LIT("a\0")));
	ok(glob_match("*", SLICE_ABSENT) && glob_match("", SLICE_ABSENT));
	ok(!glob_match("?", SLICE_ABSENT));
}

/* A matcher that tries everything, for classes without a `]` or `-` in an odd place. */
static bool
naive(const char *p, const uint8_t *t, const uint8_t *end)
{
	const uint8_t *next;
	bool negated, hit = false;

	if (*p == '\0')
		return t == end;
	if (*p == '*')
		return naive(p + 1, t, end) || (t < end && naive(p, t + 1, end));
	if (t == end)
		return false;
	if (*p == '?') {
		for (next = t + 1; next < end && (*next & 0xC0) == 0x80;)
			next++;
		return naive(p + 1, next, end);
	}
	if (*p != '[') {
		p += *p == '\\' && p[1];
		return (uint8_t)*p == *t && naive(p + 1, t + 1, end);
	}
	negated = p[1] == '!';
	for (p += 1 + negated; *p != ']'; p++) {
		if (p[1] == '-') {
			hit |= *t >= (uint8_t)p[0] && *t <= (uint8_t)p[2];
			p += 2;
		} else {
			hit |= *t == (uint8_t)*p;
		}
	}
	return hit != negated && naive(p + 1, t + 1, end);
}

void
test_random_patterns_match_as_a_naive_matcher_says(void)
{
	static const char *const elements[] = {"*", "*",     "?",       "a",    "b",
	                                       "c", "[a-b]", "[!a-b]",  "[bc]", "\\*",
	                                       "*", "**",    "\xC3\xA9"};
	static const char *const characters[] = {"a", "b", "c", "*", "\xC3\xA9", "a", "b"};
	unsigned seed = 1, hits = 0;
	char pattern[80], text[40];
	int i, n;

	for (i = 0; i < 200000; i++) {
		pattern[0] = text[0] = '\0';
		for (n = rand_r(&seed) % 8; n > 0; n--)
			strcat(pattern, elements[(size_t)rand_r(&seed) % 13]);
		for (n = rand_r(&seed) % 10; n > 0; n--)
			strcat(text, characters[(size_t)rand_r(&seed) % 7]);
		bool want =
		    naive(pattern, (const uint8_t *)text, (const uint8_t *)text + strlen(text));

		hits += want;
		if (!ok(matches(pattern, text) == want)) {
			eq_str(pattern, text);
			break;
		}
	}
	ok(hits > 20000 && hits < 180000);
}

/* Each takes a matcher that backtracks into earlier stars longer than anybody waits. */
void
test_many_stars_do_not_blow_up(void)
{
	char *text = malloc(20001), pattern[2001];
	size_t i;

	memset(text, 'a', 20000);
	text[20000] = '\0';
	for (i = 0; i < 2000; i += 2)
		memcpy(pattern + i, "a*", 2);
	memcpy(pattern + 1998, "*b", 3);
	ok(!matches(pattern, text));
	pattern[1999] = '\0';
	ok(matches(pattern, text));
	ok(!matches("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*ab", text));
	free(text);
}

/* Such text is no UTF-8; a `?` that ran over all of it would cost its length each time. */
void
test_stray_continuation_bytes_do_not_blow_up(void)
{
	size_t n = 4 << 20;
	uint8_t *text = malloc(n);

	memset(text, 0x80, n);
	ok(!glob_match("*?b", (struct slice){text, n}));
	free(text);
}
