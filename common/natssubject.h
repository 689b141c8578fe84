#ifndef COMMON_NATSSUBJECT_H
#define COMMON_NATSSUBJECT_H

#include "common/layout.h"
#include "common/natsmsg.h"

/*
 * Patterns of subjects: how the stream and the type of an event are in the
 * subject of its message.  Parts between dots, each of which is text as it is, or
 *
 *	{store}      what the name of JetStream's stream tells (layout_messages.stream)
 *	{stream}     the event's stream in one part
 *	{stream:2}   in that many parts: it has dots itself
 *	{stream:*}   in any number of parts
 *	{type}       the event's type, in one part
 *
 *	"$ES.{store}.{stream:2}.{type}"
 */

/* NULL, or what is wrong with a pattern. */
const char *natssubject_check(const char *pattern);
/* Whether it tells FIELD_STREAM or FIELD_TYPE. */
bool natssubject_has(const char *pattern, enum field f);

/* The store that a stream of this name is; false: it does not fit. */
bool natssubject_store(const struct layout_messages *m, struct slice stream_name,
                       struct slice *store);

/* What was made of an event. */
struct natssubject_made {
	enum field culprit; /* where there is none: the field that it is about */
	bool changed;       /* the stream does not stand in it as it is */
};

/* Append the subject of an event.  NULL, or why there is none. */
const char *natssubject_write(const struct layout_messages *m, struct slice store,
                              const struct event *e, struct natssubject_made *made,
                              struct buf *out);

/* The stream and the type that a subject tells, absent where the pattern has none.  False: it does
 * not fit the pattern. */
bool natssubject_read(const struct layout_messages *m, struct slice store, struct slice subject,
                      struct arena *mem, struct slice *stream, struct slice *type);

/* Append the subject with wildcards that all subjects of a pattern fit; {store} is put into other
 * texts as well. */
void natssubject_wild(const char *pattern, struct slice store, struct buf *out);
/* Whether all subjects that fit `inner` fit `outer`; both may have wildcards. */
bool natssubject_within(struct slice inner, struct slice outer);

#endif
