#ifndef COMMON_LOG_H
#define COMMON_LOG_H

#include <stdbool.h>

#include "common/err.h"

/*
 * What a program tells its user while it works: lines on standard error, as
 * text or as one JSON object each.  One write(2) a line, from any thread.  The
 * settings are made once, by main(), before there are threads.
 */
void log_setup(const char *program, bool json);
bool log_is_json(void);
/* Whether a line that is rewritten stands on the terminal: messages take it away first. */
void log_over_bar(bool drawn);
const char *log_program(void);

__attribute__((format(printf, 1, 2))) void log_note(const char *fmt, ...);
__attribute__((format(printf, 1, 2))) void log_warning(const char *fmt, ...);

/* The last line of a run that has no memory left; takes none. */
void log_no_memory(void);

/* The last line of a run that failed.  Returns the exit code. */
int log_failure(const struct err *err);

#endif
