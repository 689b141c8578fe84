#ifndef VERIFY_MISSING_H
#define VERIFY_MISSING_H

#include "common/address.h"
#include "export/source.h"

/*
 * A repair archive (spec/FORMAT.md): the events of one place that a copy of it
 * lacks, for esimport.  One thread, about three chunks of memory.
 *
 *	missing_open(&m, &options, err);
 *	while (...)
 *		missing_add(m, source_info(a), event, before, err);
 *	missing_finish(m, err);         // now the file has its name
 *	missing_free(m);
 *
 * The file is made with the first event: where nothing is missing there is none.
 */
struct missing;

struct missing_options {
	const char *path;               /* the suffix says the codec, else it is jsonl */
	bool replace;                   /* a file that is there */
	const struct address *a, *b;    /* the place with the events, and its copy */
	const struct selection *select; /* what of both is compared */
	const char *layout;             /* of A, as it was asked for */
	bool plain;                     /* A is JSON Lines */
	bool parts;                     /* they are compared in parts, and not all of A is read */
	const struct eventmap *map;     /* how events of A were mapped, or NULL */
};

/* Whether the file could be made.  The options must outlive it.  -1: ERR_USAGE, ERR_IO. */
MUST_USE int missing_open(struct missing **out, const struct missing_options *o, struct err *err);
void missing_free(struct missing *m); /* NULL is fine; never publishes */

/*
 * One event, which is copied, with the names that it has in A; positions rise.  `a`: what the
 * source of A says of itself.
 * `before`: the event before it in A; NULL: none was read, and where there may be one it is
 * looked for.
 */
MUST_USE int missing_add(struct missing *m, const struct source_info *a, const struct event *e,
                         const struct event *before, struct err *err);
/* The rest of the archive, and its name. */
MUST_USE int missing_finish(struct missing *m, struct err *err);

uint64_t missing_events(const struct missing *m); /* added so far */

#endif
