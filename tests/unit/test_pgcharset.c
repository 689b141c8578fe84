#include <string.h>

#include "common/pgcharset.h"
#include "tests/guard.h"
#include "tests/tap.h"

/* How many characters beyond ASCII a server 15 converts to its encoding and back to the same. */
static const struct {
	const char *name;
	unsigned characters;
} encodings[] = {
    {"EUC_CN", 7445},    {"EUC_JIS_2004", 11271}, {"EUC_JP", 13174},   {"EUC_KR", 8227},
    {"ISO_8859_5", 128}, {"ISO_8859_6", 83},      {"ISO_8859_7", 125}, {"ISO_8859_8", 92},
    {"KOI8R", 128},      {"KOI8U", 128},          {"LATIN1", 128},     {"LATIN2", 128},
    {"LATIN3", 121},     {"LATIN4", 128},         {"LATIN5", 128},     {"LATIN6", 128},
    {"LATIN7", 128},     {"LATIN8", 128},         {"LATIN9", 128},     {"LATIN10", 128},
    {"WIN866", 128},     {"WIN874", 97},          {"WIN1250", 123},    {"WIN1251", 127},
    {"WIN1252", 123},    {"WIN1253", 111},        {"WIN1254", 121},    {"WIN1255", 105},
    {"WIN1256", 128},    {"WIN1257", 116},        {"WIN1258", 119},    {"EUC_TW", 13517},
};

static struct pgcharset *
open_charset(const char *name)
{
	struct err err = ERR_INIT;
	struct pgcharset *c = NULL;

	if (!ok(pgcharset_open(&c, name, &err) == 0))
		eq_str(err.msg, name);
	return c;
}

static bool
holds(const char *name, const char *text)
{
	struct pgcharset *c = open_charset(name);
	bool held = pgcharset_holds(c, slice_str(text));

	pgcharset_close(c);
	return held;
}

void
test_as_many_characters_as_the_server_has(void)
{
	for (size_t i = 0; i < sizeof(encodings) / sizeof(encodings[0]); i++) {
		struct pgcharset *c = open_charset(encodings[i].name);
		unsigned n = 0;

		for (uint32_t character = 0x80; character < 0x110000; character++)
			n += pgcharset_makes(c, character);
		if (!eq_uint(n, encodings[i].characters))
			eq_str("above", encodings[i].name);
		pgcharset_close(c);
	}
}

void
test_utf8_holds_everything_but_nul(void)
{
	struct pgcharset *c = open_charset("UTF8");

	ok(pgcharset_holds(c, SLICE_LIT("")));
	ok(pgcharset_holds(c, SLICE_LIT("plain")));
	ok(pgcharset_holds(c, SLICE_LIT("\x7f\x01 \xe2\x82\xac \xf0\x9f\x98\x80 \xef\xbf\xbf")));
	ok(!pgcharset_holds(c, SLICE_LIT("a\0b")));
	ok(!pgcharset_holds(c, SLICE_LIT("\0")));
	ok(pgcharset_makes(c, 0x10ffff) && pgcharset_makes(c, 1) && !pgcharset_makes(c, 0));
	pgcharset_close(c);
}

void
test_characters_that_are_missing_are_found(void)
{
	ok(holds("LATIN1", "gr\xc3\xbc\xc3\x9f"));
	ok(!holds("LATIN1", "\xe2\x82\xac")); /* the euro sign */
	ok(holds("LATIN9", "\xe2\x82\xac") && holds("WIN1252", "\xe2\x82\xac"));
	ok(!holds("LATIN9", "\xc2\xa4")); /* which took the place of this */
	ok(holds("LATIN1", "\xc2\x81") && !holds("WIN1252", "\xc2\x81"));
	ok(holds("KOI8R", "\xd0\xb6") && !holds("KOI8R", "\xc3\xa9"));
	ok(holds("WIN1251", "\xd0\xb6") && holds("WIN866", "\xd0\xb6"));
	ok(!holds("LATIN1", "a long text in which only the last one is not held: \xd0\xb6"));
	ok(!holds("LATIN1", "\xd0\xb6 and this is the first of a long text"));
	ok(!holds("LATIN1", "\xf0\x9f\x98\x80") && !holds("EUC_JP", "\xf0\x9f\x98\x80"));
	ok(holds("EUC_JP", "\xe6\x97\xa5\xe6\x9c\xac") && holds("EUC_KR", "\xed\x95\x9c"));
	ok(holds("EUC_CN", "\xe6\xb1\x89") && holds("EUC_TW", "\xe6\xbc\xa2"));
	ok(holds("EUC_JP", "\xef\xbd\xb1") && !holds("EUC_CN", "\xef\xbd\xb1")); /* kana */
}

void
test_what_would_come_back_as_another_character_is_not_held(void)
{
	ok(!holds("EUC_JP", "\xc2\xa6")); /* the server makes U+FFE4 of it */
	ok(holds("EUC_JP", "\xef\xbf\xa4"));
	ok(holds("EUC_JIS_2004", "\xc2\xa5") && !holds("EUC_JIS_2004", "\xef\xbf\xa5"));
	/* iconv writes a letter and an accent for it, the server refuses. */
	ok(!holds("WIN1258", "\xe1\xba\xbf") && holds("WIN1258", "\xc3\xaa\xcc\x81"));
	ok(!holds("EUC_JP", "\xee\x80\x80")); /* for private use */
}

void
test_sql_ascii_takes_bytes_and_counts_them(void)
{
	struct pgcharset *c = open_charset("SQL_ASCII");

	ok(pgcharset_holds(c, SLICE_LIT("\xf0\x9f\x98\x80")));
	ok(!pgcharset_holds(c, SLICE_LIT("a\0")));
	ok(pgcharset_makes(c, 0x7f) && !pgcharset_makes(c, 0x80) && !pgcharset_makes(c, 0));
	eq_uint(pgcharset_length(c, SLICE_LIT("a\xc3\xa9")), 3);
	pgcharset_close(c);
}

void
test_an_encoding_that_is_not_known_is_left_to_the_server(void)
{
	ok(holds("MULE_INTERNAL", "\xf0\x9f\x98\x80") && holds("latin1", "\xe2\x82\xac"));
	ok(holds("", "\xe2\x82\xac"));
	pgcharset_close(NULL);
}

void
test_length_is_in_characters(void)
{
	struct pgcharset *c = open_charset("UTF8");

	eq_uint(pgcharset_length(c, SLICE_LIT("")), 0);
	eq_uint(pgcharset_length(c, SLICE_LIT("abc")), 3);
	eq_uint(pgcharset_length(c, SLICE_LIT("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80")), 3);
	pgcharset_close(c);
}

void
test_no_byte_outside_is_read(void)
{
	struct pgcharset *c = open_charset("LATIN1");
	struct guard g;

	guard_init(&g, 4096);
	ok(pgcharset_holds(c, guard_end(&g, SLICE_LIT("0123456789abcde\xc3\xa9"))));
	ok(!pgcharset_holds(c, guard_end(&g, SLICE_LIT("\xf0\x9f\x98\x80"))));
	ok(pgcharset_holds(c, guard_start(&g, SLICE_LIT("\xc3\xa9"))));
	eq_uint(pgcharset_length(c, guard_end(&g, SLICE_LIT("x\xc3\xa9"))), 2);
	guard_release(&g);
	pgcharset_close(c);
}
