#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/eintr.h"
#include "common/file.h"
#include "common/stop.h"
#include "common/tempfile.h"

#define COPY_BYTES ((size_t)64 << 10)
#define STOP_POLL_MS 100 /* how long a signal may go unnoticed while a pipe is silent */

struct file {
	int fd;
	bool standard; /* not ours to close */
	bool seekable;
	bool replace;
	int lock_fd; /* of an output file: the same open file, -1: none */
	int copy_fd; /* where what is read goes, too; -1: nowhere */
	char *path;
	char *part; /* of an output file, else NULL */
	uint64_t size_bytes, written_bytes;
	uint64_t safe_bytes; /* of an output file: so many are on disk */
	bool cut;            /* and the others were given up */
	bool listed;         /* so is its name in the folder */
};

static struct file *
file_new(int fd, const char *path)
{
	struct file *f = xcalloc(1, sizeof(*f));
	struct stat st;

	f->fd = fd;
	f->copy_fd = -1;
	f->lock_fd = -1;
	f->path = xstrdup(path);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		f->seekable = true;
		f->size_bytes = (uint64_t)st.st_size;
	}
	return f;
}

static struct file *
file_standard(int fd, const char *name)
{
	struct file *f = file_new(fd, name);

	f->standard = true;
	f->seekable = false; /* it may begin anywhere */
	return f;
}

/* An error of the system, and what to do about it. */
__attribute__((format(printf, 2, 3))) static int
failed(struct err *err, const char *fmt, ...)
{
	char doing[700];
	int sys = errno;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(doing, sizeof(doing), fmt, ap);
	va_end(ap);
	errno = sys;
	err_sys(err, ERR_IO, "%s", doing);
	return err_hint_sys(err, sys);
}

/* Where its bytes are until it is published. */
static const char *
written_name(const struct file *f)
{
	return f->part ? f->part : f->path;
}

static int
stopped(struct err *err)
{
	return err_set(err, ERR_STOPPED, "stopped by a signal");
}

void
file_hold_standard(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			/* The wrong way round, so that using it stays an error. */
			(void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int
file_open(struct file **out, const char *path, struct err *err)
{
	struct stat st;
	int fd;

	if (strcmp(path, "-") == 0) {
		*out = file_standard(STDIN_FILENO, "standard input");
		return 0;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == EINTR && stop_asked())
		return stopped(err); /* a named pipe that nobody writes to */
	if (fd < 0)
		return failed(err, "open %s", path);
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		close(fd);
		return err_set(err, ERR_IO, "open %s: is a directory", path);
	}
	*out = file_new(fd, path);
	return 0;
}

static int
exists_already(const char *path, struct err *err)
{
	err_set(err, ERR_IO, "%s: exists already", path);
	return err_hint(err, "choose another name, or replace it with --force");
}

/* Who had the lock before us may have given our file its name by now. */
static bool
still_named(int fd, const char *part)
{
	struct stat ours, named;

	return fstat(fd, &ours) == 0 && lstat(part, &named) == 0 && ours.st_dev == named.st_dev &&
	       ours.st_ino == named.st_ino;
}

/* What stands under the name must be ours to replace, and asked for. */
static int
check_name(const char *path, bool replace, struct err *err)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return 0;
	/* Not /dev/null, whoever asks for it. */
	if (!S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode))
		return err_set(err, ERR_IO, "%s: is no file, and not replaced", path);
	return replace ? 0 : exists_already(path, err);
}

char *
file_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");

	if (!dir)
		mem_exhausted();
	return dir;
}

int
file_could_create(const char *path, bool replace, struct err *err)
{
	char *dir = file_folder(path);
	int rc = check_name(path, replace, err);

	if (rc == 0 && access(dir, W_OK | X_OK) < 0)
		rc = err_sys(err, ERR_IO, "create %s", path);
	free(dir);
	return rc;
}

/* Open NAME.part as the only one who writes it: 1, 0 where it is not there and not to be made, -1.
 */
static int
open_part(struct file **out, const char *path, int flags, struct err *err)
{
	char *part = NULL;
	int fd = -1, lock_fd, rc = -1;
	struct stat st;

	if (asprintf(&part, "%s.part", path) < 0)
		mem_exhausted();
	fd = open(part, O_RDWR | flags | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0) {
		rc = errno == ENOENT && !(flags & O_CREAT) ? 0 : -1;
		if (rc < 0)
			failed(err, "create %s", part);
		goto out;
	}
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		err_set(err, ERR_IO, "%s: is no file", part);
		goto out;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) < 0 || !still_named(fd, part)) {
		err_set(err, ERR_IO, "%s: another program is writing it", part);
		goto out;
	}
	lock_fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (lock_fd < 0) {
		failed(err, "create %s", part);
		goto out;
	}
	(void)!fchmod(fd, 0600); /* of one that was left; some file systems have no modes */
	*out = file_new(fd, path);
	(*out)->part = part;
	(*out)->lock_fd = lock_fd;
	return 1;
