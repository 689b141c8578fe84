#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "common/eintr.h"

int
eintr_fsync(int fd)
{
	int rc;

	do
		rc = fsync(fd);
	while (rc < 0 && errno == EINTR);
	return rc;
}

int
eintr_ftruncate(int fd, uint64_t len)
{
	int rc;

	do
		rc = ftruncate(fd, (off_t)len);
	while (rc < 0 && errno == EINTR);
	return rc;
}

int
eintr_rename(const char *from, const char *to, unsigned flags)
{
	int rc;

	do
		rc = renameat2(AT_FDCWD, from, AT_FDCWD, to, flags);
	while (rc < 0 && errno == EINTR);
	return rc;
}
