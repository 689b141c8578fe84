#include "format/block.h"
#include "format/part.h"
#include "tests/tap.h"

#define HEADER SLICE_LIT("header")

static struct chunk_info
chunk(uint64_t seq, uint64_t first, uint64_t last, uint64_t events)
{
	return (struct chunk_info){.seq = seq,
	                           .first = first,
	                           .last = last,
	                           .events = events,
	                           .raw_bytes = 1,
	                           .stored_bytes = 1,
	                           .least_ns = EVENT_NO_TIME,
	                           .greatest_ns = EVENT_NO_TIME};
}

/* Chunks of ten events and positions: number n has 10 n + 1 to 10 n + 10. */
static struct chunk_info
ten(uint64_t seq)
{
	return chunk(seq, 10 * seq + 1, 10 * seq + 10, 10);
}

/* Chunks 0 and 4 are there. */
static void
begin(struct part *p)
{
	struct chunk_info info = ten(0);

	part_begin(p, 1, HEADER);
	part_take(p, &info);
	info = ten(4);
	part_take(p, &info);
}

static void
miss(struct part *p, struct chunk_info info)
{
	part_miss(p, &info);
}

/* What is lost where no position is above `upto` (0: nobody knows), as "FIRST-LAST:EVENTS ..." */
static void
loses(struct part *p, uint64_t upto, const char *want)
{
	struct lost lost = {0};
	struct buf text = BUF_INIT;
	const struct lost_range *r;
	size_t i;

	part_finish(p, (struct selection_bound){upto > 0, upto}, &lost);
	for (i = 0; i < lost.len; i++) {
		r = &lost.ranges[i];
		buf_printf(&text, "%s%d-", i ? " " : "", (int)r->first);
		if (!r->open)
			buf_printf(&text, "%d", (int)r->last);
		buf_add_byte(&text, ':');
		if (r->counted)
			buf_printf(&text, "%d", (int)r->events);
		else
			buf_add_str(&text, "?");
	}
	eq_str(buf_cstr(&text), want);
	buf_release(&text);
	lost_release(&lost);
	part_release(p);
}

void
test_between_two_chunks_lies_what_nobody_knows(void)
{
	struct part p = {0};

	begin(&p);
	part_count(&p, 5);
	loses(&p, 99, "11-40:?");
	begin(&p);
	loses(&p, 99, "11-40:? 51-99:?"); /* there may be more behind */
	begin(&p);
	loses(&p, 0, "11-40:? 51-:?");
	begin(&p);
	part_count(&p, 5); /* the first who says it */
	part_count(&p, 9);
	loses(&p, 99, "11-40:?");
	begin(&p);
	part_count(&p, 4); /* cannot be */
	part_count(&p, 9);
	loses(&p, 99, "11-40:? 51-99:?");
}

void
test_a_block_without_its_payload_says_what_it_held(void)
{
	struct part p = {0};
	struct chunk_info last;

	part_begin(&p, 1, HEADER);
	miss(&p, ten(0));
	miss(&p, ten(2));
	miss(&p, ten(2)); /* once is enough */
	miss(&p, ten(1)); /* and it is too late for that */
	last = ten(3);
	part_take(&p, &last);
	part_count(&p, 4);
	loses(&p, 99, "1-10:10 11-20:? 21-30:10");
}

void
test_a_block_that_cannot_be_so_says_nothing(void)
{
	static const struct {
		uint64_t seq, first, last;
	} lies[] = {{0, 11, 20}, {1, 5, 20}, {1, 11, 41}, {1, 20, 19}, {1, 11, EVENT_NO_POSITION}};
	struct chunk_info info;
	struct part p = {0};
	size_t i;

	for (i = 0; i < sizeof(lies) / sizeof(*lies); i++) {
		part_begin(&p, 1, HEADER);
		info = ten(0);
		part_take(&p, &info);
		miss(&p, chunk(lies[i].seq, lies[i].first, lies[i].last, 1));
		info = ten(4);
		part_take(&p, &info);
		part_count(&p, 5);
		loses(&p, 99, "11-40:?");
	}
	begin(&p);
	miss(&p, chunk(5, 51, EVENT_NO_POSITION, 1)); /* behind it there can be none */
	loses(&p, 0, "11-40:? 51-:?");
}

