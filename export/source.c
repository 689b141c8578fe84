#include <inttypes.h>
#include <stdlib.h>

#include "export/source.h"

#define NAMES_BYTES ((size_t)4 << 10)

struct source {
	const struct source_driver *driver;
	struct source_options options;
	struct source_info info;
	struct source_counts counts;
	uint64_t left_out;   /* events since the last one that passed the filters */
	bool waiting;        /* next() has moved to an event that no batch took yet */
	size_t weight_bytes; /* of that one */
	bool ended;
	struct arena *names; /* with options.mapped: the names of one event as they were */
	void *self;
};

static const struct source_driver *const drivers[] = {
    [ADDRESS_FILE] = &source_archive,  [ADDRESS_STREAM] = &source_archive,
    [ADDRESS_SQLITE] = &source_sqlite, [ADDRESS_POSTGRES] = &source_postgres,
    [ADDRESS_NATS] = &source_nats,     [ADDRESS_NATS_MANY] = &source_nats_many,
};

int
source_open(struct source **out, const struct address *from, const struct source_options *options,
            struct err *err)
{
	struct source *s = xcalloc(1, sizeof(*s));

	s->driver = drivers[from->kind];
	s->options = *options;
	s->info.time_step_ns = 1;
	s->names = options->mapped ? arena_new(NAMES_BYTES) : NULL;
	s->self = xcalloc(1, s->driver->size);
	if (s->driver->open(s->self, from, options, &s->info, err) < 0) {
		source_close(s);
		return -1;
	}
	*out = s;
	return 0;
}

void
source_close(struct source *s)
{
	if (!s)
		return;
	s->driver->close(s->self);
	arena_free(s->names);
	free(s->self);
	free(s);
}

int
source_settle(const struct source_options *options, const struct source_info *info, struct err *err)
{
	return options->settle ? options->settle(options->ctx, info, err) : 0;
}

const struct source_info *
source_info(const struct source *s)
{
	return &s->info;
}

struct source_counts
source_counts(const struct source *s)
{
	struct source_counts counts = s->counts;

	/* An archive may reach behind its last event: filters left out what was there. */
	if (s->info.reached.set && !s->options.select->upto.set)
		counts.reached = s->info.reached;
	return counts;
}

/* An event larger than a batch gets one for itself. */
static bool
closes(const struct source *s, const struct batch *b)
{
	return b->len >= s->options.batch_events ||
	       (b->len > 0 && b->weight_bytes + s->weight_bytes > s->options.batch_bytes);
}

/* What an event was called before it was mapped is what is selected. */
static bool
passes(struct source *s, const struct event *e)
{
	struct event before = *e;

	if (!s->options.mapped || !selection_filters(s->options.select))
		return selection_passes(s->options.select, e);
	arena_reset(s->names);
	return eventmap_back(s->options.mapped, &before, s->names) &&
	       selection_passes(s->options.select, &before);
}

static int
map(const struct source *s, struct event *e, struct arena *mem, struct err *err)
{
	struct event mapped;
	bool dropped;

	if (!s->options.map)
		return 0;
	if (s->options.unfit_stay)
		(void)eventmap_map(s->options.map, e, mem, &mapped);
	else if (eventmap_apply(s->options.map, e, mem, &mapped, &dropped, err) < 0)
		return -1;
	*e = mapped;
	return 0;
}

static int
take(struct source *s, struct batch *into, struct err *err)
{
	struct event *e;

	if (s->driver->take(s->self, into, err) < 0)
		return -1;
	s->waiting = false;
	e = &into->events[into->len - 1];
	if (s->counts.reached.set && e->position <= s->counts.reached.position)
		return err_set(err, ERR_DATA,
		               "positions do not rise: %" PRIu64 " comes behind %" PRIu64,
		               e->position, s->counts.reached.position);
	s->counts.reached = (struct selection_bound){true, e->position};
	s->counts.read++;
	if (passes(s, e)) {
		if (map(s, e, into->mem, err) < 0)
			return -1;
		into->weight_bytes += s->weight_bytes;
		into->filtered += s->left_out;
		s->left_out = 0;
	} else {
		s->left_out++;
		s->counts.filtered++;
		batch_drop_last(into);
	}
	return 0;
}

int
source_read(struct source *s, struct batch *into, struct err *err)
{
	int rc;

	batch_reset(into);
	while (!s->ended) {
		if (!s->waiting) {
			rc = s->driver->next(s->self, &s->weight_bytes, err);
			if (rc < 0)
				return -1;
			s->ended = rc == 0;
			s->waiting = rc > 0;
			continue;
		}
		if (closes(s, into))
			return 1;
		if (take(s, into, err) < 0)
			return -1;
	}
	return into->len > 0;
}
