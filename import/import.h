#ifndef IMPORT_IMPORT_H
#define IMPORT_IMPORT_H

#include "common/address.h"
#include "common/file.h"
#include "common/progress.h"
#include "common/selection.h"
#include "format/lost.h"
#include "import/sink.h"

/*
 * One run of esimport: chunks out of an archive or JSON Lines, checked and
 * decoded by the pipeline, and their events into a sink, exactly once.
 */
enum import_payloads { IMPORT_AS_IS, IMPORT_TO_JSON, IMPORT_TO_CBOR };

struct import_options {
	const char *from; /* path, or "-" */
	bool plain;       /* it is JSON Lines, and may be empty */
	const struct address *to;
	const char *layout;
	const struct selection *select;
	enum import_payloads payloads;
	const struct eventmap *map; /* or NULL */
	unsigned workers;
	uint64_t batch_events; /* events in a transaction */
	bool append;
	bool dry;
	const char *dead_letter; /* file for events that the target refuses, or NULL */
	const char *mended;      /* dead letters of which the input was made, or NULL */
	bool keep;               /* keep the input, to read it again */
	bool skip_damaged;       /* take what is left of a damaged archive */
};

/* What became of every event: read = written + present + filtered + refused. */
struct import_report {
	uint64_t read, written, present, filtered;
	uint64_t refused; /* with `dead_letter`: they are there */
	uint64_t dropped; /* events of which something was left out on their way */
	uint64_t letters; /* events in that file, with those of earlier runs; 0: there is none */
	uint64_t chunks, raw_bytes;
	struct sink_tail tail; /* what the target has now */
	char kind[32], layout[128];
	bool creates, plain;
	bool fill;            /* a repair archive: the tail is that of the input, but in NATS */
	bool holes;           /* the input may lack events, and the target says so */
	struct lost lost;     /* what it lacks; the caller's to release */
	uint64_t first, last; /* in the range, where something was read: the input's positions */
	struct file *input;   /* with `keep`: what was read, to be read again (file_keep()); the
	                       * caller's to close, NULL where it came to nothing */
};

/* The report is filled in as far as it came, also on -1. */
MUST_USE int import_run(const struct import_options *o, struct progress_counts *progress,
                        struct import_report *report, struct err *err);

#endif
