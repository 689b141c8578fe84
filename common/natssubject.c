#include <stdlib.h>
#include <string.h>

#include "common/natssubject.h"
#include "common/natstext.h"

#define PARTS_MOST 64

enum piece_kind { PIECE_TEXT, PIECE_STORE, PIECE_STREAM, PIECE_TYPE };

/* One part of a pattern. */
struct piece {
	enum piece_kind kind;
	struct slice text; /* as it stands */
	size_t parts;      /* of the subject; 0: any number */
};

/* The next part of a text between dots; false at the end. */
static bool
next_part(struct slice *rest, struct slice *part)
{
	const uint8_t *dot;

	if (!rest->p)
		return false;
	dot = memchr(rest->p, '.', rest->len);
	*part = (struct slice){rest->p, dot ? (size_t)(dot - rest->p) : rest->len};
	*rest = dot ? (struct slice){dot + 1, rest->len - part->len - 1} : SLICE_ABSENT;
	return true;
}

/* What may stand in a subject as it is. */
static bool
is_plain(struct slice text)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		if (text.p[i] <= ' ' || strchr("{}*>\x7F", text.p[i]))
			return false;
	return text.len > 0;
}

static bool
read_piece(struct slice text, struct piece *out)
{
	static const struct {
		const char *text;
		enum piece_kind kind;
		size_t parts;
	} words[] = {
	    {"{store}", PIECE_STORE, 1},
	    {"{stream}", PIECE_STREAM, 1},
	    {"{stream:*}", PIECE_STREAM, 0},
	    {"{type}", PIECE_TYPE, 1},
	};
	size_t i;

	*out = (struct piece){.text = text, .parts = 1};
	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (slice_is(text, words[i].text)) {
			out->kind = words[i].kind;
			out->parts = words[i].parts;
			return true;
		}
	if (text.len == strlen("{stream:N}") && memcmp(text.p, "{stream:", 8) == 0 &&
	    text.p[8] >= '1' && text.p[8] <= '9' && text.p[9] == '}') {
		out->kind = PIECE_STREAM;
		out->parts = (size_t)(text.p[8] - '0');
		return true;
	}
	return is_plain(text);
}

static bool
next_piece(struct slice *rest, struct piece *out)
{
	struct slice part;

	return next_part(rest, &part) && read_piece(part, out);
}

const char *
natssubject_check(const char *pattern)
{
	struct slice rest = slice_str(pattern), part;
	size_t streams = 0, types = 0, n = 0;
	struct piece piece;

	while (next_part(&rest, &part)) {
		if (!read_piece(part, &piece))
			return "has a part that is neither plain text nor {store}, {stream}, "
			       "{stream:N}, {stream:*} or {type}";
		streams += piece.kind == PIECE_STREAM;
		types += piece.kind == PIECE_TYPE;
		n++;
	}
	if (streams != 1 || types > 1)
		return "must have the stream once, and the type once at most";
	return n > PARTS_MOST ? "has too many parts" : NULL;
}

bool
natssubject_has(const char *pattern, enum field f)
{
	struct slice rest = slice_str(pattern);
	struct piece piece;

	while (next_piece(&rest, &piece))
		if (piece.kind == (f == FIELD_STREAM ? PIECE_STREAM : PIECE_TYPE))
			return true;
	return false;
}

bool
natssubject_store(const struct layout_messages *m, struct slice stream_name, struct slice *store)
{
	const char *at;
	size_t before, behind;

	*store = stream_name;
	if (!m->stream)
		return true;
	at = strstr(m->stream, "{store}");
	before = (size_t)(at - m->stream);
	behind = strlen(at) - strlen("{store}");
	if (stream_name.len <= before + behind || memcmp(stream_name.p, m->stream, before) != 0 ||
	    memcmp(stream_name.p + stream_name.len - behind, at + strlen("{store}"), behind) != 0)
		return false;
	*store = (struct slice){stream_name.p + before, stream_name.len - before - behind};
	return true;
}

static size_t
count_parts(struct slice s)
{
	size_t n = 1, i;

	for (i = 0; i < s.len; i++)
		n += s.p[i] == '.';
	return n;
}

static const char *
write_piece(const struct layout_messages *m, const struct piece *piece, const struct event *e,
            struct buf *out)
{
	struct slice text = piece->kind == PIECE_TYPE ? e->type : e->stream;
	const char *why;

