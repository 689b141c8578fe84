#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "common/jscan.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/printable.h"
#include "common/timestamp.h"

static const char *program = "es";
static bool json_lines;
static atomic_bool bar_drawn;

void
log_setup(const char *name, bool json)
{
	program = name;
	json_lines = json;
}

void
log_over_bar(bool drawn)
{
	atomic_store(&bar_drawn, drawn);
}

bool
log_is_json(void)
{
	return json_lines;
}

const char *
log_program(void)
{
	return program;
}

/* Names of foreign files and archives are in messages, and messages are cut at any byte. */
static void
mend(struct buf *message)
{
	if (json_lines)
		printable_utf8(message->p, message->len);
	else
		printable_line(message->p, message->len, '?');
}

static void
put_line(const char *level, const char *kind, struct buf *message)
{
	struct buf line = BUF_INIT;
	char now[TIMESTAMP_BYTES];

	mend(message);
	if (json_lines) {
		timestamp_format(timestamp_now_ns() / 1000000 * 1000000, TIMESTAMP_RFC3339, now);
		buf_printf(&line, "{\"time\":\"%s\",\"program\":\"%s\",\"level\":\"%s\"", now,
		           program, level);
		if (kind)
			buf_printf(&line, ",\"kind\":\"%s\"", kind);
		buf_add_str(&line, ",\"message\":");
		jscan_quote(buf_slice(message), &line);
		buf_add_str(&line, "}\n");
	} else {
		if (atomic_load(&bar_drawn))
			buf_add_str(&line, "\r\033[K");
		buf_printf(&line, "%s: %s%s%s\n", program, kind ? "" : level, kind ? "" : ": ",
		           buf_cstr(message));
	}
	/* Nobody is left to tell when standard error is gone. */
	(void)!write(STDERR_FILENO, line.p, line.len);
	buf_release(&line);
}

__attribute__((format(printf, 2, 0))) static void
put_formatted(const char *level, const char *fmt, va_list ap)
{
	struct buf message = BUF_INIT;
	char text[1400];

	vsnprintf(text, sizeof(text), fmt, ap);
	buf_add_str(&message, text);
	put_line(level, NULL, &message);
	buf_release(&message);
}

void
log_note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put_formatted("note", fmt, ap);
	va_end(ap);
}

void
log_warning(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put_formatted("warning", fmt, ap);
	va_end(ap);
}

void
log_no_memory(void)
{
	static const char text[] = "out of memory; lower --chunk-size or --workers, and run again";
	char now[TIMESTAMP_BYTES], line[300];
	int len;

	if (json_lines) {
		timestamp_format(timestamp_now_ns() / 1000000 * 1000000, TIMESTAMP_RFC3339, now);
		len = snprintf(line, sizeof(line),
		               "{\"time\":\"%s\",\"program\":\"%s\",\"level\":\"error\","
		               "\"kind\":\"memory\",\"message\":\"%s\"}\n",
		               now, program, text);
	} else {
		len = snprintf(line, sizeof(line), "%s%s: %s\n",
		               atomic_load(&bar_drawn) ? "\r\033[K" : "", program, text);
	}
	(void)!write(STDERR_FILENO, line, (size_t)len);
}

int
log_failure(const struct err *err)
{
	struct buf message = BUF_INIT;

	buf_add_str(&message, err->msg);
	put_line("error", err_kind_name(err->kind), &message);
	buf_release(&message);
	return err_exit_code(err->kind);
}
