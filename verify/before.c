#include "verify/before.h"
#include "export/source.h"

#define FIRST_STEP 1000 /* positions */
#define GROWTH 16
#define BATCH_BYTES ((size_t)1 << 20)
#define BATCH_EVENTS 4096

/* The last event behind `after` and up to `upto`, if there is one. */
static int
read_last(const struct before_place *place, struct selection_bound after, uint64_t upto,
          struct batch *into, struct err *err)
{
	struct selection select = *place->select; /* what it points to stays the other one's */
	const struct source_options options = {
	    .layout = place->layout,
	    .select = &select,
	    .plain = place->plain,
	    .batch_bytes = BATCH_BYTES,
	    .batch_events = BATCH_EVENTS,
	};
	struct source *source = NULL;
	struct batch *b;
	int rc;

	select.after = after;
	select.upto = (struct selection_bound){true, upto};
	if (source_open(&source, place->address, &options, err) < 0)
		return -1;
	b = batch_new();
	while ((rc = source_read(source, b, err)) > 0) {
		batch_reset(into);
		batch_add_copy(into, &b->events[b->len - 1]);
	}
	batch_free(b);
	source_close(source);
	return rc;
}

int
before_find(const struct before_place *place, uint64_t position, struct batch *into,
            struct err *err)
{
	struct selection_bound after = {.set = true};
	uint64_t step = FIRST_STEP;

	batch_reset(into);
	while (position > 0 && after.set && into->len == 0) {
		after = (struct selection_bound){position > step,
		                                 position > step ? position - step - 1 : 0};
		if (read_last(place, after, position - 1, into, err) < 0)
			return -1;
		position = after.set ? after.position + 1 : 0;
		step = step > UINT64_MAX / GROWTH ? UINT64_MAX : step * GROWTH;
	}
	return 0;
}
