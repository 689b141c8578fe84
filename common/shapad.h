#ifndef COMMON_SHAPAD_H
#define COMMON_SHAPAD_H

#include "common/mem.h"

/* What SHA-1 and SHA-256 share (FIPS 180-4): blocks of 64 bytes, words of 32 bits, the padding. */

/* Word `i` of a block, 0 to 15. */
uint32_t shapad_word(const uint8_t *block, int i);

/* Work one block into the state. */
typedef void shapad_add_block(uint32_t *state, const uint8_t *block);

/* All blocks of a message and of its padding; the state at its end is the digest, of `n` bytes. */
void shapad_run(struct slice s, uint32_t *state, shapad_add_block *add_block, uint8_t *out,
                size_t n);

#endif
