#ifndef IMPORT_SINK_H
#define IMPORT_SINK_H

#include "common/address.h"
#include "common/eventmap.h"
#include "common/rowmap.h"
#include "common/selection.h"
#include "format/digest.h"
#include "import/place.h"

/*
 * Something events can be written to, exactly once: how far an import came is
 * kept in the target, in the transaction that wrote the events.  One thread.
 *
 *	sink_open(&s, &address, &options, err);
 *	sink_tail(s, &key, &tail, err);            // what is there
 *	while (...)
 *		sink_write(s, event, NULL, err);    // as often as fits a batch
 *	sink_commit(s, &tail, false, &present, err);
 *	...
 *	sink_commit(s, &tail, true, &present, err);
 *	sink_close(s);                             // drops what was not committed
 */
struct sink;

struct sink_options {
	const char *layout;         /* asked for; NULL: find out, or native for a new store */
	bool append;                /* new positions, and the target need not be empty */
	bool dry;                   /* change nothing: writes are checked and forgotten */
	const struct eventmap *map; /* what every event goes through, or NULL; outlives the sink */
	bool careful; /* after a write that was ERR_DATA others may follow, and sink_rollback()
	                 may be called */
};

/* What an import is known by: who made the events, and which of them were selected. */
struct sink_key {
	bool has_origin; /* without: nothing is kept, for there are no events */
	struct digest origin;
	struct digest selection; /* of the filters, not of the range */
};

/*
 * How far an import came: the target holds every event of the selection whose
 * position in the source is in `after` < position <= `upto`; without `after`,
 * from the beginning.
 */
struct sink_tail {
	bool found;
	struct selection_bound after;
	uint64_t upto;       /* `position` at least */
	uint64_t position;   /* of the last event that was written */
	struct digest event; /* of that one */
	uint64_t events;     /* written in all */
	bool appended;       /* with new positions */
	bool others;         /* the target says that other imports wrote to it, too */
};

/* One event more: true where it is the last one now, whose digest the caller owes. */
bool sink_tail_add(struct sink_tail *t, const struct event *e);

struct sink_info {
	const char *shown;  /* its address, without secrets */
	const char *kind;   /* "sqlite", "postgresql", "nats" */
	const char *layout; /* lives as long as the sink */
	bool creates;       /* the store is not there yet */
	bool empty;         /* it holds no events */
	bool picky;         /* the layout has no place for every field, or for every attribute */
	bool unfinished;    /* something waits for the last commit; changes */
	/* Events of which the map left something out, each once; changes. */
	uint64_t dropped;
	/* A commit failed, and some events of it are there all the same: how many, and the
	 * position in the source of the last one. */
	uint64_t stored, stored_upto;
};

MUST_USE int sink_open(struct sink **out, const struct address *to,
                       const struct sink_options *options, struct err *err);
void sink_close(struct sink *s); /* NULL is fine */

const struct sink_info *sink_info(const struct sink *s);
const struct sink_key *sink_key(const struct sink *s); /* as it was asked by */

/*
 * Ask how far this import came.  -1: ERR_CONFLICT, when the target holds events
 * that no such import wrote and appending was not asked for.
 */
MUST_USE int sink_tail(struct sink *s, const struct sink_key *key, struct sink_tail *out,
                       struct err *err);

/*
 * In place of sink_tail(), for a repair archive: events go where they belong, between
 * those that are there.  Each is looked for by position, by stream and version, and by
 * id, and is there already where it is equal; one that is not must follow an event that is
 * (place.h).  No checkpoint is asked for or changed.
 *
 * A target whose positions are not those of the source, and one that cannot take an
 * event between others, takes only what lies behind the last one: an event before it
 * that is not there is ERR_CONFLICT, before anything is written.  out->found: the target
 * is its own checkpoint, which must be one of this import, and is moved on.
 * -1: ERR_STORE, there is no target; ERR_USAGE with sink_options.append.
 */
MUST_USE int sink_fill(struct sink *s, const struct sink_key *key, struct sink_tail *out,
                       struct err *err);

/*
 * Write one event, which goes with the next commit, as the map makes it; positions rise, but
 * that some may be written again after sink_rollback().  `place`: of a repair archive, where
 * it belongs; else NULL.  -1: ERR_CONFLICT when something else is in its place, or the
 * event that it follows is not there; ERR_DATA when the target cannot hold it.  A
 * target may find a conflict at the commit only.
 */
MUST_USE int sink_write(struct sink *s, const struct event *e, const struct place *place,
                        struct err *err);

/* An event that was written, and that the commit refused, is put aside: it is not counted. */
void sink_put_aside(struct sink *s, const struct event *e);

/* By what an import knows the event again: the digest of what the map makes of it. */
MUST_USE int sink_digest(struct sink *s, const struct event *e, struct digest *out,
                         struct err *err);

/* Everything that sink_write() would refuse the event for by the map and the layout, to `tell`
 * (rowmap_misfits()).  Nothing is written. */
void sink_misfits(struct sink *s, const struct event *e, rowmap_tell *tell, void *ctx);

/*
 * Make what was written since the last commit durable, together with the tail.
 * `upto` NULL: there are no events.  `last`: all has come, and what may wait until
 * the store is loaded is done now.  *present: how many of them the target had
 * already, equal; those are taken off upto->events.
 */
MUST_USE int sink_commit(struct sink *s, struct sink_tail *upto, bool last, uint64_t *present,
                         struct err *err);

/*
 * With sink_options.careful, after a commit that was ERR_DATA: forget what was written
 * since the last good one, which may then be written again.  `err` is only
 * written where it fails.  -1: that cannot be.
 */
MUST_USE int sink_rollback(struct sink *s, struct err *err);

struct sink_driver {
	size_t size;
	int (*open)(void *self, const struct address *to, const struct sink_options *options,
	            struct sink_info *info, struct err *err);
	int (*tail)(void *self, const struct sink_key *key, struct sink_tail *out, struct err *err);
	int (*fill)(void *self, const struct sink_key *key, struct sink_tail *out, struct err *err);
	int (*write)(void *self, const struct event *e, const struct place *place, bool renumber,
	             struct err *err);
	void (*misfits)(void *self, const struct event *e, struct arena *scratch, rowmap_tell *tell,
	                void *ctx);
	int (*commit)(void *self, const struct sink_key *key, struct sink_tail *upto, bool last,
	              uint64_t *present, struct err *err);
	int (*rollback)(void *self, struct err *err);
	void (*close)(void *self);
};

extern const struct sink_driver sink_sqlite, sink_postgres, sink_nats;

#endif
