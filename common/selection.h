#ifndef COMMON_SELECTION_H
#define COMMON_SELECTION_H

#include "common/event.h"

/*
 * Which events a run takes: a range of positions, and filters on time, stream
 * and type.  Patterns are globs; an event fits when one of several does.
 */
struct selection_bound {
	bool set;
	uint64_t position;
};

struct selection_list {
	const char **items; /* the strings are borrowed, the array is owned */
	size_t len, cap;
};

struct selection {
	struct selection_bound after; /* position > after */
	struct selection_bound upto;  /* position <= upto */
	int64_t since_ns, until_ns;   /* since <= time < until; EVENT_NO_TIME: not asked for */
	struct selection_list streams, types;
};

#define SELECTION_INIT                                                                             \
	{                                                                                          \
		.since_ns = EVENT_NO_TIME, .until_ns = EVENT_NO_TIME                               \
	}

void selection_release(struct selection *s);

bool selection_in_range(const struct selection *s, uint64_t position);
/* Whether there are filters beyond the range. */
bool selection_filters(const struct selection *s);
/* Whether the event passes the filters; an event without a time passes no filter on time. */
bool selection_passes(const struct selection *s, const struct event *e);

/*
 * Append the filters as one deterministic CBOR map (spec/FORMAT.md, `filters`);
 * the same filters give the same bytes, in whatever order they were asked for.
 * `before`: filters, encoded so, that selected the events among which these
 * select, or absent.
 */
void selection_encode(const struct selection *s, struct slice before, struct buf *out);

/* Whether one of the patterns takes the text.  None takes anything where there are none. */
bool selection_list_has(const struct selection_list *list, struct slice text);

/* The same of a list of texts alone: an array of them, each once. */
void selection_encode_list(const struct selection_list *list, struct buf *out);

#endif
