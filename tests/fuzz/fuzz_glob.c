#include <assert.h>
#include <string.h>

#include "common/glob.h"

/* A pattern, a NUL and a text, against a matcher that tries everything. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PATTERN_MOST 16
#define TEXT_MOST 16

/* Behind the element at `p`, and in *hit whether it takes the byte; NULL: it is never closed. */
static const char *
in_class(const char *p, uint8_t byte, bool *hit)
{
	bool negated = *p == '!' || *p == '^', any = false, first = true;
	uint8_t low, high;

	for (p += negated; *p && (first || *p != ']'); first = false) {
		low = high = (uint8_t)*p++;
		if (p[0] == '-' && p[1] && p[1] != ']') {
			high = (uint8_t)p[1];
			p += 2;
		}
		any |= byte >= low && byte <= high;
	}
	*hit = any != negated;
	return *p ? p + 1 : NULL;
}

static bool
matches(const char *p, struct slice text)
{
	const struct slice rest = {text.p + 1, text.len - 1};
	size_t n = 1;
	bool hit;

	if (!*p)
		return text.len == 0;
	if (*p == '*' && p[1] == '*')
		return matches(p + 1, text);
	if (*p == '*')
		return matches(p + 1, text) || (text.len && matches(p, rest));
	if (text.len == 0)
		return false;
	if (*p == '?') {
		while (n < 4 && n < text.len && (text.p[n] & 0xC0) == 0x80)
			n++;
		return matches(p + 1, (struct slice){text.p + n, text.len - n});
	}
	if (*p == '[') {
		p = in_class(p + 1, *text.p, &hit);
		return p && hit && matches(p, rest);
	}
	p += *p == '\\' && p[1];
	return (uint8_t)*p == *text.p && matches(p + 1, rest);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nul = size ? memchr(data, '\0', size) : NULL;
	const char *pattern = (const char *)data;
	struct slice text;

	if (!nul || nul - data > PATTERN_MOST)
		return 0;
	text = (struct slice){nul + 1, (size_t)(data + size - nul) - 1};
	if (text.len > TEXT_MOST)
		return 0;
	assert(glob_match(pattern, text) == matches(pattern, text));
	return 0;
}
