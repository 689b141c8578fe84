#include "format/block.h"
#include "format/salvage.h"
#include "tests/unit/archives.h"

static const struct archives_plan plan = {.codec = &codec_jsonl,
                                          .chunks = 5,
                                          .per_chunk = 3,
                                          .first = 10,
                                          .origin = 1};

/* What is left of `bytes`: how many chunks; the rest is in *found, to be released. */
static int
read_rest(struct slice bytes, struct salvage_found *found, struct err *err)
{
	char *path = archives_path_new();
	struct batch *b = batch_new();
	struct chunk c = {.raw = BUF_INIT};
	struct salvage *s = NULL;
	struct file *f = NULL;
	int rc, chunks = 0;
	size_t i;

	archives_spill(path, bytes);
	ok(file_open(&f, path, err) == 0);
	salvage_open(&s, f);
	while ((rc = salvage_next(s, &c, b, err)) > 0) {
		eq_uint(b->len, c.info.events);
		chunks++;
	}
	*found = *salvage_found(s);
	found->lost = (struct lost){0};
	for (i = 0; i < salvage_found(s)->lost.len; i++)
		lost_add(&found->lost, salvage_found(s)->lost.ranges[i]);
	salvage_free(s);
	chunk_release(&c);
	batch_free(b);
	archives_path_free(path);
	return rc < 0 ? -1 : chunks;
}

static void
whole_archive(struct buf *bytes)
{
	char *path = archives_path_new();

	archives_write(path, &plan);
	archives_slurp(path, bytes);
	archives_path_free(path);
}

/* Where the nth block of a kind begins. */
static size_t
find_block(const struct buf *bytes, uint8_t kind, unsigned n)
{
	static const uint8_t mark[] = {'E', 'S', 'A', 'R'};
	const uint8_t *p = bytes->p;

	for (;;) {
		p = memmem(p + 1, bytes->len - (size_t)(p + 1 - bytes->p), mark, sizeof(mark));
		if (!p)
			return 0;
		if (p[4] == kind && n-- == 0)
			return (size_t)(p - bytes->p) - WIRE_FRAME_HEAD_BYTES;
	}
}

void
test_every_byte_of_an_archive_costs_one_chunk_at_most(void)
{
	struct buf bytes = BUF_INIT;
	struct salvage_found found;
	struct err err = ERR_INIT;
	uint64_t events;
	size_t i, end;
	int chunks;

	whole_archive(&bytes);
	end = find_block(&bytes, BLOCK_INDEX, 0);
	for (i = 0; i < bytes.len; i++) {
		bytes.p[i] ^= 0x41;
		chunks = read_rest(buf_slice(&bytes), &found, &err);
		bytes.p[i] ^= 0x41;
		ok(i < find_block(&bytes, BLOCK_CHUNK, 0) || i >= end ? chunks == 5 : chunks == 4);
		eq_uint(found.lost.len, chunks == 4);
		ok(lost_events(&found.lost, &events) && events == (chunks == 4 ? 3 : 0));
		eq_int(found.header_lost, i < find_block(&bytes, BLOCK_CHUNK, 0));
		lost_release(&found.lost);
	}
	buf_release(&bytes);
}

void
test_lengths_that_lie_end_nowhere(void)
{
	struct buf bytes = BUF_INIT, hostile = BUF_INIT;
	struct salvage_found found;
	struct err err = ERR_INIT;
	size_t at, i;

	whole_archive(&bytes);
	at = find_block(&bytes, BLOCK_CHUNK, 1);
	wire_put_u32(bytes.p + at + 4, WIRE_BLOCK_MAX);
	eq_int(read_rest(buf_slice(&bytes), &found, &err), 4);
	lost_release(&found.lost);
	wire_put_u32(bytes.p + at + 4, UINT32_MAX);
	eq_int(read_rest(buf_slice(&bytes), &found, &err), 4);
	lost_release(&found.lost);
	/* Each of them says that it is nearly as large as all. */
	for (i = 0; i < 300000; i++) {
		buf_add(&hostile,
		        "\x50\x2a\x4d\x18\0\0\0\0"
		        "ESAR",
		        12);
		wire_put_u32(hostile.p + hostile.len - 8, 3000000);
	}
	eq_int(read_rest(buf_slice(&hostile), &found, &err), -1);
	eq_int(err.kind, ERR_FORMAT);
	ok(strstr(err.msg, "claims to be a block") != NULL);
	buf_release(&hostile);
	buf_release(&bytes);
}

