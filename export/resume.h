#ifndef EXPORT_RESUME_H
#define EXPORT_RESUME_H

#include "common/progress.h"
#include "format/writer.h"

/*
 * What an earlier run of an export left in FILE.part: its whole chunks are read
 * and checked, and counted by a writer that goes on behind them.  The last one is
 * made again: where the source had come to its end there, and has more by now, the
 * chunk would be a larger one in a run that was not disturbed.
 *
 *	resume_open(&r, file, &wanted, workers, progress, &writer, err);
 *	... source of what is behind r.behind ...
 *	resume_check_source(&r, &wanted, err);
 *	writer_go_on(writer, err);
 *	... resume_check_chunk(&r, chunk, err);            // the first one
 *
 * What differs between the two runs is ERR_USAGE where it is an option, and
 * ERR_CONFLICT where it is the source.
 */
struct resume {
	struct reader *first;          /* of FILE.part, at its header; NULL: it was not opened */
	const char *part;              /* its name, for messages; of the file */
	uint64_t blocks;               /* chunks whose block is there */
	struct selection_bound behind; /* position of the last event that stays */
	uint64_t events, filtered;     /* up to there: in the chunks, and left out by filters */
	bool has_next;
	struct chunk_info next; /* of the chunk that is made again */
	struct writer *writer;
	struct progress_counts *progress;
};

/* Read and check it.  `wanted` says codec, tool and packing.  *writer stays NULL where there is
 * nothing to go on with.  `file` is of file_resume(). */
MUST_USE int resume_open(struct resume *r, struct file *file, const struct header *wanted,
                         unsigned workers, struct progress_counts *progress, struct writer **writer,
                         struct err *err);
void resume_close(struct resume *r); /* also zeroed */

/* Whether this run would write the header that is there, but for time, id and address. */
MUST_USE int resume_check_source(const struct resume *r, const struct header *wanted,
                                 struct err *err);

/* Whether the first chunk of this run begins as the one in its place did; NULL: there is none. */
MUST_USE int resume_check_chunk(struct resume *r, const struct chunk *c, struct err *err);

#endif
