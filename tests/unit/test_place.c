#include "import/place.h"
#include "tests/tap.h"
#include "tests/unit/samples.h"

/* The event at `position`, version 1 of stream "s", that follows another one; `stream` NULL: the
 * first. */
static int
take(struct places *p, uint64_t position, uint64_t before, const char *stream, uint64_t version)
{
	struct batch *b = batch_new();
	struct event *e = samples_event(b), put;
	struct follows f = {.first = !stream,
	                    .position = before,
	                    .version = version,
	                    .stream = slice_str(stream)};
	struct err err = ERR_INIT;
	int rc;

	e->position = position;
	e->stream = SLICE_LIT("s");
	e->version = 1;
	follows_put(&put, e, &f, b->mem);
	rc = places_take(p, &put, b->mem, &err);
	eq_int(err.kind, rc < 0 ? ERR_FORMAT : ERR_NONE);
	batch_free(b);
	return rc;
}

void
test_events_follow_one_another_or_one_that_lies_between(void)
{
	struct places p = {0};

	eq_int(take(&p, 5, 0, NULL, 0), 0);
	eq_int(take(&p, 9, 5, "s", 1), 0);
	eq_int(take(&p, 12, 11, "other", 7), 0);
	eq_uint(p.at.follows.position, 11);
	places_release(&p);
}

void
test_events_that_contradict_each_other_are_refused(void)
{
	struct places p = {0};

	eq_int(take(&p, 5, 4, "x", 0), 0);
	eq_int(take(&p, 9, 4, "x", 0), -1);
	eq_int(take(&p, 9, 5, "x", 1), -1);
	eq_int(take(&p, 9, 5, "s", 2), -1);
	eq_int(take(&p, 9, 0, NULL, 0), -1);
	eq_int(take(&p, 9, 5, "s", 1), 0);
	places_release(&p);
}
