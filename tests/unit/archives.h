#ifndef TESTS_UNIT_ARCHIVES_H
#define TESTS_UNIT_ARCHIVES_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "format/reader.h"
#include "format/writer.h"
#include "tests/tap.h"
#include "tests/unit/samples.h"

/* What an archive for a test is to hold. */
struct archives_plan {
	const struct codec *codec;
	unsigned chunks, per_chunk;
	uint64_t first; /* position; those of the others rise by 10 */
	struct selection_bound after, upto;
	struct selection_bound reached; /* where it is not the last event */
	uint8_t origin;                 /* 0: none */
	const char *stream_filter;
	bool fill;
	bool all_samples; /* instead of per_chunk events */
};

/* A file of this test's own. */
static inline char *
archives_path_new(void)
{
	const char *tmp = getenv("TMPDIR");
	char *path = NULL;
	int fd;

	if (asprintf(&path, "%s/es-test-XXXXXX", tmp ? tmp : "/tmp") < 0)
		abort();
	fd = mkstemp(path);
	if (fd < 0)
		abort();
	close(fd);
	return path;
}

static inline void
archives_path_free(char *path)
{
	unlink(path);
	free(path);
}

static inline void
archives_fill(struct batch *b, const struct archives_plan *plan, unsigned chunk)
{
	unsigned seed = chunk + 1, i;

	batch_reset(b);
	if (plan->all_samples)
		samples_add_all(b);
	else
		for (i = 0; i < plan->per_chunk; i++)
			samples_add_random(b, &seed);
	for (i = 0; i < b->len; i++)
		b->events[i].position = plan->first + 10 * (chunk * b->len + i);
}

static inline void
archives_header(struct header *h, const struct archives_plan *plan)
{
	struct selection s = SELECTION_INIT;
	struct err err = ERR_INIT;

	header_init(h);
	h->codec = plan->codec;
	buf_add_str(&h->tool, "test 1");
	buf_add_str(&h->source_kind, "sqlite");
	h->after = plan->after;
	h->upto = plan->upto;
	h->has_origin = plan->origin != 0;
	h->origin.bytes[3] = plan->origin;
	h->fill = plan->fill;
	if (plan->stream_filter) {
		s.streams = (struct selection_list){(const char *[]){plan->stream_filter}, 1, 1};
		h->filters.len = 0;
		selection_encode(&s, SLICE_ABSENT, &h->filters);
	}
	ok(header_stamp(h, &err) == 0);
}

static inline void
archives_write(const char *path, const struct archives_plan *plan)
{
	struct batch *b = batch_new();
	struct chunker *state = chunker_new(1);
	struct chunk c = {.raw = BUF_INIT};
	struct err err = ERR_INIT;
	struct writer *w = NULL;
	struct writer_account account = {.filtered = 5};
	struct file *f = NULL;
	struct header h;
	unsigned i;

	archives_header(&h, plan);
	ok(file_create(&f, path, true, &err) == 0 && writer_open(&w, f, &h, &err) == 0);
	for (i = 0; i < plan->chunks; i++) {
		archives_fill(b, plan, i);
		ok(chunk_encode(&c, b, plan->codec, 0, &err) == 0);
		ok(chunk_compress(&c, state, &err) == 0);
		ok(writer_append(w, &c, b, &err) == 0);
	}
	account.read = writer_totals(w)->events + 5;
	account.reached = plan->reached;
	if (!plan->reached.set && account.read > 5)
		account.reached = (struct selection_bound){true, writer_totals(w)->last};
	ok(writer_finish(w, &account, &err) == 0);
	ok(file_publish(f, &err) == 0);
	eq_str(err.msg, "");
	writer_free(w);
	file_close(f);
	chunk_release(&c);
	chunker_free(state);
	batch_free(b);
	header_release(&h);
}

static inline void
archives_slurp(const char *path, struct buf *out)
{
	struct err err = ERR_INIT;

	ok(file_slurp(path, 1 << 24, out, &err) == 0);
}

/* Not by way of an empty file: some file systems would wait for the disk each time. */
static inline void
archives_spill(const char *path, struct slice bytes)
{
	int fd = open(path, O_WRONLY);

	ok(fd >= 0 && write(fd, bytes.p, bytes.len) == (ssize_t)bytes.len);
	ok(ftruncate(fd, (off_t)bytes.len) == 0);
	close(fd);
}

/* Read all of it, payloads too: 0 or -1, and how many events there were. */
static inline int
archives_read(const char *path, uint64_t *events, struct err *err)
{
	struct reader_chunk c = {.codec = NULL};
	struct chunker *state = chunker_new(1);
	struct batch *b = batch_new();
	struct reader *r = NULL;
	int rc = reader_open(&r, path, false, err);

	*events = 0;
	while (rc == 0 && (rc = reader_next(r, &c, err)) > 0) {
		rc = reader_payload(r, &c, err);
		if (rc == 0)
			rc = reader_unpack(&c, state, b, err);
		*events += rc == 0 ? b->len : 0;
	}
	reader_chunk_release(&c);
	reader_free(r);
	batch_free(b);
	chunker_free(state);
	return rc;
}

/* Whether what is in `bytes` is refused as an archive. */
static inline bool
archives_refused(const char *path, struct slice bytes)
{
	struct err err = ERR_INIT;
	uint64_t events;

	archives_spill(path, bytes);
	return archives_read(path, &events, &err) == -1 && err.kind == ERR_FORMAT && err.msg[0];
}

#endif
