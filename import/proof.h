#ifndef IMPORT_PROOF_H
#define IMPORT_PROOF_H

#include "import/import.h"
#include "verify/compare.h"

/*
 * --verify: whether the target holds every event of the selection that an import
 * has read, as it was read and in that order.  The input is read again
 * (import_report.input) beside the target, which is open only for that.
 *
 *	proof_run(&p, &options, from, &report, progress, err);
 *	proof_tell(&p);                 // one message
 *	... p.findings.total ...        // printed already
 *
 * What the target holds besides is extra where positions were kept and nobody
 * else imports into it, from the first to the last position that was read.
 */
struct proof {
	struct finding_report findings;
	struct compare_result result;
	struct buf rules; /* what was compared, as text; empty: there was nothing to compare */
};

/* 0 when all could be looked at, whatever was found.  `from`: the address of options->from. */
MUST_USE int proof_run(struct proof *p, const struct import_options *options,
                       const struct address *from, struct import_report *report,
                       struct progress_counts *progress, struct err *err);
void proof_release(struct proof *p); /* a zeroed one is fine */

/* The message for people: a note where all is there, else a warning. */
void proof_tell(struct proof *p);
/* Append its members of the JSON summary, with a comma before each. */
void proof_put_json(const struct proof *p, struct buf *out);

#endif
