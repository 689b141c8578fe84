#include <ctype.h>
#include <string.h>

#include "common/uuid.h"
#include "tests/tap.h"

static const char canonical[] = "01234567-89ab-cdef-fedc-ba9876543210";
static const uint8_t bytes[UUID_BYTES] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
                                          0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10};

void
test_the_canonical_text_goes_both_ways(void)
{
	char text[UUID_TEXT_BYTES + 1];
	uint8_t out[UUID_BYTES] = {0};

	eq_int(uuid_parse(slice_str(canonical), out), 0);
	eq_mem(out, sizeof(out), bytes, sizeof(bytes));
	uuid_format(bytes, text);
	eq_str(text, canonical);
}

void
test_hex_without_dashes_goes_both_ways(void)
{
	char text[UUID_HEX_BYTES + 1];
	uint8_t out[UUID_BYTES] = {0};

	eq_int(uuid_parse_hex(SLICE_LIT("0123456789abcdeffedcba9876543210"), out), 0);
	eq_mem(out, sizeof(out), bytes, sizeof(bytes));
	uuid_format_hex(bytes, text);
	eq_str(text, "0123456789abcdeffedcba9876543210");
}

void
test_every_byte_at_every_place_is_looked_at(void)
{
	uint8_t text[UUID_TEXT_BYTES], out[UUID_BYTES];
	bool dash, good;
	int i, c;

	for (i = 0; i < UUID_TEXT_BYTES; i++) {
		memcpy(text, canonical, sizeof(text));
		dash = text[i] == '-';
		for (c = 0; c < 256; c++) {
			text[i] = (uint8_t)c;
			good = dash ? c == '-' : c < 128 && (isdigit(c) || (c >= 'a' && c <= 'f'));
			if (!ok((uuid_parse((struct slice){text, sizeof(text)}, out) == 0) == good))
				eq_int(i * 1000 + c, -1);
		}
	}
}

void
test_other_lengths_and_forms_are_no_uuid(void)
{
	char longer[UUID_TEXT_BYTES + 2] = "";
	uint8_t out[UUID_BYTES];
	size_t len;

	strcpy(longer, canonical);
	strcat(longer, "0");
	for (len = 0; len <= UUID_TEXT_BYTES + 1; len++) {
		struct slice text = {(const uint8_t *)longer, len};

		ok((uuid_parse(text, out) == 0) == (len == UUID_TEXT_BYTES));
		ok(uuid_parse_hex(text, out) < 0);
	}
	ok(uuid_parse(SLICE_ABSENT, out) < 0 && uuid_parse_hex(SLICE_ABSENT, out) < 0);
	ok(uuid_parse(SLICE_LIT("01234567-89AB-CDEF-FEDC-BA9876543210"), out) < 0);
	ok(uuid_parse(SLICE_LIT("{1234567-89ab-cdef-fedc-ba987654321}"), out) < 0);
	ok(uuid_parse(SLICE_LIT("0123456-789ab-cdef-fedc-ba9876543210"), out) < 0);
	ok(uuid_parse(SLICE_LIT("0123456789abcdeffedcba9876543210"), out) < 0);
	ok(uuid_parse_hex(SLICE_LIT("0123456789ABCDEFFEDCBA9876543210"), out) < 0);
	ok(uuid_parse_hex(SLICE_LIT("01234567-9ab-def-edc-a9876543210"), out) < 0);
}
