#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/jscan.h"
#include "common/pgvalue.h"

/*
 * Fields of PostgreSQL: the first byte chooses the type, the second the limit,
 * the third the encoding, and the rest is the field.  What reads is written
 * again as the same bytes; the rest as a text is written or refused, and what is
 * written reads again.  jsonb is checked against a plain reading that shares
 * nothing with it but the scanner.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DEEP 200  /* how far the plain reading goes */
#define NAMES 200 /* and of how many names it looks at pairs */

static const char *const encodings[] = {"UTF8", "LATIN1", "SQL_ASCII", "EUC_JP"};

static bool
is_null(const uint8_t *wire)
{
	return memcmp(wire, "\xff\xff\xff\xff", 4) == 0;
}

/* The bits of a NaN, and whether an array might have held nulls, are not kept. */
static bool
same_wire(const struct pgcolumn *c, const struct value *v, struct slice a, struct slice b)
{
	if ((c->type == PGTYPE_FLOAT4 || c->type == PGTYPE_FLOAT8) && v->type == VALUE_TEXT)
		return a.len == b.len;
	if (c->type == PGTYPE_TEXT_ARRAY)
		return a.len == b.len && memcmp(a.p, b.p, 4) == 0 &&
		       memcmp(a.p + 8, b.p + 8, a.len - 8) == 0;
	return slice_eq(a, b);
}

/* Whether UTF8 and a column without a limit must take what was read from it. */
static bool
is_writable(const struct pgcolumn *c, const struct value *v)
{
	if (c->type == PGTYPE_OTHER)
		return false;
	if (c->type != PGTYPE_JSON && c->type != PGTYPE_JSONB)
		return true;
	return jscan_valid(v->bytes, NULL, NULL);
}

static void
read_and_write(const struct pgcolumn *c, const struct pgcharset *charset, bool utf8,
               struct slice wire, struct arena *mem)
{
	struct buf out = BUF_INIT;
	struct value v;
	const char *why;

	if (!pgvalue_read(c, wire, mem, &v))
		return;
	assert(v.type != VALUE_NULL);
	why = pgvalue_write(c, charset, &v, &out);
	assert(!why || out.len == 0);
	if (why && utf8 && c->limit < 0 && is_writable(c, &v))
		assert(c->type == PGTYPE_JSONB && pgvalue_check_jsonb(v.bytes, charset) == why);
	if (!why) {
		assert(out.len >= 4);
		assert(same_wire(c, &v, wire, (struct slice){out.p + 4, out.len - 4}));
	}
	buf_release(&out);
}

static void
write_and_read(const struct pgcolumn *c, const struct pgcharset *charset, const struct value *v,
               struct arena *mem)
{
	struct buf out = BUF_INIT;
	struct value back;

	if (!pgvalue_write(c, charset, v, &out)) {
		assert(out.len >= 4 && !is_null(out.p));
		assert(pgvalue_read(c, (struct slice){out.p + 4, out.len - 4}, mem, &back));
		assert(back.type == v->type || v->type == VALUE_INTEGER);
		if (back.type == VALUE_TEXT && c->type != PGTYPE_TEXT_ARRAY)
			assert(slice_eq(back.bytes, v->bytes));
		if (back.type == VALUE_INTEGER || back.type == VALUE_BOOL)
			assert(back.integer == v->integer);
	} else {
		assert(out.len == 0);
	}
	buf_release(&out);
}

enum found { GOOD, BAD, UNSURE };

static enum found
plain_string(struct slice quoted, struct arena *mem, struct slice *decoded)
{
	struct buf out = BUF_INIT;
	enum found found = GOOD;

	if (jscan_string(quoted, &out) < 0 || (out.len && memchr(out.p, '\0', out.len)))
		found = BAD;
	else
		*decoded = arena_dup(mem, out.p ? buf_slice(&out) : SLICE_LIT(""));
	buf_release(&out);
	return found;
}