	if (!text.p)
		return "is absent, and is in the subject";
	why = natstext_write_token(m->tokens, text, piece->parts != 1, out);
	if (why || piece->parts <= 1 || count_parts(text) == piece->parts)
		return why;
	return "has another number of parts between dots than the subject has room for";
}

const char *
natssubject_write(const struct layout_messages *m, struct slice store, const struct event *e,
                  struct natssubject_made *made, struct buf *out)
{
	struct slice rest = slice_str(m->subject);
	struct piece piece;
	const char *why;
	bool first = true;
	size_t begin;

	*made = (struct natssubject_made){0};

	while (next_piece(&rest, &piece)) {
		if (!first)
			buf_add_byte(out, '.');
		first = false;
		if (piece.kind == PIECE_TEXT) {
			buf_add_slice(out, piece.text);
			continue;
		}
		if (piece.kind == PIECE_STORE) {
			buf_add_slice(out, store);
			continue;
		}
		made->culprit = piece.kind == PIECE_TYPE ? FIELD_TYPE : FIELD_STREAM;
		begin = out->len;
		why = write_piece(m, &piece, e, out);
		if (why)
			return why;
		if (piece.kind == PIECE_STREAM)
			made->changed =
			    !slice_eq((struct slice){out->p + begin, out->len - begin}, e->stream);
	}
	return NULL;
}

/* The next n parts as one text.  There are as many: count_open(). */
static struct slice
take_parts(struct slice *rest, size_t n)
{
	struct slice part = {rest->p, 0};
	const uint8_t *begin = rest->p;

	while (n-- > 0)
		(void)next_part(rest, &part);
	return (struct slice){begin, (size_t)(part.p + part.len - begin)};
}

/* The number of parts that the piece which may have any number has in this subject. */
static bool
count_open(const char *pattern, struct slice subject, size_t *n)
{
	struct slice rest = slice_str(pattern);
	size_t fixed = 0, all = count_parts(subject);
	struct piece piece;

	while (next_piece(&rest, &piece))
		fixed += piece.parts;
	*n = all > fixed ? all - fixed : 0;
	return all >= fixed;
}

bool
natssubject_read(const struct layout_messages *m, struct slice store, struct slice subject,
                 struct arena *mem, struct slice *stream, struct slice *type)
{
	struct slice rest = slice_str(m->subject), left = subject, text;
	struct piece piece;
	size_t open;

	*stream = *type = SLICE_ABSENT;
	if (!count_open(m->subject, subject, &open))
		return false;
	while (next_piece(&rest, &piece)) {
		if (piece.parts == 0 && open == 0)
			return false;
		text = take_parts(&left, piece.parts ? piece.parts : open);
		if (piece.kind == PIECE_TEXT && !slice_eq(text, piece.text))
			return false;
		if (piece.kind == PIECE_STORE && !slice_eq(text, store))
			return false;
		if (piece.kind == PIECE_STREAM)
			*stream = natstext_read_token(m->tokens, text, piece.parts != 1, mem);
		if (piece.kind == PIECE_TYPE)
			*type = natstext_read_token(m->tokens, text, false, mem);
	}
	return left.p == NULL;
}

static void
put_wild(const struct piece *piece, bool last, struct buf *out)
{
	size_t i;

	if (piece->parts == 0)
		buf_add_str(out, last ? ">" : "*.>");
	for (i = 0; i < piece->parts; i++)
		buf_add_str(out, i ? ".*" : "*");
}

void
natssubject_wild(const char *pattern, struct slice store, struct buf *out)
{
	struct slice rest = slice_str(pattern), part;
	struct piece piece;
	bool first = true;

	while (next_part(&rest, &part)) {
		if (!first)
			buf_add_byte(out, '.');
		first = false;
		(void)read_piece(part, &piece); /* plain text may have wildcards here */
		if (piece.kind == PIECE_TEXT)
			buf_add_slice(out, part);
		else if (piece.kind == PIECE_STORE)
			buf_add_slice(out, store);
		else
			put_wild(&piece, !rest.p, out);
		if (piece.parts == 0)
			return; /* what comes behind it is within */
	}
}

bool
natssubject_within(struct slice inner, struct slice outer)
{
	struct slice a, z;

	while (next_part(&outer, &z)) {
		if (slice_is(z, ">"))
			return inner.p != NULL;
		if (!next_part(&inner, &a) || slice_is(a, ">"))
			return false;
		if (!slice_is(z, "*") && !slice_eq(a, z))
			return false;
	}
	return inner.p == NULL;
}
