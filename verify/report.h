#ifndef VERIFY_REPORT_H
#define VERIFY_REPORT_H

#include "verify/compare.h"

/* What a comparison came to, on standard output: text for people, or one JSON line. */
void report_comparison(const struct compare_options *o, const struct compare_result *r,
                       const struct finding_report *findings);

/* Append what was compared, and how: a reader must know what "the same" is worth. */
void report_rules(const struct compare_options *o, const struct compare_result *r, struct buf *out);

#endif
