#include "common/retry.h"
#include "tests/tap.h"

struct work {
	int fails; /* so many times */
	bool final;
};

static int
attempt(void *ctx, struct err *err)
{
	struct work *w = ctx;

	return w->fails-- > 0 ? err_set(err, ERR_STORE, "still away") : 0;
}

static bool
is_final(const void *ctx)
{
	return ((const struct work *)ctx)->final;
}

static const struct retry_ops ops = {attempt, is_final};

static void
begin(struct backoff *b, struct retries *r)
{
	backoff_start(b, 60000, r);
	b->least_ms = b->most_ms = 1;
}

void
test_what_passes_is_tried_until_it_works(void)
{
	struct retries retries = {.most = 5};
	struct work work = {.fails = 2};
	struct err err = ERR_INIT;
	struct backoff b;
	uint64_t tries;

	begin(&b, &retries);
	err_set(&err, ERR_STORE, "lost");
	eq_int(retry(&b, &ops, &work, &tries, &err), 1);
	eq_uint(tries, 3);
	eq_uint(retries.made, 3);
}

void
test_what_does_not_pass_is_tried_as_often_as_is_allowed(void)
{
	struct retries retries = {.most = 2};
	struct work work = {.fails = 100};
	struct err err = ERR_INIT;
	struct backoff b;
	uint64_t tries;

	begin(&b, &retries);
	err_set(&err, ERR_STORE, "lost");
	eq_int(retry(&b, &ops, &work, &tries, &err), 0);
	eq_uint(tries, 2);
	eq_int(retry_spent(&b, "retry", &err), -1);
	eq_str(err.msg, "lost; now: still away; it was tried again 2 times (--retry-max)");
}

void
test_what_is_final_is_not_tried_again(void)
{
	struct work work = {.fails = 100, .final = true};
	struct err err = ERR_INIT;
	struct backoff b;
	uint64_t tries;

	begin(&b, NULL);
	err_set(&err, ERR_STORE, "lost");
	eq_int(retry(&b, &ops, &work, &tries, &err), -1);
	eq_uint(tries, 1);
	eq_str(err.msg, "still away");
}

void
test_the_bounds_are_said(void)
{
	struct retries retries = {.most = UINT64_MAX}, none = {0};
	char text[RETRY_TEXT_BYTES];
	struct err err = ERR_INIT;
	struct backoff b;

	begin(&b, &retries);
	eq_str(retry_bounds(&b, text), "trying again for 60 s");
	retries.most = 3;
	eq_str(retry_bounds(&b, text), "trying again for 60 s, 3 times at most");
	err_set(&err, ERR_STORE, "lost");
	eq_int(retry_spent(&b, "es_retry", &err), -1);
	eq_str(err.msg, "lost; it was tried again for 60 s (es_retry)");
	err_set(&err, ERR_STORE, "lost");
	eq_int(retry_spent(&b, NULL, &err), -1);
	eq_str(err.msg, "lost; it was tried again for 60 s");
	begin(&b, &none);
	err_set(&err, ERR_STORE, "lost");
	eq_int(retry_spent(&b, "es_retry", &err), -1);
	eq_str(err.msg, "lost");
}
