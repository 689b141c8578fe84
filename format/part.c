#include "format/part.h"

#include <stdlib.h>

#define SEQ_MAX (UINT64_MAX / 2)
#define KNOWN_MAX                                                                                  \
	1000000 /* chunks of which is noted what they held; of more, only that they did            \
	         */

void
part_release(struct part *p)
{
	free(p->gaps);
	free(p->known);
	*p = (struct part){0};
}

void
part_begin(struct part *p, uint64_t low, struct slice header)
{
	part_release(p);
	p->low = low;
	p->headed = header.p != NULL;
	p->header_hash = digest_of_64(header);
}

/* Positions end at 2^64 - 2, so `last + 1` never wraps. */
bool
part_fits(const struct part *p, const struct chunk_info *info)
{
	struct digest chain;

	if (info->seq < p->next || info->seq > SEQ_MAX || info->first < p->low ||
	    info->last >= EVENT_NO_POSITION)
		return false;
	if (info->seq != p->chain_next)
		return true;
	chain = digest_chain(&p->chain, &info->digest);
	return digest_eq(&chain, &info->chain);
}

static void
add_gap(struct part *p, struct part_gap gap)
{
	p->gaps = xgrow(p->gaps, &p->cap_gaps, p->n_gaps + 1, sizeof(*p->gaps));
	p->gaps[p->n_gaps++] = gap;
}

static void
add_known(struct part *p, uint64_t seq, const struct chunk_info *info)
{
	if (p->n_known == KNOWN_MAX || (p->n_known && seq <= p->known[p->n_known - 1].seq))
		return;
	p->known = xgrow(p->known, &p->cap_known, p->n_known + 1, sizeof(*p->known));
	p->known[p->n_known++] = (struct part_known){seq, info->first, info->last, info->events};
}

static void
go_on_behind(struct part *p, const struct chunk_info *info)
{
	p->chain_next = info->seq + 1;
	p->chain = info->chain;
}

void
part_take(struct part *p, const struct chunk_info *info)
{
	if (info->seq > p->next && info->first > p->low)
		add_gap(p, (struct part_gap){p->next, info->seq, p->low, info->first - 1, false});
	go_on_behind(p, info);
	p->last = (struct part_known){info->seq, info->first, info->last, info->events};
	p->next = info->seq + 1;
	p->low = info->last + 1;
	p->events += info->events;
}

void
part_miss(struct part *p, const struct chunk_info *info)
{
	add_known(p, info->seq, info);
	go_on_behind(p, info);
}

void
part_count(struct part *p, uint64_t chunks)
{
	if (p->counted || chunks < p->next)
		return;
	p->counted = true;
	p->chunks = chunks;
}

/* It says the same of the last chunk that was taken. */
static bool
is_index(const struct part *p, struct slice map, bool proof)
{
	struct chunk_info row = {0};
	struct slice rows;
	uint64_t seq, n;

	if (!trailer_index_rows(map, &rows, &n) || n < p->next)
		return false;
	for (seq = 0; seq < p->next; seq++)
		if (!trailer_index_row(&rows, &row))
			return false;
	return p->next ? row.first == p->last.first && row.last == p->last.last &&
	                     row.events == p->last.events
	               : !proof;
}

/* Of the rows of the index those count whose chunk is lost. */
bool
part_index(struct part *p, struct slice map, bool proof)
{
	struct chunk_info row = {0};
	struct slice rows;
	uint64_t seq, n;
	size_t gap = 0;

	if (!is_index(p, map, proof) || !trailer_index_rows(map, &rows, &n))
		return false;
	p->n_known = 0;
	for (seq = 0; seq < n && trailer_index_row(&rows, &row); seq++) {
		while (gap < p->n_gaps && p->gaps[gap].to <= seq)
			gap++;
		if (seq >= p->next || (gap < p->n_gaps && p->gaps[gap].from <= seq))
			add_known(p, seq, &row);
	}
	p->counted = false;
	part_count(p, n);
	return true;
}

/* It names the header, and the last link of the chain. */
static bool
is_end(const struct part *p, const struct trailer *said, bool proof)
{
	if (p->headed)
		return said->header_hash == p->header_hash;
	if (p->chain_next && said->totals.chunks == p->chain_next)
		return digest_eq(&said->totals.chain, &p->chain);
	return !proof;
}

bool
part_end(struct part *p, struct slice map, bool proof)
{
	struct err ignored = ERR_INIT;
	struct trailer said;
	bool fits;

	trailer_init(&said);
	fits = trailer_read_end(&said, map, &ignored) == 0 && said.totals.chunks >= p->next &&
	       said.totals.events >= p->events && said.totals.last < EVENT_NO_POSITION &&
	       is_end(p, &said, proof);
	if (fits) {
		part_count(p, said.totals.chunks);
		p->ended = true;
		p->said_events = said.totals.events;
		p->said_last = said.totals.last;
		p->filtered = said.filtered;
		p->reached = said.reached;
	}
	trailer_release(&said);
	return fits;
}

static void
add_unknown(struct lost *out, uint64_t low, const struct part_gap *g)
{
	lost_add(out, (struct lost_range){.first = low, .last = g->high, .open = g->open});
}

static void
resolve_gap(const struct part *p, const struct part_gap *g, size_t *at, struct lost *out)
{
	uint64_t seq = g->from, low = g->low;
	const struct part_known *k;

	for (; *at < p->n_known && p->known[*at].seq < g->to; ++*at) {
		k = &p->known[*at];
		if (k->seq < seq || k->first < low || k->last < k->first ||
		    k->last >= EVENT_NO_POSITION || (!g->open && k->last > g->high))
			continue;
		if (k->seq > seq && k->first > low)
			add_unknown(out, low, &(struct part_gap){.high = k->first - 1});
		lost_add(out, (struct lost_range){.first = k->first,
		                                  .last = k->last,
		                                  .counted = true,
		                                  .events = k->events});
		seq = k->seq + 1;
		low = k->last + 1;
	}
	if (seq < g->to)
		add_unknown(out, low, g);
}

/* The end block counts all events: where one range alone has no number, it is what is left. */
static void
count_the_rest(const struct part *p, struct lost *found)
{
	struct lost_range *unknown = NULL;
	uint64_t rest = p->said_events - p->events;
	size_t i;

	for (i = 0; i < found->len; i++) {
		if (found->ranges[i].counted && found->ranges[i].events <= rest)
			rest -= found->ranges[i].events;
		else if (found->ranges[i].counted || unknown)
			return;
		else
			unknown = &found->ranges[i];
	}
	if (!unknown || rest == 0 || unknown->open || rest - 1 > unknown->last - unknown->first)
		return;
	unknown->counted = true;
	unknown->events = rest;
}

/* The chunks behind the last one that was taken, and, where nobody says how many, any beyond. */
static void
add_tail(struct part *p, struct selection_bound bound)
{
	uint64_t to = p->counted ? p->chunks : UINT64_MAX;

	if (p->ended && (!bound.set || p->said_last < bound.position))
		bound = (struct selection_bound){true, p->said_last};
	if (to > p->next)
		add_gap(p, (struct part_gap){p->next, to, p->low, bound.position, !bound.set});
}

void
part_finish(struct part *p, struct selection_bound bound, struct lost *out)
{
	struct lost found = {0};
	size_t i, at = 0;

	add_tail(p, bound);
	for (i = 0; i < p->n_gaps; i++)
		resolve_gap(p, &p->gaps[i], &at, &found);
	if (p->ended)
		count_the_rest(p, &found);
	for (i = 0; i < found.len; i++)
		lost_add(out, found.ranges[i]);
	lost_release(&found);
}
