#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/jscan.h"
#include "common/rowmap.h"

/*
 * Rows of SQLite: the first byte chooses the layout, then each line is one value as JSON.  A row is
 * refused with a reason, or its event makes the same row again, and rows of other tables, too, or
 * is refused by name.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Made once, for good. */
static const struct layout *
layout_of(bool other)
{
	static struct layout *layouts[2];
	static const char *const names[] = {"native", "emmett"};
	struct err err = ERR_INIT;

	if (!layouts[other] && layout_load(&layouts[other], names[other], "sqlite", &err) < 0)
		abort();
	return layouts[other];
}

/* What is no JSON, and what is missing, is NULL. */
static void
take_row(struct slice in, struct value *row, size_t n, struct arena *mem)
{
	const uint8_t *end;
	struct slice line;
	struct buf json;
	size_t i;

	for (i = 0; i < n; i++) {
		row[i] = VALUE_INIT;
		end = in.len ? memchr(in.p, '\n', in.len) : NULL;
		line = (struct slice){in.p, end ? (size_t)(end - in.p) : in.len};
		in.p += line.len + (end != NULL);
		in.len -= line.len + (end != NULL);
		if (!jscan_valid(line, NULL, NULL))
			continue;
		json = arena_take_buf(mem);
		jscan_compact(line, &json);
		row[i] = value_of_json(arena_dup(mem, buf_slice(&json)), mem);
		if (row[i].type == VALUE_BOOL) /* SQLite has none */
			row[i].type = VALUE_INTEGER;
		arena_give_buf(mem, &json);
	}
}

static void
check_same(const struct layout *l, const struct value *row, const struct event *e,
           struct arena *mem)
{
	struct value *again = arena_alloc(mem, l->n_columns * sizeof(*again));
	struct err err = ERR_INIT;
	size_t i;

	assert(rowmap_write(l, e, ROWMAP_FREE, mem, again, &err) == 0);
	for (i = 0; i < l->n_columns; i++)
		assert(value_eq(&row[i], &again[i]));
}

static void
write_elsewhere(const struct event *e, struct arena *mem)
{
	static const enum rowmap_typing typings[] = {ROWMAP_FREE, ROWMAP_STRICT, ROWMAP_TYPED};
	struct err err = ERR_INIT;
	const struct layout *l;
	struct value *row;
	char which[256];
	size_t i;

	for (i = 0; i < 6; i++) {
		l = layout_of(i % 2);
		row = arena_alloc(mem, l->n_columns * sizeof(*row));
		if (rowmap_write(l, e, typings[i / 2], mem, row, &err) == 0)
			continue;
		event_describe(e, which, sizeof(which));
		assert(err.kind == ERR_DATA && strncmp(err.msg, which, strlen(which)) == 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *mem = arena_new(4096);
	struct batch *b = batch_new();
	struct err err = ERR_INIT;
	const struct layout *l;
	struct value *row;

	if (size > 0) {
		l = layout_of(data[0] & 1);
		row = arena_alloc(mem, l->n_columns * sizeof(*row));
		take_row((struct slice){data + 1, size - 1}, row, l->n_columns, mem);
		if (rowmap_read(l, row, ROWMAP_FREE, b, &err) < 0) {
			assert(err.kind == ERR_DATA && err.msg[0]);
		} else if (event_check(&b->events[0], b->mem, &err) == 0) {
			check_same(l, row, &b->events[0], mem);
			write_elsewhere(&b->events[0], mem);
		}
	}
	batch_free(b);
	arena_free(mem);
	return 0;
}
