#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "common/jscan_impl.h"
#include "common/pgcharset.h"

/*
 * An encoding is the set of the characters that its bytes stand for: decoded
 * once, when it is opened.  To ask iconv for each text instead would be slower
 * and wrong: it decomposes characters for some encodings, and maps several to
 * one, of which only one comes back.
 */
#define END_CHARACTER 0x30000 /* no encoding has any beyond */
#define PRIVATE_FIRST 0xe000  /* EUC-JP-MS has user-defined ones, PostgreSQL none */
#define PRIVATE_LAST 0xf8ff

struct pgcharset {
	bool sql_ascii;
	uint8_t *bits; /* of the characters that it holds; NULL: of any */
};

/* What server_encoding may be, by src/backend/utils/mb/encnames.c.  MULE_INTERNAL cannot be
 * converted to UTF8 by the server. */
struct encoding {
	const char *name, *iconv;
	const char *leads[3]; /* two bytes from 0xa1 on behind each; none: a byte is a character */
	bool kana;            /* one such byte behind 0x8e */
	uint16_t swap[2][2];  /* iconv says the first where PostgreSQL says the second */
};

static const struct encoding encodings[] = {
    {.name = "EUC_CN", .iconv = "EUC-CN", .leads = {""}},
    {.name = "EUC_JIS_2004",
     .iconv = "EUC-JISX0213",
     .leads = {"", "\x8f"},
     .kana = true,
     .swap = {{0xffe3, 0x203e}, {0xffe5, 0xa5}}},
    {.name = "EUC_JP", .iconv = "EUC-JP-MS", .leads = {"", "\x8f"}, .kana = true},
    {.name = "EUC_KR", .iconv = "EUC-KR", .leads = {""}},
    {.name = "EUC_TW", .iconv = "EUC-TW", .leads = {"", "\x8e\xa2"}},
    {.name = "ISO_8859_5", .iconv = "ISO-8859-5"},
    {.name = "ISO_8859_6", .iconv = "ISO-8859-6"},
    {.name = "ISO_8859_7", .iconv = "ISO-8859-7"},
    {.name = "ISO_8859_8", .iconv = "ISO-8859-8"},
    {.name = "KOI8R", .iconv = "KOI8-R"},
    {.name = "KOI8U", .iconv = "KOI8-U"},
    {.name = "LATIN1", .iconv = "ISO-8859-1"},
    {.name = "LATIN2", .iconv = "ISO-8859-2"},
    {.name = "LATIN3", .iconv = "ISO-8859-3"},
    {.name = "LATIN4", .iconv = "ISO-8859-4"},
    {.name = "LATIN5", .iconv = "ISO-8859-9"},
    {.name = "LATIN6", .iconv = "ISO-8859-10"},
    {.name = "LATIN7", .iconv = "ISO-8859-13"},
    {.name = "LATIN8", .iconv = "ISO-8859-14"},
    {.name = "LATIN9", .iconv = "ISO-8859-15"},
    {.name = "LATIN10", .iconv = "ISO-8859-16"},
    {.name = "WIN866", .iconv = "CP866"},
    {.name = "WIN874", .iconv = "CP874"},
    {.name = "WIN1250", .iconv = "CP1250"},
    {.name = "WIN1251", .iconv = "CP1251"},
    {.name = "WIN1252", .iconv = "CP1252"},
    {.name = "WIN1253", .iconv = "CP1253"},
    {.name = "WIN1254", .iconv = "CP1254"},
    {.name = "WIN1255", .iconv = "CP1255"},
    {.name = "WIN1256", .iconv = "CP1256"},
    {.name = "WIN1257", .iconv = "CP1257"},
    {.name = "WIN1258", .iconv = "CP1258"},
};

static void
set_bit(struct pgcharset *c, uint32_t character)
{
	c->bits[character / 8] |= (uint8_t)(1U << character % 8);
}

