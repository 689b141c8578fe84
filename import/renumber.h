#ifndef IMPORT_RENUMBER_H
#define IMPORT_RENUMBER_H

#include "common/event.h"

/* The event under a new position, with the old one in the attribute `$position`.  What has to be
 * made goes to the arena. */
struct event renumber_event(const struct event *e, uint64_t position, struct arena *mem);

#endif
