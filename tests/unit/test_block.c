#include <string.h>

#include "format/block.h"
#include "format/digest.h"
#include "tests/tap.h"

#define MAP SLICE_LIT("\xA1\x61x\x07")

/* Read a frame as block_write() made it. */
static int
read_frame(const struct buf *frame, uint8_t *kind, struct slice *map, struct err *err)
{
	struct slice content = {frame->p + WIRE_FRAME_HEAD_BYTES,
	                        frame->len - WIRE_FRAME_HEAD_BYTES};

	return block_read(content, kind, map, err);
}

void
test_a_block_is_a_skippable_frame_of_zstandard(void)
{
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;
	struct slice map;
	uint8_t kind;

	block_write(BLOCK_CHUNK, MAP, &out);
	eq_mem(out.p, 16, "\x50\x2A\x4D\x18\x14\0\0\0ESARC\1\0\0", 16);
	eq_mem(out.p + 16, 4, MAP.p, 4);
	eq_uint(out.len, 28);
	eq_uint(wire_get_u64(out.p + 20), digest_of_64((struct slice){out.p + 8, 12}));
	eq_int(read_frame(&out, &kind, &map, &err), 0);
	eq_int(kind, 'C');
	ok(slice_eq(map, MAP));
	buf_release(&out);
}

/* Change one byte behind the head of the frame and put the hash right. */
static int
read_changed(size_t at, uint8_t byte, struct err *err)
{
	struct buf out = BUF_INIT;
	struct slice map;
	uint8_t kind;
	int rc;

	block_write(BLOCK_CHUNK, MAP, &out);
	out.p[8 + at] = byte;
	wire_put_u64(out.p + 20, digest_of_64((struct slice){out.p + 8, 12}));
	rc = read_frame(&out, &kind, &map, err);
	if (rc == 0)
		eq_int(kind, at == 4 ? byte : 'C');
	buf_release(&out);
	return rc;
}

void
test_blocks_that_are_not_ours_are_refused(void)
{
	struct err err = ERR_INIT;

	eq_int(read_changed(4, '?', &err), 0); /* the kind is the caller's matter */
	eq_int(read_changed(0, 'e', &err), -1);
	eq_str(err.msg, "is not a block of an archive");
	eq_int(read_changed(5, 2, &err), -1);
	ok(strstr(err.msg, "format version 2; ") && strstr(err.msg, "up to version 1"));
	eq_int(read_changed(6, 1, &err), -1);
	ok(strstr(err.msg, "reserved") != NULL);
	eq_int(read_changed(7, 0x80, &err), -1);
	eq_int(read_changed(8, 0x81, &err), -1);
	ok(strstr(err.msg, "CBOR map") != NULL);
	eq_int(err.kind, ERR_FORMAT);
}

void
test_short_and_damaged_blocks_are_refused(void)
{
	struct buf out = BUF_INIT;
	struct slice map;
	uint8_t kind;
	size_t i;

	block_write(BLOCK_END, SLICE_LIT("\xA0"), &out);
	for (i = 0; i < out.len - 8; i++) {
		struct err err = ERR_INIT;

		ok(block_read((struct slice){out.p + 8, i}, &kind, &map, &err) == -1);
		eq_int(err.kind, ERR_FORMAT);
		out.p[8 + i] ^= 0x10;
		ok(read_frame(&out, &kind, &map, &err) == -1);
		out.p[8 + i] ^= 0x10;
	}
	buf_release(&out);
}
