#include <inttypes.h>

#include "import/renumber.h"

struct event
renumber_event(const struct event *e, uint64_t position, struct arena *mem)
{
	struct event copy = *e;
	struct buf text = BUF_INIT;
	uint32_t i;

	copy.position = position;
	copy.n_attrs = 0;
	copy.attrs = NULL;
	for (i = 0; i < e->n_attrs; i++)
		if (!slice_is(e->attrs[i].name, "$position"))
			event_add_attr(&copy, mem, e->attrs[i].name, e->attrs[i].value);
	buf_printf(&text, "%" PRIu64, e->position);
	event_add_attr(&copy, mem, SLICE_LIT("$position"), arena_dup(mem, buf_slice(&text)));
	buf_release(&text);
	return copy;
}
