#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/stop.h"
#include "tests/tap.h"

/* Signals change the whole process: each case has one of its own.  Its wait status. */
static int
status_of(void (*child)(void))
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		child();
		_exit(99);
	}
	ok(waitpid(pid, &status, 0) == pid);
	return status;
}

static bool
exits(void (*child)(void), int code)
{
	int status = status_of(child);

	return ok(WIFEXITED(status)) && eq_int(WEXITSTATUS(status), code);
}

static void
asked_by(int sig)
{
	stop_install();
	if (stop_asked())
		_exit(1);
	raise(sig);
	_exit(stop_asked() ? 0 : 2);
}

static void
asked_by_int(void)
{
	asked_by(SIGINT);
}

static void
asked_by_term(void)
{
	asked_by(SIGTERM);
}

static void
begun_again(void)
{
	stop_install();
	stop_ask();
	stop_install();
	_exit(stop_asked() ? 1 : 0);
}

void
test_of_a_new_run_nothing_is_asked(void)
{
	ok(exits(begun_again, 0));
}

void
test_the_first_signal_asks(void)
{
	ok(!stop_asked());
	ok(exits(asked_by_int, 0));
	ok(exits(asked_by_term, 0));
	ok(!stop_asked());
}

static void
int_and_term(void)
{
	stop_install();
	raise(SIGINT);
	raise(SIGTERM);
}

static void
term_and_int(void)
{
	stop_install();
	raise(SIGTERM);
	raise(SIGINT);
}

void
test_the_second_signal_ends_the_process(void)
{
	ok(exits(int_and_term, 128 + SIGTERM));
	ok(exits(term_and_int, 128 + SIGINT));
}

static void
write_to_a_closed_pipe(void)
{
	int fds[2];

	stop_install();
	if (pipe(fds) < 0)
		_exit(1);
	close(fds[0]);
	_exit(write(fds[1], "x", 1) < 0 && !stop_asked() ? 0 : 2);
}

void
test_a_closed_pipe_is_an_error_and_no_death(void)
{
	ok(exits(write_to_a_closed_pipe, 0));
}

static void
hang_up(void)
{
	stop_install();
	raise(SIGHUP);
	_exit(stop_asked() ? 1 : 0);
}

void
test_hanging_up_does_nothing(void)
{
	ok(exits(hang_up, 0));
}

static void
look_at_usr1(void)
{
	stop_install();
	if (stop_usr1())
		_exit(1);
	raise(SIGUSR1);
	if (!stop_usr1() || stop_usr1())
		_exit(2);
	_exit(stop_asked() ? 3 : 0);
}

void
test_usr1_waits_for_who_looks(void)
{
	ok(exits(look_at_usr1, 0));
}
