#include "common/retry.h"

int
retry(struct backoff *b, const struct retry_ops *ops, void *ctx, uint64_t *tries, struct err *err)
{
	struct err now = *err;

	for (*tries = 0; backoff_wait(b);) {
		++*tries;
		if (ops->attempt(ctx, &now) == 0)
			return 1;
		if (ops->is_final(ctx)) {
			*err = now;
			return -1;
		}
	}
	if (*tries > 0)
		err_wrap(&now, "%s; now", err->msg);
	*err = now;
	return 0;
}