out:
	if (fd >= 0)
		close(fd);
	free(part);
	return rc;
}

int
file_create(struct file **out, const char *path, bool replace, struct err *err)
{
	if (strcmp(path, "-") == 0) {
		*out = file_standard(STDOUT_FILENO, "standard output");
		return 0;
	}
	if (check_name(path, replace, err) < 0 || open_part(out, path, O_CREAT, err) < 0)
		return -1;
	(*out)->replace = replace;
	if (eintr_ftruncate((*out)->fd, 0) == 0)
		return 0;
	err_sys(err, ERR_IO, "truncate %s", (*out)->part);
	file_close(*out);
	*out = NULL;
	return -1;
}

int
file_resume(struct file **out, const char *path, bool replace, struct err *err)
{
	int rc;

	if (check_name(path, replace, err) < 0)
		return -1;
	rc = open_part(out, path, 0, err);
	if (rc > 0)
		(*out)->replace = replace;
	return rc;
}

void
file_close(struct file *f)
{
	if (!f)
		return;
	if (f->fd >= 0 && !f->standard)
		close(f->fd);
	if (f->lock_fd >= 0)
		close(f->lock_fd);
	if (f->copy_fd >= 0)
		close(f->copy_fd);
	free(f->part);
	free(f->path);
	free(f);
}

const char *
file_path(const struct file *f)
{
	return f->path;
}

const char *
file_part(const struct file *f)
{
	return f->part;
}

bool
file_can_seek(const struct file *f)
{
	return f->seekable;
}

uint64_t
file_size(const struct file *f)
{
	return f->seekable ? f->size_bytes : 0;
}

/*
 * Wait until a pipe has something.  The signal that ends the wait may have gone
 * to another thread, so no EINTR can be relied on.
 */
static int
wait_for_input(const struct file *f, struct err *err)
{
	struct pollfd p = {.fd = f->fd, .events = POLLIN};
	int rc = 0;

	while (rc == 0 || (rc < 0 && errno == EINTR)) {
		if (stop_asked())
			return stopped(err);
		rc = poll(&p, 1, STOP_POLL_MS);
	}
	return 0; /* whatever else is wrong with it, read() says */
}

ssize_t
file_read(struct file *f, void *p, size_t len, struct err *err)
{
	size_t have = 0;
	ssize_t got;

	while (have < len) {
		if (!f->seekable && wait_for_input(f, err) < 0)
			return -1;
		got = read(f->fd, (char *)p + have, len - have);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_sys(err, ERR_IO, "read %s", written_name(f));
		if (got == 0)
			break;
		if (f->copy_fd >= 0 &&
		    tempfile_write(f->copy_fd, (char *)p + have, (size_t)got, err) < 0)
			return -1;
		have += (size_t)got;
	}
	return (ssize_t)have;
}

int
file_seek(struct file *f, uint64_t at, struct err *err)
{
	if (lseek(f->fd, (off_t)at, SEEK_SET) < 0)
		return err_sys(err, ERR_IO, "seek in %s", written_name(f));
	return 0;
}

int
file_rewind(struct file *f, struct err *err)
{
	struct stat st;

	if (fstat(f->fd, &st) < 0)
		return err_sys(err, ERR_IO, "look at %s", f->path);
	f->size_bytes = (uint64_t)st.st_size;
	return file_seek(f, 0, err);
}

