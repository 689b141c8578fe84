#ifndef COMMON_TIMESTAMP_H
#define COMMON_TIMESTAMP_H

#include "common/err.h"
#include "common/mem.h"

/*
 * Nanoseconds since 1970-01-01T00:00:00Z in an int64_t, which reaches from 1677
 * to 2262, as text.  Proleptic Gregorian calendar, no leap seconds.
 */
#define TIMESTAMP_BYTES 40

enum timestamp_style {
	TIMESTAMP_RFC3339,  /* 2024-02-29T23:59:58.5Z */
	TIMESTAMP_DATETIME, /* 2024-02-29 23:59:58.5, as SQLite's CURRENT_TIMESTAMP: UTC */
};

/* With as many fraction digits as are needed, none where there are none.  Returns the length;
 * out is NUL-terminated. */
size_t timestamp_format(int64_t ns, enum timestamp_style style, char out[TIMESTAMP_BYTES]);

/*
 * `T`, `t` or a blank between date and time, seconds and fraction may be left
 * out, `Z`, an offset, or nothing for UTC at the end.  0, or -1: not a time, out
 * of range, or a tenth digit behind the point that is not zero.
 */
MUST_USE int timestamp_parse(struct slice text, int64_t *ns);

int64_t timestamp_now_ns(void);
uint64_t timestamp_monotonic_ns(void);

#endif
