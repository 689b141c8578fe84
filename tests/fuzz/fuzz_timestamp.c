#include <assert.h>
#include <string.h>

#include "common/timestamp.h"

/* A time that is read is written as text that is read as the same time; so is every number. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
round_trip(int64_t ns, enum timestamp_style style)
{
	char text[TIMESTAMP_BYTES], again[TIMESTAMP_BYTES];
	size_t n = timestamp_format(ns, style, text);
	int64_t back;

	assert(n < sizeof(text) && text[n] == '\0');
	assert(timestamp_parse((struct slice){(uint8_t *)text, n}, &back) == 0 && back == ns);
	assert(timestamp_format(back, style, again) == n && strcmp(text, again) == 0);
}

static void
both_styles(int64_t ns)
{
	round_trip(ns, TIMESTAMP_RFC3339);
	round_trip(ns, TIMESTAMP_DATETIME);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int64_t ns;

	if (timestamp_parse((struct slice){data, size}, &ns) == 0) {
		assert(ns != INT64_MIN);
		both_styles(ns);
	}
	if (size >= sizeof(ns)) {
		memcpy(&ns, data, sizeof(ns));
		if (ns != INT64_MIN)
			both_styles(ns);
	}
	return 0;
}
