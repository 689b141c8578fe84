#ifndef IMPORT_SURVEY_H
#define IMPORT_SURVEY_H

#include "import/sink.h"

/*
 * What of an input its target has no place for, found before anything is written: each field,
 * attribute or name once, with the number of events and the first of them.
 *
 *	survey_event(&s, sink, event);   // zeroed before the first
 *	...
 *	survey_end(&s, sink_info(sink)->layout, err);
 *	survey_release(&s);
 */
struct survey_entry;

struct survey {
	struct survey_entry *entries;
	size_t len, cap;
	uint64_t events;   /* that have any */
	uint64_t unlisted; /* times that an event had something when the entries were full */
	const struct event *event; /* that is looked at */
	bool any;                  /* it has some */
};

void survey_event(struct survey *s, struct sink *sink, const struct event *e);

/* List what was found as warnings.  0 where nothing was, else -1, ERR_DATA. */
MUST_USE int survey_end(const struct survey *s, const char *layout, struct err *err);

void survey_release(struct survey *s); /* also zeroed */

#endif
