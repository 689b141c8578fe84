#include <stdlib.h>

#include "common/mem.h"
#include "verify/cells.h"

#define LEAF_EVENTS 1000 /* no more than these are compared rather than cut */
#define PART_EVENTS 100  /* in a part, at least */
#define MOST_PARTS 256   /* in all, where that gives each cell ... */
#define LEAST_PARTS 16   /* ... these */
#define FEW_PARTS 16     /* of fewer than these, most may differ */
#define MOST_SPLITS 128  /* more cells than these are compared rather than cut */
#define GAP_EVENTS 500   /* are read rather than gone past */

static struct cell *
add(struct cells *c)
{
	c->items = xgrow(c->items, &c->cap, c->len + 1, sizeof(*c->items));
	c->items[c->len] = (struct cell){.state = CELL_NEW};
	return &c->items[c->len++];
}

void
cells_begin(struct cells *c, struct rangesum_range range, const struct rangesum *all)
{
	struct cell *first;

	*c = (struct cells){0};
	first = add(c);
	first->range = range;
	first->a = *all;
	first->b = *all;
	first->state = CELL_SPLIT;
}

void
cells_release(struct cells *c)
{
	free(c->items);
	*c = (struct cells){0};
}

static uint64_t
events_of(const struct cell *cell)
{
	return cell->a.events > cell->b.events ? cell->a.events : cell->b.events;
}

size_t
cells_count(const struct cells *c, enum cell_state state)
{
	size_t i, n = 0;

	for (i = 0; i < c->len; i++)
		n += c->items[i].state == state;
	return n;
}

/* The positions of its events: there may be large gaps before and behind them. */
static struct rangesum_range
held(const struct cell *cell)
{
	const struct rangesum *a = &cell->a, *b = &cell->b;

	return (struct rangesum_range){
	    .first = a->least < b->least ? a->least : b->least,
	    .last = a->greatest > b->greatest ? a->greatest : b->greatest,
	};
}

static uint64_t
parts_of(const struct cell *cell, uint64_t most, uint64_t width)
{
	uint64_t n = events_of(cell) / PART_EVENTS;

	if (n > most)
		n = most;
	if (n < 2)
		n = 2;
	return n - 1 > width ? width + 1 : n;
}

/* Parts of one width; the first and the last one go on to the ends of the cell. */
static void
cut(struct cells *into, const struct cell *cell, uint64_t most, size_t family)
{
	struct rangesum_range in = held(cell);
	uint64_t width, n, step, i, last = 0;
	struct cell *part;

	if (events_of(cell) == 0)
		in = cell->range;
	width = in.last - in.first; /* one less than there are positions */
	n = parts_of(cell, most, width);
	step = width / n;
	for (i = 0; i < n; i++) {
		part = add(into);
		part->family = family;
		part->range.first = i ? last + 1 : cell->range.first;
		last = in.first + step * (i + 1) + width % n * (i + 1) / n;
		part->range.last = i + 1 < n ? last : cell->range.last;
	}
}

static void
give_up(struct cells *c)
{
	size_t i;

	for (i = 0; i < c->len; i++)
		if (c->items[i].state == CELL_SPLIT)
			c->items[i].state = CELL_LOOK;
}

size_t
cells_divide(struct cells *c)
{
	size_t splits = cells_count(c, CELL_SPLIT), i;
	uint64_t most = splits ? MOST_PARTS / splits : 0;
	struct cells next = {0};

	if (splits > MOST_SPLITS)
		give_up(c);
	if (!splits || splits > MOST_SPLITS)
		return 0;
	if (most < LEAST_PARTS)
		most = LEAST_PARTS;
	for (i = 0; i < c->len; i++)
		if (c->items[i].state == CELL_SPLIT)
			cut(&next, &c->items[i], most, i);
		else
			*add(&next) = c->items[i];
	free(c->items);
	*c = next;
	return cells_count(c, CELL_NEW);
}

void
cells_ranges(const struct cells *c, struct rangesum_range *out)
{
	size_t i;

	for (i = 0; i < c->len; i++)
		if (c->items[i].state == CELL_NEW)
			*out++ = c->items[i].range;
}

/* What one side lacks has nothing to be told apart in it. */
static enum cell_state
judge(const struct cell *cell)
{
	struct rangesum_range in = held(cell);

	if (rangesum_eq(&cell->a, &cell->b))
		return CELL_SAME;
	if (cell->a.events == 0 || cell->b.events == 0 || events_of(cell) <= LEAF_EVENTS ||
	    in.first == in.last)
		return CELL_LOOK;
	return CELL_SPLIT;
}

/* Where most parts of a cell differ, cutting them again would find that again. */
static void
judge_family(struct cell *parts, size_t n)
{
	size_t i, filled = 0, differ = 0;

	for (i = 0; i < n; i++) {
		parts[i].state = judge(&parts[i]);
		filled += events_of(&parts[i]) > 0;
		differ += parts[i].state != CELL_SAME;
	}
	if (filled < FEW_PARTS || differ * 2 <= filled)
		return;
	for (i = 0; i < n; i++)
		parts[i].state = CELL_LOOK;
}

void
cells_judge(struct cells *c, const struct rangesum *a, const struct rangesum *b)
{
	size_t i, n;

	for (i = 0; i < c->len; i += n) {
		for (n = 0; i + n < c->len && c->items[i + n].state == CELL_NEW &&
		            c->items[i + n].family == c->items[i].family;
		     n++) {
			c->items[i + n].a = *a++;
			c->items[i + n].b = *b++;
		}
		if (n)
			judge_family(&c->items[i], n);
		else
			n = 1;
	}
}

uint64_t
cells_events(const struct cells *c, enum cell_state state)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < c->len; i++)
		if (c->items[i].state == state)
			sum += events_of(&c->items[i]);
	return sum;
}

/* *same: those between, since the last one. */
static size_t
join(const struct cells *c, uint64_t gap, struct cells_look *out, size_t limit)
{
	uint64_t same = 0;
	size_t i, n = 0;

	for (i = 0; i < c->len; i++) {
		if (c->items[i].state == CELL_SAME) {
			same += events_of(&c->items[i]);
		} else if (n && same <= gap) {
			out[n - 1].range.last = c->items[i].range.last;
			out[n - 1].same += same;
			same = 0;
		} else if (n == limit) {
			return n + 1;
		} else {
			out[n++] = (struct cells_look){.range = c->items[i].range};
			same = 0;
		}
	}
	return n;
}

size_t
cells_looks(const struct cells *c, struct cells_look *out, size_t limit)
{
	uint64_t gap = GAP_EVENTS;
	size_t n;

	while ((n = join(c, gap, out, limit)) > limit)
		gap *= 2;
	return n;
}
