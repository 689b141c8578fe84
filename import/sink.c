#include <inttypes.h>
#include <stdlib.h>

#include "import/sink.h"

struct sink {
	const struct sink_driver *driver;
	struct sink_options options;
	struct sink_info info;
	struct sink_key key;
	bool renumber;
	bool asked; /* sink_tail() or sink_fill() has been called */
	void *self;
	struct arena *mem;                   /* of one event as it is mapped */
	struct selection_bound dropped_upto; /* the last event that info.dropped counted */
};

#define EVENT_ARENA_BYTES ((size_t)64 << 10)

static const struct sink_driver *
driver_of(enum address_kind kind)
{
	switch (kind) {
	case ADDRESS_SQLITE:
		return &sink_sqlite;
	case ADDRESS_POSTGRES:
		return &sink_postgres;
	case ADDRESS_NATS:
		return &sink_nats;
	default:
		return NULL;
	}
}

int
sink_open(struct sink **out, const struct address *to, const struct sink_options *options,
          struct err *err)
{
	const struct sink_driver *driver = driver_of(to->kind);
	struct sink *s;

	if (to->kind == ADDRESS_NATS_MANY) {
		err_set(err, ERR_USAGE, "%s: stands for many streams, and can only be read",
		        to->shown);
		return err_hint(err, "an import goes into one: name it");
	}
	if (!driver) {
		err_set(err, ERR_USAGE, "%s: is not a store", to->shown);
		return err_hint(err, "events go into sqlite://FILE, postgres://HOST/DB or "
		                     "nats://HOST/STREAM; esexport writes archives");
	}
	s = xcalloc(1, sizeof(*s));
	s->driver = driver;
	s->options = *options;
	s->self = xcalloc(1, s->driver->size);
	s->mem = arena_new(EVENT_ARENA_BYTES);
	s->info.shown = to->shown;
	if (s->driver->open(s->self, to, options, &s->info, err) < 0) {
		sink_close(s);
		return -1;
	}
	*out = s;
	return 0;
}

void
sink_close(struct sink *s)
{
	if (!s)
		return;
	s->driver->close(s->self);
	free(s->self);
	arena_free(s->mem);
	free(s);
}

const struct sink_info *
sink_info(const struct sink *s)
{
	return &s->info;
}

const struct sink_key *
sink_key(const struct sink *s)
{
	return &s->key;
}

int
sink_tail(struct sink *s, const struct sink_key *key, struct sink_tail *out, struct err *err)
{
	*out = (struct sink_tail){0};
	s->key = *key;
	s->asked = true;
	if (key->has_origin && s->driver->tail(s->self, key, out, err) < 0)
		return -1;
	if (!out->found && !s->info.empty && !s->options.append && key->has_origin) {
		err_set(err, ERR_CONFLICT,
		        "the target holds events, and no import of this source%s wrote them",
		        s->options.map ? ", mapped so," : "");
		return err_hint(err,
		                "import into an empty store, or add to this one with --append");
	}
	/* An import that began with new positions goes on with them. */
	s->renumber = out->found ? out->appended : s->options.append;
	out->appended = s->renumber;
	return 0;
}

int
sink_fill(struct sink *s, const struct sink_key *key, struct sink_tail *out, struct err *err)
{
	*out = (struct sink_tail){0};
	s->key = *key;
	s->asked = true;
	if (s->options.append) {
		err_set(err, ERR_USAGE, "--append: the input is a repair archive");
		return err_hint(err, "leave it out: its events go where they belong");
	}
	if (s->info.creates) {
		err_set(err, ERR_STORE, "%s: is not there, and cannot be repaired", s->info.shown);
		return err_hint(err, "import an archive of the whole source");
	}
	if (s->driver->fill(s->self, key, out, err) < 0)
		return -1;
	s->renumber = out->appended;
	return 0;
}

/* What the target gets of an event.  *out is good until the next event. */
static int
map(struct sink *s, const struct event *e, struct event *out, bool *dropped, struct err *err)
{
	*out = *e;
	*dropped = false;
	if (!s->options.map)
		return 0;
	arena_reset(s->mem);
	return eventmap_apply(s->options.map, e, s->mem, out, dropped, err);
}

/* The place is said with the name that a stream has in the source. */
static int
map_place(struct sink *s, const struct event *e, struct place *place, struct err *err)
{
	const char *why;
	char which[256];

	if (!s->options.map)
		return 0;
	why = eventmap_stream(s->options.map, &place->follows.stream, s->mem);
	if (!why)
		return 0;
	event_describe(e, which, sizeof(which));
	return err_set(err, ERR_DATA, "%s: the stream of the event that it follows %s", which, why);
}

int
sink_write(struct sink *s, const struct event *e, const struct place *place, struct err *err)
{
	struct place mapped_place = {0};
	struct event mapped;
	bool dropped;

	if (!s->asked)
		return err_set(err, ERR_STORE, "written before the target was asked how far it is");
	if (map(s, e, &mapped, &dropped, err) < 0)
		return -1;
	if (place) {
		mapped_place = *place;
		if (map_place(s, e, &mapped_place, err) < 0)
			return -1;
	}
	if (s->driver->write(s->self, &mapped, place ? &mapped_place : NULL, s->renumber, err) < 0)
		return -1;
	/* What was rolled back comes again. */
	if (dropped && (!s->dropped_upto.set || e->position > s->dropped_upto.position)) {
		s->info.dropped++;
		s->dropped_upto = (struct selection_bound){true, e->position};
	}
	return 0;
}

void
sink_put_aside(struct sink *s, const struct event *e)
{
	struct err none = ERR_INIT;
	struct event mapped;
	bool dropped;

	if (map(s, e, &mapped, &dropped, &none) == 0)
		s->info.dropped -= dropped;
}

int
sink_digest(struct sink *s, const struct event *e, struct digest *out, struct err *err)
{
	struct event mapped;
	bool dropped;

	return map(s, e, &mapped, &dropped, err) < 0 ? -1 : digest_of_event(&mapped, out, err);
}

void
sink_misfits(struct sink *s, const struct event *e, rowmap_tell *tell, void *ctx)
{
	struct eventmap_result r = {0};
	struct event mapped = *e;

	arena_reset(s->mem);
	if (s->options.map)
		r = eventmap_map(s->options.map, e, s->mem, &mapped);
	if (r.stream)
		tell(ctx, "stream", e->stream, r.stream);
	if (r.type)
		tell(ctx, "type", e->type, r.type);
	s->driver->misfits(s->self, &mapped, s->mem, tell, ctx);
}

int
sink_commit(struct sink *s, struct sink_tail *upto, bool last, uint64_t *present, struct err *err)
{
	*present = 0;
	return s->driver->commit(s->self, &s->key, s->key.has_origin ? upto : NULL, last, present,
	                         err);
}

int
sink_rollback(struct sink *s, struct err *err)
{
	return s->driver->rollback(s->self, err);
}

bool
sink_tail_add(struct sink_tail *t, const struct event *e)
{
	/* A repair archive may hold what a target that goes on behind its last event has. */
	bool last = !t->found || e->position > t->position;

	if (last)
		t->position = e->position;
	t->found = true;
	if (e->position > t->upto)
		t->upto = e->position;
	t->events++;
	return last;
}
