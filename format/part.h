#ifndef FORMAT_PART_H
#define FORMAT_PART_H

#include "format/lost.h"
#include "format/trailer.h"

/*
 * One archive of which some chunks may be gone: which they are, by their numbers,
 * and what of their positions other blocks say.  salvage.c feeds it, in the order of
 * the input:
 *
 *	part_begin(&p, low, header);    // no position of it is lower
 *	part_take(&p, &info);           // a chunk that is whole
 *	part_miss(&p, &info);           // one whose block is whole, and not its payload
 *	part_index(&p, map), part_end(&p, map), part_count(&p, chunks);
 *	part_finish(&p, bound, &lost);  // what is lost of it
 */
struct part_gap {
	uint64_t from, to;  /* numbers of chunks, `to` excluded */
	uint64_t low, high; /* positions between which theirs lie, both included */
	bool open;          /* there is no `high` */
};

/* What is known of a chunk that is lost. */
struct part_known {
	uint64_t seq, first, last, events;
};

struct part {
	uint64_t next;   /* number of the chunk that comes next, if none is missing */
	uint64_t low;    /* its positions begin here, or later */
	uint64_t events; /* that were taken */
	bool headed;     /* its header is whole: */
	uint64_t header_hash;
	struct part_known last; /* the chunk before `next` */
	uint64_t chain_next;    /* the chunk that is chained to `chain` */
	struct digest chain;    /* of the last block that is whole */
	struct part_gap *gaps;  /* rising */
	size_t n_gaps, cap_gaps;
	struct part_known *known; /* by `seq` */
	size_t n_known, cap_known;
	bool counted; /* how many chunks it has is known */
	uint64_t chunks;
	bool ended; /* its end block was read: */
	uint64_t said_events, said_last, filtered;
	struct selection_bound reached;
};

void part_release(struct part *p); /* a zeroed one is fine */
/* `header`: its frame, absent where it is lost. */
void part_begin(struct part *p, uint64_t low, struct slice header);

/* Whether a chunk may be the next one, or one behind it. */
bool part_fits(const struct part *p, const struct chunk_info *info);
void part_take(struct part *p, const struct chunk_info *info);
void part_miss(struct part *p, const struct chunk_info *info);

/* Blocks behind the chunks; one that is not of this archive is passed over: false.  `proof`: it
 * must say something that only such a block can. */
bool part_index(struct part *p, struct slice map, bool proof);
bool part_end(struct part *p, struct slice map, bool proof);
void part_count(struct part *p, uint64_t chunks);

/* Append what is lost.  `bound`: no position of it is higher, where that is known. */
void part_finish(struct part *p, struct selection_bound bound, struct lost *out);

#endif