int
file_keep(struct file **again, struct file *f, struct err *err)
{
	int fd;

	if (!f->seekable && tempfile_open(&f->copy_fd, err) < 0)
		return -1;
	fd = fcntl(f->seekable ? f->fd : f->copy_fd, F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		return err_sys(err, ERR_IO, "keep %s open", f->path);
	*again = file_new(fd, f->path);
	return 0;
}

static int
write_failed(const struct file *f, struct err *err)
{
	if (!f->part)
		return failed(err, "write %s", f->path);
	return failed(err, "write %s at byte %" PRIu64, f->part, f->written_bytes);
}

int
file_write(struct file *f, const void *p, size_t len, struct err *err)
{
	size_t done = 0;
	ssize_t put;

	while (done < len) {
		/* The signal ends a write() to a pipe that nobody reads, with or without EINTR. */
		if (!f->seekable && stop_asked())
			return stopped(err);
		put = write(f->fd, (const char *)p + done, len - done);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return write_failed(f, err);
		done += (size_t)put;
		f->written_bytes += (uint64_t)put;
	}
	return 0;
}

int
file_cut(struct file *f, uint64_t at, struct err *err)
{
	if (eintr_ftruncate(f->fd, at) < 0)
		return err_sys(err, ERR_IO, "truncate %s", written_name(f));
	f->written_bytes = at;
	if (f->safe_bytes > at)
		f->safe_bytes = at;
	return file_seek(f, at, err);
}

/*
 * The system says once that it could not keep what was written, and takes it for kept from then
 * on: it can still be read, and the next sync is good.  So no later run may find it.
 */
static int
give_up_unsynced(struct file *f, struct err *err)
{
	if (!f->part)
		return -1;
	f->cut = true;
	if (eintr_ftruncate(f->lock_fd, f->safe_bytes) == 0)
		return err_hint(err, "what the disk may lack of it was cut off: run it again");
	return err_hint(err,
	                "the disk may lack what is in it behind byte %" PRIu64
	                ", which cannot be cut off: do so before you run it again",
	                f->safe_bytes);
}

/* Some file systems have nothing to sync. */
static int
try_sync(struct file *f, struct err *err)
{
	if (eintr_fsync(f->fd) == 0 || errno == EINVAL || errno == EROFS)
		return 0;
	return failed(err, "sync %s", written_name(f));
}

/* Without it a name that was made, or changed, does not survive a power cut. */
static int
sync_folder(const char *path, struct err *err)
{
	char *dir = file_folder(path);
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;

	free(dir);
	if (fd < 0 || (eintr_fsync(fd) < 0 && errno != EINVAL))
		rc = err_sys(err, ERR_IO, "sync the directory of %s", path);
	if (fd >= 0)
		close(fd);
	return rc;
}

/* The bytes, and at the first time the name under which the next run looks for them. */
static int
bring_to_disk(struct file *f, struct err *err)
{
	if (try_sync(f, err) < 0 || (!f->listed && sync_folder(written_name(f), err) < 0))
		return -1;
	f->listed = true;
	f->safe_bytes = f->written_bytes;
	return 0;
}

int
file_sync(struct file *f, struct err *err)
{
	return bring_to_disk(f, err) < 0 ? give_up_unsynced(f, err) : 0;
}

bool
file_was_cut(const struct file *f)
{
	return f->cut;
}

/* The bytes from `at` on, as many as fit into `p`: how many, or -1. */
static ssize_t
rewrite_piece(struct file *f, uint64_t at, void *p, struct err *err)
{
	ssize_t got;

	if (file_seek(f, at, err) < 0)
		return -1;
	got = file_read(f, p, COPY_BYTES, err);
	if (got <= 0)
		return got;
	if (file_seek(f, at, err) < 0 || file_write(f, p, (size_t)got, err) < 0)
		return -1;
	return got;
}

int
file_rewrite(struct file *f, struct err *err)
{
	void *p = xmalloc(COPY_BYTES);
	ssize_t got;

	f->written_bytes = 0;
	do
		got = rewrite_piece(f, f->written_bytes, p, err);
	while (got > 0);
	free(p);
	/* Where this fails nothing is cut off: the next run writes it again. */
	return got < 0 ? -1 : bring_to_disk(f, err);
}

/* Some file systems know no flags of a rename: there all but the last moment is looked at. */
static int
give_name(struct file *f, struct err *err)
{
	unsigned flags = f->replace ? 0 : RENAME_NOREPLACE;

	if (eintr_rename(f->part, f->path, flags) == 0)
		return 0;
	if (errno == EEXIST)
		return exists_already(f->path, err);
	if (errno == EINVAL) {
		if (check_name(f->path, f->replace, err) < 0)
			return -1;
		if (eintr_rename(f->part, f->path, 0) == 0)
			return 0;
	}
	return err_sys(err, ERR_IO, "rename %s to %s", f->part, f->path);
}

/*
 * Some file systems say only when a file is closed that they could not keep it, so it is closed
 * before it gets its name.  The lock must last until then: lock_fd has it, too.
 */
int
file_publish(struct file *f, struct err *err)
{
	int fd = f->fd;

	if (f->standard)
		return 0;
	if (try_sync(f, err) < 0)
		return give_up_unsynced(f, err);
	f->fd = -1;
	/* Interrupted, it is closed all the same. */
	if (close(fd) < 0 && errno != EINTR) {
		failed(err, "close %s", f->part);
		return give_up_unsynced(f, err);
	}
	/* What another program put there is not ours to name. */
	if (!still_named(f->lock_fd, f->part))
		return err_set(err, ERR_IO, "%s: was moved or deleted while it was written",
		               f->part);
	if (give_name(f, err) < 0)
		return -1;
	if (sync_folder(f->path, err) < 0)
		return err_hint(err, "the file is whole, but a power cut may take its name away");
	return 0;
}

int
file_slurp(const char *path, size_t limit, struct buf *out, struct err *err)
{
	struct file *f = NULL;
	ssize_t got;

	if (file_open(&f, path, err) < 0 || !f)
		return -1;
	buf_reserve(out, limit + 1);
	got = file_read(f, out->p + out->len, limit + 1, err);
	file_close(f);
	if (got < 0)
		return -1;
	if ((size_t)got > limit)
		return err_set(err, ERR_IO, "%s: is larger than %zu bytes", path, limit);
	out->len += (size_t)got;
	return 0;
}
