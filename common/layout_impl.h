#ifndef COMMON_LAYOUT_IMPL_H
#define COMMON_LAYOUT_IMPL_H

#include <jansson.h>

#include "common/layout.h"

/* What the files that read layouts share.  Each function that can fail returns -1 and says in the
 * err which layout it is, in which line, where in it, and what is wrong there.  `where` is the
 * names of members down to an object, with dots between them; "" is the whole file. */

enum {
	LAYOUT_SQLITE = 1,
	LAYOUT_POSTGRESQL = 2,
	LAYOUT_NATS = 4,
	LAYOUT_SQL = LAYOUT_SQLITE | LAYOUT_POSTGRESQL,
	LAYOUT_ANY = LAYOUT_SQL | LAYOUT_NATS,
};

/* The file while it is read. */
struct layout_parser {
	struct layout *l;
	const char *file;
	struct slice text; /* of it */
	unsigned store;    /* its bit */
	struct err *err;
};

__attribute__((format(printf, 3, 4))) int layout_wrong(struct layout_parser *p, const char *where,
                                                       const char *fmt, ...);
/* The same, of the member `key` there. */
__attribute__((format(printf, 4, 5))) int
layout_wrong_key(struct layout_parser *p, const char *where, const char *key, const char *fmt, ...);
/* The line of that member; where it is missing, or `key` is NULL, of the object that should have
 * it. */
unsigned layout_line(struct slice text, const char *where, const char *key);

/* What may stand in a place, for messages: "a", "b" or "c".  The names end with NULL. */
const char *layout_choices(struct layout_parser *p, const char *const *names);

const char *layout_keep(struct layout_parser *p, const char *s);

/* Only the keys that are named may be there: a misspelt one must not go unseen. */
int layout_only_keys(struct layout_parser *p, const char *where, json_t *object,
                     const char *const *allowed);
/* An object of so many members at least; `what` it is has a blank before it. */
int layout_check_object(struct layout_parser *p, const char *where, json_t *value, size_t least,
                        const char *what);
/* A string that may be missing (NULL then). */
int layout_get_string(struct layout_parser *p, const char *where, json_t *object, const char *key,
                      bool required, const char **out);
/* A scalar, which is there, as the JSON text in which the drivers compare it. */
int layout_get_scalar(struct layout_parser *p, const char *where, json_t *object, const char *key,
                      struct slice *out);
/* true or false; false where it is missing. */
int layout_get_flag(struct layout_parser *p, const char *where, json_t *object, const char *key,
                    bool *out);
int layout_get_integer(struct layout_parser *p, const char *where, json_t *object, const char *key,
                       int64_t *out);
/* A list of strings, which may be missing; `what` they are. */
int layout_get_texts(struct layout_parser *p, const char *where, json_t *object, const char *key,
                     const char *what, const char ***out, size_t *n);

/* Room for this many columns. */
void layout_reserve_columns(struct layout_parser *p, size_t n);
/* What a column or a header holds: the keys `field`, `attribute`, `as`, `base` and `default` of an
 * object. */
int layout_parse_column(struct layout_parser *p, const char *where, const char *name,
                        json_t *object);
/* The fields that no event can do without have columns. */
int layout_check_needed(struct layout_parser *p, const char *where);

/* Put values in the places of {NAME}: those of `given` ("NAME=VALUE,..." or NULL), else the
 * defaults of `parameters`. */
int layout_fill_parameters(struct layout_parser *p, const char *given, json_t **root);

/* How events are read and written where that is more than a row of a table. */
int layout_parse_query(struct layout_parser *p, json_t *root);

/* What is in the file of a store of each kind. */
int layout_parse_sql(struct layout_parser *p, json_t *root);
int layout_parse_nats(struct layout_parser *p, json_t *root);

#endif
