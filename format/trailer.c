#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/cborbuf.h"
#include "common/cborscan.h"
#include "format/block.h"
#include "format/cbormap.h"
#include "format/trailer.h"

#define INDEX_COLUMNS 8 /* offset, first, last, events, least, greatest, raw, stored */

void
trailer_init(struct trailer *t)
{
	*t = (struct trailer){0};
	totals_init(&t->totals);
}

void
trailer_release(struct trailer *t)
{
	free(t->frames);
	free(t->chunks);
	totals_release(&t->totals);
	*t = (struct trailer){0};
}

void
trailer_add_frame(struct trailer *t, uint64_t stored_bytes, uint64_t raw_bytes)
{
	t->frames = xgrow(t->frames, &t->cap_frames, t->n_frames + 1, sizeof(*t->frames));
	t->frames[t->n_frames++] =
	    (struct trailer_frame){(uint32_t)stored_bytes, (uint32_t)raw_bytes};
}

void
trailer_add_chunk(struct trailer *t, const struct chunk_info *info, uint64_t block_bytes)
{
	trailer_add_frame(t, block_bytes, 0);
	trailer_add_frame(t, info->stored_bytes, info->raw_bytes);
	t->chunks = xgrow(t->chunks, &t->cap_chunks, t->n_chunks + 1, sizeof(*t->chunks));
	t->chunks[t->n_chunks++] = *info;
	totals_add_chunk(&t->totals, info);
}

static void
put_time(struct buf *out, int64_t ns)
{
	if (ns == EVENT_NO_TIME)
		cborbuf_null(out);
	else
		cborbuf_int(out, ns);
}

void
trailer_write_index(const struct trailer *t, struct buf *out)
{
	struct buf map = BUF_INIT;
	const struct chunk_info *c;
	size_t i;

	cborbuf_map(&map, 1);
	cborbuf_str(&map, "chunks");
	cborbuf_array(&map, t->n_chunks);
	for (i = 0; i < t->n_chunks; i++) {
		c = &t->chunks[i];
		cborbuf_array(&map, INDEX_COLUMNS);
		cborbuf_uint(&map, c->offset);
		cborbuf_uint(&map, c->first);
		cborbuf_uint(&map, c->last);
		cborbuf_uint(&map, c->events);
		put_time(&map, c->least_ns);
		put_time(&map, c->greatest_ns);
		cborbuf_uint(&map, c->raw_bytes);
		cborbuf_uint(&map, c->stored_bytes);
	}
	block_write(BLOCK_INDEX, buf_slice(&map), out);
	buf_release(&map);
}

static bool
take_time(struct slice *in, int64_t *ns)
{
	struct cborscan_item item;
	struct slice after = *in;
	const char *why;

	if (cborscan_next(&after, &item, &why) > 0 && item.kind == CBORSCAN_NULL) {
		*in = after;
		*ns = EVENT_NO_TIME;
		return true;
	}
	return cbormap_take_int(in, ns);
}

bool
trailer_index_rows(struct slice map, struct slice *rows, uint64_t *n)
{
	*rows = cbormap_get(map, "chunks");
	return rows->p && cbormap_take_array(rows, n);
}

bool
trailer_index_row(struct slice *rows, struct chunk_info *row)
{
	uint64_t columns;

	return cbormap_take_array(rows, &columns) && columns == INDEX_COLUMNS &&
	       cbormap_take_uint(rows, &row->offset) && cbormap_take_uint(rows, &row->first) &&
	       cbormap_take_uint(rows, &row->last) && cbormap_take_uint(rows, &row->events) &&
	       take_time(rows, &row->least_ns) && take_time(rows, &row->greatest_ns) &&
	       cbormap_take_uint(rows, &row->raw_bytes) &&
	       cbormap_take_uint(rows, &row->stored_bytes);
}

static bool
same_row(const struct chunk_info *a, const struct chunk_info *b)
{
	return a->offset == b->offset && a->first == b->first && a->last == b->last &&
	       a->events == b->events && a->least_ns == b->least_ns &&
	       a->greatest_ns == b->greatest_ns && a->raw_bytes == b->raw_bytes &&
	       a->stored_bytes == b->stored_bytes;
}

