#include <inttypes.h>
#include <stdio.h>

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

static const char *
times(uint64_t n)
{
	return n == 1 ? " time" : " times";
}

const char *
retry_bounds(const struct backoff *b, char out[RETRY_TEXT_BYTES])
{
	int n =
	    snprintf(out, RETRY_TEXT_BYTES, "trying again for %" PRIu64 " s", b->budget_ms / 1000);

	if (b->retries && b->retries->most < UINT64_MAX)
		snprintf(out + n, RETRY_TEXT_BYTES - (size_t)n, ", %" PRIu64 "%s at most",
		         b->retries->most, times(b->retries->most));
	return out;
}

int
retry_spent(const struct backoff *b, const char *parameter, struct err *err)
{
	if (!backoff_allows(b))
		return -1;
	if (b->retries && b->row >= b->retries->most)
		return err_hint(err, "it was tried again %" PRIu64 "%s (--retry-max)", b->row,
		                times(b->row));
	return err_hint(err, "it was tried again for %" PRIu64 " s%s%s%s", b->budget_ms / 1000,
	                parameter ? " (" : "", parameter ? parameter : "", parameter ? ")" : "");
}
