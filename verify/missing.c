#include <stdlib.h>

#include "export/export.h"
#include "format/follows.h"
#include "format/packer.h"
#include "verify/before.h"
#include "verify/missing.h"
#include "verify/outfile.h"

#define LEVEL 1 /* as esexport has it where nothing else is asked for */
#define SCRATCH_BYTES ((size_t)16 << 10)

struct missing {
	const struct missing_options *o;
	const struct codec *codec;
	struct file *file;     /* NULL until the first event */
	struct writer *writer; /* the same */
	struct packer packer;
	struct arena *scratch; /* of one event */
	uint64_t events;
	uint64_t last; /* position */
};

int
missing_open(struct missing **out, const struct missing_options *o, struct err *err)
{
	const struct codec *codec = codec_of_path(o->path);
	struct missing *m;

	if (outfile_check_apart("missing-to", o->path, o->a, err) < 0 ||
	    outfile_check_apart("missing-to", o->path, o->b, err) < 0 ||
	    outfile_check("missing-to", o->path, o->replace, err) < 0)
		return -1;
	m = xcalloc(1, sizeof(*m));
	m->o = o;
	m->codec = codec ? codec : &codec_jsonl;
	m->scratch = arena_new(SCRATCH_BYTES);
	packer_init(&m->packer, LEVEL);
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
	packer_release(&m->packer);
	arena_free(m->scratch);
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

/* An event as A has it, but for what was left out. */
static struct event
as_in_a(struct missing *m, const struct event *e)
{
	struct event was = *e;

	if (m->o->map)
		(void)eventmap_back(m->o->map, &was, m->scratch);
	return was;
}

static struct follows
follows_event(const struct event *before)
{
	return (struct follows){.position = before->position,
	                        .version = before->version,
	                        .stream = before->stream};
}

/* Nothing before the event was read: because there is nothing, or because that was not asked for.
 * *found holds what is found there. */
static int
look_before(struct missing *m, const struct source_info *a, const struct event *e,
            struct batch *found, struct follows *out, struct err *err)
{
	const struct missing_options *o = m->o;
	const struct before_place place = {o->a, o->layout, o->select, o->plain};
	bool some = o->parts || o->select->after.set, once = o->a->kind == ADDRESS_STREAM;
	struct selection_bound begins = a->after;

	if (some && !once && before_find(&place, e->position, found, err) < 0)
		return -1;
	if (found->len > 0) {
		*out = follows_event(&found->events[0]);
		return 0;
	}
	if (once && o->select->after.set &&
	    (!begins.set || o->select->after.position > begins.position))
		begins = o->select->after;
	*out = (struct follows){.first = true, .bounded = begins.set, .position = begins.position};
	return 0;
}

int
missing_add(struct missing *m, const struct source_info *a, const struct event *e,
            const struct event *before, struct err *err)
{
	struct batch *found = NULL;
	struct event placed, was, *copy;
	struct follows follows;
	int rc = 0;

	if (!m->writer && make_file(m, a, err) < 0)
		return -1;
	arena_reset(m->scratch);
	if (before) {
		was = as_in_a(m, before);
		follows = follows_event(&was);
	} else {
		found = batch_new();
		rc = look_before(m, a, e, found, &follows, err);
	}
	if (rc == 0) {
		was = as_in_a(m, e);
		follows_put(&placed, &was, &follows, m->scratch);
		rc = packer_add(&m->packer, m->writer, m->codec, &placed, &copy, err);
	}
	if (rc == 0) {
		m->events++;
		m->last = e->position;
	}
	batch_free(found);
	return rc;
}

int
missing_finish(struct missing *m, struct err *err)
{
	const struct writer_account account = {.read = m->events, .reached = {true, m->last}};

	if (!m->writer)
		return 0;
	if (packer_flush(&m->packer, m->writer, m->codec, err) < 0 ||
	    writer_finish(m->writer, &account, err) < 0)
		return -1;
	return file_publish(m->file, err);
}

uint64_t
missing_events(const struct missing *m)
{
	return m->events;
}
