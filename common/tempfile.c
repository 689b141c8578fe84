#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/tempfile.h"

static const char *
folder(void)
{
	const char *dir = getenv("TMPDIR");

	return dir && *dir ? dir : "/tmp";
}

static int
failed(const char *doing, struct err *err)
{
	int sys = errno;

	err_sys(err, ERR_IO, "%s a temporary file in %s", doing, folder());
	err_hint_sys(err, sys);
	return err_hint(err, "TMPDIR names another place");
}

int
tempfile_open(int *fd, struct err *err)
{
	char path[4096];
	int made;

	if (snprintf(path, sizeof(path), "%s/es.XXXXXX", folder()) >= (int)sizeof(path))
		return err_set(err, ERR_IO, "TMPDIR is too long");
	made = mkostemp(path, O_CLOEXEC);
	if (made < 0)
		return failed("create", err);
	unlink(path);
	*fd = made;
	return 0;
}

int
tempfile_write(int fd, const void *p, size_t len, struct err *err)
{
	size_t done = 0;
	ssize_t put;

	while (done < len) {
		put = write(fd, (const char *)p + done, len - done);
		if (put < 0 && errno != EINTR)
			return failed("write", err);
		done += put > 0 ? (size_t)put : 0;
	}
	return 0;
}

int
tempfile_read(int fd, uint64_t at_bytes, void *p, size_t len, struct err *err)
{
	size_t have = 0;
	ssize_t got;

	while (have < len) {
		got = pread(fd, (char *)p + have, len - have, (off_t)(at_bytes + have));
		if (got == 0)
			errno = EIO; /* it was written, and nobody else can cut it */
		if (got == 0 || (got < 0 && errno != EINTR))
			return failed("read", err);
		have += got > 0 ? (size_t)got : 0;
	}
	return 0;
}
