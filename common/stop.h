#ifndef COMMON_STOP_H
#define COMMON_STOP_H

#include <stdbool.h>

/*
 * SIGINT and SIGTERM ask the run to stop at the next safe place; a second one
 * ends the process at once, which every state on disk survives.  SIGPIPE is
 * ignored, so that a closed pipe is an error with a message, and SIGHUP, so that
 * a long run outlives the terminal or the connection that it was started from.
 * SIGUSR1 is blocked, so that it interrupts nothing, and waits for who looks.
 */
/* At the beginning of a run, of which nobody has asked anything yet, and before its first thread,
 * which inherits what is blocked. */
void stop_install(void);
bool stop_asked(void); /* any thread */
/* As a signal does, for a run that has failed: reads of other threads come to an end. */
void stop_ask(void);
bool stop_usr1(void); /* whether SIGUSR1 has come since the last call; one thread */

#endif
