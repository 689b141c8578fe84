#ifndef VERIFY_INVARIANTS_H
#define VERIFY_INVARIANTS_H

#include "verify/finding.h"

/*
 * What must hold among the events of one side, which come in the order of their
 * positions: ids come once, each stream counts its versions without holes,
 * payloads are what they claim to be, and, as a warning, times do not run
 * backwards.  Any number of events in bounded memory: ids and versions are found
 * by sorting digests, on disk where they are many, and what the events are called
 * is noted there, too.  One thread.
 */
struct invariants;

struct invariants_options {
	bool from_start; /* streams begin with version 0; otherwise the first one seen may be any */
	bool allow_gaps;
	uint64_t tolerance_ns; /* by how much a time may be earlier than one before it */
};

struct invariants_counts {
	uint64_t missing_versions; /* in all gaps together */
	uint64_t late;             /* events that are too early for their place */
	uint64_t worst_ns;         /* by how much at most */
	uint64_t timeless;         /* events without a time */
};

struct invariants *invariants_new(const struct invariants_options *o);
void invariants_free(struct invariants *v); /* NULL is fine */

/* Payloads are reported at once, all else by invariants_report(), once at the end. */
MUST_USE int invariants_add(struct invariants *v, const struct event *e, struct finding_report *r,
                            struct err *err);
MUST_USE int invariants_report(struct invariants *v, struct finding_report *r, struct err *err);
/* Behind invariants_report(). */
struct invariants_counts invariants_counts(const struct invariants *v);

#endif
