#ifndef VERIFY_SAME_H
#define VERIFY_SAME_H

#include "common/jcanon.h"
#include "export/source.h"

/*
 * When two events of two places are the same (spec/CLI.md, "When events are the
 * same"): what both places can hold exactly must be the same exactly; where one
 * of them cannot, what is left there decides.
 */
struct same_rules {
	bool positions;       /* they count */
	bool versions;        /* they count: both places keep them */
	int64_t time_step_ns; /* of the coarser place */
	unsigned by_value;    /* 1 << enum field: JSON counts by its value */
};

/* Scratch, reused from event to event. */
struct same {
	struct same_rules rules;
	bool transcoded; /* some JSON counted by its value because it is CBOR in the other place */
	struct jcanon canon;
	struct buf a, b, json;
};

/* `by_value`: all JSON counts by its value, whatever the places could hold. */
void same_init(struct same *s, const struct source_info *a, const struct source_info *b,
               bool positions, bool by_value);
void same_release(struct same *s);

/* The fields that differ, as a mask of 1 << enum field. */
unsigned same_differences(struct same *s, const struct event *a, const struct event *b);

/* What a payload stands for: the canonical form of JSON, also of CBOR that is the same as some, or
 * bytes.  Until the next call of any of these. */
struct slice same_value(struct same *s, const struct payload *p);

#endif
