#include <string.h>

#include "format/block.h"
#include "format/trailer.h"
#include "tests/tap.h"
#include "tests/unit/samples.h"

static void
fill(struct trailer *t, unsigned chunks)
{
	struct batch *b = batch_new();
	struct chunk_info info;
	unsigned i;

	trailer_init(t);
	trailer_add_frame(t, 100, 0);
	for (i = 0; i < chunks; i++) {
		info = (struct chunk_info){.seq = i,
		                           .offset = 100 + 60 * (uint64_t)i,
		                           .events = 2,
		                           .first = 1 + 2 * (uint64_t)i,
		                           .last = 2 + 2 * (uint64_t)i,
		                           .raw_bytes = 40,
		                           .stored_bytes = 20,
		                           .least_ns = i ? (int64_t)i - 5 : EVENT_NO_TIME,
		                           .greatest_ns = i ? 5 : EVENT_NO_TIME};
		trailer_add_chunk(t, &info, 40);
		samples_event(b);
	}
	samples_add_texts(b);
	totals_add_events(&t->totals, b);
	t->header_hash = UINT64_MAX;
	t->read = t->totals.events + 3;
	t->reached = (struct selection_bound){t->totals.events > 0, t->totals.last + 7};
	t->filtered = 3;
	batch_free(b);
}

/* The map in a frame that was written. */
static struct slice
map_of(const struct buf *frame, uint8_t want)
{
	struct err err = ERR_INIT;
	struct slice map = SLICE_ABSENT;
	uint8_t kind = 0;

	ok(block_read((struct slice){frame->p + 8, frame->len - 8}, &kind, &map, &err) == 0);
	eq_int(kind, want);
	return map;
}

void
test_an_index_is_of_the_chunks_that_were_seen(void)
{
	struct err err = ERR_INIT;
	struct buf out = BUF_INIT;
	struct trailer t;
	struct slice map;
	unsigned chunks, i;

	for (chunks = 0; chunks < 4; chunks++) {
		fill(&t, chunks);
		out.len = 0;
		trailer_write_index(&t, &out);
		map = map_of(&out, BLOCK_INDEX);
		eq_int(trailer_check_index(&t, map, &err), 0);
		for (i = 0; i < chunks; i++) {
			t.chunks[i].offset++;
			eq_int(trailer_check_index(&t, map, &err), -1);
			t.chunks[i].offset--;
			t.chunks[i].least_ns = EVENT_NO_TIME + 1;
			eq_int(trailer_check_index(&t, map, &err), -1);
			eq_int(err.kind, ERR_FORMAT);
			t.chunks[i].least_ns = i ? (int64_t)i - 5 : EVENT_NO_TIME;
		}
		eq_int(trailer_check_index(&t, map, &err), 0);
		t.n_chunks++;
		eq_int(trailer_check_index(&t, map, &err), -1);
		t.n_chunks--;
		trailer_release(&t);
	}
	fill(&t, 0);
	eq_int(trailer_check_index(&t, SLICE_LIT("\xA0"), &err), -1);
	eq_int(trailer_check_index(&t,
	                           SLICE_LIT("\xA1\x66"
	                                     "chunks\xA0"),
	                           &err),
	       -1);
	trailer_release(&t);
	buf_release(&out);
}

void
test_an_end_block_comes_back(void)
{
	struct err err = ERR_INIT;
	struct trailer t, back;
	struct buf out = BUF_INIT;
	unsigned chunks;

	for (chunks = 0; chunks < 4; chunks++) { /* none, none with a time, some */
		fill(&t, chunks);
		trailer_init(&back);
		out.len = 0;
		trailer_write_end(&t, &out);
		if (!eq_int(trailer_read_end(&back, map_of(&out, BLOCK_END), &err), 0))
			eq_str(err.msg, "");
		ok(totals_difference(&t.totals, &back.totals) == NULL &&
		   totals_same_types(&t.totals, &back.totals));
		ok(back.header_hash == UINT64_MAX && back.filtered == 3 && back.read == t.read);
		ok(back.reached.set == t.reached.set);
		ok(!t.reached.set || back.reached.position == t.reached.position);
		trailer_release(&t);
		trailer_release(&back);
	}
	buf_release(&out);
}

