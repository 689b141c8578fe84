#include <signal.h>
#include <stdatomic.h>
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

void
stop_install(void)
{
	struct sigaction sa = {.sa_handler = on_signal};

	sigemptyset(&sa.sa_mask);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sa.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &sa, NULL);
}

bool
stop_asked(void)
{
	return atomic_load_explicit(&asked, memory_order_relaxed) != 0;
}
