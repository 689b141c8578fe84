#ifndef COMMON_EINTR_H
#define COMMON_EINTR_H

#include <stdint.h>

/*
 * Calls of the system that a signal may end where a file system is a network's or a program's
 * (NFS, FUSE): they are made again then.  What they return, and errno, is as ever.
 */
int eintr_fsync(int fd);
int eintr_ftruncate(int fd, uint64_t len);
int eintr_rename(const char *from, const char *to, unsigned flags); /* those of renameat2() */

#endif
