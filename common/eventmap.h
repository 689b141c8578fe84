#ifndef COMMON_EVENTMAP_H
#define COMMON_EVENTMAP_H

#include "common/event.h"
#include "common/selection.h"

/*
 * Events of one library's store as another one has them: names of streams by templates
 * (nametemplate.h), names of types by a table (typemap.h), and what is to be left out.  Two
 * streams, or two types, never become one: what would not lead back to the same name is refused.
 *
 *	eventmap_open(&m, &options, err);
 *	eventmap_apply(m, event, mem, &mapped, &dropped, err);
 *	eventmap_back(m, &mapped, mem);   // names as they were
 *	eventmap_free(m);
 *
 * Not changed once it is made; any thread.
 */
struct eventmap;

struct eventmap_options {
	struct selection_list templates; /* FROM=TO: the first one that a name fits counts */
	const char *types;               /* path of a file, or NULL */
	/* Patterns for names of attributes, and names of fields that may be left out. */
	struct selection_list dropped;
};

void eventmap_options_release(struct eventmap_options *o);

/* The first option that was given, for messages; NULL: none was, and there is nothing to open. */
const char *eventmap_asked(const struct eventmap_options *o);

/* *out is NULL where nothing was asked for.  The texts of the options must outlive it.  -1:
 * ERR_USAGE. */
MUST_USE int eventmap_open(struct eventmap **out, const struct eventmap_options *o,
                           struct err *err);
void eventmap_free(struct eventmap *m); /* NULL is fine */

/* Whether any event may be refused: only what is left out fails for none. */
bool eventmap_refuses(const struct eventmap *m);

struct eventmap_result {
	const char *stream, *type; /* why this name cannot be mapped, and is as it was; or NULL */
	bool dropped;              /* something was left out */
};

/* *out: the event as the other side has it; borrowed from `e`, `mem` and the map. */
struct eventmap_result eventmap_map(const struct eventmap *m, const struct event *e,
                                    struct arena *mem, struct event *out);

/* The same.  -1: ERR_DATA that names the event, where a name cannot be mapped. */
MUST_USE int eventmap_apply(const struct eventmap *m, const struct event *e, struct arena *mem,
                            struct event *out, bool *dropped, struct err *err);

/* The name of a stream alone, in place.  NULL, or why it cannot be mapped. */
const char *eventmap_stream(const struct eventmap *m, struct slice *name, struct arena *mem);

/* Both names of an event, in place, as they were before.  false: no event becomes this one, which
 * is then as it was. */
bool eventmap_back(const struct eventmap *m, struct event *e, struct arena *mem);

/* Append what the map does; the same map gives the same bytes. */
void eventmap_encode(const struct eventmap *m, struct buf *out);

#endif
