#include <signal.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "common/stop.h"

/* A lock-free atomic is safe in a handler and between threads; volatile is only the first. */
static atomic_int asked;

static void
on_signal(int sig)
{
	if (atomic_exchange(&asked, 1))
		_exit(128 + sig);
}

static void
usr1(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGUSR1);
}

void
stop_install(void)
{
	struct sigaction sa = {.sa_handler = on_signal};

	atomic_store(&asked, 0);
	usr1(&sa.sa_mask);
	sigprocmask(SIG_BLOCK, &sa.sa_mask, NULL);
	sigemptyset(&sa.sa_mask);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sa.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
	sigaction(SIGXFSZ, &sa, NULL); /* EFBIG says the same */
}

bool
stop_usr1(void)
{
	static const struct timespec at_once = {0};
	sigset_t set;

	usr1(&set);
	return sigtimedwait(&set, NULL, &at_once) == SIGUSR1;
}

bool
stop_asked(void)
{
	return atomic_load_explicit(&asked, memory_order_relaxed) != 0;
}

void
stop_ask(void)
{
	atomic_store_explicit(&asked, 1, memory_order_relaxed);
}
