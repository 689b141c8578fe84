#ifndef VERIFY_RESCUE_H
#define VERIFY_RESCUE_H

#include "common/address.h"
#include "common/progress.h"
#include "format/salvage.h"

/*
 * --salvage: what is left of a damaged archive, written as an archive that is whole.  The
 * input is read twice, once to see what is lost, which the header of the other one says; of a pipe
 * a copy is kept in a file without a name.
 *
 *	rescue_run(&r, &options, &counts, err);
 *	rescue_print(&r, &options);
 *	... r.found.lost.len ...
 *	rescue_release(&r);
 */
struct rescue_options {
	const struct address *from;
	const char *out;
	bool replace, json;
};

struct rescue {
	struct salvage_found found;
	uint64_t first, last; /* positions of what was saved; 0 without events */
	bool marked;          /* the header of the new archive says that it was salvaged */
};

/* 0 when what is left was written, whatever is lost.  -1: ERR_FORMAT, nothing is left. */
MUST_USE int rescue_run(struct rescue *r, const struct rescue_options *o,
                        struct progress_counts *progress, struct err *err);
void rescue_print(const struct rescue *r, const struct rescue_options *o);
void rescue_release(struct rescue *r); /* a zeroed one is fine */

#endif
