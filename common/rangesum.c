#include "common/rangesum.h"

static uint64_t
half(const uint8_t *p)
{
	uint64_t n = 0;
	int i;

	for (i = 0; i < 8; i++)
		n = n << 8 | p[i];
	return n;
}

void
rangesum_add(struct rangesum *s, uint64_t position, const uint8_t digest[SHA256_BYTES])
{
	s->events++;
	if (position < s->least)
		s->least = position;
	if (position > s->greatest)
		s->greatest = position;
	if (!digest) {
		s->unknown = true;
		return;
	}
	s->halves[0] += half(digest);
	s->halves[1] += half(digest + 8);
}

bool
rangesum_eq(const struct rangesum *a, const struct rangesum *b)
{
	return !a->unknown && !b->unknown && a->events == b->events &&
	       (a->events == 0 || (a->least == b->least && a->greatest == b->greatest)) &&
	       a->halves[0] == b->halves[0] && a->halves[1] == b->halves[1];
}

size_t
rangesum_run(const struct rangesum_range *ranges, size_t n)
{
	size_t i;

	for (i = 1; i < n && ranges[i - 1].last + 1 == ranges[i].first; i++)
		;
	return n ? i : 0;
}

int
rangesum_parse(const char *decimal, uint64_t *out)
{
	bool negative = *decimal == '-';
	const char *p = decimal + negative;

	if (!*p)
		return -1;
	for (*out = 0; *p; p++) {
		if (*p < '0' || *p > '9')
			return -1;
		*out = *out * 10 + (uint64_t)(*p - '0');
	}
	if (negative)
		*out = 0 - *out;
	return 0;
}