/* The index of chunks 0 to n - 1. */
static void
make_index(struct trailer *t, unsigned n, struct buf *out)
{
	struct chunk_info info;
	unsigned i;

	trailer_init(t);
	for (i = 0; i < n; i++) {
		info = ten(i);
		trailer_add_chunk(t, &info, 1);
	}
	out->len = 0;
	trailer_write_index(t, out);
}

static struct slice
map_of(const struct buf *frame)
{
	struct err err = ERR_INIT;
	struct slice map = SLICE_ABSENT;
	uint8_t kind;

	ok(block_read((struct slice){frame->p + 8, frame->len - 8}, &kind, &map, &err) == 0);
	return map;
}

void
test_an_index_says_what_all_chunks_held(void)
{
	struct buf out = BUF_INIT;
	struct part p = {0};
	struct trailer t;

	make_index(&t, 6, &out);
	begin(&p);
	ok(part_index(&p, map_of(&out), true));
	loses(&p, 99, "11-40:30 51-60:10");
	part_begin(&p, 1, HEADER); /* none of its chunks is there: it may be somebody's data */
	ok(!part_index(&p, map_of(&out), true));
	ok(part_index(&p, map_of(&out), false));
	part_release(&p);
	trailer_release(&t);
	make_index(&t, 3, &out); /* of another archive, which has fewer */
	begin(&p);
	ok(!part_index(&p, map_of(&out), false));
	ok(!part_index(&p, SLICE_LIT("\xA0"), false));
	ok(!part_index(&p,
	               SLICE_LIT("\xA1\x66"
	                         "chunks\x85\x01\x02\x03\x04\x05"),
	               false));
	loses(&p, 50, "11-40:?");
	trailer_release(&t);
	buf_release(&out);
}

/* An end block that says so many chunks and events. */
static void
make_end(struct slice header, uint64_t chunks, uint64_t events, struct buf *out)
{
	struct trailer t;
	struct chunk_info info = chunk(0, 1, 10 * chunks, events);

	trailer_init(&t);
	trailer_add_chunk(&t, &info, 1);
	t.totals.chunks = chunks;
	t.header_hash = digest_of_64(header);
	t.reached = (struct selection_bound){true, 10 * chunks};
	out->len = 0;
	trailer_write_end(&t, out);
	trailer_release(&t);
}

/* Chunks 0 and 4 are there, 1 is known; what is lost where the end block counts `events`. */
static void
loses_of(uint64_t events, bool known, const char *want)
{
	struct buf out = BUF_INIT;
	struct chunk_info info = ten(0);
	struct part p = {0};

	make_end(HEADER, 6, events, &out);
	part_begin(&p, 1, HEADER);
	part_take(&p, &info);
	if (known)
		miss(&p, ten(1));
	info = ten(4);
	part_take(&p, &info);
	miss(&p, ten(5));
	ok(part_end(&p, map_of(&out), true));
	loses(&p, 99, want);
	buf_release(&out);
}

void
test_the_end_block_counts_what_one_range_alone_held(void)
{
	loses_of(48, true, "11-20:10 21-40:8 51-60:10");
	loses_of(48, false, "11-40:18 51-60:10");
	loses_of(61, true, "11-20:10 21-40:? 51-60:10"); /* more than there is room for */
	loses_of(40, true, "11-20:10 21-40:? 51-60:10"); /* none is left for it */
	loses_of(25, true, "11-20:10 21-40:? 51-60:10"); /* fewer than the blocks say */
}

void
test_an_end_block_of_another_archive_is_passed_over(void)
{
	struct buf out = BUF_INIT;
	struct part p = {0};

	make_end(SLICE_LIT("other"), 6, 60, &out);
	begin(&p);
	ok(!part_end(&p, map_of(&out), false));
	part_release(&p);
	/* Its header is lost, too: then it is as good as any, where it need not prove anything. */
	part_begin(&p, 1, SLICE_ABSENT);
	ok(!part_end(&p, map_of(&out), true));
	ok(part_end(&p, map_of(&out), false));
	loses(&p, 99, "1-60:60");
	make_end(HEADER, 4, 60, &out); /* fewer chunks than are there */
	begin(&p);
	ok(!part_end(&p, map_of(&out), false));
	make_end(HEADER, 5, 19, &out); /* fewer events */
	ok(!part_end(&p, map_of(&out), false));
	ok(!part_end(&p, SLICE_LIT("\xA0"), false));
	part_release(&p);
	buf_release(&out);
}
