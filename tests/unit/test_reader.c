#include <zstd.h>

#include "format/block.h"
#include "tests/unit/archives.h"

static const struct codec *const codecs[] = {&codec_jsonl, &codec_cbor};

void
test_archives_of_any_number_of_chunks_come_back(void)
{
	char *path = archives_path_new();
	struct err err = ERR_INIT;
	uint64_t events;
	unsigned i, chunks;

	for (i = 0; i < 2; i++)
		for (chunks = 0; chunks < 8; chunks += 1 + chunks / 3) {
			archives_write(path, &(struct archives_plan){.codec = codecs[i],
			                                             .chunks = chunks,
			                                             .per_chunk = 7});
			if (!eq_int(archives_read(path, &events, &err), 0))
				eq_str(err.msg, "");
			eq_uint(events, chunks * 7);
		}
	archives_path_free(path);
}

void
test_every_event_is_what_was_written(void)
{
	struct archives_plan plan = {.chunks = 2, .all_samples = true, .first = 3};
	struct batch *want = batch_new(), *got = batch_new();
	struct reader_chunk c = {.codec = NULL};
	struct chunker *state = chunker_new(1);
	char *path = archives_path_new();
	struct err err = ERR_INIT;
	struct reader *r = NULL;
	unsigned i, k;
	size_t n;

	for (i = 0; i < 2; i++) {
		plan.codec = codecs[i];
		archives_write(path, &plan);
		ok(reader_open(&r, path, false, &err) == 0);
		ok(!reader_is_plain(r) && reader_header(r) == NULL);
		for (k = 0; k < 2; k++) {
			archives_fill(want, &plan, k);
			eq_int(reader_next(r, &c, &err), 1);
			ok(c.codec == codecs[i] && c.chunk.info.seq == k);
			eq_int(reader_payload(r, &c, &err), 0);
			eq_int(reader_unpack(&c, state, got, &err), 0);
			eq_uint(got->len, want->len);
			for (n = 0; n < got->len; n++) {
				ok(event_check(&want->events[n], want->mem, &err) == 0);
				ok(!event_difference(&got->events[n], &want->events[n], true));
			}
		}
		eq_int(reader_next(r, &c, &err), 0);
		eq_uint(reader_said(r)->events, 2 * want->len);
		eq_uint(reader_bytes(r), reader_size_bytes(r));
		eq_str(err.msg, "");
		reader_free(r);
	}
	reader_chunk_release(&c);
	chunker_free(state);
	batch_free(want);
	batch_free(got);
	archives_path_free(path);
}

static struct buf
small_archive(char *path, const struct codec *codec)
{
	struct buf bytes = BUF_INIT;

	archives_write(path, &(struct archives_plan){.codec = codec,
	                                             .chunks = 2,
	                                             .per_chunk = 2,
	                                             .first = 10,
	                                             .origin = 1});
	archives_slurp(path, &bytes);
	return bytes;
}

void
test_every_flipped_bit_is_found(void)
{
	char *path = archives_path_new();
	struct buf bytes;
	size_t bit;
	unsigned i;

	for (i = 0; i < 2; i++) {
		bytes = small_archive(path, codecs[i]);
		for (bit = 0; bit < bytes.len * 8; bit++) {
			bytes.p[bit / 8] ^= (uint8_t)(1U << bit % 8);
			if (!ok(archives_refused(path, buf_slice(&bytes))))
				eq_uint(bit, 0);
			bytes.p[bit / 8] ^= (uint8_t)(1U << bit % 8);
		}
		ok(!archives_refused(path, buf_slice(&bytes)));
		buf_release(&bytes);
	}
	archives_path_free(path);
}

void
test_every_cut_is_found(void)
{
	char *path = archives_path_new();
	struct buf bytes;
	size_t len;
	unsigned i;

	for (i = 0; i < 2; i++) {
		bytes = small_archive(path, codecs[i]);
		for (len = 0; len < bytes.len; len++)
			if (!ok(archives_refused(path, (struct slice){bytes.p, len})))
				eq_uint(len, 0);
		buf_release(&bytes);
	}
	archives_path_free(path);
}

