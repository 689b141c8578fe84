#include <assert.h>
#include <string.h>

#include "common/natstext.h"

/*
 * Texts in messages: the first byte chooses the spelling and the place.  The rest
 * as a text is written as something that may stand there, and reads again; the
 * rest as what somebody else wrote is read, and writing gives those bytes or, of
 * bytes that are read as they stand, others.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum place { PLACE_VALUE, PLACE_TOKEN, PLACE_TOKENS, PLACES };

static const char *
write_text(enum layout_escape how, enum place place, struct slice text, struct buf *out)
{
	return place == PLACE_VALUE ? natstext_write_value(how, text, out)
	                            : natstext_write_token(how, text, place == PLACE_TOKENS, out);
}

static struct slice
read_text(enum layout_escape how, enum place place, struct slice text, struct arena *mem)
{
	return place == PLACE_VALUE ? natstext_read_value(how, text, mem)
	                            : natstext_read_token(how, text, place == PLACE_TOKENS, mem);
}

/* Blanks at an end are not of a value; a line ends it. */
static void
check_value(enum layout_escape how, struct slice s)
{
	size_t i;

	for (i = 0; i < s.len; i++)
		assert(s.p[i] != '\r' && s.p[i] != '\n' && s.p[i] != '\0');
	assert(s.len == 0 || (!strchr(" \t", s.p[0]) && !strchr(" \t", s.p[s.len - 1])));
	for (i = 0; i < s.len && how == LAYOUT_CLOUDEVENTS; i++)
		assert(s.p[i] > ' ' && s.p[i] < 0x7F && s.p[i] != '"');
}

/* No part is empty or a wildcard, and nothing ends the word that a subject is. */
static void
check_token(struct slice s, bool dots)
{
	size_t i, begin = 0;

	assert(s.len > 0);
	for (i = 0; i <= s.len; i++) {
		if (i < s.len && s.p[i] != '.') {
			assert(s.p[i] > ' ' && s.p[i] != 0x7F);
			continue;
		}
		assert(i == s.len || dots);
		assert(i > begin);
		assert(i > begin + 1 || (s.p[begin] != '*' && s.p[begin] != '>'));
		begin = i + 1;
	}
}

/* Whether what a token says is a digest. */
static bool
is_cut(enum layout_escape how, enum place place, struct slice written)
{
	return how == LAYOUT_PERCENT && place == PLACE_TOKEN &&
	       written.len <= NATSTEXT_TOKEN_MOST_BYTES &&
	       written.len > NATSTEXT_TOKEN_MOST_BYTES - 8 &&
	       memcmp(written.p + written.len - 34, "%~", 2) == 0;
}

static void
write_and_read(enum layout_escape how, enum place place, struct slice text, struct arena *mem)
{
	struct buf out = BUF_INIT;
	struct slice written, back;
	const char *why;

	buf_add_str(&out, "before");
	why = write_text(how, place, text, &out);
	assert(out.len >= 6 && memcmp(out.p, "before", 6) == 0);
	written = (struct slice){out.p + 6, out.len - 6};
	assert(!why || *why);
	assert(!why || how != LAYOUT_PERCENT || place == PLACE_TOKENS); /* that holds every text */
	assert(!why || how != LAYOUT_CLOUDEVENTS);
	if (!why) {
		if (place == PLACE_VALUE)
			check_value(how, written);
		else
			check_token(written, place == PLACE_TOKENS);
		back = read_text(how, place, written, mem);
		assert(back.p && slice_eq(back, is_cut(how, place, written) ? written : text));
	}
	buf_release(&out);
}

static void
read_and_write(enum layout_escape how, enum place place, struct slice foreign, struct arena *mem)
{
	struct slice text = read_text(how, place, foreign, mem);
	struct buf out = BUF_INIT;
	const char *why;

	assert(text.p && text.len <= foreign.len);
	why = write_text(how, place, text, &out);
	if (!slice_eq(text, foreign) && how == LAYOUT_PERCENT)
		assert(!why && slice_eq(buf_slice(&out), foreign));
	if (!why && !is_cut(how, place, buf_slice(&out)))
		assert(slice_eq(read_text(how, place, buf_slice(&out), mem), text));
	buf_release(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum layout_escape how;
	enum place place;
	struct slice text;
	struct arena *mem;

	if (size < 1)
		return 0;
	how = (enum layout_escape)(data[0] % (LAYOUT_CLOUDEVENTS + 1));
	place = (enum place)(data[0] / 16 % PLACES);
	if (how == LAYOUT_CLOUDEVENTS)
		place = PLACE_VALUE;
	mem = arena_new(4096);
	text = (struct slice){data + 1, size - 1};
	write_and_read(how, place, text, mem);
	read_and_write(how, place, text, mem);
	arena_free(mem);
	return 0;
}
