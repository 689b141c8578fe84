#include "tests/unit/archives.h"

static int
append(struct writer *w, struct chunk *c, struct batch *b, struct chunker *state, struct err *err)
{
	ok(chunk_encode(c, b, &codec_jsonl, 0, err) == 0);
	ok(chunk_compress(c, state, err) == 0);
	return writer_append(w, c, b, err);
}

void
test_a_chunk_without_events_is_passed_over(void)
{
	struct archives_plan plan = {.codec = &codec_jsonl};
	struct chunker *state = chunker_new(1);
	struct batch *b = batch_new();
	struct chunk c = {.raw = BUF_INIT};
	char *path = archives_path_new();
	struct err err = ERR_INIT;
	struct writer *w = NULL;
	struct file *f = NULL;
	uint64_t events, bytes;
	struct header h;
	int i;

	archives_header(&h, &plan);
	ok(file_create(&f, path, true, &err) == 0);
	eq_int(writer_open(&w, f, &h, &err), 0);
	bytes = writer_bytes(w);
	eq_int(append(w, &c, b, state, &err), 0);
	eq_uint(writer_bytes(w), bytes);
	for (i = 0; i < 3; i++) {
		eq_int(append(w, &c, b, state, &err), 0);
		samples_event(b);
		b->events[b->len - 1].position += 1000 * (unsigned)i;
		b->events[0].position = b->events[b->len - 1].position;
		b->len = 1;
		eq_int(append(w, &c, b, state, &err), 0);
		eq_uint(c.info.seq, i);
		b->len = 0;
	}
	eq_uint(writer_totals(w)->chunks, 3);
	eq_uint(writer_totals(w)->events, 3);
	eq_int(writer_finish(w, &(struct writer_account){3, 0, {true, UINT64_MAX - 1}}, &err), 0);
	bytes = writer_bytes(w);
	eq_int(file_publish(f, &err), 0);
	file_close(f);
	writer_free(w);
	writer_free(NULL);
	if (!eq_int(archives_read(path, &events, &err), 0))
		eq_str(err.msg, "");
	eq_uint(events, 3);
	ok(file_open(&f, path, &err) == 0 && file_size(f) == bytes);
	file_close(f);
	header_release(&h);
	chunk_release(&c);
	chunker_free(state);
	batch_free(b);
	archives_path_free(path);
}

/* An export whose account does not add up is not believed. */
void
test_events_that_were_read_are_written_or_filtered(void)
{
	char *path = archives_path_new();
	struct err err = ERR_INIT;
	struct writer *w = NULL;
	struct file *f = NULL;
	struct header h;
	uint64_t events;
	int i;

	for (i = 0; i < 2; i++) {
		archives_header(&h, &(struct archives_plan){.codec = &codec_cbor});
		ok(file_create(&f, path, true, &err) == 0 && writer_open(&w, f, &h, &err) == 0);
		eq_int(writer_finish(w, &(struct writer_account){4, i ? 3 : 4, {true, 9}}, &err),
		       0);
		eq_int(file_publish(f, &err), 0);
		writer_free(w);
		file_close(f);
		header_release(&h);
		eq_int(archives_read(path, &events, &err), -i);
	}
	ok(strstr(err.msg, "account of events") != NULL);
	archives_path_free(path);
}

void
test_plain_lines_have_nothing_around_them(void)
{
	struct batch *b = batch_new();
	struct chunk c = {.raw = BUF_INIT};
	char *path = archives_path_new();
	struct buf bytes = BUF_INIT;
	struct err err = ERR_INIT;
	struct writer *w = NULL;
	struct file *f = NULL;

	samples_event(b);
	samples_event(b);
	ok(file_create(&f, path, true, &err) == 0 && writer_open(&w, f, NULL, &err) == 0);
	ok(chunk_encode(&c, b, &codec_jsonl, 0, &err) == 0);
	eq_int(writer_append(w, &c, b, &err), 0);
	eq_int(writer_finish(w, &(struct writer_account){.read = 2}, &err), 0);
	eq_int(file_publish(f, &err), 0);
	eq_uint(writer_totals(w)->events, 2);
	archives_slurp(path, &bytes);
	eq_mem(bytes.p, bytes.len, c.raw.p, c.raw.len);
	eq_uint(writer_bytes(w), bytes.len);
	writer_free(w);
	file_close(f);
	chunk_release(&c);
	batch_free(b);
	buf_release(&bytes);
	archives_path_free(path);
}

