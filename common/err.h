#ifndef COMMON_ERR_H
#define COMMON_ERR_H

/*
 * One failure: what to tell the user, and what the program may do next.
 *
 *	if (file_read(f, buf, len, err) < 0)
 *		return err_wrap(err, "chunk %llu", n);
 *
 * A fallible function takes a `struct err *` last and returns 0, or -1 with
 * the err filled (a reader: 1 item, 0 end, -1).  On success the err is not
 * touched.  It holds no heap memory: raising never allocates, nobody frees it.
 * Only main() prints one.
 *
 * A message is lower case without a period: what, where, the cause, and after
 * a semicolon what to do next.
 */
enum err_kind {
	ERR_NONE = 0,
	ERR_USAGE,    /* the command line: the user must change it */
	ERR_LAYOUT,   /* a layout is wrong, or does not fit the schema found */
	ERR_DATA,     /* one event cannot be held by the other side */
	ERR_FORMAT,   /* the bytes of an archive are not what spec/FORMAT.md says */
	ERR_CONFLICT, /* the target already holds something else there */
	ERR_STORE,    /* a store said no, or cannot be reached */
	ERR_IO,       /* local read, write, fsync or rename failed */
	ERR_STOPPED,  /* SIGINT or SIGTERM: start again to go on */
	ERR_KINDS
};

struct err {
	enum err_kind kind;
	char msg[1024]; /* "outer: inner: cause", cut with "..." */
};

#define ERR_INIT                                                                                   \
	{                                                                                          \
		.kind = ERR_NONE                                                                   \
	}

/* A dropped -1 is a swallowed error. */
#define MUST_USE __attribute__((warn_unused_result))

/* All return -1, so that a caller can write `return err_set(err, ...)`. */
__attribute__((format(printf, 3, 4), cold)) int err_set(struct err *err, enum err_kind kind,
                                                        const char *fmt, ...);

/* The same with ": strerror(errno)" at the end. */
__attribute__((format(printf, 3, 4), cold)) int err_sys(struct err *err, enum err_kind kind,
                                                        const char *fmt, ...);

/* What to do about a full disk, a quota or a limit, where `sys` is the errno of one of them. */
int err_hint_sys(struct err *err, int sys);

/* Put "fmt: " in front of the message; the kind stays that of the cause. */
__attribute__((format(printf, 2, 3), cold)) int err_wrap(struct err *err, const char *fmt, ...);

/* Put "; fmt" behind the message: what the user should do next. */
__attribute__((format(printf, 2, 3), cold)) int err_hint(struct err *err, const char *fmt, ...);

/* Exit codes that no err leads to. */
#define EXIT_DIFFERS 1 /* esverify: the sides differ, or an invariant does not hold */
#define EXIT_NOMEM 9   /* the allocators of mem.h end the process with it */

int err_exit_code(enum err_kind kind); /* the table in spec/CLI.md */
const char *err_kind_name(enum err_kind kind);

#endif
