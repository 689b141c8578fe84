#ifndef EXPORT_EXPORT_H
#define EXPORT_EXPORT_H

#include "common/progress.h"
#include "export/source.h"
#include "format/header.h"

/*
 * One run of esexport: events out of a source, through the pipeline, into an
 * archive or plain JSON Lines.
 */
struct export_options {
	const struct address *from;
	const char *out; /* path, or "-" */
	const char *layout;
	const struct selection *select;
	const struct codec *codec;
	int level;
	unsigned workers;
	uint64_t chunk_bytes;
	bool plain; /* write bare JSON Lines */
	bool exact_text;
	bool replace;
	const struct address *after_target; /* begin behind what it has; NULL: not asked for */
	const char *target_layout;          /* of it */
	bool resume;                        /* go on with what an earlier run left of `out` */
};

struct export_report {
	struct source_info source; /* kind and layout are copied */
	char layout[128];
	uint64_t read, filtered;
	uint64_t events, chunks, raw_bytes, stored_bytes, written_bytes;
	uint64_t first, last;
	bool part; /* -1, and FILE.part has these events: the run may be resumed */
};

/* What a header says of a place that is read, and of the selection: source, origin, range and
 * filters. */
void export_describe(struct header *h, const struct address *from, const struct source_info *info,
                     const struct selection *select);

/* Open both ends, say what would be done, write nothing. */
MUST_USE int export_plan(const struct export_options *o, struct export_report *report,
                         struct err *err);
/* The report is filled in as far as it came, also on -1. */
MUST_USE int export_run(const struct export_options *o, struct progress_counts *progress,
                        struct export_report *report, struct err *err);

#endif
