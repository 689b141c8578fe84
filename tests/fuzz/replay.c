#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/file.h"

#define INPUT_MAX_BYTES ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Runs a fuzzer's entry over the files that are named. */
int
main(int argc, char **argv)
{
	struct buf input = BUF_INIT;
	struct err err = ERR_INIT;
	int i;

	for (i = 1; i < argc; i++) {
		input.len = 0;
		if (file_slurp(argv[i], INPUT_MAX_BYTES, &input, &err) < 0) {
			fprintf(stderr, "%s\n", err.msg);
			return EXIT_FAILURE;
		}
		LLVMFuzzerTestOneInput(buf_slice(&input).p, input.len);
	}
	buf_release(&input);
	return argc > 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}
