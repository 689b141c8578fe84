#ifndef COMMON_PROGRESS_H
#define COMMON_PROGRESS_H

#include <stdatomic.h>
#include <stdint.h>

#include "common/err.h"
#include "common/pipeline.h"

/*
 * How far a run is: counters that its threads add to, and a thread that shows
 * them on standard error (a line that is rewritten, or JSON lines) and writes
 * them to a CSV file, a row a second and one at the end.  SIGUSR1 (stop.h) is
 * answered with a message in any mode.
 */
struct progress_counts {
	_Atomic uint64_t events, raw_bytes, stored_bytes; /* done */
	_Atomic uint64_t total_events;                    /* 0: cannot be told */
	_Atomic uint64_t at_bytes, total_bytes; /* of the input, where only that is known */
	struct pipeline_waits waits;
};

enum progress_mode { PROGRESS_AUTO, PROGRESS_BAR, PROGRESS_JSON, PROGRESS_NONE };
#define PROGRESS_MODES "auto,bar,json,none"

struct progress;

/* `counts` must outlive it; `stats_path` may be NULL.  PROGRESS_AUTO: a bar on a terminal. */
MUST_USE int progress_start(struct progress **out, struct progress_counts *counts,
                            enum progress_mode mode, const char *stats_path, struct err *err);

/* Ends the thread, takes the line away, completes the CSV file. */
MUST_USE int progress_finish(struct progress *p, struct err *err);

/* "1,234,567", "12.3 MiB", "1 h 02 min": for messages.  Each returns `out`. */
#define PROGRESS_TEXT_BYTES 48
const char *progress_count(uint64_t n, char out[PROGRESS_TEXT_BYTES]);
/* "1 event", "1,234 events": `one` is what one of them is called, 19 bytes at most. */
const char *progress_things(uint64_t n, const char *one, char out[PROGRESS_TEXT_BYTES]);
const char *progress_bytes(uint64_t bytes, char out[PROGRESS_TEXT_BYTES]);
const char *progress_duration(uint64_t ns, char out[PROGRESS_TEXT_BYTES]);

#endif
