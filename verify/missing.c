#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "export/export.h"
#include "format/writer.h"
#include "verify/missing.h"

/* As esexport has them where nothing else is asked for. */
#define CHUNK_BYTES ((size_t)4 << 20)
#define CHUNK_EVENTS 65536
#define LEVEL 1

struct missing {
	const struct missing_options *o;
	const struct codec *codec;
	struct file *file;     /* NULL until the first event */
	struct writer *writer; /* the same */
	struct chunker *state;
	struct chunk chunk;
	struct batch *batch;
	size_t weight_bytes; /* of its events */
	uint64_t events;
	uint64_t last; /* position */
};

static bool
ends_in(const char *text, const char *suffix)
{
	size_t n = strlen(text), m = strlen(suffix);

	return n >= m && strcmp(text + n - m, suffix) == 0;
}

static int
check_name(const char *path, struct err *err)
{
	if (!*path)
		return err_set(err, ERR_USAGE, "--missing-to: the name is empty");
	if (strcmp(path, "-") == 0)
		return err_set(err, ERR_USAGE,
		               "--missing-to -: findings go to standard output; name a file");
	/* An address may hold a password, and is no name of a file: it is not repeated. */
	if (strstr(path, "://") || pgaddress_is(path)) {
		err_set(err, ERR_USAGE, "--missing-to %.*s:...: is an address, not a file",
		        (int)strcspn(path, ":"), path);
		return err_hint(err, "esimport writes into stores");
	}
	if (ends_in(path, ".jsonl")) {
		err_set(err, ERR_USAGE, "%s: its name says that it is bare JSON Lines", path);
		return err_hint(err, "an archive is named %s.zst", path);
	}
	return 0;
}

/* --force replaces an archive that is old, never a place that is read. */
static int
check_apart(const char *path, const struct address *place, struct err *err)
{
	struct stat a, b;
	int rc = -1;

	if (place->kind == ADDRESS_SQLITE || place->kind == ADDRESS_FILE)
		rc = stat(place->path, &a);
	else if (place->kind == ADDRESS_STREAM)
		rc = fstat(STDIN_FILENO, &a);
	if (rc < 0 || stat(path, &b) < 0 || a.st_dev != b.st_dev || a.st_ino != b.st_ino)
		return 0;
	return err_set(err, ERR_USAGE, "--missing-to %s: is one of the places that are compared",
	               path);
}

int
missing_open(struct missing **out, const struct missing_options *o, struct err *err)
{
	const struct codec *codec = codec_of_path(o->path);
	struct missing *m;

	if (check_name(o->path, err) < 0 || check_apart(o->path, o->a, err) < 0 ||
	    check_apart(o->path, o->b, err) < 0 || file_could_create(o->path, o->replace, err) < 0)
		return -1;
	m = xcalloc(1, sizeof(*m));
	m->o = o;
	m->codec = codec ? codec : &codec_jsonl;
	m->batch = batch_new();
	m->state = chunker_new(LEVEL);
	*out = m;
	return 0;
}

void
missing_free(struct missing *m)
{
	if (!m)
		return;
	writer_free(m->writer);
	file_close(m->file);
	chunk_release(&m->chunk);
	chunker_free(m->state);
	batch_free(m->batch);
	free(m);
}

static int
make_file(struct missing *m, const struct source_info *a, struct err *err)
{
	struct header header;
	int rc = file_create(&m->file, m->o->path, m->o->replace, err);

	if (rc < 0)
		return -1;
	header_init(&header);
	header.codec = m->codec;
	header.fill = true;
	buf_printf(&header.tool, "esverify %s", ES_VERSION);
	export_describe(&header, m->o->a, a, m->o->select);
	rc = header_stamp(&header, err);
	if (rc == 0)
		rc = writer_open(&m->writer, m->file, &header, err);
	header_release(&header);
	return rc;
}

static int
write_chunk(struct missing *m, struct err *err)
{
	if (chunk_encode(&m->chunk, m->batch, m->codec, 0, err) < 0 ||
	    chunk_compress(&m->chunk, m->state, err) < 0 ||
	    writer_append(m->writer, &m->chunk, m->batch, err) < 0)
		return -1;
	batch_reset(m->batch);
	m->weight_bytes = 0;
	return 0;
}

int
missing_add(struct missing *m, const struct source_info *a, const struct event *e, struct err *err)
{
	size_t weight = event_weight_bytes(e);

	if (!m->writer && make_file(m, a, err) < 0)
		return -1;
	if (m->batch->len > 0 &&
	    (m->batch->len == CHUNK_EVENTS || m->weight_bytes + weight > CHUNK_BYTES) &&
	    write_chunk(m, err) < 0)
		return -1;
	batch_add_copy(m->batch, e);
	m->weight_bytes += weight;
	m->events++;
	m->last = e->position;
	return 0;
}

int
missing_finish(struct missing *m, struct err *err)
{
	const struct writer_account account = {.read = m->events, .reached = {true, m->last}};

	if (!m->writer)
		return 0;
	if (write_chunk(m, err) < 0 || writer_finish(m->writer, &account, err) < 0)
		return -1;
	return file_publish(m->file, err);
}

uint64_t
missing_events(const struct missing *m)
{
	return m->events;
}