/* A chunk whose block was made anew: the hash fits, and what it says does not. */
static void
forge(struct buf *bytes, struct chunk_info *info)
{
	size_t at = find_block(bytes, BLOCK_CHUNK, 1), next = find_block(bytes, BLOCK_CHUNK, 2);
	struct err err = ERR_INIT;
	struct slice map;
	struct buf out = BUF_INIT;
	uint8_t kind;
	size_t size;

	size = wire_get_u32(bytes->p + at + 4);
	ok(block_read((struct slice){bytes->p + at + 8, size}, &kind, &map, &err) == 0);
	if (info->stored_bytes == 0) {
		ok(chunk_info_read(info, map, &err) == 0);
		return;
	}
	buf_add(&out, bytes->p, at);
	chunk_info_write(info, &out);
	buf_add(&out, bytes->p + next, bytes->len - next);
	buf_release(bytes);
	*bytes = out;
}

void
test_blocks_that_lie_cost_their_chunk_only(void)
{
	static const struct {
		uint64_t seq, first, last, events, stored;
	} lies[] = {
	    {UINT64_MAX, 40, 60, 3, 0},        {1, UINT64_MAX - 9, UINT64_MAX, 3, 0},
	    {UINT64_MAX / 2, 40, 60, 3, 0},    {1, 40, 60, 3, WIRE_CHUNK_STORED_MAX},
	    {1, 0, UINT64_MAX, 1 << 24, 9999}, {0, 40, 60, 3, 0},
	};
	struct salvage_found found;
	struct err err = ERR_INIT;
	struct buf bytes = BUF_INIT;
	struct chunk_info info;
	size_t i;

	for (i = 0; i < sizeof(lies) / sizeof(*lies); i++) {
		whole_archive(&bytes);
		info = (struct chunk_info){0};
		forge(&bytes, &info);
		info.seq = lies[i].seq;
		info.first = lies[i].first;
		info.last = lies[i].last;
		info.events = lies[i].events;
		if (lies[i].stored)
			info.stored_bytes = lies[i].stored;
		forge(&bytes, &info);
		eq_int(read_rest(buf_slice(&bytes), &found, &err), 4);
		eq_uint(found.lost.len, 1);
		eq_uint(found.lost.ranges[0].first, 40);
		eq_uint(found.lost.ranges[0].last, 60);
		eq_uint(found.lost.ranges[0].events, 3);
		lost_release(&found.lost);
		buf_release(&bytes);
	}
}

/* It is whole, and has the right number, and positions that fit; but another chain. */
void
test_a_chunk_of_another_archive_is_not_taken(void)
{
	struct archives_plan other = plan;
	struct buf bytes = BUF_INIT, theirs = BUF_INIT, mixed = BUF_INIT;
	char *path = archives_path_new();
	struct salvage_found found;
	struct err err = ERR_INIT;
	size_t at, end;

	whole_archive(&bytes);
	other.first++;
	archives_write(path, &other);
	archives_slurp(path, &theirs);
	archives_path_free(path);
	buf_add(&mixed, bytes.p, find_block(&bytes, BLOCK_CHUNK, 1));
	at = find_block(&theirs, BLOCK_CHUNK, 1);
	end = find_block(&theirs, BLOCK_CHUNK, 2);
	buf_add(&mixed, theirs.p + at, end - at);
	at = find_block(&bytes, BLOCK_CHUNK, 2);
	buf_add(&mixed, bytes.p + at, bytes.len - at);
	eq_int(read_rest(buf_slice(&mixed), &found, &err), 4);
	eq_uint(found.lost.len, 1);
	eq_uint(found.lost.ranges[0].first, 40);
	lost_release(&found.lost);
	buf_release(&mixed);
	buf_release(&theirs);
	buf_release(&bytes);
}

