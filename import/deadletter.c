#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/jscan.h"
#include "common/log.h"
#include "common/pgaddress.h"
#include "common/progress.h"
#include "format/packer.h"
#include "format/reader.h"
#include "format/salvage.h"
#include "import/deadletter.h"

#define LEVEL 1

struct deadletter {
	const char *path;
	struct header header;
	struct file *file;     /* NULL until the first event */
	struct writer *writer; /* the same */
	struct packer packer;
	bool dirty;          /* something was added since the last sync */
	uint64_t *positions; /* of the events that an earlier run left */
	size_t n_positions, cap;
	uint64_t events;
	uint64_t last; /* position; 0 without events */
};

static int
check_name(const char *path, struct err *err)
{
	if (!*path || strcmp(path, "-") == 0)
		return err_set(err, ERR_USAGE, "--dead-letter: name a file");
	/* An address may hold a password, and is no name of a file: it is not repeated. */
	if (strstr(path, "://") || pgaddress_is(path))
		return err_set(err, ERR_USAGE, "--dead-letter %.*s:...: is an address, not a file",
		               (int)strcspn(path, ":"), path);
	if (slice_ends(slice_str(path), ".jsonl")) {
		err_set(err, ERR_USAGE, "%s: its name says that it is bare JSON Lines", path);
		return err_hint(err, "an archive is named %s.zst", path);
	}
	return 0;
}

/* The hint of file.h is for programs that may replace it. */
static int
check_new(const char *path, struct err *err)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return file_could_create(path, false, err);
	err_set(err, ERR_IO, "%s: exists already", path);
	return err_hint(err, "name another file, or import what is in it and move it away");
}

int
deadletter_open(struct deadletter **out, const char *path, struct err *err)
{
	struct deadletter *d;

	if (check_name(path, err) < 0 || check_new(path, err) < 0)
		return -1;
	d = xcalloc(1, sizeof(*d));
	d->path = path;
	header_init(&d->header);
	packer_init(&d->packer, LEVEL);
	*out = d;
	return 0;
}

void
deadletter_free(struct deadletter *d)
{
	if (!d)
		return;
	writer_free(d->writer);
	file_close(d->file);
	header_release(&d->header);
	packer_release(&d->packer);
	free(d->positions);
	free(d);
}

static void
describe(struct deadletter *d, const struct header *input, const struct digest *origin,
         const struct buf *filters)
{
	const struct codec *codec = codec_of_path(d->path);
	struct header *h = &d->header;

	h->codec = codec ? codec : &codec_jsonl;
	h->fill = true;
	h->has_origin = true;
	h->origin = *origin;
	buf_printf(&h->tool, "esimport %s", ES_VERSION);
	h->filters.len = 0;
	buf_add(&h->filters, filters->p, filters->len);
	if (!input) {
		buf_add_str(&h->source_kind, "jsonl");
		return;
	}
	buf_add(&h->source_kind, input->source_kind.p, input->source_kind.len);
	buf_add(&h->source_layout, input->source_layout.p, input->source_layout.len);
	buf_add(&h->source_address, input->source_address.p, input->source_address.len);
	h->after = input->after;
	h->upto = input->upto;
}

static int
keep_chunk(struct deadletter *d, struct reader *r, struct reader_chunk *c, struct err *err)
{
	struct chunk chunk;
	size_t i;

	batch_reset(d->packer.batch);
	if ((!c->whole && reader_payload(r, c, err) < 0) ||
	    reader_unpack(c, d->packer.state, d->packer.batch, err) < 0)
		return -1;
	chunk = c->chunk; /* its bytes stay the reader's */
	if (writer_append(d->writer, &chunk, d->packer.batch, err) < 0)
		return -1;
	for (i = 0; i < d->packer.batch->len; i++) {
		d->positions =
		    xgrow(d->positions, &d->cap, d->n_positions + 1, sizeof(*d->positions));
		d->last = d->positions[d->n_positions++] = d->packer.batch->events[i].position;
	}
	return 0;
}

/* The whole chunks that are there: what was synced is in one, and the rest of the file is what a
 * run was at when it ended.  What could not be read is no such rest. */
