#ifndef VERIFY_FINDING_H
#define VERIFY_FINDING_H

#include "common/event.h"
#include "verify/notebook.h"

/*
 * What esverify finds.  A finding is a result; an err is for a check that could
 * not be made.
 */
enum finding_kind {
	FINDING_DUPLICATE_ID,      /* two events have one id */
	FINDING_DUPLICATE_VERSION, /* two events of a stream have one number */
	FINDING_VERSION_GAP,       /* a stream lacks a number */
	FINDING_INVALID_PAYLOAD,   /* a payload is not what it claims to be */
	FINDING_TIME_BACKWARDS,    /* times run backwards: a warning */
	FINDING_MISSING,           /* A has it, B does not */
	FINDING_EXTRA,             /* B has it, A does not */
	FINDING_DIFFERENT,         /* both have it, and a field differs */
	FINDING_OUT_OF_ORDER,      /* both have it, at another place among the others */
	FINDING_KINDS
};

struct finding {
	enum finding_kind kind;
	uint64_t position; /* of the event */
	char detail[800];

	/* For --json: NULL or 0 where there is nothing to say.  Borrowed. */
	const struct note *event, *other; /* the event; the one before it that it does not fit */
	const char *field;                /* FINDING_INVALID_PAYLOAD: "data" or "metadata" */
	bool missing;                     /* FINDING_VERSION_GAP: these versions are */
	uint64_t missing_first, missing_last;
	uint64_t events, worst_ns; /* FINDING_TIME_BACKWARDS: how many, by how much at most */
};

/* Prints findings on standard output up to a limit, and counts all of them.  A warning is counted
 * with its kind only, and always printed where anything is. */
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
