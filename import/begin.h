#ifndef IMPORT_BEGIN_H
#define IMPORT_BEGIN_H

#include "format/unpack.h"
#include "import/import.h"
#include "import/refuse.h"
#include "import/survey.h"

/*
 * The beginning of a run, for import.c: which import this is, and how far the target
 * has it.
 */
struct run {
	const struct import_options *o;
	struct progress_counts *progress;
	struct import_report *report;
	struct reader *reader;   /* one of the two is NULL */
	struct salvage *salvage; /* with `skip_damaged` */
	struct file *again;      /* the input once more, where it is surveyed first; or NULL */
	struct survey survey;    /* the same: zero */
	struct sink *sink;
	struct deadletter *letters; /* NULL: what is refused ends the run */
	struct refuse refuse;       /* the same: zero */
	struct reader_chunk primed; /* the first chunk, read before the target was asked */
	bool is_primed;
	struct unpack_item salvaged; /* with `skip_damaged`: the chunk that was read last */

	/* Of the consumer. */
	struct sink_tail tail;           /* goes with the next commit */
	struct sink_tail before;         /* what the target had */
	struct sink_tail durable;        /* what it has for sure */
	uint64_t durable_written;        /* report->written at that time */
	uint64_t pending, pending_bytes; /* events and bytes since the last commit */
	uint64_t seen;                   /* events of the input, in the range or not */
	uint64_t last;                   /* position of the last of them */
	uint64_t first;                  /* position of the first one in the range */
	const struct event *written;     /* the last one, until the tail has its digest */
	bool met;                        /* the event at before.position has been seen */
	struct places places;            /* of a repair archive */
	bool sink_failed;
};

/* Read the first chunk, for only then is it known which import this is, and ask the target. */
MUST_USE int begin_import(struct run *run, struct err *err);

/* Read the first chunk: of an input that is read once more, for begin_import() does it, too. */
MUST_USE int begin_first_chunk(struct run *run, struct err *err);

/* The next chunk of a damaged archive that is whole, into run->salvaged: 1, 0 at the end, -1. */
MUST_USE int begin_next_salvaged(struct run *run, struct err *err);

#endif
