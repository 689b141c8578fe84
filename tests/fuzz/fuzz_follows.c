#include <assert.h>

#include "common/jscan.h"
#include "format/follows.h"

/* The hint of a repair archive that says which event is before another: it is refused with a
 * reason, or means the same when it is written again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
same(const struct follows *a, const struct follows *b)
{
	return a->first == b->first && a->bounded == b->bounded && a->position == b->position &&
	       a->version == b->version && slice_eq(a->stream, b->stream);
}

static void
check(struct slice hint, struct arena *mem)
{
	struct event e = {.position = 1000, .stream = SLICE_LIT("s"), .type = SLICE_LIT("t")}, put;
	struct follows f, again;
	struct err err = ERR_INIT;

	event_add_attr(&e, mem, SLICE_LIT("a"), SLICE_LIT("1"));
	event_add_attr(&e, mem, SLICE_LIT("$follows"), hint);
	event_add_attr(&e, mem, SLICE_LIT("b"), SLICE_LIT("2"));
	assert(follows_says(&e));
	if (follows_take(&e, mem, &f, &err) < 0) {
		assert(err.kind == ERR_FORMAT && err.msg[0]);
		return;
	}
	assert(!follows_says(&e) && e.n_attrs == 2);
	assert((f.first && !f.bounded) || f.position < e.position);
	follows_put(&put, &e, &f, mem);
	assert(follows_says(&put) && put.n_attrs == 3);
	assert(jscan_valid(event_attr(&put, "$follows"), NULL, NULL));
	assert(follows_take(&put, mem, &again, &err) == 0 && same(&f, &again));
	assert(!event_difference(&e, &put, true));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = {data, size};
	struct arena *mem = arena_new(4096);
	struct buf hint = BUF_INIT;

	if (jscan_valid(in, NULL, NULL)) { /* attributes are compact */
		jscan_compact(in, &hint);
		check(buf_slice(&hint), mem);
	}
	buf_release(&hint);
	arena_free(mem);
	return 0;
}