void
test_an_end_block_says_the_content_where_it_is_known(void)
{
	static const uint8_t digest[WIRE_DIGEST_BYTES] = {1, 2, 3};
	struct err err = ERR_INIT;
	struct trailer t, back;
	struct buf out = BUF_INIT;
	struct slice map;
	uint8_t *key;

	fill(&t, 3);
	trailer_init(&back);
	trailer_write_end(&t, &out);
	ok(memmem(out.p, out.len, "gcontent", 8) == NULL);
	while (!totals_has_content(&t.totals))
		totals_add_contents(&t.totals, (struct slice){digest, sizeof(digest)});
	out.len = 0;
	trailer_write_end(&t, &out);
	map = map_of(&out, BLOCK_END);
	eq_int(trailer_read_end(&back, map, &err), 0);
	ok(totals_has_content(&back.totals));
	ok(digest_eq(&back.totals.content, &t.totals.content));
	trailer_release(&back);
	trailer_init(&back);
	key = memmem(out.p, out.len, "gcontent", 8);
	if (ok(key != NULL))
		key[8] = 0x70; /* text of as many bytes */
	eq_int(trailer_read_end(&back, map, &err), -1);
	eq_int(err.kind, ERR_FORMAT);
	trailer_release(&back);
	trailer_release(&t);
	buf_release(&out);
}

/* Rename each key of an end block in turn: none may be missing. */
void
test_an_end_block_that_lacks_something_is_refused(void)
{
	static const char *const keys[] = {"raw",     "last",     "read",     "chain",     "first",
	                                   "types",   "chunks",   "events",   "header",    "stored",
	                                   "streams", "complete", "filtered", "types_more"};
	struct trailer t, back;
	struct buf out = BUF_INIT;
	struct slice map;
	uint8_t *key, head;
	size_t i;

	fill(&t, 3);
	for (i = 0; i < SAMPLES_N(keys); i++) {
		struct err err = ERR_INIT;

		out.len = 0;
		trailer_write_end(&t, &out);
		map = map_of(&out, BLOCK_END);
		for (key = out.p; key; key++) { /* the text with its head */
			head = (uint8_t)(0x60 + strlen(keys[i]));
			key = memmem(key, (size_t)(out.p + out.len - key), keys[i], head - 0x60U);
			if (!ok(key != NULL) || key[-1] == head)
				break;
		}
		if (!key)
			continue;
		key[0] = 'X';
		trailer_init(&back);
		if (!eq_int(trailer_read_end(&back, map, &err), -1))
			eq_str(keys[i], "");
		eq_int(err.kind, ERR_FORMAT);
		trailer_release(&back);
	}
	trailer_release(&t);
	buf_release(&out);
}

/* What reading an end block says, in which `to` stands instead of `from`; a key stands behind its
 * length: e is 5. */
static void
end_says(const char *from, const char *to, const char *says)
{
	struct err err = ERR_INIT;
	struct buf out = BUF_INIT;
	struct trailer t, back;
	struct slice map;
	uint8_t *at;

	fill(&t, 3);
	trailer_init(&back);
	trailer_write_end(&t, &out);
	map = map_of(&out, BLOCK_END);
	at = memmem(map.p, map.len, from, strlen(from));
	if (ok(at != NULL))
		memcpy(at, to, strlen(to));
	eq_int(trailer_read_end(&back, map, &err), -1);
	eq_int(err.kind, ERR_FORMAT);
	if (!ok(strstr(err.msg, says) != NULL))
		eq_str(err.msg, says);
	trailer_release(&back);
	trailer_release(&t);
	buf_release(&out);
}

void
test_what_an_end_block_says_must_be_of_its_kind(void)
{
	end_says("etimes\x82\x23", "etimes\x82\x60", "\"times\" is not a pair of times");
	end_says("greached\x0D", "greached\x2D", "\"reached\" is not a position");
	end_says("greached\x0D", "greached\x05", "lies before the last event");
	end_says("fPlaced", "\x46Placed", "a key is missing or of another kind");
	end_says("fPlaced", "fplaced", "a key is missing or of another kind"); /* not in order */
}

void
test_a_seek_table_lists_all_frames(void)
{
	struct buf out = BUF_INIT;
	struct trailer t;
	const uint8_t *p;

	fill(&t, 2);
	trailer_write_seek_table(&t, &out);
	eq_uint(out.len, 8 + 5 * 8 + 9);
	p = out.p;
	ok(wire_get_u32(p) == WIRE_MAGIC_SEEK && wire_get_u32(p + 4) == 5 * 8 + 9);
	ok(wire_get_u32(p + 8) == 100 && wire_get_u32(p + 12) == 0);
	ok(wire_get_u32(p + 16) == 40 && wire_get_u32(p + 20) == 0);
	ok(wire_get_u32(p + 24) == 20 && wire_get_u32(p + 28) == 40);
	eq_uint(wire_get_u32(p + 48), 5);
	eq_int(p[52], 0);
	eq_uint(wire_get_u32(p + 53), WIRE_MAGIC_SEEK_END);
	trailer_release(&t);
	buf_release(&out);
}
