#include <stdio.h>
#include <string.h>

#include "common/sha1.h"
#include "tests/tap.h"

/* Digests by sha1sum of coreutils 9.1; the first two are in FIPS 180-4's examples, too. */
static bool
gives(struct slice s, const char *hex)
{
	uint8_t digest[SHA1_BYTES];
	char text[2 * SHA1_BYTES + 1];
	size_t i;

	sha1_of(s, digest);
	for (i = 0; i < sizeof(digest); i++)
		snprintf(text + 2 * i, 3, "%02x", (unsigned)digest[i]);
	return strcmp(text, hex) == 0;
}

void
test_known_digests(void)
{
	ok(gives(SLICE_LIT("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d"));
	ok(gives(SLICE_LIT("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
	         "84983e441c3bd26ebaae4aa1f95129e5e54670f1"));
	ok(gives(SLICE_LIT(""), "da39a3ee5e6b4b0d3255bfef95601890afd80709"));
}

void
test_every_length_around_a_block(void)
{
	static const struct {
		size_t len;
		const char *hex;
	} table[] = {
	    {1, "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"},
	    {55, "c1c8bbdc22796e28c0e15163d20899b65621d65a"},
	    {56, "c2db330f6083854c99d4b5bfb6e8f29f201be699"},
	    {57, "f08f24908d682555111be7ff6f004e78283d989a"},
	    {63, "03f09f5b158a7a8cdad920bddc29b81c18a551f5"},
	    {64, "0098ba824b5c16427bd7a1122a5a442a25ec644d"},
	    {65, "11655326c708d70319be2610e8a57d9a5b959d3b"},
	    {119, "ee971065aaa017e0632a8ca6c77bb3bf8b1dfc56"},
	    {120, "f34c1488385346a55709ba056ddd08280dd4c6d6"},
	    {121, "fa6b5a6f8ac27182f838fe7841ec6d2aef3ade29"},
	    {127, "89d95fa32ed44a7c610b7ee38517ddf57e0bb975"},
	    {128, "ad5b3fdbcb526778c2839d2f151ea753995e26a0"},
	    {129, "d96debf1bdcbc896e6c134ea76e8141f40d78536"},
	    {1000, "291e9a6c66994949b57ba5e650361e98fc36b1ba"},
	};
	uint8_t bytes[1000];
	size_t i;

	memset(bytes, 'a', sizeof(bytes));
	for (i = 0; i < sizeof(table) / sizeof(*table); i++)
		ok(gives((struct slice){bytes, table[i].len}, table[i].hex));
}
