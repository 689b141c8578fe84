#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/file.h"
#include "import/deadletter.h"
#include "tests/tap.h"

#define PATH_BYTES 300

static const struct digest origin = {.bytes = {1, 2}};

static struct event
event_at(uint64_t position)
{
	return (struct event){.position = position,
	                      .version = position,
	                      .time_ns = EVENT_NO_TIME,
	                      .stream = SLICE_LIT("s"),
	                      .type = SLICE_LIT("T")};
}

static struct deadletter *
begin(const char *path, const struct digest *of, struct err *err)
{
	struct buf filters = BUF_INIT;
	struct deadletter *d = NULL;

	buf_add_byte(&filters, 0xA0); /* an empty map */
	if (deadletter_open(&d, path, err) == 0 &&
	    deadletter_begin(d, NULL, of, &filters, err) < 0) {
		deadletter_free(d);
		d = NULL;
	}
	buf_release(&filters);
	return d;
}

static int
add(struct deadletter *d, uint64_t position, struct err *err)
{
	struct event e = event_at(position);

	return deadletter_add(d, &e, "no \"room\"", err);
}

/* Three chunks: 3 and 5, 8, 9.  What came behind the last sync is not in the file. */
static void
leave(const char *path)
{
	struct err err = ERR_INIT;
	struct deadletter *d = begin(path, &origin, &err);

	ok(d && add(d, 3, &err) == 0 && add(d, 5, &err) == 0 && deadletter_sync(d, &err) == 0);
	ok(add(d, 8, &err) == 0 && deadletter_sync(d, &err) == 0);
	ok(add(d, 9, &err) == 0 && deadletter_sync(d, &err) == 0);
	ok(add(d, 10, &err) == 0);
	eq_uint(deadletter_events(d), 5);
	deadletter_free(d);
}

static void
in_folder(char path[PATH_BYTES], char part[PATH_BYTES])
{
	const char *tmp = getenv("TMPDIR");
	char *dir = NULL;

	if (asprintf(&dir, "%s/es-letters-XXXXXX", tmp ? tmp : "/tmp") < 0 || !mkdtemp(dir))
		abort();
	snprintf(path, PATH_BYTES, "%s/d.jsonl.zst", dir);
	snprintf(part, PATH_BYTES, "%s.part", path);
	free(dir);
}

void
test_what_was_left_is_known_and_not_added_again(void)
{
	struct err err = ERR_INIT;
	struct deadletter *d;
	char path[PATH_BYTES], part[PATH_BYTES];

	in_folder(path, part);
	leave(path);
	d = begin(path, &origin, &err);
	ok(d != NULL);
	eq_uint(deadletter_events(d), 4);
	eq_uint(deadletter_between(d, 0, UINT64_MAX), 4);
	eq_uint(deadletter_between(d, 4, 8), 2);
	eq_uint(deadletter_between(d, 6, 7), 0);
	ok(add(d, 5, &err) == 0 && add(d, 9, &err) == 0);
	eq_uint(deadletter_events(d), 4);
	/* One that was good then cannot go between. */
	eq_int(add(d, 7, &err), -1);
	eq_int(err.kind, ERR_DATA);
	ok(add(d, 12, &err) == 0 && deadletter_finish(d, &err) == 0);
	deadletter_free(d);
	ok(access(path, F_OK) == 0 && access(part, F_OK) < 0);
	ok(begin(path, &origin, &err) == NULL);
	eq_int(err.kind, ERR_IO);
}

static void
put(const char *path, const uint8_t *p, size_t len)
{
	FILE *f = fopen(path, "we");

	ok(f && fwrite(p, 1, len, f) == len && fclose(f) == 0);
}

void
test_wherever_the_file_ends_whole_chunks_stay(void)
{
	static const struct digest other = {.bytes = {3, 4}};
	struct err err = ERR_INIT;
	uint64_t kept, most = 0;
	struct deadletter *d;
	char path[PATH_BYTES], part[PATH_BYTES];
	struct buf whole = BUF_INIT;
	size_t len;

	in_folder(path, part);
	leave(path);
	ok(begin(path, &other, &err) == NULL);
	eq_int(err.kind, ERR_CONFLICT);
	ok(file_slurp(part, 1 << 20, &whole, &err) == 0);
	for (len = 0; len <= whole.len; len++) {
		put(part, whole.p, len);
		d = begin(path, &origin, &err);
		if (!ok(d != NULL))
			return;
		kept = deadletter_events(d);
		if (!ok(kept == 0 || kept == 2 || kept == 3 || kept == 4) || !ok(kept >= most))
			return;
		most = kept;
		if (len % 32 > 0) { /* syncs are slow */
			deadletter_free(d);
			continue;
		}
		ok(add(d, 20, &err) == 0 && deadletter_sync(d, &err) == 0);
		deadletter_free(d);
		d = begin(path, &origin, &err);
		eq_uint(deadletter_events(d), kept + 1);
		deadletter_free(d);
	}
	eq_uint(most, 4);
	buf_release(&whole);
}

/* One bit of it is another one: what stands behind the first chunks is not cut off. */
void
test_damage_before_chunks_that_are_whole_is_an_error(void)
{
	struct err err = ERR_INIT;
	uint64_t at, refused = 0;
	struct deadletter *d;
	char path[PATH_BYTES], part[PATH_BYTES];
	struct buf whole = BUF_INIT, after = BUF_INIT;

	in_folder(path, part);
	leave(path);
	ok(file_slurp(part, 1 << 20, &whole, &err) == 0);
	for (at = 0; at < whole.len; at += 13) {
		whole.p[at] ^= 4;
		put(part, whole.p, whole.len);
		d = begin(path, &origin, &err);
		if (d) { /* in the last chunk, which may be one that was not all written */
			ok(deadletter_events(d) == 3);
		} else {
			refused++;
			eq_int(err.kind, ERR_FORMAT);
			after.len = 0;
			ok(file_slurp(part, 1 << 20, &after, &err) == 0);
			ok(slice_eq(buf_slice(&after), buf_slice(&whole)));
		}
		deadletter_free(d);
		whole.p[at] ^= 4;
	}
	ok(refused > 0);
	buf_release(&whole);
	buf_release(&after);
}

void
test_reasons_are_taken_out_and_nothing_else(void)
{
	struct batch *b = batch_new();
	struct event e = event_at(1);
	struct event *in;

	in = batch_add_copy(b, &e);
	event_add_attr(in, b->mem, SLICE_LIT("a"), SLICE_LIT("1"));
	event_add_attr(in, b->mem, SLICE_LIT(DEADLETTER_REASON), SLICE_LIT("\"x\""));
	event_add_attr(in, b->mem, SLICE_LIT("$time"), SLICE_LIT("2"));
	deadletter_strip(b);
	eq_uint(b->events[0].n_attrs, 2);
	ok(slice_is(b->events[0].attrs[1].name, "$time"));
	batch_free(b);
}
