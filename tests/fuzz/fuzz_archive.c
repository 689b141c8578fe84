#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "format/reader.h"
#include "tests/fuzz/mend.h"

/*
 * A whole file through the reader: from a file with all that it holds, from a
 * file with the payloads passed over, and from a pipe.  All must agree.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
#define RAW_MOST MEND_RAW_MOST       /* what this target unpacks */
#define PIPE_MOST ((size_t)64 << 10) /* what a pipe holds without a reader */

enum way { WAY_FILE, WAY_PASS_OVER, WAY_PIPE };

struct outcome {
	int rc;
	enum err_kind kind;
	uint64_t chunks, events;
};

/* The input as something to open: the end to read. */
static int
offer(struct slice in, enum way way)
{
	int ends[2];

	if (way == WAY_PIPE) {
		if (pipe(ends) < 0)
			abort();
	} else {
		ends[0] = ends[1] = memfd_create("fuzz", 0);
		if (ends[0] < 0)
			abort();
	}
	if (write(ends[1], in.p, in.len) != (ssize_t)in.len)
		abort();
	if (way == WAY_PIPE)
		close(ends[1]);
	return ends[0];
}

static int
read_all(struct reader *r, enum way way, struct outcome *o, struct err *err)
{
	struct chunker *state = chunker_new(1);
	struct batch *b = batch_new();
	struct reader_chunk c = {0};
	int rc;

	while ((rc = reader_next(r, &c, err)) > 0) {
		o->chunks++;
		assert(reader_is_plain(r) == c.plain && (c.plain || reader_header(r)));
		if (way == WAY_PASS_OVER && !c.plain) {
			o->events += c.chunk.info.events;
			continue;
		}
		rc = reader_payload(r, &c, err);
		if (rc < 0)
			break;
		if (!c.plain && c.chunk.info.raw_bytes > RAW_MOST) {
			o->events += c.chunk.info.events;
			continue;
		}
		rc = reader_unpack(&c, state, b, err);
		if (rc < 0)
			break;
		assert(c.plain || b->len == c.chunk.info.events);
		o->events += b->len;
	}
	assert(rc < 0 || c.plain || reader_said(r)->events == o->events);
	reader_chunk_release(&c);
	batch_free(b);
	chunker_free(state);
	return rc;
}

static struct outcome
run(struct slice in, enum way way)
{
	struct outcome o = {0};
	struct err err = ERR_INIT;
	struct reader *r = NULL;
	int fd = offer(in, way);
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	o.rc = reader_open(&r, path, false, &err);
	close(fd);
	if (o.rc == 0)
		o.rc = read_all(r, way, &o, &err);
	o.kind = err.kind;
	if (r && reader_header(r)) /* esverify --info shows it, also of what ends badly */
		assert(reader_header(r)->codec && reader_header(r)->filters.len > 0);
	assert(o.rc == 0 || (err.kind == ERR_FORMAT && err.msg[0]));
	reader_free(r);
	return o;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = {data, size};
	struct outcome file = run(in, WAY_FILE), other;

	other = run(in, WAY_PASS_OVER);
	assert(other.chunks >= file.chunks && (file.rc < 0 || other.rc == 0));
	if (size <= PIPE_MOST) {
		other = run(in, WAY_PIPE);
		assert(other.rc == file.rc && other.kind == file.kind);
		assert(other.chunks == file.chunks && other.events == file.events);
	}
	return 0;
}

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
	return mend_mutated(data, LLVMFuzzerMutate(data, size, most), most, seed);
}