static enum found plain_check(struct slice json, struct arena *mem, unsigned depth);

static enum found
plain_object(struct slice json, struct arena *mem, unsigned depth)
{
	struct slice names[NAMES], key, value;
	struct jscan_iter it;
	size_t n = 0;
	enum found worst = GOOD, found;

	jscan_object(&it, json);
	while (jscan_member(&it, &key, &value) > 0) {
		if (n == NAMES)
			return UNSURE;
		if (plain_string(key, mem, &names[n]) == BAD)
			return BAD;
		for (size_t i = 0; i < n; i++)
			if (slice_eq(names[i], names[n]))
				return BAD;
		n++;
		found = plain_check(value, mem, depth + 1);
		if (found == BAD)
			return BAD;
		if (found != GOOD)
			worst = found;
	}
	return worst;
}

static enum found
plain_check(struct slice json, struct arena *mem, unsigned depth)
{
	struct jscan_iter it;
	struct slice value;
	enum found worst = GOOD, found;

	if (depth == DEEP)
		return UNSURE;
	if (*json.p == '{')
		return plain_object(json, mem, depth);
	if (*json.p == '"')
		return plain_string(json, mem, &value);
	if (*json.p != '[') /* of numbers, only those that are plainly small */
		return json.len < 16000 && !memchr(json.p, 'E', json.len) &&
		               (*json.p > '9' || !memchr(json.p, 'e', json.len))
		           ? GOOD
		           : UNSURE;
	jscan_array(&it, json);
	while (jscan_element(&it, &value) > 0) {
		found = plain_check(value, mem, depth + 1);
		if (found == BAD)
			return BAD;
		if (found != GOOD)
			worst = found;
	}
	return worst;
}

static void
check_jsonb(const struct pgcharset *charset, bool utf8, struct slice json, struct arena *mem)
{
	const char *why;
	enum found found;

	if (!jscan_valid(json, NULL, NULL))
		return;
	while (json.len && strchr(" \t\r\n", *json.p)) {
		json.p++;
		json.len--;
	}
	why = pgvalue_check_jsonb(json, charset);
	found = plain_check(json, mem, 0);
	assert(!why || *why);
	assert(found != BAD || why);
	assert(found != GOOD || !utf8 || !why);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pgcolumn c = {.element = 25};
	struct slice wire;
	struct value v = VALUE_INIT;
	static struct pgcharset *charsets[sizeof(encodings) / sizeof(encodings[0])]; /* for good */
	struct pgcharset *charset;
	struct err err = ERR_INIT;
	struct arena *mem;
	size_t encoding;

	if (size < 3)
		return 0;
	c.type = (enum pgtype)(data[0] % PGTYPES);
	c.limit = data[1] == 0 ? -1 : data[1];
	encoding = data[2] % (sizeof(encodings) / sizeof(encodings[0]));
	if (!charsets[encoding] &&
	    pgcharset_open(&charsets[encoding], encodings[encoding], &err) < 0)
		abort();
	charset = charsets[encoding];
	mem = arena_new(4096);
	wire = (struct slice){data + 3, size - 3};
	read_and_write(&c, charset, encoding == 0, wire, mem);
	v.type = VALUE_TEXT;
	v.bytes = wire;
	write_and_read(&c, charset, &v, mem);
	v.type = VALUE_BYTES;
	write_and_read(&c, charset, &v, mem);
	if (wire.len >= sizeof(v.integer)) {
		memcpy(&v.integer, wire.p, sizeof(v.integer));
		memcpy(&v.real, wire.p, sizeof(v.real));
		v.type = VALUE_INTEGER;
		write_and_read(&c, charset, &v, mem);
		v.type = VALUE_REAL;
		if (v.real <= 0 || v.real >= 0) /* not a NaN, which is a text */
			write_and_read(&c, charset, &v, mem);
	}
	check_jsonb(charset, encoding == 0, wire, mem);
	arena_free(mem);
	return 0;
}
