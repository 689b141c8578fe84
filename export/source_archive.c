#include "export/source.h"
#include "format/reader.h"

/*
 * An archive or JSON Lines as a source: to write it again with other options,
 * or to compare it.  Chunks are unpacked one by one, on the thread that reads.
 */
struct archive_source {
	struct reader *reader;
	struct chunker *state;
	struct reader_chunk chunk;
	struct batch *events; /* of the chunk */
	size_t at;            /* the event that next() moved to, plus one */
	const struct selection *select;
	struct source_info *info;
	bool empty; /* open(), which reads the first chunk, came to the end */
};

/* The next chunk that may hold events of the range, into self->events. */
static int
next_chunk(struct archive_source *self, struct err *err)
{
	const struct selection *select = self->select;
	const struct chunk_info *info = &self->chunk.chunk.info;
	int rc;

	self->at = 0;
	self->events->len = 0;
	while ((rc = reader_next(self->reader, &self->chunk, err)) > 0) {
		if (!self->chunk.plain &&
		    ((select->after.set && info->last <= select->after.position) ||
		     (select->upto.set && info->first > select->upto.position)))
			continue; /* passed over, and its block checked all the same */
		if (reader_payload(self->reader, &self->chunk, err) < 0)
			return -1;
		return reader_unpack(&self->chunk, self->state, self->events, err) < 0 ? -1 : 1;
	}
	self->info->reached = reader_reached(self->reader);
	return rc;
}

static int
find_origin(struct archive_source *self, struct source_info *info, struct err *err)
{
	const struct header *header;
	int rc = next_chunk(self, err);

	if (rc < 0)
		return -1;
	self->empty = rc == 0;
	header = reader_header(self->reader);
	if (header) {
		info->after = reader_begins(self->reader);
		info->filters = buf_slice(&header->filters);
		info->has_origin = header->has_origin;
		info->origin = header->origin;
		info->fill = header->fill;
		info->salvaged = header->salvaged;
		info->lost = buf_slice(&header->lost);
	} else if (self->events->len) {
		info->has_origin = true;
		return digest_of_event(&self->events->events[0], &info->origin, err);
	}
	return 0;
}

static int
archive_open(void *me, const struct address *from, const struct source_options *options,
             struct source_info *info, struct err *err)
{
	struct archive_source *self = me;

	self->select = options->select;
	self->info = info;
	self->events = batch_new();
	self->state = chunker_new(0);
	if ((options->file ? reader_open_file(&self->reader, options->file, options->plain, err)
	                   : reader_open(&self->reader, from->path, options->plain, err)) < 0)
		return -1;
	info->kind = reader_is_plain(self->reader) ? "jsonl" : "archive";
	if (find_origin(self, info, err) < 0)
		return -1;
	return source_settle(options, info, err);
}

static int
archive_next(void *me, size_t *weight_bytes, struct err *err)
{
	struct archive_source *self = me;
	int rc = 1;

	for (;;) {
		while (self->at < self->events->len) {
			const struct event *e = &self->events->events[self->at++];

			if (!selection_in_range(self->select, e->position))
				continue;
			*weight_bytes = event_weight_bytes(e);
			return 1;
		}
		rc = self->empty ? 0 : next_chunk(self, err);
		if (rc <= 0)
			return rc;
	}
}

static int
archive_take(void *me, struct batch *into, struct err *err)
{
	struct archive_source *self = me;

	(void)err;
	batch_add_copy(into, &self->events->events[self->at - 1]);
	return 0;
}

static void
archive_close(void *me)
{
	struct archive_source *self = me;

	reader_free(self->reader);
	reader_chunk_release(&self->chunk);
	chunker_free(self->state);
	batch_free(self->events);
}

const struct source_driver source_archive = {
    .size = sizeof(struct archive_source),
    .open = archive_open,
    .next = archive_next,
    .take = archive_take,
    .close = archive_close,
};