void
test_a_full_disk_is_an_error_each_time(void)
{
	struct archives_plan plan = {.codec = &codec_jsonl, .per_chunk = 2};
	int saved = dup(STDOUT_FILENO), full = open("/dev/full", O_WRONLY), opened, appended;
	struct batch *b = batch_new();
	struct chunk c = {.raw = BUF_INIT};
	struct err err = ERR_INIT;
	struct writer *w = NULL;
	struct file *f = NULL;
	struct header h;

	archives_header(&h, &plan);
	archives_fill(b, &plan, 0);
	ok(chunk_encode(&c, b, &codec_jsonl, 0, &err) == 0);
	ok(file_create(&f, "-", false, &err) == 0);
	fflush(stdout);
	dup2(full, STDOUT_FILENO);
	opened = writer_open(&w, f, &h, &err);
	appended = writer_open(&w, f, NULL, &err);
	if (appended == 0)
		appended = writer_append(w, &c, b, &err);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	close(full);
	eq_int(opened, -1);
	eq_int(appended, -1);
	eq_str(err.msg,
	       "write standard output: No space left on device; make room, and run it again");
	writer_free(w);
	file_close(f);
	header_release(&h);
	chunk_release(&c);
	batch_free(b);
}

static void
append_planned(struct writer *w, const struct archives_plan *plan, unsigned chunk, struct err *err)
{
	struct chunker *state = chunker_new(1);
	struct batch *b = batch_new();
	struct chunk c = {.raw = BUF_INIT};

	archives_fill(b, plan, chunk);
	b->filtered = 3;
	eq_int(append(w, &c, b, state, err), 0);
	eq_uint(c.info.filtered, 3);
	chunk_release(&c);
	chunker_free(state);
	batch_free(b);
}

/* The same bytes as in one go, wherever the first run ended. */
void
test_an_archive_that_was_begun_is_gone_on_with(void)
{
	struct archives_plan plan = {.codec = &codec_jsonl, .per_chunk = 3};
	struct writer_account account = {15, 6, {true, 9000}};
	struct buf whole = BUF_INIT, again = BUF_INIT;
	char *path = archives_path_new();
	struct err err = ERR_INIT;
	struct writer *w = NULL;
	struct file *f = NULL;
	struct header h;
	unsigned kept, i;

	archives_header(&h, &plan);
	ok(file_create(&f, path, true, &err) == 0 && writer_open(&w, f, &h, &err) == 0);
	for (i = 0; i < 3; i++)
		append_planned(w, &plan, i, &err);
	ok(writer_finish(w, &account, &err) == 0 && file_publish(f, &err) == 0);
	writer_free(w);
	file_close(f);
	archives_slurp(path, &whole);
	for (kept = 0; kept < 3; kept++) {
		ok(file_create(&f, path, true, &err) == 0 &&
		   file_write(f, whole.p, whole.len, &err) == 0);
		file_close(f);
		eq_int(file_resume(&f, path, true, &err), 1);
		eq_int(writer_resume(&w, f, &h, &err), 0);
		for (i = 0; i < kept; i++)
			append_planned(w, &plan, i, &err);
		eq_int(writer_go_on(w, &err), 0);
		for (; i < 3; i++)
			append_planned(w, &plan, i, &err);
		ok(writer_finish(w, &account, &err) == 0 && file_publish(f, &err) == 0);
		writer_free(w);
		file_close(f);
		again.len = 0;
		archives_slurp(path, &again);
		eq_mem(again.p, again.len, whole.p, whole.len);
	}
	header_release(&h);
	buf_release(&whole);
	buf_release(&again);
	archives_path_free(path);
}
