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

#endif
