#include "format/reach.h"

void
reach_release(struct reach *r)
{
	buf_release(&r->filters);
	*r = (struct reach){0};
}

void
reach_add(struct reach *r, const struct header *h, struct selection_bound reached)
{
	if (h->has_origin) {
		r->has_origin = true;
		r->origin = h->origin;
	}
	r->alone = h->fill || h->salvaged;
	r->filters.len = 0;
	buf_add_slice(&r->filters, buf_slice(&h->filters));
	/* Where nothing was read, it reaches to where it began. */
	if (!reached.set)
		reached = h->after;
	if (reached.set && (!r->upto.set || reached.position > r->upto.position))
		r->upto = reached;
}

const char *
reach_breaks(const struct reach *r, const struct header *next)
{
	if (r->alone || next->fill || next->salvaged)
		return "a repair archive, or a salvaged one, stands alone, not beside another one";
	if (!r->upto.set && !next->after.set)
		return NULL; /* the store was empty then: this is its beginning */
	if (r->has_origin && (!next->has_origin || !digest_eq(&next->origin, &r->origin)))
		return "the archive that follows here is of another store";
	if (!slice_eq(buf_slice(&next->filters), buf_slice(&r->filters)))
		return "the archive that follows here was made with other filters";
	if (!next->after.set || !r->upto.set || next->after.position > r->upto.position)
		return "the archive that follows here does not go on where the one before ended";
	return NULL;
}
