#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/progress.h"
#include "import/survey.h"

#define ENTRIES_MOST 100 /* names of streams may be millions */

struct survey_entry {
	char *what, *why, *first; /* the first event, as messages name it */
	struct buf name;
	uint64_t events;
};

static struct survey_entry *
find(const struct survey *s, const char *what, struct slice name, const char *why)
{
	size_t i;

	for (i = 0; i < s->len; i++)
		if (slice_eq(buf_slice(&s->entries[i].name), name) &&
		    strcmp(s->entries[i].what, what) == 0 && strcmp(s->entries[i].why, why) == 0)
			return &s->entries[i];
	return NULL;
}

static struct survey_entry *
add(struct survey *s, const char *what, struct slice name, const char *why)
{
	struct survey_entry *e;
	char first[256];

	event_describe(s->event, first, sizeof(first));
	s->entries = xgrow(s->entries, &s->cap, s->len + 1, sizeof(*s->entries));
	e = &s->entries[s->len++];
	*e = (struct survey_entry){.what = xstrdup(what),
	                           .why = xstrdup(why),
	                           .first = xstrdup(first)};
	buf_add_slice(&e->name, name);
	return e;
}

static void
note(void *ctx, const char *what, struct slice name, const char *why)
{
	struct survey *s = ctx;
	struct survey_entry *e = find(s, what, name, why);

	s->any = true;
	if (!e && s->len == ENTRIES_MOST) {
		s->unlisted++;
		return;
	}
	if (!e)
		e = add(s, what, name, why);
	e->events++;
}

void
survey_event(struct survey *s, struct sink *sink, const struct event *e)
{
	s->event = e;
	s->any = false;
	sink_misfits(sink, e, note, s);
	s->events += s->any;
}

/* What can be left out is told apart from names. */
static bool
is_name(const struct survey_entry *e)
{
	return strcmp(e->what, "stream") == 0 || strcmp(e->what, "type") == 0;
}

int
survey_end(const struct survey *s, const char *layout, struct err *err)
{
	char n[PROGRESS_TEXT_BYTES], name[EVENT_PRINTABLE_BYTES];
	const struct survey_entry *e;
	bool names = true;
	size_t i;

	if (s->events == 0)
		return 0;
	for (i = 0; i < s->len; i++) {
		e = &s->entries[i];
		names = names && is_name(e);
		event_printable(buf_slice(&e->name), name);
		log_warning("%s: %s %s: %s; %s in all", e->first, e->what, name, e->why,
		            progress_things(e->events, "event", n));
	}
	if (s->unlisted)
		log_warning("and %s more with names that are not listed",
		            progress_things(s->unlisted, "event", n));
	err_set(err, ERR_DATA, "layout %s: cannot hold %s of the input as %s, see above", layout,
	        progress_things(s->events, "event", n), s->events == 1 ? "it is" : "they are");
	return err_hint(err, names ? "--stream-template and --type-map must fit every name"
	                           : "leave out what has no place with --drop-attributes NAME");
}

void
survey_release(struct survey *s)
{
	size_t i;

	for (i = 0; i < s->len; i++) {
		free(s->entries[i].what);
		free(s->entries[i].why);
		free(s->entries[i].first);
		buf_release(&s->entries[i].name);
	}
	free(s->entries);
	*s = (struct survey){0};
}
