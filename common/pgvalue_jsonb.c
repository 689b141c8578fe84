#include <string.h>

#include "common/jscan.h"
#include "common/jscan_impl.h"
#include "common/pgvalue.h"
#include "common/transcode_stack.h"

/* numeric, by src/backend/utils/adt/numeric.c. */
#define DIGITS_BEFORE 131072
#define DIGITS_BEHIND 16383
#define EXPONENT_END 1073741823 /* beyond, it is not even read */

#define STRING_MAX_BYTES 0x0fffffff /* JENTRY_OFFLENMASK of utils/jsonb.h */

/*
 * Names that have no escapes are compared where they stand.  At the first that
 * has some, the text is copied to `names`, and decoded ones go behind it: so the
 * place of a name stays the same, and nothing is allocated for most texts.
 */
struct check {
	struct slice json;
	const struct pgcharset *charset;
	bool escapes; /* anywhere */
	struct buf names;
	struct transcode_stack stack;
};

/* The exponent at p, or EXPONENT_END. */
static int64_t
exponent_of(const uint8_t *p, const uint8_t *end)
{
	bool negative = *p == '-';
	int64_t n = 0;

	if (*p == '-' || *p == '+')
		p++;
	for (; p < end && n < EXPONENT_END; p++)
		n = n * 10 + (*p - '0');
	return n >= EXPONENT_END ? EXPONENT_END : negative ? -n : n;
}

/* Digits behind the point count even if they are zeros: numeric keeps them. */
static bool
number_fits(struct slice number)
{
	const uint8_t *p = number.p + (*number.p == '-'), *end = number.p + number.len;
	int64_t before = 0, behind = 0, zeros = 0, exponent = 0;
	bool zero = true, fraction = false;

	for (; p < end && (*p | 0x20) != 'e'; p++) {
		if (*p == '.') {
			fraction = true;
			continue;
		}
		if (zero && *p == '0')
			zeros++;
		else
			zero = false;
		if (fraction)
			behind++;
		else
			before++;
	}
	if (p < end)
		exponent = exponent_of(p + 1, end);
	if (exponent == EXPONENT_END || behind - exponent > DIGITS_BEHIND)
		return false;
	return zero || before - zeros + exponent <= DIGITS_BEFORE;
}

/* p is at the first byte of a number, and moves behind it. */
static const char *
check_number(const uint8_t **p, const uint8_t *end)
{
	const uint8_t *start = *p, *q = start;
	bool exponent = false;

	for (; q < end && *q != ',' && *q != '}' && *q != ']' && !jscan_is_space(*q); q++)
		exponent |= (*q | 0x20) == 'e';
	*p = q;
	if (!exponent && q - start <= DIGITS_BEHIND)
		return NULL;
	return number_fits((struct slice){start, (size_t)(q - start)})
	           ? NULL
	           : "holds a number beyond jsonb's 131072 digits before and 16383 behind the "
	             "point";
}

static size_t
utf8_bytes(uint32_t character)
{
	return character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
}

/* `inner` is without its quotes. */
static const char *
check_string(const struct check *c, struct slice inner)
{
	const uint8_t *p = inner.p, *end = p + inner.len, *slash;
	size_t len = inner.len;

	while (c->escapes && (slash = memchr(p, '\\', (size_t)(end - p)))) {
		uint32_t character;

		p = slash;
		character = jscan_escape(&p, end);
		if (character == 0)
			return "holds \\u0000, which jsonb cannot";
		if (character == JSCAN_NO_CHARACTER)
			return "holds half of a surrogate pair, which jsonb cannot";
		if (!pgcharset_makes(c->charset, character))
			return "holds an escape of a character that the encoding of the database "
			       "lacks";
		len -= (size_t)(p - slash) - utf8_bytes(character);
	}
	return len > STRING_MAX_BYTES ? "holds a string above jsonb's 268435455 bytes" : NULL;
}

/* A name of the innermost object, with its quotes; it has passed check_string(). */
static void
add_name(struct check *c, struct slice quoted)
{
	struct slice plain =
	    c->escapes ? jscan_plain(quoted) : (struct slice){quoted.p + 1, quoted.len - 2};
	struct transcode_key key = {.at = (size_t)(quoted.p - c->json.p)};

	if (plain.p) {
		key.from = (size_t)(plain.p - c->json.p);
		key.len = plain.len;
	} else {
		if (c->names.len == 0)
			buf_add_slice(&c->names, c->json);
		key.from = c->names.len;
		(void)!jscan_string(quoted, &c->names);
		key.len = c->names.len - key.from;
	}
	transcode_stack_add_key(&c->stack, key);
}

static const char *
check_end(struct check *c)
{
	const uint8_t *names = c->names.len ? c->names.p : c->json.p;

	return transcode_stack_pop(&c->stack, names)
	           ? "holds a name twice in one object, of which jsonb keeps one"
	           : NULL;
}

static const char *
check_text(struct check *c)
{
	const uint8_t *p = c->json.p, *end = p + c->json.len, *q;
	bool name_next = false; /* a string is a name */
	const char *why = NULL;

	while (!why && p < end) {
		switch (*p) {
		case '{':
		case '[':
			name_next = *p == '{';
			if (!transcode_stack_push(&c->stack, *p++ == '{'))
				why = "is nested too deeply for jsonb";
			break;
		case '}':
		case ']':
			why = check_end(c);
			p++;
			break;
		case ',':
			name_next = transcode_stack_top(&c->stack)->map;
			p++;
			break;
		case ':':
			name_next = false;
			p++;
			break;
		case '"':
			q = jscan_string_end(p + 1, end);
			why = check_string(c, (struct slice){p + 1, (size_t)(q - p) - 2});
			if (!why && name_next)
				add_name(c, (struct slice){p, (size_t)(q - p)});
			p = q;
			break;
		default: /* a number, or spaces and the letters of a literal */
			if (*p == '-' || (*p >= '0' && *p <= '9'))
				why = check_number(&p, end);
			else
				p++;
			break;
		}
	}
	return why;
}

const char *
pgvalue_check_jsonb(struct slice json, const struct pgcharset *charset)
{
	struct check c = {.json = json, .charset = charset};
	const char *why;

	if (!pgcharset_holds(charset, json))
		return "holds a character that the encoding of the database lacks";
	c.escapes = memchr(json.p, '\\', json.len) != NULL;
	transcode_stack_init(&c.stack);
	why = check_text(&c);
	transcode_stack_release(&c.stack);
	buf_release(&c.names);
	return why;
}
