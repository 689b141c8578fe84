/*
 * A shim for LD_PRELOAD: makes the nth call of a kind fail, in a program as it is shipped.
 *
 *	FAULT=write:3:ENOSPC	the third write fails, the others do not
 *	FAULT=write:3+:ENOSPC	and so do all behind it
 *	FAULT=read:1+:short	each read gets less than was asked for
 *	FAULT=write:1+:EINTR	every other write is interrupted before it begins
 *	FAULT=sync:1:gone	the first sync fails with EIO, and no file can be cut behind it
 *	FAULT=recv:2:ECONNRESET	the second time that something is received from a server
 *	FAULT=malloc:17:ENOMEM	the seventeenth allocation fails
 *
 * The kinds are in the table below.  Counted is from the beginning of main to its end (behind it
 * gcov writes its figures), over all threads, and what works on a file, a pipe or a standard
 * stream; standard error is left alone, which says what happened.  Sockets have kinds of their own:
 * send, recv, poll and connect, as libpq and libnats call them.  With
 * FAULT_WITHIN=TEXT only files count whose path has the text in it.  When the fault is met for the
 * first time, a file named by FAULT_HIT is made: a loop over n ends when it is not there.
 *
 * A sync that fails loses what was added to the file since it was opened or synced: there are zeros
 * then, as where the system has let go of what it could not write.  FAULT_HIT gets the number of
 * bytes before that.  The system need not let go of it: what is behind them may be read for long,
 * and not be on the disk, so that a run that goes on must find nothing there.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FILES 1024

enum kind {
	WRITE,
	READ,
	SYNC,
	RENAME,
	CLOSE,
	OPEN,
	TRUNCATE,
	UNLINK,
	SEEK,
	SEND,
	RECV,
	POLL,
	CONNECT,
	THREAD,
	MALLOC,
	KINDS
};

static const char *const kinds[KINDS] = {
    [WRITE] = "write",     [READ] = "read",     [SYNC] = "sync",     [RENAME] = "rename",
    [CLOSE] = "close",     [OPEN] = "open",     [SEEK] = "seek",     [TRUNCATE] = "truncate",
    [UNLINK] = "unlink",   [SEND] = "send",     [RECV] = "recv",     [POLL] = "poll",
    [CONNECT] = "connect", [THREAD] = "thread", [MALLOC] = "malloc",
};

static const struct {
	const char *name;
	int code;
} errors[] = {
    {"EIO", EIO},
    {"ENOSPC", ENOSPC},
    {"EDQUOT", EDQUOT},
    {"EFBIG", EFBIG},
    {"EROFS", EROFS},
    {"EMFILE", EMFILE},
    {"ENOMEM", ENOMEM},
    {"EINTR", EINTR},
    {"EACCES", EACCES},
    {"EAGAIN", EAGAIN},
    {"EINVAL", EINVAL},
    {"EPIPE", EPIPE},
    {"ECONNRESET", ECONNRESET},
    {"ECONNREFUSED", ECONNREFUSED},
    {"gone", EIO},
    {"short", 0},
};

static struct {
	bool on; /* while main runs */
	enum kind kind;
	long from;
	bool all_behind;
	int code;           /* 0: short */
	bool gone;          /* what was met stays so for cuts */
	const char *within; /* NULL: wherever */
	const char *hit_path;
} fault;
static atomic_long calls;
static atomic_bool hit;
static off_t synced[FILES]; /* bytes of each open file that are on the disk */

