#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/jscan.h"
#include "common/pgtable.h"
#include "tests/guard.h"

/*
 * Rows of PostgreSQL in the form of COPY: a row is refused with a reason, and nothing outside of it
 * is read; or its event makes the same row again.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum pgtype
type_of(const struct layout_column *c)
{
	switch (c->conv) {
	case LAYOUT_INT:
	case LAYOUT_NANOSECONDS:
		return PGTYPE_INT8;
	case LAYOUT_TIMESTAMP:
		return PGTYPE_TIMESTAMP;
	case LAYOUT_BYTES:
		return PGTYPE_BYTEA;
	case LAYOUT_JSON:
	case LAYOUT_JSON_ARRAY:
	case LAYOUT_JSON_OBJECT:
		return PGTYPE_JSON;
	default:
		return PGTYPE_TEXT;
	}
}

/* Made once, for good. */
static void
make_table(struct pgtable *t)
{
	struct err err = ERR_INIT;
	struct layout *l;
	size_t i;

	if (layout_load(&l, "native", "postgresql", &err) < 0 ||
	    pgcharset_open(&t->charset, "UTF8", &err) < 0)
		abort();
	t->layout = l;
	t->columns = xcalloc(l->n_columns, sizeof(*t->columns));
	t->values = xcalloc(l->n_columns, sizeof(*t->values));
	t->mem = arena_new(4096);
	for (i = 0; i < l->n_columns; i++) {
		t->columns[i].type = type_of(&l->columns[i]);
		t->columns[i].limit = -1;
	}
}

/* Nanoseconds beside no time that an event can have are NULL, and else 0 where they are none. */
static bool
usual_nanoseconds(const struct layout_column *c, const struct value *v, const struct event *e)
{
	return c->conv != LAYOUT_NANOSECONDS ||
	       (v->type == VALUE_NULL) == (e->time_ns == EVENT_NO_TIME);
}

/* A server lets nothing into a column that is no JSON, or no UTF-8. */
static bool
comes_back(const struct pgtable *t, const struct event *e)
{
	const struct value *v;
	size_t i;

	for (i = 0; i < t->layout->n_columns; i++) {
		v = &t->values[i];
		if (!usual_nanoseconds(&t->layout->columns[i], v, e))
			return false;
		if (v->type == VALUE_TEXT &&
		    !(t->columns[i].type == PGTYPE_JSON ? jscan_valid(v->bytes, NULL, NULL)
		                                        : pgcharset_holds(t->charset, v->bytes)))
			return false;
	}
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct pgtable t;
	struct arena *scratch = arena_new(4096);
	struct batch *b = batch_new();
	struct buf again = BUF_INIT;
	struct err err = ERR_INIT;
	struct slice row;
	struct guard g;

	if (!t.layout)
		make_table(&t);
	guard_init(&g, size + 1);
	row = guard_end(&g, (struct slice){size ? data : (const uint8_t *)"", size});
	if (pgtable_read(&t, row, b, &err) < 0) {
		assert((err.kind == ERR_DATA || err.kind == ERR_STORE) && err.msg[0]);
	} else if (comes_back(&t, &b->events[0]) && event_check(&b->events[0], b->mem, &err) == 0) {
		assert(pgtable_write(&t, &b->events[0], scratch, &again, &err) == 0);
		assert(slice_eq(row, buf_slice(&again)));
	}
	guard_release(&g);
	buf_release(&again);
	batch_free(b);
	arena_free(scratch);
	return 0;
}
