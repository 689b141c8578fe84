#ifndef COMMON_JCANON_H
#define COMMON_JCANON_H

#include "common/mem.h"

/*
 * The canonical form of a JSON text: two texts mean the same exactly where their
 * forms are the same bytes.  spec/DIGEST.md says what it looks like, so that
 * others can make it.  In short: no white space; strings by their code points;
 * the members of an object by key, of equal keys only the last; numbers by value
 * and digits behind the point, as numeric of PostgreSQL has them, so that 1e2 is
 * 100, -0 is 0 and 1.10 is not 1.1.
 *
 *	struct jcanon c;
 *	jcanon_init(&c);
 *	jcanon_add(&c, SLICE_LIT("{\"b\": 1.50, \"a\": \"\\u0041\"}"), &out);
 *	... {"a":"A","b":150e-2}
 *	jcanon_release(&c);
 *
 * One struct serves any number of texts, one after the other, in one thread; it
 * keeps its memory, so in the steady state nothing is allocated.  Where all keys
 * are in order, a text is copied in runs.
 *
 * Time: the length of the text times the logarithm of the number of members in
 * an object, whatever the depth.  Memory: up to 230 bytes for each member (only of
 * the objects that are open, where keys are in order); the form is at most three
 * times as long as the text.  No recursion.
 */
struct jcanon {
	struct jcanon_level *levels; /* the containers that are open */
	size_t n_levels, cap_levels;
	struct jcanon_member *members; /* of the open objects */
	size_t n_members, cap_members;
	struct jcanon_member *spare; /* for sorting */
	size_t cap_spare;
	struct jcanon_object *objects; /* those that must be put in order, by where they start */
	size_t n_objects, cap_objects;
	struct jcanon_member *parts; /* their members, in order */
	size_t n_parts, cap_parts;
	struct jcanon_frame *frames;
	size_t n_frames, cap_frames;
	struct arena *keys; /* those that have escapes, decoded */
	struct buf text;    /* a text whose objects are not in order yet */
	struct buf key;
};

void jcanon_init(struct jcanon *c);
void jcanon_release(struct jcanon *c);

/* Append the form of a text that jscan_valid() accepts, and that does not lie in `out`. */
void jcanon_add(struct jcanon *c, struct slice json, struct buf *out);

/* Append the form of a string that is there as valid UTF-8, and that of a number. */
void jcanon_quote(struct slice utf8, struct buf *out);
void jcanon_uint(uint64_t n, struct buf *out);

#endif
