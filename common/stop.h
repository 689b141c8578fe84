#ifndef COMMON_STOP_H
#define COMMON_STOP_H

#include <stdbool.h>

/*
 * SIGINT and SIGTERM ask the run to stop at the next safe place; a second one
 * ends the process at once, which every state on disk survives.  SIGPIPE is
 * ignored, so that a closed pipe is an error with a message.  SIGHUP keeps its
 * default where the user did not ask for nohup.
 */
void stop_install(void);
bool stop_asked(void); /* any thread */

#endif
