#include <stdlib.h>
#include <string.h>

#include "common/jscan.h"
#include "common/nametemplate.h"

#define PART_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

/* One form: text, part, text, part, ..., text.  Texts may be empty at both ends only. */
struct form {
	struct buf texts[NAMETEMPLATE_PARTS + 1];
	struct slice parts[NAMETEMPLATE_PARTS]; /* their names, in the text that was parsed */
	size_t n;
};

struct nametemplate {
	char *text;
	struct form forms[2];                /* left and right of the `=` */
	size_t other[2][NAMETEMPLATE_PARTS]; /* which part of the other form is this one */
};

static int
wrong(const struct nametemplate *t, const char *what, struct err *err)
{
	err_set(err, ERR_USAGE, "template %.200s: %s", t->text, what);
	return err_hint(err, "write it like '{category}-{id}={category}:{id}'");
}

/* A part behind its brace; *at goes behind its end. */
static const char *
parse_part(struct form *f, const char **at)
{
	size_t len = strspn(*at, PART_LETTERS);
	const struct slice name = {(const uint8_t *)*at, len};
	size_t i;

	if (len == 0 || (*at)[len] != '}')
		return "a part is a name in braces, of letters, digits and _";
	if (f->n == NAMETEMPLATE_PARTS)
		return "has more than 16 parts";
	if (f->n > 0 && f->texts[f->n].len == 0)
		return "two parts stand side by side: nothing says where one ends";
	for (i = 0; i < f->n; i++)
		if (slice_eq(f->parts[i], name))
			return "has a part twice";
	f->parts[f->n++] = name;
	*at += len + 1;
	return NULL;
}

/* Up to `end`, which is `=` or the NUL.  NULL, or what is wrong. */
static const char *
parse_form(struct form *f, const char **at, char end)
{
	const char *why = NULL;

	while (!why && **at && **at != end) {
		if (**at == '{') {
			++*at;
			why = parse_part(f, at);
			continue;
		}
		if (**at == '}' || (**at == '\\' && !(*at)[1]))
			return "a brace or a backslash of a name is written with a \\ before it";
		*at += **at == '\\';
		buf_add_byte(&f->texts[f->n], (uint8_t) * (*at)++);
	}
	if (why)
		return why;
	if (**at != end)
		return "has no = between the two forms";
	return f->n == 0 && f->texts[0].len == 0 ? "one of the two forms is empty" : NULL;
}

/* Every part of one form is one of the other. */
static const char *
pair_parts(struct nametemplate *t)
{
	const struct form *a = &t->forms[0], *b = &t->forms[1];
	size_t i, j;

	for (i = 0; i < a->n; i++) {
		for (j = 0; j < b->n && !slice_eq(a->parts[i], b->parts[j]); j++)
			;
		if (j == b->n)
			return "a part of the left form is not in the right one";
		t->other[0][i] = j;
		t->other[1][j] = i;
	}
	return a->n < b->n ? "a part of the right form is not in the left one" : NULL;
}

int
nametemplate_parse(struct nametemplate **out, const char *text, struct err *err)
{
	struct nametemplate *t = xcalloc(1, sizeof(*t));
	const char *at, *why;

	at = t->text = xstrdup(text);
	why = jscan_utf8(slice_str(text)) ? parse_form(&t->forms[0], &at, '=') : "is not UTF-8";
	if (!why) {
		at++;
		why = parse_form(&t->forms[1], &at, '\0');
	}
	if (!why)
		why = pair_parts(t);
	if (why) {
		wrong(t, why, err);
		nametemplate_free(t);
		return -1;
	}
	*out = t;
	return 0;
}

void
nametemplate_free(struct nametemplate *t)
{
	size_t i, side;

	if (!t)
		return;
	for (side = 0; side < 2; side++)
		for (i = 0; i <= NAMETEMPLATE_PARTS; i++)
			buf_release(&t->forms[side].texts[i]);
	free(t->text);
	free(t);
}

static bool
begins(struct slice s, struct slice with)
{
	return s.len >= with.len && (with.len == 0 || memcmp(s.p, with.p, with.len) == 0);
}

static struct slice
behind(struct slice s, size_t n)
{
	return (struct slice){s.p + n, s.len - n};
}

/* What the parts of the form are in a name. */
static bool
take_apart(const struct form *f, struct slice name, struct slice values[NAMETEMPLATE_PARTS])
{
	struct slice text = buf_slice(&f->texts[0]), rest;
	const uint8_t *found;
	size_t i;

	if (!begins(name, text))
		return false;
	rest = behind(name, text.len);
	if (f->n == 0)
		return rest.len == 0;
	for (i = 0; i + 1 < f->n; i++) {
		text = buf_slice(&f->texts[i + 1]);
		if (rest.len == 0)
			return false;
		found = memmem(rest.p + 1, rest.len - 1, text.p, text.len);
		if (!found)
			return false;
		values[i] = (struct slice){rest.p, (size_t)(found - rest.p)};
		rest = behind(rest, values[i].len + text.len);
	}
	text = buf_slice(&f->texts[f->n]);
	if (rest.len <= text.len || !begins(behind(rest, rest.len - text.len), text))
		return false;
	values[i] = (struct slice){rest.p, rest.len - text.len};
	return true;
}

bool
nametemplate_convert(const struct nametemplate *t, bool back, struct slice name, struct buf *out)
{
	const struct form *from = &t->forms[back], *to = &t->forms[!back];
	struct slice values[NAMETEMPLATE_PARTS];
	size_t i;

	if (!name.p || !take_apart(from, name, values))
		return false;
	for (i = 0; i < to->n; i++) {
		buf_add_slice(out, buf_slice(&to->texts[i]));
		buf_add_slice(out, values[t->other[!back][i]]);
	}
	buf_add_slice(out, buf_slice(&to->texts[to->n]));
	return true;
}
