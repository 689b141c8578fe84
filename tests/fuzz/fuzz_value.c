#include <assert.h>
#include <math.h>
#include <string.h>

#include "common/jscan.h"
#include "common/value.h"

/*
 * Values of SQLite as JSON.  A JSON text makes a value that comes back from its
 * own JSON; so does every value that SQLite can hold: a number made of the
 * input's first bytes, and the input as text and as bytes.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
round_trip(const struct value *v, struct arena *mem)
{
	struct buf json = BUF_INIT, again = BUF_INIT;
	struct value back;
	unsigned flags = 0;

	/* SQLite keeps a NaN as NULL. */
	assert(v->type != VALUE_REAL || !isnan(v->real));
	value_to_json(v, &json);
	assert(jscan_valid(buf_slice(&json), &flags, NULL) && !(flags & JSCAN_SPACE));
	back = value_of_json(buf_slice(&json), mem);
	assert(value_eq(v, &back));
	value_to_json(&back, &again);
	assert(slice_eq(buf_slice(&json), buf_slice(&again)));
	buf_release(&json);
	buf_release(&again);
}

static void
from_json(struct slice in, struct arena *mem)
{
	struct buf compact = BUF_INIT;
	struct value v;

	if (!jscan_valid(in, NULL, NULL))
		return;
	jscan_compact(in, &compact);
	v = value_of_json(buf_slice(&compact), mem);
	assert(v.bytes.p || (v.type != VALUE_TEXT && v.type != VALUE_BYTES));
	round_trip(&v, mem);
	buf_release(&compact);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = {size ? data : (const uint8_t *)"", size};
	struct value v = VALUE_INIT;
	struct arena *mem = arena_new(4096);

	from_json(in, mem);
	v.type = VALUE_TEXT;
	v.bytes = in;
	round_trip(&v, mem);
	v.type = VALUE_BYTES;
	round_trip(&v, mem);
	if (size >= sizeof(v.integer)) {
		v.type = VALUE_INTEGER;
		memcpy(&v.integer, data, sizeof(v.integer));
		round_trip(&v, mem);
		v.type = VALUE_REAL;
		memcpy(&v.real, data, sizeof(v.real));
		if (!isnan(v.real))
			round_trip(&v, mem);
	}
	arena_free(mem);
	return 0;
}
