#ifndef COMMON_LAYOUTFIT_H
#define COMMON_LAYOUTFIT_H

#include "common/layout.h"

/*
 * Which layout fits the tables of a database: those of the layout must be there,
 * and its table of events must have just its columns.
 */
struct layoutfit_store {
	const char *name; /* layout->store of the layouts for it */
	void *ctx;
	/* The names of the table's columns, without those that are computed, each with its NUL, one
	 * behind the other; *there: whether there is such a table or view. */
	int (*columns)(void *ctx, const char *table, bool *there, struct buf *names,
	               struct err *err);
	int (*compare)(const char *a, const char *b); /* of names: 0 where they are the same */
	const char *hidden; /* a column that is there and in no list, or NULL */
};

/*
 * The one asked for ("auto" or NULL: the only built-in that fits), checked
 * against the schema.  `shown`: the store, for messages.  -1: ERR_LAYOUT.
 */
MUST_USE int layoutfit_choose(struct layout **out, const struct layoutfit_store *store,
                              const char *asked, const char *shown, struct err *err);

#endif
