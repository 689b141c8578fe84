#ifndef VERIFY_NARROW_H
#define VERIFY_NARROW_H

#include "verify/compare.h"

/*
 * Where two places differ, by bisection: both sides sum up ranges of positions, those whose
 * sums differ are cut until few events are left, and these are compared event by event.
 * At least one side is PostgreSQL, whose server sums; elsewhere, and where most differs, all
 * is compared, and a note says why.  What is found is what a comparison of everything finds.
 */
struct narrow_read {
	uint64_t queries;               /* of ranges, to a server */
	uint64_t events, payload_bytes; /* that were read here, each as often as it was read */
};

struct narrow_result {
	struct compare_result compare; /* of everything, as compare_run() gives it */
	bool full;                     /* everything was compared event by event */
	uint64_t ranges;               /* whose sums were compared */
	uint64_t looks;                /* that were compared event by event */
	struct narrow_read a, b;
};

/* 0 when all could be looked at, whatever was found.  ERR_USAGE: filters, standard input. */
MUST_USE int narrow_run(const struct compare_options *o, struct progress_counts *progress,
                        struct finding_report *findings, struct narrow_result *result,
                        struct err *err);

/* One line about what was read, on standard output. */
void narrow_print(const struct narrow_result *r, bool json);

#endif
