#ifndef VERIFY_PLACESUM_H
#define VERIFY_PLACESUM_H

#include "common/address.h"
#include "common/progress.h"
#include "common/selection.h"
#include "format/digest.h"

/*
 * The digest of what a place holds (spec/DIGEST.md): all of it is read, whatever
 * it says of itself.  One thread reads, workers make the digests of the events,
 * the caller's thread puts them together in order.
 *
 *	if (placesum_run(&options, &counts, &sum, err) == 0)
 *		... sum.digest, sum.streams[0 .. sum.n_streams - 1]
 *	placesum_release(&sum);
 */
struct placesum_options {
	const struct address *place;
	const char *layout;             /* asked for; NULL: find out */
	const struct selection *select; /* borrowed */
	bool plain;                     /* a file is JSON Lines */
	bool by_stream;
	unsigned workers;
};

struct placesum_stream {
	struct slice name; /* owned by the sum */
	uint64_t events;
	struct digest digest; /* of its events alone */
};

struct placesum {
	uint64_t events, begin; /* begin: streams whose version 0 is there */
	struct digest digest;
	/* With `by_stream`: all streams, by the bytes of their names.  About 100 bytes and the name
	 * for each; without it, memory does not depend on what is there. */
	struct placesum_stream *streams;
	size_t n_streams;

	size_t cap_streams; /* private, as what follows */
	uint32_t *slots;    /* hash table of stream numbers + 1 */
	size_t n_slots;
	struct arena *names;
};

/* 0, or -1; *out is to be released in both cases. */
MUST_USE int placesum_run(const struct placesum_options *o, struct progress_counts *progress,
                          struct placesum *out, struct err *err);
/* On standard output: a line for each stream that was asked for, and one for all. */
void placesum_print(const struct placesum *s, bool json);
void placesum_release(struct placesum *s);

#endif
