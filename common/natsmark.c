#include <inttypes.h>
#include <string.h>

#include "common/base64.h"
#include "common/natsmark.h"
#include "common/natsrow.h"

#define WORDS_MOST 8

static void
put_bytes(struct buf *out, const uint8_t *p, size_t len)
{
	buf_add_byte(out, ' ');
	base64_encode((struct slice){p, len}, out);
}

void
natsmark_write(const struct natsmark *mark, struct buf *out)
{
	buf_printf(out, "1 %" PRIu64 " %" PRIu64, mark->position, mark->events);
	put_bytes(out, mark->key, sizeof(mark->key));
	put_bytes(out, mark->run, sizeof(mark->run));
	put_bytes(out, mark->event, sizeof(mark->event));
	if (mark->has_after)
		buf_printf(out, " after=%" PRIu64, mark->after);
	if (mark->appended)
		buf_add_str(out, " appended");
}

static bool
read_number(struct slice s, uint64_t *out)
{
	size_t i;

	*out = 0;
	for (i = 0; i < s.len; i++)
		if (s.p[i] < '0' || s.p[i] > '9' || __builtin_mul_overflow(*out, 10, out) ||
		    __builtin_add_overflow(*out, (uint64_t)(s.p[i] - '0'), out))
			return false;
	return s.len > 0;
}

static bool
read_bytes(struct slice s, uint8_t *out, size_t len)
{
	struct buf bytes = BUF_INIT;
	bool good = base64_decode(s, &bytes) == 0 && bytes.len == len;

	if (good)
		memcpy(out, bytes.p, len);
	buf_release(&bytes);
	return good;
}

static size_t
split(struct slice s, struct slice words[WORDS_MOST])
{
	size_t n = 0, len;
	const uint8_t *blank;

	while (s.len && n < WORDS_MOST) {
		blank = memchr(s.p, ' ', s.len);
		len = blank ? (size_t)(blank - s.p) : s.len;
		words[n++] = (struct slice){s.p, len};
		s.p += len + (blank != NULL);
		s.len -= len + (blank != NULL);
	}
	return n;
}

static bool
read_extra(struct slice word, struct natsmark *out)
{
	static const char after[] = "after=";
	const size_t n = sizeof(after) - 1;

	if (slice_is(word, "appended")) {
		out->appended = true;
		return true;
	}
	if (word.len <= n || memcmp(word.p, after, n) != 0)
		return false;
	out->has_after = true;
	return read_number((struct slice){word.p + n, word.len - n}, &out->after);
}

bool
natsmark_read(const struct natsmsg *m, struct natsmark *out)
{
	struct slice words[WORDS_MOST];
	size_t at = 0, n, i;

	*out = (struct natsmark){0};
	if (!natsmsg_find(m, SLICE_LIT(NATSROW_IMPORT), &at))
		return false;
	n = split(m->headers[at].value, words);
	if (n < 6 || !slice_is(words[0], "1") || !read_number(words[1], &out->position) ||
	    !read_number(words[2], &out->events) ||
	    !read_bytes(words[3], out->key, sizeof(out->key)) ||
	    !read_bytes(words[4], out->run, sizeof(out->run)) ||
	    !read_bytes(words[5], out->event, sizeof(out->event)))
		return false;
	for (i = 6; i < n; i++)
		if (!read_extra(words[i], out))
			return false;
	return true;
}