void
test_garbage_behind_the_end_is_found(void)
{
	static const char *const garbage[] = {"\n", "x", "12345678", "{\"position\":1}\n"};
	char *path = archives_path_new();
	struct buf bytes = small_archive(path, &codec_cbor);
	size_t i, len = bytes.len;

	for (i = 0; i < SAMPLES_N(garbage); i++) {
		bytes.len = len;
		buf_add_str(&bytes, garbage[i]);
		ok(archives_refused(path, buf_slice(&bytes)));
	}
	for (i = 1; i < 40; i++) { /* zeros, as a file system leaves them behind a crash */
		bytes.len = len + i;
		buf_reserve(&bytes, 0);
		buf_reserve(&bytes, 64);
		memset(bytes.p + len, 0, i);
		ok(archives_refused(path, buf_slice(&bytes)));
	}
	buf_release(&bytes);
	archives_path_free(path);
}

/* The frames of an archive, to put together in another way. */
static size_t
frames_of(const struct buf *bytes, struct slice frames[20])
{
	size_t at = 0, n = 0;

	for (; at < bytes->len && n < 20; n++) {
		frames[n].p = bytes->p + at;
		frames[n].len = ZSTD_findFrameCompressedSize(bytes->p + at, bytes->len - at);
		at += frames[n].len;
	}
	eq_uint(at, bytes->len);
	return n;
}

static bool
order_refused(const char *path, const struct slice *frames, const size_t *order, size_t n)
{
	struct buf bytes = BUF_INIT;
	bool refused;
	size_t i;

	for (i = 0; i < n; i++)
		buf_add_slice(&bytes, frames[order[i]]);
	refused = archives_refused(path, buf_slice(&bytes));
	buf_release(&bytes);
	return refused;
}