void
test_a_header_that_needs_a_newer_program_is_refused(void)
{
	struct buf bytes = BUF_INIT, out = BUF_INIT;
	struct salvage_found found;
	struct err err = ERR_INIT;
	size_t first;
	struct slice map;
	uint8_t *p;

	whole_archive(&bytes);
	first = find_block(&bytes, BLOCK_CHUNK, 0);
	map = (struct slice){bytes.p + 16, first - 24};
	p = memmem(map.p, map.len, "requires\x80", 9);
	ok(p != NULL);
	buf_add_slice(&out, map);
	out.len -= 9;
	ok(p + 9 == map.p + map.len);
	buf_add(&out, "requires\x81\x61x", 11);
	p = NULL;
	{
		struct buf all = BUF_INIT;

		block_write(BLOCK_HEADER, buf_slice(&out), &all);
		buf_add(&all, bytes.p + first, bytes.len - first);
		eq_int(read_rest(buf_slice(&all), &found, &err), -1);
		ok(strstr(err.msg, "requires the feature \"x\"") != NULL);
		buf_release(&all);
	}
	buf_release(&out);
	buf_release(&bytes);
}

/* What stands behind the chunks is all there is. */
void
test_an_archive_without_its_beginning_says_what_it_held(void)
{
	struct buf bytes = BUF_INIT;
	struct salvage_found found;
	struct err err = ERR_INIT;
	uint64_t events;
	size_t at;

	whole_archive(&bytes);
	at = find_block(&bytes, BLOCK_INDEX, 0);
	eq_int(read_rest((struct slice){bytes.p + at, bytes.len - at}, &found, &err), 0);
	ok(found.header_lost && !found.end_lost);
	eq_uint(found.lost.len, 5);
	ok(lost_events(&found.lost, &events) && events == 15);
	eq_uint(found.lost.ranges[0].first, 10);
	eq_uint(found.lost.ranges[4].last, 150);
	lost_release(&found.lost);
	/* The seek table alone may be anybody's. */
	at = find_block(&bytes, BLOCK_END, 0);
	at += WIRE_FRAME_HEAD_BYTES + wire_get_u32(bytes.p + at + 4);
	eq_int(read_rest((struct slice){bytes.p + at, bytes.len - at}, &found, &err), -1);
	eq_int(err.kind, ERR_FORMAT);
	ok(strstr(err.msg, "nothing of an archive is left in it") != NULL);
	lost_release(&found.lost);
	buf_release(&bytes);
}

void
test_nothing_is_lost_before_the_range_that_was_asked_for(void)
{
	struct archives_plan later = plan;
	struct buf bytes = BUF_INIT;
	char *path = archives_path_new();
	struct salvage_found found;
	struct err err = ERR_INIT;

	later.after = (struct selection_bound){true, 7};
	archives_write(path, &later);
	archives_slurp(path, &bytes);
	archives_path_free(path);
	bytes.p[find_block(&bytes, BLOCK_CHUNK, 0) + 20] ^= 1;
	bytes.p[find_block(&bytes, BLOCK_INDEX, 0) + 20] ^= 1;
	eq_int(read_rest(buf_slice(&bytes), &found, &err), 4);
	eq_uint(found.lost.len, 1);
	eq_uint(found.lost.ranges[0].first, 8);
	eq_uint(found.lost.ranges[0].last, 39);
	eq_uint(found.lost.ranges[0].events, 3);
	lost_release(&found.lost);
	buf_release(&bytes);
}
