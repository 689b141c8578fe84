#include "tests/fuzz/codec_round.h"

/* JSON Lines, as an archive holds them and as somebody writes them by hand: without positions. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = {data, size};

	codec_round(&codec_jsonl, 0, in);
	codec_round(&codec_jsonl, CODEC_NO_POSITION, in);
	return 0;
}