int
trailer_check_index(const struct trailer *seen, struct slice map, struct err *err)
{
	struct chunk_info row = {0};
	struct slice rows;
	uint64_t i, n;

	if (!trailer_index_rows(map, &rows, &n))
		return err_set(err, ERR_FORMAT, "index block: no \"chunks\"");
	if (n != seen->n_chunks)
		return err_set(err, ERR_FORMAT,
		               "index block: lists %" PRIu64 " chunks, and there are %zu", n,
		               seen->n_chunks);
	for (i = 0; i < n; i++)
		if (!trailer_index_row(&rows, &row) || !same_row(&row, &seen->chunks[i]))
			return err_set(err, ERR_FORMAT,
			               "index block: what it says of chunk %" PRIu64 " differs", i);
	return 0;
}

/* The order of map keys: shorter first, then by bytes. */
static int
compare_names(const struct totals_type *x, const struct totals_type *y)
{
	if (x->name.len != y->name.len)
		return x->name.len < y->name.len ? -1 : 1;
	return slice_cmp(x->name, y->name);
}

static int
compare_keys(const void *a, const void *b)
{
	const struct totals_type *const *x = a, *const *y = b;

	return compare_names(*x, *y);
}

static void
put_types(struct buf *map, const struct totals *t)
{
	const struct totals_type **sorted = xcalloc(t->n_types, sizeof(*sorted));
	size_t i;

	for (i = 0; i < t->n_types; i++)
		sorted[i] = &t->types[i];
	qsort(sorted, t->n_types, sizeof(*sorted), compare_keys);
	cborbuf_map(map, t->n_types);
	for (i = 0; i < t->n_types; i++) {
		cborbuf_text(map, sorted[i]->name);
		cborbuf_uint(map, sorted[i]->events);
	}
	free(sorted);
}

static void
put_uint(struct buf *map, const char *key, uint64_t n)
{
	cborbuf_str(map, key);
	cborbuf_uint(map, n);
}

/* Keys in the order of RFC 8949 section 4.2.1, which for short text is length first. */
void
trailer_write_end(const struct trailer *t, struct buf *out)
{
	const struct totals *sum = &t->totals;
	bool dated = sum->least_ns != EVENT_NO_TIME, any = sum->events > 0;
	bool content = any && totals_has_content(sum);
	struct buf map = BUF_INIT;

	cborbuf_map(&map, 12U + 2U * any + dated + content + t->reached.set);
	put_uint(&map, "raw", sum->raw_bytes);
	if (any)
		put_uint(&map, "last", sum->last);
	put_uint(&map, "read", t->read);
	cborbuf_str(&map, "chain");
	cborbuf_bytes(&map, (struct slice){sum->chain.bytes, WIRE_DIGEST_BYTES});
	if (any)
		put_uint(&map, "first", sum->first);
	if (dated) {
		cborbuf_str(&map, "times");
		cborbuf_array(&map, 2);
		cborbuf_int(&map, sum->least_ns);
		cborbuf_int(&map, sum->greatest_ns);
	}
	cborbuf_str(&map, "types");
	put_types(&map, sum);
	put_uint(&map, "chunks", sum->chunks);
	put_uint(&map, "events", sum->events);
	put_uint(&map, "header", t->header_hash);
	put_uint(&map, "stored", sum->stored_bytes);
	if (content) {
		cborbuf_str(&map, "content");
		cborbuf_bytes(&map, (struct slice){sum->content.bytes, WIRE_DIGEST_BYTES});
	}
	if (t->reached.set)
		put_uint(&map, "reached", t->reached.position);
	put_uint(&map, "streams", sum->streams);
	cborbuf_str(&map, "complete");
	cborbuf_bool(&map, true);
	put_uint(&map, "filtered", t->filtered);
	put_uint(&map, "types_more", sum->more_types);
	block_write(BLOCK_END, buf_slice(&map), out);
	buf_release(&map);
}

