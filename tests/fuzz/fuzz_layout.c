#include <assert.h>
#include <string.h>

#include "common/jscan.h"
#include "common/layout.h"

/* A layout that is accepted is one that a driver can use without looking again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_columns(const struct layout *l)
{
	static const enum field needed[] = {FIELD_POSITION, FIELD_STREAM, FIELD_VERSION,
	                                    FIELD_TYPE};
	const struct layout_column *c;
	size_t i;

	for (i = 0; i < sizeof(needed) / sizeof(*needed); i++)
		assert(layout_column_of(l, needed[i]));
	for (i = 0; i < l->n_columns; i++) {
		c = &l->columns[i];
		assert(c->name && c->field < FIELDS && c->conv < LAYOUT_CONVS);
		assert(!c->attr || (*c->attr && c->field == FIELD_ATTRIBUTES));
		assert(c->attr || layout_column_of(l, c->field) == c);
		assert(jscan_valid(c->default_value, NULL, NULL));
		assert(c->base == 0 || c->field == FIELD_VERSION);
	}
}

static void
check_streams(const struct layout *l)
{
	const struct layout_stream_column *c;
	size_t i, keys = 0;

	for (i = 0; i < l->n_stream_columns; i++) {
		c = &l->stream_columns[i];
		keys += c->key;
		assert(c->name && c->from <= LAYOUT_FROM_CONSTANT);
		assert(c->from != LAYOUT_FROM_CATEGORY || *c->separator);
		if (c->from == LAYOUT_FROM_CONSTANT || c->from == LAYOUT_FROM_CATEGORY)
			assert(jscan_valid(c->constant, NULL, NULL));
	}
	assert(!l->streams_table == !keys);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = {data, size};
	struct err err = ERR_INIT;
	struct layout *l;
	size_t i;

	if (layout_parse(&l, text, "fuzz.json", &err) < 0) {
		assert(err.kind == ERR_LAYOUT && err.msg[0]);
		return 0;
	}
	assert(l->name && *l->name && l->table && *l->table && strcmp(l->store, "sqlite") == 0);
	check_columns(l);
	check_streams(l);
	for (i = 0; i < l->n_schema; i++)
		assert(l->schema[i]);
	layout_free(l);
	return 0;
}