static int
keep_whole(struct deadletter *d, struct reader *r, struct reader_chunk *c, struct err *err)
{
	struct err why = ERR_INIT;
	int rc = 1;

	while (rc > 0) {
		rc = keep_chunk(d, r, c, &why);
		if (rc == 0)
			rc = reader_next(r, c, &why);
	}
	batch_reset(d->packer.batch);
	if (rc == 0 || why.kind == ERR_FORMAT)
		return 0;
	*err = why;
	return -1;
}

static int
keep_chunks(struct deadletter *d, struct reader *r, struct reader_chunk *c, int rc, struct err *err)
{
	const struct header *there = reader_header(r);
	char n[PROGRESS_TEXT_BYTES];

	if (!there) /* not even its header was written */
		return 0;
	if (!there->fill || !digest_eq(&there->origin, &d->header.origin)) {
		err_set(err, ERR_CONFLICT, "%s: is of another import", file_part(d->file));
		return err_hint(err, "name another file with --dead-letter");
	}
	d->header.codec = there->codec;
	if (writer_resume(&d->writer, d->file, there, err) < 0)
		return -1;
	if (rc > 0 && keep_whole(d, r, c, err) < 0)
		return -1;
	d->events = d->n_positions;
	log_note("%s: has %s refused before", file_part(d->file),
	         progress_things(d->events, "event", n));
	return 0;
}

/* How many chunks are whole, wherever they stand. */
static int
count_whole(struct deadletter *d, uint64_t *chunks, struct err *err)
{
	struct err why = ERR_INIT;
	struct chunk chunk = {0};
	struct salvage *salvage;
	struct file *again;
	int rc;

	if (file_open(&again, file_part(d->file), err) < 0)
		return -1;
	salvage_open(&salvage, again);
	do
		rc = salvage_next(salvage, &chunk, d->packer.batch, &why);
	while (rc > 0);
	*chunks = salvage_found(salvage)->chunks;
	salvage_free(salvage);
	chunk_release(&chunk);
	batch_reset(d->packer.batch);
	if (rc == 0 || why.kind == ERR_FORMAT)
		return 0;
	*err = why;
	return -1;
}

/*
 * What a run was at when it ended is cut off.  Nothing that is whole stands behind that: where
 * something does, it was synced, and the checkpoint of the target has passed it.
 */
static int
cut_rest(struct deadletter *d, struct err *err)
{
	uint64_t kept = d->writer ? writer_totals(d->writer)->chunks : 0, whole;

	if (count_whole(d, &whole, err) < 0)
		return -1;
	if (whole > kept) {
		err_set(err, ERR_FORMAT, "%s: is damaged before events that are whole",
		        file_part(d->file));
		return err_hint(err, "save what is left of it with esverify --salvage, and name "
		                     "another file with --dead-letter");
	}
	return d->writer ? writer_go_on(d->writer, err) : file_cut(d->file, 0, err);
}

static int
take_up(struct deadletter *d, struct err *err)
{
	struct reader_chunk chunk = {.whole = false};
	struct reader *reader = NULL;
	struct err why = ERR_INIT;
	int rc = reader_open(&reader, file_part(d->file), false, &why);

	if (rc == 0)
		rc = reader_next(reader, &chunk, &why);
	if (rc < 0 && why.kind != ERR_FORMAT) {
		*err = why;
	} else if (reader && reader_is_plain(reader)) {
		rc = err_set(err, ERR_CONFLICT, "%s: is no archive", file_part(d->file));
		err_hint(err, "name another file with --dead-letter");
	} else {
		rc = reader ? keep_chunks(d, reader, &chunk, rc, err) : 0;
		if (rc == 0)
			rc = cut_rest(d, err);
	}
	reader_chunk_release(&chunk);
	reader_free(reader);
	return rc;
}

