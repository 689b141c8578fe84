#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/mem.h"
#include "common/tempfile.h"
#include "tests/tap.h"

void
test_what_was_written_is_read_wherever_it_is(void)
{
	struct err err = ERR_INIT;
	char got[8] = "";
	int fd = -1;

	eq_int(tempfile_open(&fd, &err), 0);
	eq_int(tempfile_write(fd, "0123", 4, &err), 0);
	eq_int(tempfile_write(fd, "456", 3, &err), 0);
	eq_int(tempfile_read(fd, 2, got, 4, &err), 0);
	eq_str(got, "2345");
	eq_int(tempfile_read(fd, 7, got, 0, &err), 0);
	close(fd);
}

/* Nobody else can cut it: what is not there any more, the disk has lost. */
void
test_bytes_that_are_gone_are_an_error_of_the_disk(void)
{
	struct err err = ERR_INIT;
	char got[8];
	int fd = -1;

	eq_int(tempfile_open(&fd, &err), 0);
	eq_int(tempfile_write(fd, "0123", 4, &err), 0);
	eq_int(tempfile_read(fd, 1, got, 4, &err), -1);
	eq_int(err.kind, ERR_IO);
	ok(strncmp(err.msg, "read a temporary file in ", 25) == 0);
	ok(strstr(err.msg, ": Input/output error; TMPDIR names another place") != NULL);
	close(fd);
}

/* TMPDIR is `dir`: what making a file there says. */
static void
says(const char *dir, const char *what)
{
	char *before = getenv("TMPDIR"), *tmp = before ? xstrdup(before) : NULL;
	struct err err = ERR_INIT;
	int fd = -5;

	setenv("TMPDIR", dir, 1);
	eq_int(tempfile_open(&fd, &err), -1);
	eq_int(fd, -5);
	eq_int(err.kind, ERR_IO);
	eq_str(err.msg, what);
	if (tmp)
		setenv("TMPDIR", tmp, 1);
	else
		unsetenv("TMPDIR");
	free(tmp);
}

void
test_a_folder_that_will_not_do_is_named(void)
{
	char far[5000];

	memset(far, '/', sizeof(far) - 1);
	far[sizeof(far) - 1] = '\0';
	says("/nowhere", "create a temporary file in /nowhere: No such file or directory; TMPDIR "
	                 "names another place");
	says(far, "TMPDIR is too long");
}
