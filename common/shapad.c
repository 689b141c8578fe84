#include <string.h>

#include "common/shapad.h"

#define BLOCK_BYTES 64
#define LENGTH_BYTES 8

uint32_t
shapad_word(const uint8_t *block, int i)
{
	const uint8_t *p = block + 4 * (size_t)i;

	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

void
shapad_run(struct slice s, uint32_t *state, shapad_add_block *add_block, uint8_t *out, size_t n)
{
	uint8_t tail[2 * BLOCK_BYTES] = {0};
	size_t rest = s.len % BLOCK_BYTES, end, i;

	for (i = 0; i + BLOCK_BYTES <= s.len; i += BLOCK_BYTES)
		add_block(state, s.p + i);
	/* 5.1.1: a bit, zeros, and the length in bits. */
	if (rest)
		memcpy(tail, s.p + i, rest);
	tail[rest] = 0x80;
	end = rest + 1 + LENGTH_BYTES <= BLOCK_BYTES ? BLOCK_BYTES : 2 * BLOCK_BYTES;
	for (i = 0; i < LENGTH_BYTES; i++)
		tail[end - 1 - i] = (uint8_t)((uint64_t)s.len * 8 >> 8 * i);
	for (i = 0; i < end; i += BLOCK_BYTES)
		add_block(state, tail + i);
	for (i = 0; i < n; i++)
		out[i] = (uint8_t)(state[i / 4] >> (24 - 8 * (i % 4)));
}
