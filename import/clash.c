#include <inttypes.h>

#include "import/clash.h"

const struct clash_key clash_keys[CLASH_KEYS] = {
    {"position", {FIELD_POSITION}, 1},
    {"stream and version", {FIELD_STREAM, FIELD_VERSION}, 2},
    {"id", {FIELD_ID}, 1},
};

int
clash_compare(const struct event *e, const struct event *found, const struct clash_key *key,
              bool renumber, struct err *err)
{
	const char *difference = event_difference(e, found, !renumber);
	char which[256];

	if (!difference)
		return 0;
	event_describe(e, which, sizeof(which));
	return err_set(err, ERR_CONFLICT,
	               "%s: the target holds another event of this %s; their %s differs", which,
	               key->what, difference);
}

int
clash_between(struct err *err)
{
	err_set(err, ERR_CONFLICT,
	        "lies between events that an import with --append gave new positions, and has "
	        "no place there");
	return err_hint(err, "import all of the source into an empty store");
}

int
clash_misplaced(struct err *err)
{
	err_set(err, ERR_CONFLICT,
	        "would stand before an event that its stream has earlier, or behind a later one: "
	        "the positions of the target are not those of the source");
	return err_hint(err, "import all of the source into an empty store");
}

int
clash_displaced(const struct place *place, struct err *err)
{
	const struct follows *f = &place->follows;
	struct event before = {.position = f->position, .stream = f->stream, .version = f->version};
	char which[256];

	event_describe(&before, which, sizeof(which));
	if (f->first && !f->bounded)
		err_set(err, ERR_CONFLICT,
		        "is the first of the source, and the target holds events before it: its "
		        "positions are not those of the source");
	else if (f->first)
		err_set(err, ERR_CONFLICT,
		        "is the first of the source behind position %" PRIu64
		        ", and not so in the target: its positions are not those of the source",
		        f->position);
	else
		err_set(err, ERR_CONFLICT,
		        "follows %s in the source, and not so in the target: its positions are not "
		        "those of the source, or it lacks that one, too",
		        which);
	return err_hint(err, "compare this target with the source (esverify --missing-to); where "
	                     "its positions are others, import all of the source into an empty "
	                     "store");
}

int
clash_gone(const char *shown, uint64_t position, struct err *err)
{
	err_set(err, ERR_CONFLICT,
	        "%s: event %" PRIu64 ", the last that was imported, is not in the table any more",
	        shown, position);
	return err_hint(err,
	                "bring back what is missing (esverify --missing-to), import into an empty "
	                "store, or delete the row of this import from esimport_checkpoint");
}
