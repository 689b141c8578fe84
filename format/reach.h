#ifndef FORMAT_REACH_H
#define FORMAT_REACH_H

#include "format/header.h"

/*
 * How far archives that stand one behind the other reach, and whether the next
 * one goes on there (spec/FORMAT.md, "Concatenated archives").
 */
struct reach {
	bool has_origin;
	struct digest origin;
	struct buf filters;          /* owned */
	bool alone;                  /* a repair archive, or a salvaged one: it reaches nowhere */
	struct selection_bound upto; /* every event up to here was in them; not set: unknown */
};

void reach_release(struct reach *r);

/* Behind an archive.  `reached`: what its end block says. */
void reach_add(struct reach *r, const struct header *h, struct selection_bound reached);

/* Why an archive does not go on there, or NULL. */
const char *reach_breaks(const struct reach *r, const struct header *next);

#endif
