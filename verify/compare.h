#ifndef VERIFY_COMPARE_H
#define VERIFY_COMPARE_H

#include "common/address.h"
#include "common/progress.h"
#include "common/selection.h"
#include "verify/finding.h"

/* Whether two places hold the same events, in the same order. */
struct compare_options {
	const struct address *a, *b;
	const char *layout_a, *layout_b;
	const struct selection *select;
	bool plain;
	bool positions; /* they count, too */
};

struct compare_result {
	uint64_t events_a, events_b, equal;
};

/* 0 when all could be looked at, whatever was found. */
MUST_USE int compare_run(const struct compare_options *o, struct progress_counts *progress,
                         struct finding_report *findings, struct compare_result *result,
                         struct err *err);

#endif
