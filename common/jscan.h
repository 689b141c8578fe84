#ifndef COMMON_JSCAN_H
#define COMMON_JSCAN_H

#include "common/err.h"
#include "common/mem.h"

/*
 * The JSON scanner: accepts exactly RFC 8259 in valid UTF-8 (no lone
 * continuation bytes, overlong forms or surrogate code points), with numbers of
 * any length and containers up to JSCAN_MAX_DEPTH deep.  It builds no tree,
 * does not recurse and allocates nothing; what it finds are slices of its
 * input.  Escapes are checked for form (`\u` and four hex digits) and decoded
 * by jscan_string() only.
 *
 *	struct jscan_iter it;
 *	struct slice key, value;
 *	jscan_object(&it, line);
 *	while ((rc = jscan_member(&it, &key, &value)) > 0)
 *		...
 *	if (rc < 0)
 *		fail(it.fault.at, it.fault.why);
 *
 * Any thread may call it; slices that it hands out live as long as the input.
 * Functions that take a *scanned* string or number trust its form.
 */
#define JSCAN_MAX_DEPTH 16384

enum jscan_flag {
	JSCAN_SPACE = 1,   /* there is white space between tokens */
	JSCAN_NEWLINE = 2, /* and some of it is a line feed or a carriage return */
};

struct jscan_fault {
	size_t at; /* byte in the input */
	/*
	 * Static: "unexpected byte", "unexpected end", "invalid escape", "invalid UTF-8",
	 * "control character in a string", "nested too deeply".
	 */
	const char *why;
};

/*
 * Whether `in` is one JSON text: white space, a value, white space, the end.
 * Sets *flags (enum jscan_flag) when true and *fault when not; either may be
 * NULL.
 */
bool jscan_valid(struct slice in, unsigned *flags, struct jscan_fault *fault);

/* Append a valid JSON text without the white space between its tokens. */
void jscan_compact(struct slice json, struct buf *out);

/* A walk over the members of one object or the elements of one array; each value may be as deep
 * as a whole text. */
struct jscan_iter {
	struct slice in;
	size_t at;
	int state; /* private */
	struct jscan_fault fault;
};

/* Start at an object that is the whole of `in` but for white space around it. */
void jscan_object(struct jscan_iter *it, struct slice in);
void jscan_array(struct jscan_iter *it, struct slice in);

/*
 * The next member: 1, 0 at the end (all of `in` has then been checked), -1 with
 * it->fault set.  `key` is the string with its quotes and escapes; `value` is
 * the exact text of the value, without white space around it.  `in` that starts
 * with another kind of value is a fault at that byte.  After 0 and -1, further
 * calls return the same.
 */
MUST_USE int jscan_member(struct jscan_iter *it, struct slice *key, struct slice *value);
MUST_USE int jscan_element(struct jscan_iter *it, struct slice *value);

/* Whether a scanned key, with its quotes, spells `text` (plain ASCII).  Escapes count. */
bool jscan_key_is(struct slice key, const char *text);

/*
 * Decode a scanned string (with its quotes) to UTF-8, appended to `out`.
 * Surrogate pairs become one code point, \u0000 a NUL byte.  0, or -1 for a
 * lone surrogate, which UTF-8 cannot hold (nothing is appended then).
 * jscan_plain() is the short cut: the bytes between the quotes where the string
 * has no escapes, else absent.
 */
MUST_USE int jscan_string(struct slice quoted, struct buf *out);
struct slice jscan_plain(struct slice quoted);

/* Append valid UTF-8 as a JSON string, with the shortest escapes and as few as may be. */
void jscan_quote(struct slice utf8, struct buf *out);

/* A scanned number that is an integer without sign, fraction and exponent, up to 2^64 - 1. */
bool jscan_uint(struct slice number, uint64_t *out);

/* Whether the bytes are well-formed UTF-8 (Unicode 15, table 3-7). */
bool jscan_utf8(struct slice s);

#endif
