#ifndef VERIFY_COMPARE_H
#define VERIFY_COMPARE_H

#include "common/address.h"
#include "common/progress.h"
#include "common/selection.h"
#include "export/source.h"
#include "verify/finding.h"

/*
 * Whether two places hold the same events, in the same order: both are read at
 * the same time, and of each no more is held than `ahead_bytes` and a few batches.
 * An event that one place lacks is recognised where what follows it is found in
 * the other within that look ahead, or where both have the same positions.
 */
struct compare_options {
	const struct address *a, *b;
	const char *layout_a, *layout_b;
	const struct selection *select;
	const struct selection *select_b; /* of B; NULL: the same */
	struct file *file_a; /* as in struct source_options; compare_run() closes it in any case */
	bool plain;
	bool positions; /* they count, too */
	/* B may hold other events besides, anywhere: those are no findings.  Where positions do
	 * not count, A was added to it, and what it had of A before need not be in order. */
	bool others_in_b;
	/* NULL, or how events of A are mapped to what B should have.  Filters look at the names
	 * that they have in A. */
	const struct eventmap *map;
	bool unfit_stay;       /* an event of A that cannot be mapped is one that B lacks */
	bool by_value;         /* all JSON counts by its value, not by its bytes */
	uint64_t ahead_bytes;  /* 0: the default */
	bool quiet_a, quiet_b; /* what is noted of that place was said before */

	/* NULL, or called for each event that B lacks, in the order of A, with what A says of
	 * itself, and with the event before it (NULL: it is the first that was read).  All are
	 * borrowed for the call. */
	int (*on_missing)(void *ctx, const struct source_info *a, const struct event *e,
	                  const struct event *before, struct err *err);
	void *ctx;
};

#define COMPARE_AHEAD_BYTES ((uint64_t)8 << 20)

struct compare_result {
	uint64_t events_a, events_b, equal;
	uint64_t elsewhere; /* of those, events that B had before A was added to it */
	uint64_t payload_bytes_a, payload_bytes_b;
	int64_t time_step_ns; /* times were compared as multiples of it */
	bool versions;        /* they were compared: both places keep them */
	unsigned by_value;    /* 1 << enum field: JSON was compared by its value */
	bool moved;           /* events that are in order have other positions in B */
};

/* 0 when all could be looked at, whatever was found. */
MUST_USE int compare_run(const struct compare_options *o, struct progress_counts *progress,
                         struct finding_report *findings, struct compare_result *result,
                         struct err *err);

/*
 * The same for the positions from `first` to `last`, both with them, within what `o` selects; its
 * filters stay.  What it came to is added to *sum.
 */
MUST_USE int compare_part(const struct compare_options *o, uint64_t first, uint64_t last,
                          struct progress_counts *progress, struct finding_report *findings,
                          struct compare_result *sum, struct err *err);

#endif