static void
say_hit(void)
{
	long fd;

	if (atomic_exchange(&hit, true) || !fault.hit_path)
		return;
	fd = syscall(SYS_openat, AT_FDCWD, fault.hit_path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	syscall(SYS_close, fd);
}

/* Whether this call of the kind is one that meets the fault. */
static bool
met_any(enum kind kind)
{
	long n;
	bool now;

	if (!fault.on || kind != fault.kind)
		return false;
	n = atomic_fetch_add(&calls, 1) + 1;
	now = fault.all_behind ? n >= fault.from : n == fault.from;
	if (fault.code == EINTR && fault.all_behind)
		now = now && (n - fault.from) % 2 == 0;
	if (now)
		say_hit();
	return now;
}

static bool
met(enum kind kind, const char *path)
{
	return (!fault.within || strstr(path, fault.within)) && met_any(kind);
}

static bool
met_fd(enum kind kind, int fd)
{
	char link[32], path[PATH_MAX];
	struct stat st;
	long len;

	if (!fault.on || kind != fault.kind || fd == STDERR_FILENO)
		return false;
	if (syscall(SYS_fstat, fd, &st) < 0 || !(S_ISREG(st.st_mode) || S_ISFIFO(st.st_mode) ||
	                                         S_ISDIR(st.st_mode) || fd <= STDOUT_FILENO))
		return false;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof(path) - 1);
	path[len > 0 ? len : 0] = '\0';
	return met(kind, path);
}

static int
fail(void)
{
	errno = fault.code;
	return -1;
}

/* All of it is on the disk. */
static void
note_synced(int fd)
{
	struct stat st;

	if (fault.on && fd >= 0 && fd < FILES && syscall(SYS_fstat, fd, &st) == 0)
		synced[fd] = st.st_size;
}

