#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "format/reader.h"
#include "format/salvage.h"
#include "tests/fuzz/mend.h"

/*
 * What is left of any bytes: a file and a pipe agree, what is lost is in order, and of what the
 * strict reader finds whole nothing is lost.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PIPE_MOST ((size_t)64 << 10) /* what a pipe holds without a reader */

struct outcome {
	int rc;
	uint64_t chunks, events, lost;
	bool end_lost, header_lost;
};

static int
offer(struct slice in, bool piped)
{
	int ends[2];

	if (piped) {
		if (pipe(ends) < 0)
			abort();
	} else {
		ends[0] = ends[1] = memfd_create("fuzz", 0);
		if (ends[0] < 0)
			abort();
	}
	if (write(ends[1], in.p, in.len) != (ssize_t)in.len)
		abort();
	if (piped)
		close(ends[1]);
	return ends[0];
}

static void
check_lost(const struct lost *l)
{
	size_t i;

	for (i = 0; i < l->len; i++) {
		assert(l->ranges[i].open || l->ranges[i].first <= l->ranges[i].last);
		assert(i == 0 ||
		       (!l->ranges[i - 1].open && l->ranges[i - 1].last < l->ranges[i].first));
	}
}

static struct outcome
salvage(struct slice in, bool piped)
{
	int fd = offer(in, piped);
	struct outcome o = {0};
	struct err err = ERR_INIT;
	struct chunk c = {.raw = BUF_INIT};
	struct batch *b = batch_new();
	struct salvage *s = NULL;
	struct file *f = NULL;
	uint64_t last = 0;
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (file_open(&f, path, &err) < 0)
		abort();
	salvage_open(&s, f);
	close(fd);
	while ((o.rc = salvage_next(s, &c, b, &err)) > 0) {
		assert(b->len == c.info.events && b->len > 0);
		assert(o.chunks == 0 || b->events[0].position > last);
		last = b->events[b->len - 1].position;
		o.chunks++;
		o.events += b->len;
	}
	assert(o.rc == 0 || (err.kind == ERR_FORMAT && err.msg[0]));
	if (o.rc == 0) {
		check_lost(&salvage_found(s)->lost);
		assert(salvage_found(s)->events == o.events);
		assert(salvage_bytes(s) == in.len);
	}
	o.lost = salvage_found(s)->lost.len;
	o.end_lost = salvage_found(s)->end_lost;
	o.header_lost = salvage_found(s)->header_lost;
	salvage_free(s);
	chunk_release(&c);
	batch_free(b);
	return o;
}

/* How many events the strict reader finds, or -1. */
static int64_t
read_strictly(struct slice in)
{
	int fd = offer(in, false), rc;
	struct chunker *state = chunker_new(1);
	struct batch *b = batch_new();
	struct reader_chunk c = {0};
	struct err err = ERR_INIT;
	struct reader *r = NULL;
	int64_t events = 0;
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	rc = reader_open(&r, path, false, &err);
	close(fd);
	if (rc == 0 && reader_is_plain(r))
		rc = -1;
	while (rc >= 0 && (rc = reader_next(r, &c, &err)) > 0) {
		if (reader_payload(r, &c, &err) < 0 || reader_unpack(&c, state, b, &err) < 0) {
			rc = -1;
			break;
		}
		events += (int64_t)b->len;
	}
	reader_free(r);
	reader_chunk_release(&c);
	batch_free(b);
	chunker_free(state);
	return rc < 0 ? -1 : events;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = {data, size};
	struct outcome file = salvage(in, false), piped;
	int64_t strict = read_strictly(in);

	if (size <= PIPE_MOST) {
		piped = salvage(in, true);
		assert(piped.rc == file.rc && piped.chunks == file.chunks);
		assert(piped.lost == file.lost && piped.end_lost == file.end_lost);
	}
	if (strict >= 0 && file.rc == 0) {
		assert(file.events == (uint64_t)strict);
		assert(file.lost == 0 && !file.end_lost && !file.header_lost);
	}
	return 0;
}

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
	return mend_mutated(data, LLVMFuzzerMutate(data, size, most), most, seed);
}
