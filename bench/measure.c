/*
 * Runs a program and says what it took: seconds of CPU time and KiB of memory, its peak.
 *
 *	measure took.1 esexport --from sqlite://events.db | measure took.2 esimport --to
 *sqlite://out.db
 *
 * Its exit code is that of the program, 127 where there is none of that name, as of a shell.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static double
seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static int
report(const char *path, const struct rusage *u)
{
	FILE *out = fopen(path, "w");

	if (out) {
		fprintf(out, "%.6f %ld\n", seconds(u->ru_utime) + seconds(u->ru_stime),
		        u->ru_maxrss);
		if (fclose(out) == 0)
			return 0;
	}
	fprintf(stderr, "measure: %s: %s\n", path, strerror(errno));
	return 1;
}

int
main(int argc, char **argv)
{
	struct rusage usage;
	pid_t child;
	int status;

	if (argc < 3) {
		fprintf(stderr, "usage: measure FILE PROGRAM [WORD...]\n");
		return 2;
	}
	child = fork();
	if (child == 0) {
		execvp(argv[2], argv + 2);
		fprintf(stderr, "measure: %s: %s\n", argv[2], strerror(errno));
		_exit(errno == ENOENT ? 127 : 126);
	}
	if (child < 0 || wait4(child, &status, 0, &usage) < 0) {
		fprintf(stderr, "measure: %s: %s\n", argv[2], strerror(errno));
		return 1;
	}
	if (report(argv[1], &usage) != 0)
		return 1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
