#ifndef VERIFY_IDENTITY_H
#define VERIFY_IDENTITY_H

#include "verify/same.h"

/*
 * By what an event of one place is known for the same one of another: by its id,
 * and where one of the two has none by its place.  That is its stream and version,
 * or where a place only counts its versions, which a lost event changes, its
 * stream and what it says: type, time and data.
 */
bool identity_same(struct same *s, const struct event *a, const struct event *b);

/* The place alone.  Equal ones have one hash. */
bool identity_same_place(struct same *s, const struct event *a, const struct event *b);
uint64_t identity_place_hash(struct same *s, const struct event *e);

#endif
