#ifndef EXPORT_SOURCE_H
#define EXPORT_SOURCE_H

#include "common/address.h"
#include "common/event.h"
#include "common/eventmap.h"
#include "common/file.h"
#include "common/layout.h"
#include "common/selection.h"
#include "format/digest.h"

/*
 * Something events can be read from, in the order of their positions: a store,
 * an archive, JSON Lines.  Reads see one moment of it.  One thread.
 *
 *	source_open(&s, &address, &options, err);
 *	while ((rc = source_read(s, batch, err)) > 0)
 *		...
 *	source_close(s);
 */
struct source;

struct source_info;

struct source_options {
	const char *layout;             /* asked for; NULL: find out */
	const struct selection *select; /* borrowed, must outlive the source */
	bool plain;                     /* a file or a stream is JSON Lines */
	bool quiet;                     /* what it notes of the place was said before */
	size_t batch_bytes;             /* a batch is closed at this weight ... */
	size_t batch_events;            /* ... or this many events */
	/* NULL, or how events are mapped when they have passed the filters; and how those that are
	 * here were mapped: the filters look at the names that they had. */
	const struct eventmap *map, *mapped;
	bool unfit_stay;   /* a name that cannot be mapped is as it was, and no error */
	struct file *file; /* NULL, or what is read in place of the file or stream of the address;
	                    * the source's from source_open() on */
	/* Called once origin and filters of the source are known, and before anything behind its
	 * first event is looked for; maybe again, where a connection is lost.  It may still move
	 * select->after.  NULL: nothing. */
	int (*settle)(void *ctx, const struct source_info *info, struct err *err);
	void *ctx;
};

struct source_info {
	const char *kind;   /* "sqlite", "postgresql", "nats", "archive", "jsonl" */
	const char *layout; /* its name; NULL without one */
	uint64_t events;    /* how many there will be before filters; 0: cannot be told */
	bool has_origin;
	struct digest origin; /* spec/FORMAT.md, "origin" */
	bool fill;            /* a repair archive (format/header.h) */
	bool salvaged;        /* the same, of one that was damaged */
	struct slice lost;    /* of that one; as long as the source */

	/* Of an archive: where it begins, its filters, and after the end how far it reaches. */
	struct selection_bound after, reached;
	struct slice filters; /* a CBOR map (selection.h), as long as the source; absent: none */

	/* How exact it keeps events, for who compares them. */
	int64_t time_step_ns; /* times are multiples of it */
	unsigned by_value; /* 1 << enum field: of these, JSON is kept by its value, not its bytes */
	bool counts_versions; /* a version says how many events of the stream are before */
};

/* Counted while reading: read = given + filtered. */
struct source_counts {
	uint64_t read;                  /* events in the range */
	uint64_t filtered;              /* of them, those that the filters left out */
	struct selection_bound reached; /* position of the last one read */
};

MUST_USE int source_open(struct source **out, const struct address *from,
                         const struct source_options *options, struct err *err);
void source_close(struct source *s); /* NULL is fine */

const struct source_info *source_info(const struct source *s);
struct source_counts source_counts(const struct source *s);

/* Fill the batch, which is reset first.  1 with one event at least, 0 at the end, -1.  Positions
 * rise strictly, from batch to batch too. */
MUST_USE int source_read(struct source *s, struct batch *into, struct err *err);

/*
 * What a driver implements.  `self` is `size` zeroed bytes; close() runs once
 * after every open(), also a failed one.  The wrappers above keep the order of
 * calls, close batches, filter, count, and check that positions rise.
 */
struct source_driver {
	size_t size;
	int (*open)(void *self, const struct address *from, const struct source_options *options,
	            struct source_info *info, struct err *err);
	/* Move to the next event of the range, and say about how large it is: 1, 0 at the end, -1.
	 */
	int (*next)(void *self, size_t *weight_bytes, struct err *err);
	/* Add the event that next() moved to. */
	int (*take)(void *self, struct batch *into, struct err *err);
	void (*close)(void *self);
};

/* For drivers: call options->settle(). */
MUST_USE int source_settle(const struct source_options *options, const struct source_info *info,
                           struct err *err);

extern const struct source_driver source_sqlite, source_postgres, source_nats, source_nats_many,
    source_archive;

#endif
