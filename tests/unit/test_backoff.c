#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/backoff.h"
#include "common/stop.h"
#include "common/timestamp.h"
#include "tests/tap.h"

void
test_each_wait_is_between_the_least_and_three_times_the_last(void)
{
	struct backoff b;
	uint64_t last = BACKOFF_LEAST_MS, ms, most, greatest = 0;
	int i;

	backoff_start(&b, 1000, NULL);
	for (i = 0; i < 10000; i++) {
		ms = backoff_next_ms(&b);
		most = last * 3 < BACKOFF_MOST_MS ? last * 3 : BACKOFF_MOST_MS;
		if (!ok(ms >= BACKOFF_LEAST_MS && ms <= most))
			return;
		greatest = ms > greatest ? ms : greatest;
		last = ms;
	}
	ok(greatest > BACKOFF_MOST_MS / 2);
	backoff_rest(&b);
	ok(backoff_next_ms(&b) <= BACKOFF_LEAST_MS * 3);
}

void
test_two_do_not_wait_in_step(void)
{
	struct backoff a, b;
	int i, same = 0;

	backoff_start(&a, 1000, NULL);
	backoff_start(&b, 1000, NULL);
	for (i = 0; i < 100; i++)
		same += backoff_next_ms(&a) == backoff_next_ms(&b);
	ok(same < 50);
}

void
test_a_budget_is_spent_and_whole_again(void)
{
	struct backoff b;
	int n = 0;

	backoff_start(&b, 0, NULL);
	ok(!backoff_wait(&b));
	eq_uint(b.row, 0);
	backoff_start(&b, 150, NULL);
	while (n < 10 && backoff_wait(&b))
		n++;
	ok(n == 1 || n == 2);
	ok(!backoff_wait(&b));
	backoff_rest(&b);
	ok(backoff_wait(&b));
	eq_uint(b.row, 1);
}

void
test_the_budget_counts_from_the_first_wait(void)
{
	struct backoff b;

	backoff_start(&b, 150, NULL);
	eq_uint(b.began_ns, 0);
	ok(backoff_wait(&b));
	ok(b.began_ns > 0 && b.began_ns <= timestamp_monotonic_ns());
	b.began_ns = timestamp_monotonic_ns() - UINT64_C(150000000);
	ok(!backoff_wait(&b));
}

void
test_tries_in_a_row_are_limited_and_all_of_them_counted(void)
{
	struct retries retries = {.most = 2};
	struct backoff a, b;

	backoff_start(&a, 3600000, &retries);
	backoff_start(&b, 3600000, &retries);
	a.least_ms = a.most_ms = b.least_ms = b.most_ms = 1;
	ok(backoff_wait(&a) && backoff_wait(&a));
	ok(!backoff_wait(&a));
	eq_uint(a.row, 2);
	backoff_rest(&a);
	ok(backoff_wait(&a) && backoff_wait(&b));
	eq_uint(retries.made, 4);
}

void
test_what_allows_nothing_says_so(void)
{
	struct retries none = {.most = 0}, some = {.most = 1};
	struct backoff b;

	backoff_start(&b, 0, &some);
	ok(!backoff_allows(&b));
	backoff_start(&b, 1000, &none);
	ok(!backoff_allows(&b) && !backoff_wait(&b));
	eq_uint(none.made, 0);
	backoff_start(&b, 1000, NULL);
	ok(backoff_allows(&b));
	b.least_ms = 5;
	b.most_ms = 5;
	eq_uint(backoff_next_ms(&b), 5);
}

/* A stop flag is for ever: in a process of its own. */
void
test_a_stop_ends_the_waiting(void)
{
	struct backoff b;
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		stop_install();
		backoff_start(&b, 3600000, NULL);
		b.last_ms = BACKOFF_MOST_MS;
		alarm(60);
		raise(SIGTERM);
		_exit(backoff_wait(&b) || b.row != 0 ? 1 : 0);
	}
	ok(waitpid(pid, &status, 0) == pid);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
