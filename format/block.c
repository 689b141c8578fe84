#include <string.h>

#include "format/block.h"
#include "format/cbormap.h"
#include "format/digest.h"

static const uint8_t mark[4] = {'E', 'S', 'A', 'R'};

void
block_write(enum block_kind kind, struct slice map, struct buf *out)
{
	uint8_t frame[WIRE_FRAME_HEAD_BYTES], hash[WIRE_BLOCK_HASH_BYTES];
	uint8_t head[WIRE_BLOCK_HEAD_BYTES] = {[4] = (uint8_t)kind, [5] = WIRE_MAJOR};
	size_t size = sizeof(head) + map.len + sizeof(hash);

	memcpy(head, mark, sizeof(mark));
	wire_put_u32(frame, WIRE_MAGIC_BLOCK);
	wire_put_u32(frame + 4, (uint32_t)size);
	buf_add(out, frame, sizeof(frame));
	buf_add(out, head, sizeof(head));
	buf_add_slice(out, map);
	wire_put_u64(hash, digest_of_64((struct slice){out->p + out->len - map.len - sizeof(head),
	                                               sizeof(head) + map.len}));
	buf_add(out, hash, sizeof(hash));
}

int
block_read(struct slice content, uint8_t *kind, struct slice *map, struct err *err)
{
	const uint8_t *p = content.p;
	size_t hashed;

	if (content.len < WIRE_BLOCK_HEAD_BYTES + 1 + WIRE_BLOCK_HASH_BYTES ||
	    memcmp(p, mark, sizeof(mark)) != 0)
		return err_set(err, ERR_FORMAT, "is not a block of an archive");
	hashed = content.len - WIRE_BLOCK_HASH_BYTES;
	if (digest_of_64((struct slice){p, hashed}) != wire_get_u64(p + hashed))
		return err_set(err, ERR_FORMAT, "the hash of the block differs");
	if (p[5] > WIRE_MAJOR) {
		err_set(err, ERR_FORMAT, "the archive is of format version %u", p[5]);
		return err_hint(err, "this program reads up to version %d: use a newer one",
		                WIRE_MAJOR);
	}
	if (p[5] == 0 || p[6] || p[7])
		return err_set(err, ERR_FORMAT,
		               "reserved bytes of the block are not as they must be");
	*kind = p[4];
	*map = (struct slice){p + WIRE_BLOCK_HEAD_BYTES, hashed - WIRE_BLOCK_HEAD_BYTES};
	return cbormap_check(*map, err);
}
