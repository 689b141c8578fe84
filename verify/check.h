#ifndef VERIFY_CHECK_H
#define VERIFY_CHECK_H

#include "common/address.h"
#include "common/progress.h"
#include "common/selection.h"
#include "verify/invariants.h"

/*
 * Whether one place is as it must be: of an archive, or a file of JSON Lines,
 * that it is whole; of all, and of stores, that its events fit together
 * (invariants.h).
 */
struct check_options {
	const struct address *place;    /* borrowed, as all here */
	const char *layout;             /* of a store; NULL: find out */
	const struct selection *select; /* of a store; an archive is checked as a whole */
	bool plain;
	bool allow_gaps;
	unsigned workers; /* of an archive */
	uint64_t tolerance_ns;
};

struct check_result {
	const char *kind; /* "archive", "jsonl", "sqlite", "postgresql", "nats"; static */
	uint64_t events, chunks, raw_bytes, stored_bytes, streams, first, last;
	bool gaps_allowed; /* because of filters, or because it was asked for */
	struct invariants_counts counts;
};

/* 0 when all could be looked at, whatever was found; -1: ERR_FORMAT, an archive is damaged or cut;
 * of a store ERR_STORE, and ERR_DATA where an event has no place in the model. */
MUST_USE int check_run(const struct check_options *o, struct progress_counts *progress,
                       struct finding_report *findings, struct check_result *result,
                       struct err *err);

/* The half of it for stores; `result` begins as zero. */
MUST_USE int check_store(const struct check_options *o, struct progress_counts *progress,
                         struct finding_report *findings, struct check_result *result,
                         struct err *err);

#endif
