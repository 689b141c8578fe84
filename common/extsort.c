#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/extsort.h"
#include "common/tempfile.h"

#define RECORD_BYTES (EXTSORT_KEY_BYTES + 2 * sizeof(uint64_t))
#define FEW_RECORDS 32       /* so many are sorted by inserting them */
#define LEAST_RUN_RECORDS 64 /* of a run, read at once */

/* One sorted run in the file, and the part of it that is in memory. */
struct run {
	uint64_t at, end;              /* records in the file, from its start */
	struct extsort_record *buffer; /* a part of the sorter's */
	size_t cap, next, have;
};

struct extsort {
	struct extsort_record *buffer;
	size_t cap, len, next;
	int fd;          /* -1: nothing had to leave memory */
	uint64_t stored; /* records in the file */
	uint64_t *ends;  /* of the runs */
	size_t n_runs, cap_runs;
	struct run *runs;
	struct run **heap; /* the least first */
	size_t n_heap;
};

struct extsort *
extsort_new(size_t buffer_records)
{
	struct extsort *s = xcalloc(1, sizeof(*s));

	s->cap = buffer_records;
	s->buffer = xcalloc(buffer_records, sizeof(*s->buffer));
	s->fd = -1;
	return s;
}

void
extsort_free(struct extsort *s)
{
	if (!s)
		return;
	free(s->heap);
	free(s->runs);
	free(s->ends);
	free(s->buffer);
	if (s->fd >= 0)
		close(s->fd);
	free(s);
}

static int
compare(const struct extsort_record *x, const struct extsort_record *y)
{
	int order = memcmp(x->key, y->key, sizeof(x->key));

	if (order)
		return order;
	if (x->major != y->major)
		return x->major < y->major ? -1 : 1;
	return x->minor < y->minor ? -1 : x->minor > y->minor;
}

/* Byte `at` of a record, in the order in which they decide. */
static unsigned
byte_at(const struct extsort_record *r, size_t at)
{
	if (at < EXTSORT_KEY_BYTES)
		return r->key[at];
	at -= EXTSORT_KEY_BYTES;
	return (at < 8 ? r->major : r->minor) >> (56 - 8 * (at % 8)) & 0xFF;
}

static void
insertion_sort(struct extsort_record *r, size_t n)
{
	struct extsort_record moved;
	size_t i, j;

	for (i = 1; i < n; i++) {
		moved = r[i];
		for (j = i; j > 0 && compare(&moved, &r[j - 1]) < 0; j--)
			r[j] = r[j - 1];
		r[j] = moved;
	}
}

/* Put records in order by byte `at`, of which there are so many of each value. */
static void
distribute(struct extsort_record *r, size_t at, const size_t count[256])
{
	struct extsort_record moved, other;
	size_t next[256], sum = 0;
	unsigned b, to;

	for (b = 0; b < 256; sum += count[b++])
		next[b] = sum;
	for (b = 0, sum = 0; b < 256; sum += count[b++]) {
		while (next[b] < sum + count[b]) {
			moved = r[next[b]];
			while ((to = byte_at(&moved, at)) != b) {
				other = r[next[to]];
				r[next[to]++] = moved;
				moved = other;
			}
			r[next[b]++] = moved;
		}
	}
}

static void flag_sort(struct extsort_record *r, size_t n, size_t at);

/* Many records that are the same before byte `at`. */
static void
sort_many(struct extsort_record *r, size_t n, size_t at)
{
	size_t count[256] = {0}, sum = 0, i;
	unsigned b;

	for (i = 0; i < n; i++)
		count[byte_at(&r[i], at)]++;
	if (count[byte_at(r, at)] == n) {
		flag_sort(r, n, at + 1);
		return;
	}
	distribute(r, at, count);
	for (b = 0; b < 256; sum += count[b++])
		flag_sort(r + sum, count[b], at + 1);
}

/*
 * American flag sort (McIlroy, Bostic, McIlroy: Engineering Radix Sort, 1993).
 * qsort() would take as much memory again; keys are hashes, for which this is
 * two passes and a few insertions.  Records of one stream share their key: they
 * go down to the bytes that differ without being moved.  The few records at the
 * bottom, which are most calls, do not pay for the counters.
 */