static void
lose_unsynced(int fd)
{
	struct stat st;
	off_t at;
	int out;

	if (fd >= FILES || syscall(SYS_fstat, fd, &st) < 0 || !S_ISREG(st.st_mode))
		return;
	for (at = synced[fd]; at < st.st_size; at++)
		syscall(SYS_pwrite64, fd, "", 1, at);
	out = (int)syscall(SYS_openat, AT_FDCWD, fault.hit_path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	dprintf(out, "%lld\n", (long long)synced[fd]);
	syscall(SYS_close, out);
}

static int
fail_sync(int fd)
{
	if (fault.code == EIO || fault.code == ENOSPC || fault.code == EDQUOT)
		lose_unsynced(fd);
	return fail();
}

static int
after_sync(int fd, long rc)
{
	if (rc == 0)
		note_synced(fd);
	return (int)rc;
}

/* *f: the function of that name behind this one. */
static void
find(void *f, const char *name)
{
	void *p = dlsym(RTLD_NEXT, name);

	memcpy(f, &p, sizeof(p));
}

/* A transfer of `len` bytes: fails, or is cut to less, or is as asked for. */
#define TRANSFER(kind, fd, len)                                                                    \
	do {                                                                                       \
		if (met_fd(kind, fd)) {                                                            \
			if (fault.code)                                                            \
				return fail();                                                     \
			len = len > 1 ? len / 2 : len;                                             \
		}                                                                                  \
	} while (0)

ssize_t
write(int fd, const void *p, size_t len)
{
	TRANSFER(WRITE, fd, len);
	return syscall(SYS_write, fd, p, len);
}

ssize_t
pwrite(int fd, const void *p, size_t len, off_t at)
{
	TRANSFER(WRITE, fd, len);
	return syscall(SYS_pwrite64, fd, p, len, at);
}

ssize_t
pwrite64(int fd, const void *p, size_t len, off64_t at)
{
	return pwrite(fd, p, len, at);
}

ssize_t
read(int fd, void *p, size_t len)
{
	TRANSFER(READ, fd, len);
	return syscall(SYS_read, fd, p, len);
}

ssize_t
pread(int fd, void *p, size_t len, off_t at)
{
	TRANSFER(READ, fd, len);
	return syscall(SYS_pread64, fd, p, len, at);
}

ssize_t
pread64(int fd, void *p, size_t len, off64_t at)
{
	return pread(fd, p, len, at);
}

/* A connection that is reported to be lost is lost: else the server would wait for what never
 * comes. */
static int
fail_socket(int fd)
{
	if (fault.code == ECONNRESET || fault.code == EPIPE)
		syscall(SYS_shutdown, fd, SHUT_RDWR);
	return fail();
}

/* What is sent is never cut to nothing, and what is received never to the end of the stream. */
ssize_t
send(int fd, const void *p, size_t len, int flags)
{
	if (met_any(SEND)) {
		if (fault.code)
			return fail_socket(fd);
		len = len > 1 ? len / 2 : len;
	}
	return syscall(SYS_sendto, fd, p, len, flags, NULL, 0);
}

ssize_t
recv(int fd, void *p, size_t len, int flags)
{
	if (met_any(RECV)) {
		if (fault.code)
			return fail_socket(fd);
		len = 1;
	}
	return syscall(SYS_recvfrom, fd, p, len, flags, NULL, NULL);
}

int
poll(struct pollfd *p, nfds_t n, int ms)
{
	return met_any(POLL) ? fail() : (int)syscall(SYS_poll, p, n, ms);
}

int
connect(int fd, __CONST_SOCKADDR_ARG to, socklen_t len)
{
	return met_any(CONNECT) ? fail() : (int)syscall(SYS_connect, fd, to.__sockaddr__, len);
}

/* What _FORTIFY_SOURCE makes of the same calls. */
int __poll_chk(struct pollfd *p, nfds_t n, int ms, size_t room);
int
__poll_chk(struct pollfd *p, nfds_t n, int ms, size_t room)
{
	if (n * sizeof(*p) > room)
		abort();
	return poll(p, n, ms);
}

ssize_t __recv_chk(int fd, void *p, size_t len, size_t room, int flags);
ssize_t
__recv_chk(int fd, void *p, size_t len, size_t room, int flags)
{
	if (len > room)
		abort();
	return recv(fd, p, len, flags);
}

ssize_t __read_chk(int fd, void *p, size_t len, size_t room);
ssize_t
__read_chk(int fd, void *p, size_t len, size_t room)
{
	if (len > room)
		abort();
	return read(fd, p, len);
}

ssize_t __pread_chk(int fd, void *p, size_t len, off_t at, size_t room);
ssize_t
__pread_chk(int fd, void *p, size_t len, off_t at, size_t room)
{
	if (len > room)
		abort();
	return pread(fd, p, len, at);
}

ssize_t __pread64_chk(int fd, void *p, size_t len, off64_t at, size_t room);
ssize_t
__pread64_chk(int fd, void *p, size_t len, off64_t at, size_t room)
{
	return __pread_chk(fd, p, len, at, room);
}

int
fsync(int fd)
{
	return met_fd(SYNC, fd) ? fail_sync(fd) : after_sync(fd, syscall(SYS_fsync, fd));
}

int
fdatasync(int fd)
{
	return met_fd(SYNC, fd) ? fail_sync(fd) : after_sync(fd, syscall(SYS_fdatasync, fd));
}

int
ftruncate(int fd, off_t len)
{
	if (met_fd(TRUNCATE, fd) || (fault.gone && hit))
		return fail();
	if (fd >= 0 && fd < FILES && synced[fd] > len)
		synced[fd] = len;
	return (int)syscall(SYS_ftruncate, fd, len);
}

int
ftruncate64(int fd, off64_t len)
{
	return ftruncate(fd, len);
}

off_t
lseek(int fd, off_t at, int whence)
{
	return met_fd(SEEK, fd) ? fail() : syscall(SYS_lseek, fd, at, whence);
}

off64_t
lseek64(int fd, off64_t at, int whence)
{
	return lseek(fd, at, whence);
}

int
rename(const char *from, const char *to)
{
	return met(RENAME, from) ? fail() : (int)syscall(SYS_rename, from, to);
}

int
renameat2(int dir, const char *from, int to_dir, const char *to, unsigned flags)
{
	return met(RENAME, from) ? fail()
	                         : (int)syscall(SYS_renameat2, dir, from, to_dir, to, flags);
}

int
unlink(const char *path)
{
	return met(UNLINK, path) ? fail() : (int)syscall(SYS_unlink, path);
}

/* As Linux has it: the descriptor is gone, whatever is wrong. */
int
close(int fd)
{
	bool now = met_fd(CLOSE, fd);
	int rc = (int)syscall(SYS_close, fd);

	return now ? fail() : rc;
}

static int
open_with(int dir, const char *path, int flags, va_list ap)
{
	mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(ap, mode_t) : 0;
	int fd;

	if (met(OPEN, path))
		return fail();
	fd = (int)syscall(SYS_openat, dir, path, flags, mode);
	note_synced(fd);
	return fd;
}

int
open(const char *path, int flags, ...)
{
	va_list ap;
	int fd;

	va_start(ap, flags);
	fd = open_with(AT_FDCWD, path, flags, ap);
	va_end(ap);
	return fd;
}

int
open64(const char *path, int flags, ...)
{
	va_list ap;
	int fd;

	va_start(ap, flags);
	fd = open_with(AT_FDCWD, path, flags, ap);
	va_end(ap);
	return fd;
}

int
mkostemp(char *path, int flags)
{
	int (*real)(char *, int);

	find(&real, "mkostemp");
	return met(OPEN, path) ? fail() : real(path, flags);
}

int
mkostemp64(char *path, int flags)
{
	return mkostemp(path, flags);
}

int
pthread_create(pthread_t *out, const pthread_attr_t *attr, void *(*f)(void *), void *ctx)
{
	int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

	find(&real, "pthread_create");
	return met_any(THREAD) ? EAGAIN : real(out, attr, f, ctx);
}

/* Under a sanitizer memory is its own matter. */
#ifndef NO_MALLOC
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);

