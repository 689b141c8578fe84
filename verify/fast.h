#ifndef VERIFY_FAST_H
#define VERIFY_FAST_H

#include "verify/placesum.h"

/*
 * esverify --fast: whether two places hold the same, by the digest that the end
 * block of an archive holds.  Of an archive that has one only the blocks are
 * read, no chunk; the other side is read as a whole, unless it is such an
 * archive, too.
 */
struct fast_side {
	const struct address *place;
	const char *layout;
};

struct fast_options {
	struct fast_side a, b;
	const struct selection *select;
	bool positions; /* they count, which the digest does not know */
	bool plain;
	unsigned workers;
};

struct fast_result {
	bool same;
	char why[512];        /* where not the same: why a full comparison is needed */
	bool said_a, said_b;  /* only the blocks of the side were read: its end block says it */
	struct digest digest; /* of both, where the same */
	uint64_t events;
};

/* On standard output: that they are the same, and what that is worth. */
void fast_print(const struct fast_options *o, const struct fast_result *r, bool json);

/* 0, whatever came out; -1: a place cannot be read, or an archive is damaged or incomplete. */
MUST_USE int fast_run(const struct fast_options *o, struct progress_counts *progress,
                      struct fast_result *out, struct err *err);

#endif
