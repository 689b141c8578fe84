#ifndef VERIFY_CELLS_H
#define VERIFY_CELLS_H

#include "common/rangesum.h"

/*
 * Which ranges of positions to look into: those whose sums differ are cut into parts
 * until few events are left in them.  Knows no store.
 *
 *	cells_begin(&c, range, &all);
 *	while ((n = cells_divide(&c)) > 0) {
 *		cells_ranges(&c, ranges);       // n of them
 *		... the sums of both sides ...
 *		cells_judge(&c, a, b);
 *	}
 *	n = cells_looks(&c, looks, limit);
 *
 * The ranges lie side by side, and each event is in one.
 */
enum cell_state {
	CELL_NEW,   /* nothing is known of it */
	CELL_SAME,  /* both sides have the same there */
	CELL_LOOK,  /* they differ, or it cannot be told: to be compared event by event */
	CELL_SPLIT, /* the same, but there are too many events for that */
};

struct cell {
	struct rangesum_range range;
	struct rangesum a, b;
	enum cell_state state;
	size_t family; /* which cell it is a part of */
};

struct cells {
	struct cell *items;
	size_t len, cap;
};

/* Ranges to compare, with those between them that are too small to be worth going past. */
struct cells_look {
	struct rangesum_range range;
	uint64_t same; /* events of CELL_SAME in it */
};

/* One cell to be cut; `all`: about what is in it. */
void cells_begin(struct cells *c, struct rangesum_range range, const struct rangesum *all);
void cells_release(struct cells *c);

/* Cut what is to be cut.  How many new cells there are: 2048 at most. */
size_t cells_divide(struct cells *c);
void cells_ranges(const struct cells *c, struct rangesum_range *out);
/* With the sums of those, in their order. */
void cells_judge(struct cells *c, const struct rangesum *a, const struct rangesum *b);

size_t cells_count(const struct cells *c, enum cell_state state); /* in it now */
/* Events of a state; of the side that has more in each cell. */
uint64_t cells_events(const struct cells *c, enum cell_state state);

/* What to compare, in order, `limit` pieces at most.  Where only empty cells lie between two,
 * they are one.  How many. */
size_t cells_looks(const struct cells *c, struct cells_look *out, size_t limit);

#endif