void
test_frames_that_are_dropped_doubled_or_moved_are_found(void)
{
	char *path = archives_path_new();
	struct buf bytes = BUF_INIT;
	struct slice frames[20];
	size_t order[21], n, i, k, m;

	archives_write(path, &(struct archives_plan){.codec = &codec_jsonl,
	                                             .chunks = 4,
	                                             .per_chunk = 2,
	                                             .first = 1});
	archives_slurp(path, &bytes);
	n = frames_of(&bytes, frames);
	eq_uint(n, 12); /* header, 4 times 2, index, end, seek table */
	for (i = 0; i < n; i++) {
		for (k = m = 0; k < n; k++)
			if (k != i)
				order[m++] = k;
		ok(order_refused(path, frames, order, m));
		for (k = m = 0; k < n; k++) {
			order[m++] = k;
			if (k == i)
				order[m++] = k;
		}
		ok(order_refused(path, frames, order, m));
		for (m = i + 1; m < n; m++) {
			for (k = 0; k < n; k++)
				order[k] = k == i ? m : k == m ? i : k;
			ok(order_refused(path, frames, order, n));
		}
	}
	/* Whole chunks, block and payload together. */
	ok(order_refused(path, frames, (size_t[]){0, 3, 4, 1, 2, 5, 6, 7, 8, 9, 10, 11}, 12));
	ok(order_refused(path, frames, (size_t[]){0, 1, 2, 5, 6, 7, 8, 9, 10, 11}, 10));
	ok(order_refused(path, frames, (size_t[]){0, 3, 4, 5, 6, 7, 8, 9, 10, 11}, 10));
	ok(order_refused(path, frames, (size_t[]){0, 1, 2, 3, 4, 5, 6, 9, 10, 11}, 10));
	ok(order_refused(path, frames, (size_t[]){0, 1, 2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, 14));
	ok(!order_refused(path, frames, (size_t[]){0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, 12));
	buf_release(&bytes);
	archives_path_free(path);
}

/* Frames of two archives that differ in all but their sizes: how many events come before the error.
 */
static uint64_t
events_of_mixed(const struct slice *a, const struct slice *b, const char *from, const char *says)
{
	char *path = archives_path_new();
	struct buf bytes = BUF_INIT;
	struct err err = ERR_INIT;
	uint64_t events;
	size_t i;

	for (i = 0; from[i]; i++)
		buf_add_slice(&bytes, from[i] == 'a' ? a[i] : b[i]);
	archives_spill(path, buf_slice(&bytes));
	eq_int(archives_read(path, &events, &err), -1);
	if (!ok(strstr(err.msg, says) != NULL))
		eq_str(err.msg, says);
	buf_release(&bytes);
	archives_path_free(path);
	return events;
}

void
test_parts_of_another_archive_are_found_before_their_events_are_used(void)
{
	struct archives_plan plan = {.codec = &codec_cbor,
	                             .chunks = 2,
	                             .per_chunk = 2,
	                             .first = 10,
	                             .origin = 1};
	struct buf bytes[2] = {BUF_INIT, BUF_INIT};
	struct slice a[20], b[20], swapped[20];
	char *path = archives_path_new();

	setenv("SOURCE_DATE_EPOCH", "1700000000", 1); /* times of one length */
	archives_write(path, &plan);
	archives_slurp(path, &bytes[0]);
	plan.first = 15;
	setenv("SOURCE_DATE_EPOCH", "1700000001", 1);
	archives_write(path, &plan);
	archives_slurp(path, &bytes[1]);
	unsetenv("SOURCE_DATE_EPOCH");
	eq_uint(frames_of(&bytes[0], a), 8);
	eq_uint(frames_of(&bytes[1], b), 8);
	memcpy(swapped, a, sizeof(a));
	memcpy(swapped + 1, a + 3, 2 * sizeof(*a));
	memcpy(swapped + 3, a + 1, 2 * sizeof(*a));
	eq_uint(events_of_mixed(a, b, "aaabbaaa", "chain of digests breaks"), 2);
	eq_uint(events_of_mixed(a, b, "aaaabaaa", "stored bytes are damaged"), 2);
	eq_uint(events_of_mixed(swapped, b, "aaaaaaaa", "missing, doubled or moved"), 0);
	eq_uint(events_of_mixed(a, b, "baaaaaaa", "differs from what was read: header"), 4);
	buf_release(&bytes[0]);
	buf_release(&bytes[1]);
	archives_path_free(path);
}

/* Two archives one behind the other: the events, or -1. */
static int64_t
read_both(const struct archives_plan *a, const struct archives_plan *b)
{
	char *path = archives_path_new();
	struct buf bytes = BUF_INIT;
	struct err err = ERR_INIT;
	uint64_t events;
	int rc;

	archives_write(path, a);
	archives_slurp(path, &bytes);
	archives_write(path, b);
	archives_slurp(path, &bytes);
	archives_spill(path, buf_slice(&bytes));
	rc = archives_read(path, &events, &err);
	ok(rc == 0 || err.kind == ERR_FORMAT);
	buf_release(&bytes);
	archives_path_free(path);
	return rc < 0 ? -1 : (int64_t)events;
}

void
test_archives_that_follow_each_other_are_read_as_one(void)
{
	struct archives_plan a = {.codec = &codec_jsonl,
	                          .chunks = 2,
	                          .per_chunk = 3,
	                          .first = 10,
	                          .origin = 1};
	struct archives_plan b = a;

	b.codec = &codec_cbor;
	b.first = 100;
	b.after = (struct selection_bound){true, 60}; /* the last position of the first one */
	eq_int(read_both(&a, &b), 12);
	b.after.position = 55; /* it overlaps, but no event is there twice */
	eq_int(read_both(&a, &b), 12);
	b.first = 60;
	eq_int(read_both(&a, &b), -1);
	b.first = 100;
	b.after.position = 61; /* one is missing */
	eq_int(read_both(&a, &b), -1);
	a.upto = (struct selection_bound){true, 61}; /* asked for, which proves nothing */
	eq_int(read_both(&a, &b), -1);
	a.reached = (struct selection_bound){true, 61}; /* no, filters left it out */
	eq_int(read_both(&a, &b), 12);
	b.chunks = 0;
	eq_int(read_both(&a, &b), 6);
	a.chunks = 0;
	eq_int(read_both(&a, &b), 0);
}

void
test_archives_that_do_not_follow_are_refused(void)
{
	struct archives_plan a = {.codec = &codec_cbor,
	                          .chunks = 1,
	                          .per_chunk = 3,
	                          .first = 10,
	                          .origin = 1};
	struct archives_plan good = a, b;

	good.first = 100;
	good.after = (struct selection_bound){true, 30};
	eq_int(read_both(&a, &good), 6);
	eq_int(read_both(&good, &a), -1);
	eq_int(read_both(&a, &a), -1);
	b = good;
	b.after.set = false;
	eq_int(read_both(&a, &b), -1);
	b = good;
	b.origin = 2;
	eq_int(read_both(&a, &b), -1);
	b.origin = 0;
	eq_int(read_both(&a, &b), -1);
	b = good;
	b.stream_filter = "x";
	eq_int(read_both(&a, &b), -1);
	a.stream_filter = "x";
	eq_int(read_both(&a, &b), 6);
}

void
test_a_repair_archive_stands_alone(void)
{
	struct archives_plan a = {.codec = &codec_cbor,
	                          .chunks = 1,
	                          .per_chunk = 3,
	                          .first = 10,
	                          .origin = 1};
	struct archives_plan b = a;

	b.first = 100;
	b.after = (struct selection_bound){true, 30};
	eq_int(read_both(&a, &b), 6);
	b.fill = true;
	eq_int(read_both(&a, &b), -1);
	a.fill = true;
	eq_int(read_both(&a, &b), -1);
	b.fill = false;
	eq_int(read_both(&a, &b), -1);
}

/* Open a file as standard input, which is not passed over but read; what that was before. */
static int
open_stdin(struct reader **r, const char *path)
{
	int saved = dup(STDIN_FILENO), fd = open(path, O_RDONLY);
	struct err err = ERR_INIT;

	dup2(fd, STDIN_FILENO);
	close(fd);
	ok(reader_open(r, "-", false, &err) == 0);
	return saved;
}

static void
restore_stdin(int saved)
{
	dup2(saved, STDIN_FILENO);
	close(saved);
}

void
test_payloads_that_nobody_wants_are_passed_over(void)
{
	struct reader_chunk c = {.codec = NULL};
	int round, saved = -1, n, rc;
	char *path = archives_path_new();
	struct err err = ERR_INIT;
	struct reader *r = NULL;

	archives_write(path, &(struct archives_plan){.codec = &codec_cbor,
	                                             .chunks = 5,
	                                             .per_chunk = 9,
	                                             .first = 1});
	for (round = 0; round < 4; round++) {
		if (round % 2)
			saved = open_stdin(&r, path);
		else
			ok(reader_open(&r, path, false, &err) == 0);
		for (n = 0; (rc = reader_next(r, &c, &err)) > 0; n++)
			if (round / 2 && n % 2)
				eq_int(reader_payload(r, &c, &err), 0);
		eq_int(rc, 0);
		eq_int(n, 5);
		eq_uint(reader_said(r)->events, 45);
		reader_free(r);
		if (round % 2)
			restore_stdin(saved);
	}
	reader_chunk_release(&c);
	archives_path_free(path);
}

void
test_a_cut_is_found_in_a_payload_that_nobody_wants(void)
{
	struct reader_chunk c = {.codec = NULL};
	char *path = archives_path_new();
	struct buf bytes = small_archive(path, &codec_cbor);
	struct slice frames[20];
	struct reader *r = NULL;
	int round, saved = -1;

	eq_uint(frames_of(&bytes, frames), 8);
	archives_spill(path, (struct slice){bytes.p, (size_t)(frames[3].p - bytes.p) - 1});
	for (round = 0; round < 2; round++) {
		struct err err = ERR_INIT;

		if (round % 2)
			saved = open_stdin(&r, path);
		else
			ok(reader_open(&r, path, false, &err) == 0);
		eq_int(reader_next(r, &c, &err), 1);
		eq_int(reader_next(r, &c, &err), -1);
		eq_int(err.kind, ERR_FORMAT);
		ok(strstr(err.msg, "ends early, at byte") != NULL);
		reader_free(r);
		if (round % 2)
			restore_stdin(saved);
	}
	buf_release(&bytes);
	reader_chunk_release(&c);
	archives_path_free(path);
}

/* A header, and a block behind it that is whole and does not belong there. */
static void
block_says(enum block_kind kind, struct slice map, const char *says)
{
	char *path = archives_path_new();
	struct buf bytes = BUF_INIT;
	struct err err = ERR_INIT;
	struct header h;
	uint64_t events;

	archives_header(&h, &(struct archives_plan){.codec = &codec_cbor});
	if (kind != BLOCK_HEADER)
		header_write(&h, &bytes);
	block_write(kind, map, &bytes);
	archives_spill(path, buf_slice(&bytes));
	eq_int(archives_read(path, &events, &err), -1);
	eq_int(err.kind, ERR_FORMAT);
	ok(strncmp(err.msg, path, strlen(path)) == 0);
	if (!ok(strstr(err.msg, says) != NULL))
		eq_str(err.msg, says);
	header_release(&h);
	buf_release(&bytes);
	archives_path_free(path);
}

void
test_blocks_that_are_whole_and_say_nonsense_are_refused(void)
{
	block_says(BLOCK_HEADER, SLICE_LIT("\xA0"), ": header: ");
	block_says(BLOCK_CHUNK, SLICE_LIT("\xA0"), ": chunk block: ");
	block_says(BLOCK_INDEX, SLICE_LIT("\xA0"), ": index block: ");
	block_says(BLOCK_END, SLICE_LIT("\xA0"), ": end block: ");
	block_says((enum block_kind)'X', SLICE_LIT("\xA0"), "a block of an unknown kind");
}

void
test_a_chunk_outside_of_the_range_is_refused(void)
{
	struct archives_plan plan = {.codec = &codec_cbor,
	                             .chunks = 1,
	                             .per_chunk = 3,
	                             .first = 10,
	                             .after = {true, 9},
	                             .upto = {true, 30}};
	char *path = archives_path_new();
	struct err err = ERR_INIT;
	uint64_t events;
	int i;

	for (i = 0; i < 3; i++) {
		plan.after.position = i == 1 ? 10 : 9;
		plan.upto.position = i == 2 ? 29 : 30;
		archives_write(path, &plan);
		eq_int(archives_read(path, &events, &err), i == 0 ? 0 : -1);
		ok(i == 0 || strstr(err.msg, "outside of the range that the header says"));
	}
	archives_path_free(path);
}

/* A size that nobody backs with bytes. */
void
test_lengths_that_lie_are_refused(void)
{
	static const uint32_t sizes[] = {0, 1, 16, 1 << 20, 1 << 28, (1 << 28) + 1, UINT32_MAX};
	char *path = archives_path_new();
	uint8_t frame[100] = "";
	struct buf bytes = BUF_INIT;
	struct chunk_info info = {.events = 1, .raw_bytes = 1 << 30, .stored_bytes = 1 << 30};
	struct header h;
	size_t i;

	memset(frame, 'E', sizeof(frame));
	wire_put_u32(frame, WIRE_MAGIC_BLOCK);
	for (i = 0; i < SAMPLES_N(sizes); i++) {
		wire_put_u32(frame + 4, sizes[i]);
		ok(archives_refused(path, (struct slice){frame, sizeof(frame)}));
	}
	archives_header(&h, &(struct archives_plan){.codec = &codec_cbor});
	header_write(&h, &bytes);
	info.least_ns = info.greatest_ns = EVENT_NO_TIME;
	info.chain = digest_chain(&info.chain, &info.digest);
	chunk_info_write(&info, &bytes);
	buf_add_str(&bytes, "only a few bytes");
	ok(archives_refused(path, buf_slice(&bytes)));
	header_release(&h);
	buf_release(&bytes);
	archives_path_free(path);
}

#define LINE "\"stream\":\"s\",\"version\":0,\"type\":\"t\"}"

/* Read plain lines: how many events, or -1; the positions, as text, in `positions`. */
static int
read_lines(struct slice bytes, bool plain, struct buf *positions, struct err *err)
{
	struct reader_chunk c = {.codec = NULL};
	struct batch *b = batch_new();
	char *path = archives_path_new();
	struct reader *r = NULL;
	int rc, n = 0;
	size_t i;

	archives_spill(path, bytes);
	positions->len = 0;
	rc = reader_open(&r, path, plain, err);
	while (rc == 0 && (rc = reader_next(r, &c, err)) > 0) {
		ok(reader_is_plain(r) && c.plain && reader_payload(r, &c, err) == 0);
		rc = reader_unpack(&c, NULL, b, err);
		for (i = 0; rc == 0 && i < b->len; i++, n++)
			buf_printf(positions, "%d ", (int)b->events[i].position);
	}
	buf_cstr(positions);
	reader_chunk_release(&c);
	reader_free(r);
	batch_free(b);
	archives_path_free(path);
	return rc < 0 ? -1 : n;
}

void
test_lines_have_positions_or_get_them(void)
{
	struct buf positions = BUF_INIT;
	struct err err = ERR_INIT;

	eq_int(read_lines(SLICE_LIT("{\"position\":7," LINE "\n{\"position\":9," LINE "\n"), false,
	                  &positions, &err),
	       2);
	eq_str(buf_cstr(&positions), "7 9 ");
	eq_int(read_lines(SLICE_LIT("\n{" LINE "\n \t\r\n\n{" LINE "\r\n{" LINE), false, &positions,
	                  &err),
	       3);
	eq_str(buf_cstr(&positions), "2 5 6 ");
	eq_int(read_lines(SLICE_LIT(""), true, &positions, &err), 0);
	eq_int(read_lines(SLICE_LIT("\n\n"), true, &positions, &err), 0);
	eq_str(err.msg, "");
	buf_release(&positions);
}

void
test_a_wrong_line_is_named(void)
{
	struct buf positions = BUF_INIT;
	struct err err = ERR_INIT;

	eq_int(read_lines(SLICE_LIT("{" LINE "\n\n{" LINE "\n{\"x\":1}\n"), false, &positions,
	                  &err),
	       -1);
	eq_int(err.kind, ERR_FORMAT);
	ok(strncmp(err.msg, "line 4: unknown key", 19) == 0);
	eq_int(read_lines(SLICE_LIT("{" LINE "\n{\"posi"), false, &positions, &err), -1);
	ok(strncmp(err.msg, "line 2: ", 8) == 0);
	buf_release(&positions);
}

/* Lines are read by the mebibyte, and cut anywhere. */
void
test_long_and_many_lines_come_whole(void)
{
	struct buf bytes = BUF_INIT, positions = BUF_INIT;
	struct err err = ERR_INIT;
	int i;

	for (i = 0; i < 30000; i++)
		buf_add_str(&bytes, "{" LINE "\n");
	buf_add_str(&bytes, "{\"id\":\"");
	buf_reserve(&bytes, 3 << 20);
	memset(bytes.p + bytes.len, 'x', 3 << 20);
	bytes.len += 3 << 20;
	buf_add_str(&bytes, "\"," LINE "\n");
	for (i = 0; i < 30000; i++)
		buf_add_str(&bytes, "{" LINE "\n");
	if (!eq_int(read_lines(buf_slice(&bytes), false, &positions, &err), 60001))
		eq_str(err.msg, "");
	ok(positions.len > 30 && strstr(buf_cstr(&positions), " 30000 30001 30002 30003 "));
	ok(strstr(buf_cstr(&positions), " 60000 60001 ") != NULL);
	buf_release(&bytes);
	buf_release(&positions);
}

static const struct {
	struct slice bytes;
	const char *says;
} foreign[] = {
    {{(const uint8_t *)"", 0}, "is empty"},
    {{(const uint8_t *)"SQLite format 3\0....", 20}, "is an SQLite database; write its"},
    {{(const uint8_t *)"\x28\xB5\x2F\xFD....", 8}, "zstd-compressed, but not an archive"},
    {{(const uint8_t *)"id,type\n", 8}, "neither an archive nor JSON Lines"},
    {{(const uint8_t *)"[1]", 3}, "neither an archive nor JSON Lines"},
    {{(const uint8_t *)" \n", 2}, "neither an archive nor JSON Lines"},
    {{(const uint8_t *)"\x50\x2A\x4D", 3}, "neither an archive nor JSON Lines"},
    {{(const uint8_t *)"\x50\x2A\x4D\x18", 4}, "ends early, at byte 4: not one whole chunk"},
};

void
test_what_is_no_archive_is_told_what_it_is(void)
{
	char *path = archives_path_new();
	struct err err = ERR_INIT;
	uint64_t events;
	size_t i;

	for (i = 0; i < SAMPLES_N(foreign); i++) {
		archives_spill(path, foreign[i].bytes);
		eq_int(archives_read(path, &events, &err), -1);
		eq_int(err.kind, ERR_FORMAT);
		ok(strncmp(err.msg, path, strlen(path)) == 0);
		if (!ok(strstr(err.msg, foreign[i].says) != NULL))
			eq_str(err.msg, foreign[i].says);
	}
	archives_path_free(path);
	eq_int(archives_read("/nowhere/x", &events, &err), -1);
	eq_int(err.kind, ERR_IO);
}

void
test_an_archive_is_not_read_as_lines(void)
{
	char *path = archives_path_new();
	struct buf bytes = small_archive(path, &codec_jsonl);
	struct err err = ERR_INIT;
	struct reader *r = NULL;

	eq_int(reader_open(&r, path, true, &err), -1);
	eq_int(err.kind, ERR_FORMAT);
	ok(strstr(err.msg, ": is an archive; leave out --plain") != NULL);
	buf_release(&bytes);
	archives_path_free(path);
}
