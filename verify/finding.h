#ifndef VERIFY_FINDING_H
#define VERIFY_FINDING_H

#include "common/event.h"

/*
 * What esverify finds.  A finding is a result; an err is for a check that could
 * not be made.
 */
enum finding_kind {
	FINDING_DUPLICATE_ID,      /* two events have one id */
	FINDING_DUPLICATE_VERSION, /* two events of a stream have one number */
	FINDING_VERSION_GAP,       /* a stream lacks a number */
	FINDING_MISSING,           /* A has it, B does not */
	FINDING_EXTRA,             /* B has it, A does not */
	FINDING_DIFFERENT,         /* both have it, and a field differs */
	FINDING_OUT_OF_ORDER,      /* both have it, at another place among the others */
	FINDING_KINDS
};

struct finding {
	enum finding_kind kind;
	uint64_t position; /* of the event */
	char detail[400];
};

/* Prints findings on standard output up to a limit, and counts all of them. */
struct finding_report {
	bool json;
	uint64_t limit;
	uint64_t counts[FINDING_KINDS];
	uint64_t total;
};

void finding_add(struct finding_report *r, const struct finding *f);

/* What two places do not agree in.  The event as each of them has it; NULL: it lacks it. */
struct finding_pair {
	enum finding_kind kind;
	const struct event *a, *b;
	unsigned fields; /* 1 << enum field: those that differ; 0 where one lacks it */
};

void finding_add_pair(struct finding_report *r, const struct finding_pair *f);

#endif
