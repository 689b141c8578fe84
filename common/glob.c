#include "common/glob.h"

/*
 * Match one byte against the class behind `[`.  *pattern moves behind the `]`.
 * A class that is never closed matches nothing.
 */
static bool
class_match(const char **pattern, uint8_t byte)
{
	const char *p = *pattern;
	bool negated = *p == '!' || *p == '^', hit = false;
	uint8_t low, high;

	p += negated;
	do {
		if (*p == '\0')
			return false;
		low = high = (uint8_t)*p++;
		if (p[0] == '-' && p[1] != ']' && p[1] != '\0') {
			high = (uint8_t)p[1];
			p += 2;
		}
		if (byte >= low && byte <= high)
			hit = true;
	} while (*p != ']');
	*pattern = p + 1;
	return hit != negated;
}

/* At most 4 bytes: a `?` must not run over a whole text that is no UTF-8. */
static size_t
char_len(struct slice text, size_t at)
{
	size_t n = 1;

	while (n < 4 && at + n < text.len && (text.p[at + n] & 0xC0) == 0x80)
		n++;
	return n;
}

/* Match one pattern element that is not `*`; moves both on. */
static bool
one_match(const char **pattern, struct slice text, size_t *at)
{
	const char *p = *pattern;

	if (*p == '?') {
		*pattern = p + 1;
		*at += char_len(text, *at);
		return true;
	}
	if (*p == '[') {
		*pattern = p + 1;
		return class_match(pattern, text.p[(*at)++]);
	}
	if (*p == '\\' && p[1] != '\0')
		p++;
	*pattern = p + 1;
	return (uint8_t)*p == text.p[(*at)++];
}

bool
glob_match(const char *pattern, struct slice text)
{
	const char *star = NULL; /* behind the last `*`: where to try again */
	size_t at = 0, star_at = 0;

	while (at < text.len || *pattern) {
		if (*pattern == '*') {
			star = ++pattern;
			star_at = at;
			continue;
		}
		if (at < text.len && *pattern && one_match(&pattern, text, &at))
			continue;
		if (!star || star_at >= text.len)
			return false;
		pattern = star;
		at = ++star_at;
	}
	return true;
}
