#ifndef COMMON_RETRY_H
#define COMMON_RETRY_H

#include "common/backoff.h"
#include "common/err.h"

/*
 * Try again what has failed, with waits between, until it works or there is no
 * use in it.
 *
 *	switch (retry(&db->backoff, &ops, db, &tries, err)) ...
 */
struct retry_ops {
	int (*attempt)(void *ctx, struct err *err);
	bool (*is_final)(const void *ctx); /* the attempt would fail the same way again */
};

/*
 * `err` holds the failure that made it necessary.  1: an attempt worked, *tries
 * says which; 0: the budget is spent, or the user asked to stop, and `err` holds
 * the first failure and the last; -1: a final one, which `err` holds.
 */
MUST_USE int retry(struct backoff *b, const struct retry_ops *ops, void *ctx, uint64_t *tries,
                   struct err *err);

/* "trying again for 300 s", with "5 times at most" where that is limited: for a warning, before
 * the first wait. */
#define RETRY_TEXT_BYTES 96
const char *retry_bounds(const struct backoff *b, char out[RETRY_TEXT_BYTES]);
/* Say in the hint of a failure which bound was met: of time, which the user sets with `parameter`
 * (NULL: with nothing), or of tries.  Always -1. */
int retry_spent(const struct backoff *b, const char *parameter, struct err *err);

#endif
