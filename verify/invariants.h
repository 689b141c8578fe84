#ifndef VERIFY_INVARIANTS_H
#define VERIFY_INVARIANTS_H

#include "verify/finding.h"

/*
 * What must hold among the events of one side: ids come once, and each stream
 * counts its versions without holes.  Any number of events in bounded memory:
 * both are found by sorting digests, on disk where they are many.
 */
struct invariants;

/* `from_start`: streams begin with version 0; otherwise the first one seen may be any. */
struct invariants *invariants_new(bool from_start, bool allow_gaps);
void invariants_free(struct invariants *v); /* NULL is fine */

MUST_USE int invariants_add(struct invariants *v, const struct event *e, struct err *err);
MUST_USE int invariants_report(struct invariants *v, struct finding_report *r, struct err *err);

#endif
