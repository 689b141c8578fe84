#include <string.h>

#include "common/sha1.h"
#include "common/shapad.h"

static uint32_t
rotate(uint32_t x, unsigned by)
{
	return x << by | x >> (32 - by);
}

/* FIPS 180-4, 6.1.2, 1. */
static void
schedule(uint32_t w[80], const uint8_t *block)
{
	int i;

	for (i = 0; i < 16; i++)
		w[i] = shapad_word(block, i);
	for (; i < 80; i++)
		w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
}

/* The function and the constant of a round, 4.1.1 and 4.2.1. */
static uint32_t
mix(int round, uint32_t b, uint32_t c, uint32_t d)
{
	switch (round / 20) {
	case 0:
		return ((b & c) ^ (~b & d)) + 0x5a827999;
	case 1:
		return (b ^ c ^ d) + 0x6ed9eba1;
	case 2:
		return ((b & c) ^ (b & d) ^ (c & d)) + 0x8f1bbcdc;
	default:
		return (b ^ c ^ d) + 0xca62c1d6;
	}
}

/* 6.1.2, 2 to 4; s[0] to s[4] are the variables a to e. */
static void
add_block(uint32_t *state, const uint8_t *block)
{
	uint32_t w[80], s[5], x;
	int i;

	schedule(w, block);
	memcpy(s, state, sizeof(s));
	for (i = 0; i < 80; i++) {
		x = rotate(s[0], 5) + mix(i, s[1], s[2], s[3]) + s[4] + w[i];
		memmove(s + 1, s, 4 * sizeof(*s));
		s[2] = rotate(s[2], 30);
		s[0] = x;
	}
	for (i = 0; i < 5; i++)
		state[i] += s[i];
}

void
sha1_of(struct slice s, uint8_t out[SHA1_BYTES])
{
	uint32_t state[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};

	shapad_run(s, state, add_block, out, SHA1_BYTES);
}
