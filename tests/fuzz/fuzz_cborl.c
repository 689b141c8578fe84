#include "tests/fuzz/codec_round.h"

/* Events in CBOR, one behind the other. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	codec_round(&codec_cbor, 0, (struct slice){data, size});
	return 0;
}
