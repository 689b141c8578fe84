#ifndef VERIFY_WINDOW_H
#define VERIFY_WINDOW_H

#include "export/source.h"
#include "verify/identity.h"

/*
 * One side of a comparison: its events in order, and as many of those behind as
 * fit a limit of bytes, in which one can be looked for.  While both sides agree
 * nothing is looked for, and no more than a batch or two is held.
 *
 * Events are borrowed: until window_drop() or window_take() has them, and the
 * next call behind that.
 */
struct window;

/* `ahead_bytes`: how much window_fill() reads ahead. */
MUST_USE int window_open(struct window **out, const struct address *from,
                         const struct source_options *options, uint64_t ahead_bytes,
                         struct err *err);
void window_close(struct window *w); /* NULL is fine */

const struct source_info *window_info(const struct window *w);
uint64_t window_events(const struct window *w); /* that were dropped or taken */
/* Of data and metadata of the events that were read so far. */
uint64_t window_payload_bytes(const struct window *w);

/* The first event that is neither dropped nor taken: 1, 0 at the end, -1. */
MUST_USE int window_head(struct window *w, const struct event **out, struct err *err);
/* The event before the head, in the order of the place, until window_drop(); NULL: there is none.
 */
const struct event *window_before(const struct window *w);
/* Go on behind the head. */
void window_drop(struct window *w);

/* By which rules an event is known for one that is looked for; before the first window_fill(), and
 * as long as the window. */
void window_know_by(struct window *w, struct same *rules);

/* Read ahead as far as the limit allows. */
MUST_USE int window_fill(struct window *w, struct err *err);

/*
 * The place, counted from the head (0), of the nearest event in what was read
 * that is `e` (identity.h); WINDOW_NONE: there is none.  After window_fill().
 */
#define WINDOW_NONE UINT64_MAX
uint64_t window_find(const struct window *w, const struct event *e);
const struct event *window_at(const struct window *w, uint64_t place);
/* Whether no more is read ahead, and most of what was read is taken: what is wanted from behind it
 * waits for the head to go.  After window_fill(). */
bool window_is_spent(const struct window *w);
/* Take the event at a place out of the order: no head and no search comes to it again. */
void window_take(struct window *w, uint64_t place);

#endif
