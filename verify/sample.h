#ifndef VERIFY_SAMPLE_H
#define VERIFY_SAMPLE_H

#include "verify/compare.h"

/*
 * A quick look at two places: pieces of about 100 events, at places that a seed chooses, are
 * compared event by event, each event once.  That nothing was found says nothing about the rest.
 * Where the pieces would hold as many events as there are, all is compared.
 */
struct sample_options {
	uint64_t samples, seed;
};

struct sample_result {
	struct compare_result compare; /* of the samples together */
	uint64_t events;               /* in all, of A, before filters */
	bool all;                      /* everything was compared */
};

/* 0 when all could be looked at, whatever was found.  ERR_USAGE: standard input. */
MUST_USE int sample_run(const struct compare_options *o, const struct sample_options *sample,
                        struct progress_counts *progress, struct finding_report *findings,
                        struct sample_result *result, struct err *err);

/* One line, on standard output: with `same`, which is not for `all`, it is the result. */
void sample_print(const struct sample_options *o, const struct sample_result *r, bool same,
                  bool json);

#endif
