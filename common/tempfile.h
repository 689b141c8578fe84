#ifndef COMMON_TEMPFILE_H
#define COMMON_TEMPFILE_H

#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

/*
 * A file without a name in $TMPDIR: it goes when the process goes, however that
 * happens.  Writes and reads are whole or an error (ERR_IO).
 */

/* *fd is the caller's to close, and as it was after an error. */
MUST_USE int tempfile_open(int *fd, struct err *err);
MUST_USE int tempfile_write(int fd, const void *p, size_t len, struct err *err); /* at its place */
MUST_USE int tempfile_read(int fd, uint64_t at_bytes, void *p, size_t len, struct err *err);

#endif
