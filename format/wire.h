#ifndef FORMAT_WIRE_H
#define FORMAT_WIRE_H

#include <stdint.h>

/*
 * The numbers of spec/FORMAT.md: magic values, sizes, limits.  Integers outside
 * CBOR are little-endian, as in Zstandard (RFC 8878).
 */
#define WIRE_MAGIC_BLOCK UINT32_C(0x184D2A50)    /* skippable frame with a block of ours */
#define WIRE_MAGIC_SEEK UINT32_C(0x184D2A5E)     /* skippable frame with the seek table */
#define WIRE_MAGIC_ZSTD UINT32_C(0xFD2FB528)     /* Zstandard frame: a chunk's payload */
#define WIRE_MAGIC_SEEK_END UINT32_C(0x8F92EAB1) /* last four bytes of the seek table */

#define WIRE_MAJOR 1 /* of the format; a reader refuses a larger one */

#define WIRE_FRAME_HEAD_BYTES 8  /* magic, size of the content */
#define WIRE_BLOCK_HEAD_BYTES 8  /* "ESAR", kind, major, two zeros */
#define WIRE_BLOCK_HASH_BYTES 8  /* XXH3-64 of head and map */
#define WIRE_SEEK_ENTRY_BYTES 8  /* compressed size, decompressed size */
#define WIRE_SEEK_FOOTER_BYTES 9 /* number of frames, descriptor, magic */
#define WIRE_DIGEST_BYTES 16     /* XXH3-128, canonical (big-endian) */

/*
 * What a reader accepts at most.  The seekable format has 32 bits for a frame's
 * sizes, and its readers take a gibibyte.
 */
#define WIRE_CHUNK_RAW_MAX (UINT64_C(1) << 30)
#define WIRE_CHUNK_STORED_MAX (WIRE_CHUNK_RAW_MAX + (WIRE_CHUNK_RAW_MAX >> 7) + 1024)
#define WIRE_CHUNK_EVENTS_MAX (UINT64_C(1) << 24)
#define WIRE_BLOCK_MAX (UINT64_C(1) << 28)
#define WIRE_TYPES_MAX 1000 /* types that the end block counts one by one */

static inline void
wire_put_u32(uint8_t *p, uint32_t n)
{
	int i;

	for (i = 0; i < 4; i++)
		p[i] = (uint8_t)(n >> 8 * i);
}

static inline void
wire_put_u64(uint8_t *p, uint64_t n)
{
	int i;

	for (i = 0; i < 8; i++)
		p[i] = (uint8_t)(n >> 8 * i);
}

static inline uint32_t
wire_get_u32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t
wire_get_u64(const uint8_t *p)
{
	return (uint64_t)wire_get_u32(p) | (uint64_t)wire_get_u32(p + 4) << 32;
}

#endif