static void *
no_memory(void)
{
	errno = ENOMEM;
	return NULL;
}

void *
malloc(size_t size)
{
	return met_any(MALLOC) ? no_memory() : __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
	return met_any(MALLOC) ? no_memory() : __libc_calloc(n, size);
}

void *
realloc(void *p, size_t size)
{
	return met_any(MALLOC) ? no_memory() : __libc_realloc(p, size);
}
#endif

/* FAULT=kind:n[+]:error; anything else is a mistake in a test. */
static void
parse(void)
{
	char *text = getenv("FAULT"), *rest;
	size_t i, len;

	if (!text)
		return;
	len = strcspn(text, ":");
	for (i = 0; i < KINDS; i++)
		if (strlen(kinds[i]) == len && memcmp(kinds[i], text, len) == 0)
			break;
	if (i == KINDS || text[len] != ':')
		abort();
	fault.kind = (enum kind)i;
	fault.from = strtol(text + len + 1, &rest, 10);
	fault.all_behind = *rest == '+';
	rest += fault.all_behind;
	for (i = 0; *rest == ':' && i < sizeof(errors) / sizeof(*errors); i++)
		if (strcmp(errors[i].name, rest + 1) == 0)
			break;
	if (fault.from < 1 || *rest != ':' || i == sizeof(errors) / sizeof(*errors))
		abort();
	fault.code = errors[i].code;
	fault.gone = strcmp(errors[i].name, "gone") == 0;
	fault.within = getenv("FAULT_WITHIN");
	fault.hit_path = getenv("FAULT_HIT");
	fault.on = true;
}

static int (*real_main)(int argc, char **argv, char **env);

static int
main_with_fault(int argc, char **argv, char **env)
{
	int rc;

	parse();
	rc = real_main(argc, argv, env);
	fault.on = false;
	return rc;
}

int __libc_start_main(int (*start)(int, char **, char **), int argc, char **argv,
                      void (*init)(void), void (*fini)(void), void (*ld_fini)(void), void *stack);
int
__libc_start_main(int (*start)(int, char **, char **), int argc, char **argv, void (*init)(void),
                  void (*fini)(void), void (*ld_fini)(void), void *stack)
{
	__typeof__(&__libc_start_main) real;

	find(&real, "__libc_start_main");
	real_main = start;
	return real(main_with_fault, argc, argv, init, fini, ld_fini, stack);
}