static void
flag_sort(struct extsort_record *r, size_t n, size_t at)
{
	if (at == RECORD_BYTES)
		return;
	if (n <= FEW_RECORDS)
		insertion_sort(r, n);
	else
		sort_many(r, n, at);
}

static int
spill(struct extsort *s, struct err *err)
{
	flag_sort(s->buffer, s->len, 0);
	if (s->fd < 0 && tempfile_open(&s->fd, err) < 0)
		return -1;
	if (tempfile_write(s->fd, s->buffer, s->len * sizeof(*s->buffer), err) < 0)
		return -1;
	s->stored += s->len;
	s->len = 0;
	s->ends = xgrow(s->ends, &s->cap_runs, s->n_runs + 1, sizeof(*s->ends));
	s->ends[s->n_runs++] = s->stored;
	return 0;
}

int
extsort_add(struct extsort *s, const struct extsort_record *r, struct err *err)
{
	if (s->len == s->cap && spill(s, err) < 0)
		return -1;
	s->buffer[s->len++] = *r;
	return 0;
}

/* The record that a run stands at: 1, 0 at its end, -1. */
static int
refill(struct extsort *s, struct run *run, struct err *err)
{
	uint64_t want = run->end - run->at;

	if (run->next < run->have)
		return 1;
	if (want > run->cap)
		want = run->cap;
	if (tempfile_read(s->fd, run->at * sizeof(*run->buffer), run->buffer,
	                  (size_t)want * sizeof(*run->buffer), err) < 0)
		return -1;
	run->at += want;
	run->next = 0;
	run->have = (size_t)want;
	return want > 0;
}

static const struct extsort_record *
front(const struct run *run)
{
	return &run->buffer[run->next];
}

static void
sift_down(struct extsort *s, size_t i)
{
	struct run *moved = s->heap[i];
	size_t child;

	for (; (child = 2 * i + 1) < s->n_heap; i = child) {
		if (child + 1 < s->n_heap &&
		    compare(front(s->heap[child + 1]), front(s->heap[child])) < 0)
			child++;
		if (compare(front(moved), front(s->heap[child])) <= 0)
			break;
		s->heap[i] = s->heap[child];
	}
	s->heap[i] = moved;
}

/* The buffer is empty now: the runs share it, so that more events need no more memory. */
static int
open_runs(struct extsort *s, struct err *err)
{
	size_t share = s->cap / s->n_runs, i;
	struct run *run;

	if (share < LEAST_RUN_RECORDS) {
		share = LEAST_RUN_RECORDS;
		s->cap = share * s->n_runs;
		s->buffer = xrealloc(s->buffer, s->cap * sizeof(*s->buffer));
	}
	s->runs = xcalloc(s->n_runs, sizeof(*s->runs));
	s->heap = xcalloc(s->n_runs, sizeof(struct run *));
	for (i = 0; i < s->n_runs; i++) {
		run = s->heap[s->n_heap++] = &s->runs[i];
		run->at = i ? s->ends[i - 1] : 0;
		run->end = s->ends[i];
		run->buffer = s->buffer + i * share;
		run->cap = share;
		if (refill(s, run, err) < 0)
			return -1;
	}
	return 0;
}

int
extsort_finish(struct extsort *s, struct err *err)
{
	size_t i;

	if (s->fd < 0) {
		flag_sort(s->buffer, s->len, 0);
		return 0;
	}
	if ((s->len && spill(s, err) < 0) || open_runs(s, err) < 0)
		return -1;
	for (i = s->n_heap; i-- > 0;)
		sift_down(s, i);
	return 0;
}

int
extsort_next(struct extsort *s, struct extsort_record *out, struct err *err)
{
	struct run *run;
	int rc;

	if (s->fd < 0) {
		if (s->next == s->len)
			return 0;
		*out = s->buffer[s->next++];
		return 1;
	}
	if (s->n_heap == 0)
		return 0;
	run = s->heap[0];
	*out = *front(run);
	run->next++;
	rc = refill(s, run, err);
	if (rc < 0)
		return -1;
	if (rc == 0)
		s->heap[0] = s->heap[--s->n_heap];
	if (s->n_heap)
		sift_down(s, 0);
	return 1;
}
