#include "format/digest.h"
#include "tests/tap.h"

#define HEX "e3138fde90b89e7fe30c929f1732ee48" /* what xxhsum -H128 says of the text */

void
test_a_digest_is_that_of_xxhsum(void)
{
	struct digest d = digest_of(SLICE_LIT("event"));
	char hex[2 * WIRE_DIGEST_BYTES + 1], spoken[DIGEST_SPOKEN_BYTES];

	digest_hex(&d, hex);
	eq_str(hex, HEX);
	eq_str(digest_spoken(&d, spoken), "e313 8fde 90b8 9e7f e30c 929f 1732 ee48");
	eq_uint(digest_of_64(SLICE_LIT("event")), UINT64_C(0xa14183d2c29a9a96));
}

void
test_a_digest_is_read_as_it_is_printed_and_not_otherwise(void)
{
	static const char *const wrong[] = {"",
	                                    "e3138fde90b89e7fe30c929f1732ee4",
	                                    HEX "0",
	                                    "E3138fde90b89e7fe30c929f1732ee48",
	                                    " 3138fde90b89e7fe30c929f1732ee48",
	                                    "e3138fde90b89e7fe30c929f1732ee4g"};
	struct digest want = digest_of(SLICE_LIT("event")), got = {.bytes = ""};
	size_t i;

	ok(digest_of_hex(HEX, &got) && digest_eq(&got, &want));
	got.bytes[15] ^= 1;
	ok(!digest_eq(&got, &want));
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		if (!ok(!digest_of_hex(wrong[i], &got)))
			eq_str(wrong[i], "");
	ok(!digest_of_hex(NULL, &got));
}
