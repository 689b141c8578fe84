#ifndef COMMON_VALUE_H
#define COMMON_VALUE_H

#include "common/mem.h"

/*
 * One value of a column of any SQL store, apart from the wire and from any
 * statement, and as JSON: what attributes and hints hold.  JSON has fewer kinds
 * of values, so what it or a common reader of it would change is wrapped:
 *
 *	NULL null        TEXT "..."                        or {"$text":"base64"}, not UTF-8
 *	BYTES {"$blob":"base64"}                           INTEGER 7 or {"$integer":"..."} past 2^53
 *	REAL 0.5 or {"$real":"..."}, with no fraction or not finite
 *	BOOL true
 */
enum value_type {
	VALUE_NULL,
	VALUE_INTEGER,
	VALUE_REAL,
	VALUE_TEXT,
	VALUE_BYTES,
	VALUE_BOOL, /* of a store that has them: `integer` is 0 or 1 */
};

struct value {
	enum value_type type;
	int64_t integer;
	double real;
	struct slice bytes; /* of TEXT and BYTES; never absent */
	bool is_json;       /* of TEXT that is known to be JSON: to spare another look */
};

#define VALUE_INIT ((struct value){.type = VALUE_NULL})

bool value_eq(const struct value *a, const struct value *b);

void value_to_json(const struct value *v, struct buf *out);
/* From one compact JSON text; bytes go to the arena.  A list or an object that is no wrapping
 * becomes TEXT that holds it. */
struct value value_of_json(struct slice json, struct arena *mem);

/* Append the shortest decimal that reads back as the same number; 9e999 for infinity. */
void value_print_real(double real, struct buf *out);

#endif
