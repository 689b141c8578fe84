#ifndef VERIFY_CHECK_H
#define VERIFY_CHECK_H

#include "common/progress.h"
#include "format/totals.h"
#include "verify/finding.h"

/* Whether one archive, or a file of JSON Lines, is whole, and its events fit together. */
struct check_options {
	const char *path;
	bool plain;
	bool allow_gaps;
	unsigned workers;
};

struct check_result {
	uint64_t events, chunks, raw_bytes, stored_bytes, streams, first, last;
	bool plain;
	bool gaps_allowed; /* because of filters, or because it was asked for */
};

/* 0 when all could be looked at, whatever was found; -1: ERR_FORMAT, it is damaged or cut. */
MUST_USE int check_run(const struct check_options *o, struct progress_counts *progress,
                       struct finding_report *findings, struct check_result *result,
                       struct err *err);

#endif
