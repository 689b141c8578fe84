#ifndef VERIFY_PAIR_H
#define VERIFY_PAIR_H

#include "common/address.h"
#include "common/progress.h"
#include "verify/finding.h"
#include "verify/settings.h"

/*
 * `esverify A B`: compares two places in the way that was asked for (--fast,
 * --bisect, --sample, or all of both), writes what B lacks where that was asked
 * for, and prints what it came to.  0 when all could be looked at, whatever was
 * found.
 */
MUST_USE int pair_compare(const struct settings *s, const struct address *a,
                          const struct address *b, struct progress_counts *counts,
                          struct finding_report *findings, struct err *err);

#endif
