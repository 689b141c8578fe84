#ifndef VERIFY_VERDICT_H
#define VERIFY_VERDICT_H

#include "verify/check.h"

/*
 * Print the result of a check on standard output, behind its findings: for people
 * what was looked at, and a line for each thing that must hold; with `json` one
 * object.  `place`: as it may be shown.
 */
void verdict_print(const char *place, bool json, const struct check_result *r,
                   const struct finding_report *findings);

#endif