void
trailer_write_seek_table(const struct trailer *t, struct buf *out)
{
	uint8_t head[WIRE_FRAME_HEAD_BYTES], entry[WIRE_SEEK_ENTRY_BYTES];
	uint8_t footer[WIRE_SEEK_FOOTER_BYTES] = {0};
	size_t i;

	wire_put_u32(head, WIRE_MAGIC_SEEK);
	wire_put_u32(head + 4, (uint32_t)(t->n_frames * sizeof(entry) + sizeof(footer)));
	buf_add(out, head, sizeof(head));
	for (i = 0; i < t->n_frames; i++) {
		wire_put_u32(entry, t->frames[i].stored_bytes);
		wire_put_u32(entry + 4, t->frames[i].raw_bytes);
		buf_add(out, entry, sizeof(entry));
	}
	wire_put_u32(footer, (uint32_t)t->n_frames);
	wire_put_u32(footer + 5, WIRE_MAGIC_SEEK_END); /* byte 4: no checksums */
	buf_add(out, footer, sizeof(footer));
}

static bool
take_types(struct slice map, struct totals *t)
{
	struct slice types = cbormap_get(map, "types"), name;
	const struct totals_type *last;
	uint64_t i, n;

	if (!types.p || !cbormap_take_map(&types, &n) || n > WIRE_TYPES_MAX)
		return false;
	for (i = 0; i < n; i++) {
		t->types = xgrow(t->types, &t->cap_types, t->n_types + 1, sizeof(*t->types));
		if (!cbormap_take_text(&types, &name) ||
		    !cbormap_take_uint(&types, &t->types[t->n_types].events))
			return false;
		t->types[t->n_types].name = arena_dup(t->names, name);
		last = &t->types[t->n_types];
		if (t->n_types++ && compare_names(&last[-1], last) >= 0)
			return false;
	}
	return true;
}

static const struct cbormap_number numbers[] = {
    {"chunks", offsetof(struct trailer, totals.chunks)},
    {"events", offsetof(struct trailer, totals.events)},
    {"raw", offsetof(struct trailer, totals.raw_bytes)},
    {"stored", offsetof(struct trailer, totals.stored_bytes)},
    {"streams", offsetof(struct trailer, totals.streams)},
    {"types_more", offsetof(struct trailer, totals.more_types)},
    {"header", offsetof(struct trailer, header_hash)},
    {"read", offsetof(struct trailer, read)},
    {"filtered", offsetof(struct trailer, filtered)},
};

/* What is wrong with a key that need not be there, or NULL. */
static const char *
take_optional(struct slice map, struct totals *t)
{
	struct slice times = cbormap_get(map, "times");
	uint64_t two;

	if (times.p &&
	    !(cbormap_take_array(&times, &two) && two == 2 &&
	      cbormap_take_int(&times, &t->least_ns) && cbormap_take_int(&times, &t->greatest_ns)))
		return "\"times\" is not a pair of times";
	if (!cbormap_get(map, "content").p)
		return NULL;
	t->digested = t->events;
	return cbormap_bytes(map, "content", WIRE_DIGEST_BYTES, t->content.bytes)
	           ? NULL
	           : "\"content\" is not a digest";
}

int
trailer_read_end(struct trailer *t, struct slice map, struct err *err)
{
	struct totals *sum = &t->totals;
	const char *why;
	bool complete;

	if (!cbormap_bool(map, "complete", &complete) || !complete)
		return err_set(err, ERR_FORMAT,
		               "end block: does not say that the archive is complete");
	if (!cbormap_numbers(map, numbers, sizeof(numbers) / sizeof(*numbers), t) ||
	    !take_types(map, sum) ||
	    !cbormap_bytes(map, "chain", WIRE_DIGEST_BYTES, sum->chain.bytes))
		return err_set(err, ERR_FORMAT, "end block: a key is missing or of another kind");
	if (sum->events > 0 &&
	    (!cbormap_uint(map, "first", &sum->first) || !cbormap_uint(map, "last", &sum->last)))
		return err_set(err, ERR_FORMAT, "end block: no first and last position");
	t->reached.set = cbormap_get(map, "reached").p != NULL;
	if (t->reached.set && !cbormap_uint(map, "reached", &t->reached.position))
		return err_set(err, ERR_FORMAT, "end block: \"reached\" is not a position");
	if (sum->events > 0 && (!t->reached.set || t->reached.position < sum->last))
		return err_set(err, ERR_FORMAT,
		               "end block: \"reached\" lies before the last event");
	why = take_optional(map, sum);
	if (why)
		return err_set(err, ERR_FORMAT, "end block: %s", why);
	return 0;
}
