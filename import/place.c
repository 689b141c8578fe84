#include "import/place.h"

#define NO_FILTERS_BYTES 1 /* of an empty map of CBOR */
#include "import/deadletter.h"

void
places_begin(struct places *p, const struct header *header)
{
	*p = (struct places){.stream = BUF_INIT};
	p->at.directly = header && header->filters.len <= NO_FILTERS_BYTES;
}

void
places_release(struct places *p)
{
	buf_release(&p->stream);
}

/* The event before this one is the last one that came, or lies behind that. */
static bool
agrees(const struct places *p, const struct follows *f)
{
	if (!p->begun)
		return true;
	if (f->first || f->position < p->position)
		return false;
	return f->position > p->position ||
	       (f->version == p->version && slice_eq(f->stream, buf_slice(&p->stream)));
}

int
places_require(const struct batch *b, struct err *err)
{
	char which[256];
	size_t i;

	for (i = 0; i < b->len; i++) {
		const struct event *e = &b->events[i];

		if (follows_says(e) || event_attr(e, DEADLETTER_REASON).p)
			continue;
		event_describe(e, which, sizeof(which));
		err_set(err, ERR_FORMAT,
		        "%s: does not say which event it follows in the source, as events of a "
		        "repair archive do",
		        which);
		return err_hint(err, "make it anew, with esverify --missing-to");
	}
	return 0;
}

int
places_take(struct places *p, struct event *e, struct arena *mem, struct err *err)
{
	char which[256];

	p->known = follows_says(e);
	if (!p->known)
		return 0;
	if (follows_take(e, mem, &p->at.follows, err) < 0)
		return -1;
	if (!agrees(p, &p->at.follows)) {
		event_describe(e, which, sizeof(which));
		return err_set(err, ERR_FORMAT,
		               "%s: its hint $follows and the event before it in the archive "
		               "contradict each other",
		               which);
	}
	p->begun = true;
	p->position = e->position;
	p->version = e->version;
	p->stream.len = 0;
	buf_add_slice(&p->stream, e->stream);
	return 0;
}
