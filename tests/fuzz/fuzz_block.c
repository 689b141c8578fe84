#include <assert.h>

#include "format/block.h"
#include "format/header.h"
#include "format/trailer.h"

/*
 * The first byte chooses the kind of block, the rest is its map; the frame and
 * the hash around it are right.  What is read must be written so that it reads
 * and is written the same.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct slice
content_of(const struct buf *frame)
{
	return (struct slice){frame->p + WIRE_FRAME_HEAD_BYTES, frame->len - WIRE_FRAME_HEAD_BYTES};
}

static struct slice
map_of(const struct buf *frame, uint8_t want)
{
	struct err err = ERR_INIT;
	struct slice map;
	uint8_t kind;

	assert(block_read(content_of(frame), &kind, &map, &err) == 0 && kind == want);
	return map;
}

static int
read_header(struct slice map, struct buf *out, struct err *err)
{
	struct header h;
	int rc;

	header_init(&h);
	rc = header_read(&h, map, err);
	if (rc == 0)
		header_write(&h, out);
	header_release(&h);
	return rc;
}

static int
read_chunk(struct slice map, struct buf *out, struct err *err)
{
	struct chunk_info info = {0};

	if (chunk_info_read(&info, map, err) < 0)
		return -1;
	assert(info.events > 0 && info.events <= WIRE_CHUNK_EVENTS_MAX);
	assert(info.raw_bytes <= WIRE_CHUNK_RAW_MAX && info.stored_bytes <= WIRE_CHUNK_STORED_MAX);
	chunk_info_write(&info, out);
	return 0;
}

static int
read_end(struct slice map, struct buf *out, struct err *err)
{
	struct trailer t;
	int rc;

	trailer_init(&t);
	rc = trailer_read_end(&t, map, err);
	if (rc == 0)
		trailer_write_end(&t, out);
	trailer_release(&t);
	return rc;
}

/* Against one chunk, that of the seed, and against none. */
static int
read_index(struct slice map, struct buf *out, struct err *err)
{
	struct chunk_info info = {.offset = 150,
	                          .first = 1,
	                          .last = 3,
	                          .events = 3,
	                          .least_ns = -1,
	                          .greatest_ns = EVENT_NO_TIME,
	                          .raw_bytes = 300,
	                          .stored_bytes = 99};
	struct trailer t;
	int rc;

	trailer_init(&t);
	rc = trailer_check_index(&t, map, err);
	if (rc < 0) {
		trailer_add_chunk(&t, &info, 100);
		rc = trailer_check_index(&t, map, err);
	}
	if (rc == 0)
		trailer_write_index(&t, out);
	trailer_release(&t);
	return rc;
}

static int
read_map(uint8_t kind, struct slice map, struct buf *out, struct err *err)
{
	switch (kind) {
	case BLOCK_HEADER:
		return read_header(map, out, err);
	case BLOCK_CHUNK:
		return read_chunk(map, out, err);
	case BLOCK_INDEX:
		return read_index(map, out, err);
	default:
		return read_end(map, out, err);
	}
}

static void
check_map(uint8_t kind, struct slice map)
{
	struct buf first = BUF_INIT, second = BUF_INIT;
	struct err err = ERR_INIT;

	if (read_map(kind, map, &first, &err) < 0) {
		assert(err.kind == ERR_FORMAT && err.msg[0]);
	} else {
		assert(read_map(kind, map_of(&first, kind), &second, &err) == 0);
		assert(slice_eq(buf_slice(&first), buf_slice(&second)));
	}
	buf_release(&first);
	buf_release(&second);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t kinds[] = {BLOCK_HEADER, BLOCK_CHUNK, BLOCK_INDEX, BLOCK_END};
	struct slice in = {data, size}, map;
	struct buf frame = BUF_INIT;
	struct err err = ERR_INIT;
	uint8_t kind, read;

	if (block_read(in, &read, &map, &err) < 0)
		assert(err.kind == ERR_FORMAT && err.msg[0]);
	if (size == 0)
		return 0;
	kind = kinds[data[0] % sizeof(kinds)];
	for (size_t i = 0; i < sizeof(kinds); i++)
		kind = data[0] == kinds[i] ? kinds[i] : kind;
	block_write((enum block_kind)kind, (struct slice){data + 1, size - 1}, &frame);
	if (block_read(content_of(&frame), &read, &map, &err) < 0) {
		assert(err.kind == ERR_FORMAT && err.msg[0]);
	} else {
		assert(read == kind && slice_eq(map, (struct slice){data + 1, size - 1}));
		check_map(kind, map);
	}
	buf_release(&frame);
	return 0;
}
