#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/err.h"

static const struct {
	const char *name;
	int exit_code;
} kinds[ERR_KINDS] = {
    [ERR_NONE] = {"none", 0},   [ERR_USAGE] = {"usage", 2},   [ERR_LAYOUT] = {"layout", 2},
    [ERR_DATA] = {"data", 3},   [ERR_FORMAT] = {"format", 4}, [ERR_CONFLICT] = {"conflict", 5},
    [ERR_STORE] = {"store", 6}, [ERR_IO] = {"io", 7},         [ERR_STOPPED] = {"stopped", 8},
};

/* Add formatted text at `used`; text that does not fit ends in "...". */
__attribute__((format(printf, 3, 0))) static void
put(struct err *err, size_t used, const char *fmt, va_list ap)
{
	size_t room = sizeof(err->msg) - used;
	int want = vsnprintf(err->msg + used, room, fmt, ap);

	if (want < 0 || (size_t)want >= room)
		memcpy(err->msg + sizeof(err->msg) - 4, "...", 4);
}

__attribute__((format(printf, 2, 3))) static void
add(struct err *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(err, strlen(err->msg), fmt, ap);
	va_end(ap);
}

int
err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
{
	va_list ap;

	err->kind = kind;
	va_start(ap, fmt);
	put(err, 0, fmt, ap);
	va_end(ap);
	return -1;
}

int
err_sys(struct err *err, enum err_kind kind, const char *fmt, ...)
{
	int sys = errno;
	va_list ap;

	err->kind = kind;
	va_start(ap, fmt);
	put(err, 0, fmt, ap);
	va_end(ap);
	add(err, ": %s", strerror(sys));
	return -1;
}

int
err_wrap(struct err *err, const char *fmt, ...)
{
	char cause[sizeof(err->msg)];
	va_list ap;

	memcpy(cause, err->msg, sizeof(cause));
	va_start(ap, fmt);
	put(err, 0, fmt, ap);
	va_end(ap);
	add(err, ": %s", cause);
	return -1;
}

int
err_hint(struct err *err, const char *fmt, ...)
{
	va_list ap;

	add(err, "; ");
	va_start(ap, fmt);
	put(err, strlen(err->msg), fmt, ap);
	va_end(ap);
	return -1;
}

int
err_hint_sys(struct err *err, int sys)
{
	if (sys == ENOSPC || sys == EDQUOT)
		return err_hint(err, "make room, and run it again");
	if (sys == EFBIG)
		return err_hint(err, "the file system or ulimit -f allows no larger file");
	if (sys == EMFILE)
		return err_hint(err, "ulimit -n allows no more open files");
	if (sys == EAGAIN)
		return err_hint(err, "lower --workers, or raise ulimit -u or ulimit -v");
	return -1;
}

int
err_exit_code(enum err_kind kind)
{
	return kinds[kind].exit_code;
}

const char *
err_kind_name(enum err_kind kind)
{
	return kinds[kind].name;
}
