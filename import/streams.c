#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "format/digest.h"
#include "import/streams.h"

#define NAME_ARENA_BYTES ((size_t)64 << 10)
#define FIRST_SLOTS ((size_t)1024) /* a power of two */

struct stream {
	struct slice name; /* absent: a free slot */
	uint64_t version;  /* the greatest of the batch */
};

/* A hash table with open addressing, at most half full. */
struct streams {
	const struct layout *layout;
	struct stream *slots;
	size_t n_slots, used;
	struct arena *names;
	struct value *row;
};

void
streams_open(struct streams **out, const struct layout *l)
{
	struct streams *s = xcalloc(1, sizeof(*s));

	s->layout = l;
	s->n_slots = FIRST_SLOTS;
	s->slots = xcalloc(s->n_slots, sizeof(*s->slots));
	s->names = arena_new(NAME_ARENA_BYTES);
	s->row = xcalloc(l->n_stream_columns + 1, sizeof(*s->row));
	*out = s;
}

void
streams_close(struct streams *s)
{
	if (!s)
		return;
	free(s->slots);
	free(s->row);
	arena_free(s->names);
	free(s);
}

static struct stream *
find_slot(struct stream *slots, size_t n_slots, struct slice name)
{
	size_t at = digest_of_64(name) & (n_slots - 1);

	while (slots[at].name.p && !slice_eq(slots[at].name, name))
		at = (at + 1) & (n_slots - 1);
	return &slots[at];
}

static void
grow(struct streams *s)
{
	size_t n = s->n_slots * 2, i;
	struct stream *slots = xcalloc(n, sizeof(*slots));

	for (i = 0; i < s->n_slots; i++)
		if (s->slots[i].name.p)
			*find_slot(slots, n, s->slots[i].name) = s->slots[i];
	free(s->slots);
	s->slots = slots;
	s->n_slots = n;
}

void
streams_add(struct streams *s, const struct event *e)
{
	struct stream *stream;

	if (s->used * 2 >= s->n_slots)
		grow(s);
	stream = find_slot(s->slots, s->n_slots, e->stream);
	if (!stream->name.p) {
		*stream = (struct stream){arena_dup(s->names, e->stream), e->version};
		s->used++;
	} else if (e->version > stream->version) {
		stream->version = e->version;
	}
}

static struct value
value_of(const struct layout_stream_column *c, const struct stream *stream, struct arena *mem)
{
	const uint8_t *found;
	size_t n;

	switch (c->from) {
	case LAYOUT_FROM_STREAM:
		return (struct value){.type = VALUE_TEXT, .bytes = stream->name};
	case LAYOUT_FROM_VERSION:
		return (struct value){.type = VALUE_INTEGER,
		                      .integer = (int64_t)stream->version + c->base};
	case LAYOUT_FROM_CATEGORY:
		n = strlen(c->separator);
		found = memmem(stream->name.p, stream->name.len, c->separator, n);
		if (found && found > stream->name.p)
			return (struct value){.type = VALUE_TEXT,
			                      .bytes = {stream->name.p,
			                                (size_t)(found - stream->name.p)}};
		return value_of_json(c->constant, mem);
	case LAYOUT_FROM_CONSTANT:
		break;
	}
	return value_of_json(c->constant, mem);
}

static bool
is_too_large(const struct layout_stream_column *c, const struct stream *stream)
{
	int64_t n;

	return c->from == LAYOUT_FROM_VERSION &&
	       (stream->version > INT64_MAX ||
	        __builtin_add_overflow((int64_t)stream->version, c->base, &n));
}

static int
flush_one(struct streams *s, const struct stream *stream, streams_write *write, void *ctx,
          struct err *err)
{
	const struct layout *l = s->layout;
	size_t i;

	for (i = 0; i < l->n_stream_columns; i++) {
		if (is_too_large(&l->stream_columns[i], stream))
			return err_set(err, ERR_DATA,
			               "version %" PRIu64 " of a stream is larger than column %s "
			               "of table %s can hold",
			               stream->version, l->stream_columns[i].name,
			               l->streams_table);
		s->row[i] = value_of(&l->stream_columns[i], stream, s->names);
	}
	return write(ctx, s->row, err);
}

void
streams_forget(struct streams *s)
{
	memset(s->slots, 0, s->n_slots * sizeof(*s->slots));
	s->used = 0;
	arena_reset(s->names);
}

int
streams_flush(struct streams *s, streams_write *write, void *ctx, struct err *err)
{
	size_t i;

	for (i = 0; i < s->n_slots; i++)
		if (s->slots[i].name.p && flush_one(s, &s->slots[i], write, ctx, err) < 0)
			return -1;
	return 0;
}
