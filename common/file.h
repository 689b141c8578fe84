#ifndef COMMON_FILE_H
#define COMMON_FILE_H

#include <sys/types.h>

#include "common/err.h"
#include "common/mem.h"

/*
 * Files, and the two standard streams as files: the one place that reads and
 * writes them.  Reads and writes are whole or an error that names the path.
 *
 * An output file is written as NAME.part with mode 0600, synced, closed, and gets its
 * name only in file_publish(); a file of that name is not replaced unless asked
 * for.  Who stops before that leaves NAME.part.
 */
struct file;

/*
 * At the beginning of a program: takes the numbers of standard streams that are closed, so that
 * no file gets one of them, and messages with it.  They stay of no use.
 */
void file_hold_standard(void);

/* "-" is standard input. */
MUST_USE int file_open(struct file **out, const char *path, struct err *err);
/* "-" is standard output.  `replace`: file_publish() may replace a file of that name. */
MUST_USE int file_create(struct file **out, const char *path, bool replace, struct err *err);
/* The same for an output that an earlier run left as NAME.part: its bytes stay, until file_cut().
 * 1, 0 where there is no NAME.part, -1. */
MUST_USE int file_resume(struct file **out, const char *path, bool replace, struct err *err);
/* The folder that a path is in; the caller's to free. */
char *file_folder(const char *path);
/* Whether file_create() could make it, without a trace. */
MUST_USE int file_could_create(const char *path, bool replace, struct err *err);
void file_close(struct file *f); /* NULL is fine; never publishes */

const char *file_path(const struct file *f); /* for messages: "standard input" for "-" */
const char *file_part(const struct file *f); /* NAME.part; NULL: it is no output file */
bool file_can_seek(const struct file *f);
uint64_t file_size(const struct file *f); /* 0 where it cannot seek */

/* Up to `len` bytes, fewer only at the end: how many, or -1. */
MUST_USE ssize_t file_read(struct file *f, void *p, size_t len, struct err *err);
MUST_USE int file_seek(struct file *f, uint64_t at, struct err *err);
MUST_USE int file_write(struct file *f, const void *p, size_t len, struct err *err);

/*
 * What was written is on disk, and so is the name under which it is.  Where this fails, or what
 * file_publish() does of it, an output file is cut to what an earlier file_sync() or file_rewrite()
 * had brought there: the rest can be read, and later syncs are good, but the disk may lack it.
 */
MUST_USE int file_sync(struct file *f, struct err *err);
bool file_was_cut(const struct file *f); /* that has happened, or should have */

/*
 * A second way to the bytes of `f`, from which nothing was read yet: of a regular file
 * that file, whatever has its name later; of anything else a copy of what is read from
 * it, in a file without a name (tempfile.h).  *again is the caller's, and of use when
 * `f` is not read any more: file_rewind() comes first.
 */
MUST_USE int file_keep(struct file **again, struct file *f, struct err *err);
/* Back to the beginning of a file that can seek, which may have grown. */
MUST_USE int file_rewind(struct file *f, struct err *err);
/* Write all bytes of an output that was left again, the same ones, and sync: what its run had not
 * brought to disk is there then.  The place is their end. */
MUST_USE int file_rewrite(struct file *f, struct err *err);
/* Cut off what is behind the first `at` bytes, and go on writing there. */
MUST_USE int file_cut(struct file *f, uint64_t at, struct err *err);

/* Sync, close, rename, sync the directory.  Standard output is only flushed. */
MUST_USE int file_publish(struct file *f, struct err *err);

/* Read a whole small file, of at most `limit` bytes. */
MUST_USE int file_slurp(const char *path, size_t limit, struct buf *out, struct err *err);

#endif
