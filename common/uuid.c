#include "common/uuid.h"

static int
hex_value(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* Dashes stand before the bytes 4, 6, 8 and 10. */
static bool
dash_before(int byte)
{
	return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

static int
parse(struct slice text, bool dashes, uint8_t out[UUID_BYTES])
{
	const uint8_t *p = text.p;
	int i, high, low;

	if (text.len != (dashes ? UUID_TEXT_BYTES : UUID_HEX_BYTES))
		return -1;
	for (i = 0; i < UUID_BYTES; i++) {
		if (dashes && dash_before(i) && *p++ != '-')
			return -1;
		high = hex_value(p[0]);
		low = hex_value(p[1]);
		if (high < 0 || low < 0)
			return -1;
		out[i] = (uint8_t)(high << 4 | low);
		p += 2;
	}
	return 0;
}

static void
format(const uint8_t uuid[UUID_BYTES], bool dashes, char *out)
{
	static const char digits[] = "0123456789abcdef";
	int i;

	for (i = 0; i < UUID_BYTES; i++) {
		if (dashes && dash_before(i))
			*out++ = '-';
		*out++ = digits[uuid[i] >> 4];
		*out++ = digits[uuid[i] & 15];
	}
	*out = '\0';
}

int
uuid_parse(struct slice text, uint8_t out[UUID_BYTES])
{
	return parse(text, true, out);
}

int
uuid_parse_hex(struct slice text, uint8_t out[UUID_BYTES])
{
	return parse(text, false, out);
}

void
uuid_format(const uint8_t uuid[UUID_BYTES], char out[UUID_TEXT_BYTES + 1])
{
	format(uuid, true, out);
}

void
uuid_format_hex(const uint8_t uuid[UUID_BYTES], char out[UUID_HEX_BYTES + 1])
{
	format(uuid, false, out);
}
