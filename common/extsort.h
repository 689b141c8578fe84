#ifndef COMMON_EXTSORT_H
#define COMMON_EXTSORT_H

#include "common/err.h"
#include "common/mem.h"

/*
 * Sorts any number of small records in bounded memory: full buffers are sorted
 * and go to an unlinked file in $TMPDIR, and the runs are merged at the end.
 *
 *	extsort_add(s, &record, err);        // many times
 *	extsort_finish(s, err);
 *	while ((rc = extsort_next(s, &record, err)) > 0)
 *		...
 */
#define EXTSORT_KEY_BYTES 16

struct extsort_record {
	uint8_t key[EXTSORT_KEY_BYTES]; /* compared first, as bytes */
	uint64_t major, minor;          /* then these */
};

struct extsort;

struct extsort *extsort_new(size_t buffer_records);
void extsort_free(struct extsort *s); /* NULL is fine */

MUST_USE int extsort_add(struct extsort *s, const struct extsort_record *r, struct err *err);
MUST_USE int extsort_finish(struct extsort *s, struct err *err);
MUST_USE int extsort_next(struct extsort *s, struct extsort_record *out, struct err *err);

#endif