int
deadletter_begin(struct deadletter *d, const struct header *input, const struct digest *origin,
                 const struct buf *filters, struct err *err)
{
	int rc;

	describe(d, input, origin, filters);
	rc = file_resume(&d->file, d->path, false, err);
	if (rc <= 0)
		return rc;
	/* A checkpoint will pass events for being in it, and who left it may not have synced. */
	return file_rewrite(d->file, err) < 0 ? -1 : take_up(d, err);
}

static size_t
before(const struct deadletter *d, uint64_t position)
{
	size_t low = 0, high = d->n_positions, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (d->positions[middle] < position)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

uint64_t
deadletter_between(const struct deadletter *d, uint64_t first, uint64_t last)
{
	return (last == UINT64_MAX ? d->n_positions : before(d, last + 1)) - before(d, first);
}

static int
make_file(struct deadletter *d, struct err *err)
{
	if (!d->file && file_create(&d->file, d->path, false, err) < 0)
		return -1;
	if (header_stamp(&d->header, err) < 0)
		return -1;
	return writer_open(&d->writer, d->file, &d->header, err);
}

static void
add_reason(struct event *e, const char *reason, struct arena *mem)
{
	struct buf text = BUF_INIT;

	jscan_quote(slice_str(reason), &text);
	event_add_attr(e, mem, SLICE_LIT(DEADLETTER_REASON), arena_dup(mem, buf_slice(&text)));
	buf_release(&text);
}

int
deadletter_add(struct deadletter *d, const struct event *e, const char *reason, struct err *err)
{
	struct event *copy;

	if (deadletter_between(d, e->position, e->position) > 0)
		return 0;
	if (d->events > 0 && e->position <= d->last) {
		err_set(err, ERR_DATA,
		        "event %" PRIu64 " is refused, and %s holds what comes behind it",
		        e->position, file_part(d->file));
		return err_hint(err, "name another file with --dead-letter");
	}
	if (!d->writer && make_file(d, err) < 0)
		return -1;
	if (packer_add(&d->packer, d->writer, d->header.codec, e, &copy, err) < 0)
		return -1;
	add_reason(copy, reason, d->packer.batch->mem);
	d->dirty = true;
	d->events++;
	d->last = e->position;
	return 0;
}

int
deadletter_sync(struct deadletter *d, struct err *err)
{
	if (!d->dirty)
		return 0;
	if (packer_flush(&d->packer, d->writer, d->header.codec, err) < 0 ||
	    file_sync(d->file, err) < 0)
		return -1;
	d->dirty = false;
	return 0;
}

int
deadletter_finish(struct deadletter *d, struct err *err)
{
	const struct writer_account account = {.read = d->events, .reached = {true, d->last}};

	if (d->events == 0) {
		if (d->file) /* a run ended while it made it */
			(void)unlink(file_part(d->file));
		return 0;
	}
	if (packer_flush(&d->packer, d->writer, d->header.codec, err) < 0 ||
	    writer_finish(d->writer, &account, err) < 0)
		return -1;
	return file_publish(d->file, err);
}

uint64_t
deadletter_events(const struct deadletter *d)
{
	return d->events;
}

int
deadletter_origin(const char *path, struct digest *out, struct err *err)
{
	struct reader_chunk chunk = {.whole = false};
	const struct header *header = NULL;
	struct reader *reader = NULL;
	int rc = reader_open(&reader, path, false, err);

	if (rc == 0)
		rc = reader_next(reader, &chunk, err);
	if (rc >= 0)
		header = reader_header(reader);
	if (header && header->fill)
		*out = header->origin;
	else if (rc >= 0)
		rc = err_set(err, ERR_USAGE, "--mended %s: is no archive of --dead-letter", path);
	reader_chunk_release(&chunk);
	reader_free(reader);
	return rc < 0 ? -1 : 0;
}

static void
strip(struct event *e)
{
	uint32_t i, kept = 0;

	for (i = 0; i < e->n_attrs; i++)
		if (!slice_is(e->attrs[i].name, DEADLETTER_REASON))
			e->attrs[kept++] = e->attrs[i];
	e->n_attrs = kept;
}

void
deadletter_strip(struct batch *b)
{
	size_t i;

	for (i = 0; i < b->len; i++)
		strip(&b->events[i]);
}