/* Add the character that these bytes stand for, if they are one. */
static void
add_character(struct pgcharset *c, const struct encoding *e, iconv_t from, const char *bytes,
              size_t len)
{
	char copy[4], *in = copy, *out;
	wchar_t found[4];
	size_t room = sizeof(found);
	uint32_t character;

	memcpy(copy, bytes, len);
	out = (char *)found;
	iconv(from, NULL, NULL, NULL, NULL);
	/* A character that another might go with comes out at the second call. */
	if (iconv(from, &in, &len, &out, &room) != 0 || len != 0 ||
	    iconv(from, NULL, NULL, &out, &room) != 0 || room != sizeof(found) - sizeof(found[0]))
		return;
	character = (uint32_t)found[0];
	if (character >= END_CHARACTER || (character >= PRIVATE_FIRST && character <= PRIVATE_LAST))
		return;
	for (int i = 0; i < 2; i++)
		if (e->swap[i][0] == character)
			character = e->swap[i][1];
	set_bit(c, character);
}

static void
add_pairs(struct pgcharset *c, const struct encoding *e, iconv_t from, const char *lead)
{
	char bytes[4];
	size_t len;

	for (len = 0; lead[len]; len++)
		bytes[len] = lead[len];
	for (int first = 0xa1; first <= 0xfe; first++)
		for (int second = 0xa1; second <= 0xfe; second++) {
			bytes[len] = (char)first;
			bytes[len + 1] = (char)second;
			add_character(c, e, from, bytes, len + 2);
		}
}

static void
add_all(struct pgcharset *c, const struct encoding *e, iconv_t from)
{
	size_t i;
	int byte;

	for (byte = 0; byte < 0x80; byte++)
		set_bit(c, (uint32_t)byte);
	for (byte = 0x80; !e->leads[0] && byte <= 0xff; byte++)
		add_character(c, e, from, (char[]){(char)byte}, 1);
	for (i = 0; i < sizeof(e->leads) / sizeof(e->leads[0]) && e->leads[i]; i++)
		add_pairs(c, e, from, e->leads[i]);
	for (byte = 0xa1; e->kana && byte <= 0xfe; byte++)
		add_character(c, e, from, (char[]){'\x8e', (char)byte}, 2);
}

int
pgcharset_open(struct pgcharset **out, const char *name, struct err *err)
{
	const struct encoding *e = NULL;
	struct pgcharset *c;
	iconv_t from;
	size_t i;

	*out = NULL;
	for (i = 0; i < sizeof(encodings) / sizeof(encodings[0]); i++)
		if (strcmp(encodings[i].name, name) == 0)
			e = &encodings[i];
	c = xcalloc(1, sizeof(*c));
	c->sql_ascii = strcmp(name, "SQL_ASCII") == 0;
	if (e) {
		from = iconv_open("WCHAR_T", e->iconv);
		if (from == (iconv_t)-1) {
			free(c);
			err_sys(err, ERR_IO, "cannot convert text of the encoding %s", name);
			return err_hint(err, "the C library lacks its converter %s", e->iconv);
		}
		c->bits = xcalloc(END_CHARACTER / 8, 1);
		add_all(c, e, from);
		iconv_close(from);
	}
	*out = c;
	return 0;
}

void
pgcharset_close(struct pgcharset *c)
{
	if (c)
		free(c->bits);
	free(c);
}

static bool
has(const struct pgcharset *c, uint32_t character)
{
	return character < END_CHARACTER && c->bits[character / 8] >> character % 8 & 1;
}

/* Take the character at *p, which is not ASCII. */
static uint32_t
take(const uint8_t **p, const uint8_t *end)
{
	const uint8_t *q = *p;
	uint32_t character = *q < 0xe0 ? *q & 0x1fU : *q < 0xf0 ? *q & 0x0fU : *q & 0x07U;

	for (q++; q < end && jscan_continues(*q); q++)
		character = character << 6 | (*q & 0x3fU);
	*p = q;
	return character;
}

bool
pgcharset_holds(const struct pgcharset *c, struct slice utf8)
{
	const uint8_t *p = utf8.p, *end = p + utf8.len;

	if (memchr(p, '\0', utf8.len))
		return false;
	if (!c->bits)
		return true;
	while ((p = jscan_ascii(p, end)) < end)
		if (!has(c, take(&p, end)))
			return false;
	return true;
}

bool
pgcharset_makes(const struct pgcharset *c, uint32_t character)
{
	if (character == 0)
		return false;
	if (c->sql_ascii)
		return character < 0x80;
	return !c->bits || has(c, character);
}

size_t
pgcharset_length(const struct pgcharset *c, struct slice utf8)
{
	size_t n = 0;

	if (c->sql_ascii)
		return utf8.len;
	for (size_t i = 0; i < utf8.len; i++)
		n += !jscan_continues(utf8.p[i]);
	return n;
}
