#include <stdlib.h>

#include "common/cborbuf.h"
#include "format/block.h"
#include "tests/unit/archives.h"

static int
read_back(struct header *h, const struct buf *frame, struct err *err)
{
	struct slice map;
	uint8_t kind = 0;

	ok(block_read((struct slice){frame->p + 8, frame->len - 8}, &kind, &map, err) == 0);
	eq_int(kind, BLOCK_HEADER);
	return header_read(h, map, err);
}

void
test_a_header_comes_back(void)
{
	struct archives_plan full = {.codec = &codec_cbor,
	                             .after = {true, 0},
	                             .upto = {true, UINT64_MAX},
	                             .origin = 7,
	                             .stream_filter = "order-*",
	                             .fill = true};
	struct archives_plan bare = {.codec = &codec_jsonl};
	struct buf out = BUF_INIT, again = BUF_INIT;
	struct err err = ERR_INIT;
	struct header h, back;
	int i;

	header_init(&back);
	for (i = 0; i < 4; i++) { /* the second half finds what the first half left */
		archives_header(&h, i % 2 ? &bare : &full);
		buf_add_str(&h.source_layout, i % 2 ? "" : "native");
		buf_add_str(&h.source_address, i % 2 ? "" : "sqlite://\xC3\xA9.db");
		h.packing = (struct header_packing){i % 2 == 0, 7 - (unsigned)i, 1 << 20, i == 2};
		out.len = again.len = 0;
		header_write(&h, &out);
		if (!eq_int(read_back(&back, &out, &err), 0))
			eq_str(err.msg, "");
		header_write(&back, &again);
		eq_mem(again.p, again.len, out.p, out.len);
		ok(back.codec == h.codec && back.after.set == h.after.set);
		eq_int(back.packing.said, i % 2 == 0);
		ok(i % 2 || (back.packing.level == h.packing.level &&
		             back.packing.chunk_bytes == h.packing.chunk_bytes &&
		             back.packing.exact_text == h.packing.exact_text));
		ok(back.created_ns == h.created_ns && back.upto.set == h.upto.set);
		eq_mem(back.id, 16, h.id, 16);
		eq_int(back.fill, i % 2 == 0);
		header_release(&h);
	}
	header_release(&back);
	header_release(&back);
	buf_release(&out);
	buf_release(&again);
}

static int
stamp_with(const char *epoch, struct header *h, struct err *err)
{
	int rc;

	setenv("SOURCE_DATE_EPOCH", epoch, 1);
	rc = header_stamp(h, err);
	unsetenv("SOURCE_DATE_EPOCH");
	return rc;
}

void
test_the_source_date_makes_the_same_run_the_same_bytes(void)
{
	static const char *const wrong[] =
	    {"", "x", "1x", "-1", "1.5", "9223372036", "99999999999999999999"};
	struct err err = ERR_INIT;
	struct header a, b;
	size_t i;

	archives_header(&a, &(struct archives_plan){.codec = &codec_cbor});
	archives_header(&b, &(struct archives_plan){.codec = &codec_cbor});
	ok(memcmp(a.id, b.id, 16) != 0);
	ok(a.created_ns > 0 && a.created_ns % 1000000 == 0);
	eq_int(stamp_with("1700000000", &a, &err), 0);
	eq_int(stamp_with("1700000000", &b, &err), 0);
	eq_mem(a.id, 16, b.id, 16);
	eq_int(a.created_ns, INT64_C(1700000000000000000));
	ok(a.id[6] >> 4 == 8 && a.id[8] >> 6 == 2); /* RFC 9562, version 8 */
	buf_add_str(&b.tool, "!");
	eq_int(stamp_with("1700000000", &b, &err), 0);
	ok(memcmp(a.id, b.id, 16) != 0);
	eq_int(stamp_with("0", &b, &err), 0);
	eq_int(b.created_ns, 0);
	for (i = 0; i < SAMPLES_N(wrong); i++) {
		eq_int(stamp_with(wrong[i], &a, &err), -1);
		eq_int(err.kind, ERR_USAGE);
	}
	header_release(&a);
	header_release(&b);
}

#define LIT(s)                                                                                     \
	{                                                                                          \
		(const uint8_t *)(s), sizeof(s) - 1                                                \
	}
#define ID                                                                                         \
	"\x62"                                                                                     \
	"id"                                                                                       \
	"\xD8\x25\x50"                                                                             \
	"0123456789abcdef"
#define CREATED                                                                                    \
	"\x67"                                                                                     \
	"created"                                                                                  \
	"\xC0\x74"                                                                                 \
	"2024-01-01T00:00:00Z"
#define CODEC                                                                                      \
	"\x65"                                                                                     \
	"codec"                                                                                    \
	"\x64"                                                                                     \
	"cbor"
#define ORIGIN                                                                                     \
	"\x66"                                                                                     \
	"origin"                                                                                   \
	"\x50"                                                                                     \
	"0123456789abcdef"
#define FILL                                                                                       \
	"\x64"                                                                                     \
	"fill"                                                                                     \
	"\xF5"
#define LOST                                                                                       \
	"\x64"                                                                                     \
	"lost"                                                                                     \
	"\x81\x83\x01\x02\xF6"
#define REQUIRES                                                                                   \
	"\x68"                                                                                     \
	"requires"
#define FILTERS                                                                                    \
	"\x67"                                                                                     \
	"filters"                                                                                  \
	"\xA0"

static const struct {
	struct slice map;
	const char *says; /* NULL: is good */
} maps[] = {
    {LIT("\xA4" ID CREATED CODEC FILTERS), NULL},
    {LIT("\xA5" ID CREATED CODEC FILTERS "\x68"
         "requires"
         "\x80"),
     NULL},
    {LIT("\xA5" ID CREATED CODEC FILTERS "\x63"
         "new"
         "\x01"),
     NULL},
    {LIT("\xA5" ID CREATED CODEC FILTERS "\x68"
         "requires"
         "\x81\x61"
         "x"),
     "requires the feature \"x\"; this program does not know it"},
    {LIT("\xA5" ID CREATED CODEC FILTERS "\x68"
         "requires"
         "\x81\x01"),
     "\"requires\""},
    {LIT("\xA5" ID CREATED CODEC FILTERS "\x68"
         "requires"
         "\xF5"),
     "\"requires\""},
    {LIT("\xA7" ID FILL ORIGIN CREATED CODEC FILTERS REQUIRES "\x81\x64"
         "fill"),
     NULL},
    {LIT("\xA7" ID FILL ORIGIN CREATED CODEC FILTERS REQUIRES "\x82\x64"
         "fill\x61"
         "x"),
     "requires the feature \"x\""},
    {LIT("\xA7" ID FILL ORIGIN CREATED CODEC FILTERS REQUIRES "\x80"), "contradict each other"},
    {LIT("\xA6" ID ORIGIN CREATED CODEC FILTERS REQUIRES "\x81\x64"
         "fill"),
     "contradict each other"},
    {LIT("\xA6" ID FILL CREATED CODEC FILTERS REQUIRES "\x81\x64"
         "fill"),
     "\"fill\" without \"origin\""},
    {LIT("\xA5" ID CREATED CODEC FILTERS "\x64"
         "fill\x01"),
     "\"fill\" is not a boolean"},
    {LIT("\xA6" ID LOST CREATED CODEC FILTERS REQUIRES "\x81\x68"
         "salvaged"),
     NULL},
    {LIT("\xA5" ID LOST CREATED CODEC FILTERS), "\"lost\" and \"requires\" contradict"},
    {LIT("\xA5" ID CREATED CODEC FILTERS REQUIRES "\x81\x68"
         "salvaged"),
     "\"lost\" and \"requires\" contradict"},
    {LIT("\xA6" ID "\x64"
         "lost\x81\x01" CREATED CODEC FILTERS REQUIRES "\x81\x68"
         "salvaged"),
     "\"lost\" is not a list of ranges"},
    {LIT("\xA5" ID CREATED CODEC FILTERS "\x66"
         "origin\x41x"),
     "\"origin\" is not a digest"},
    {LIT("\xA5" ID CREATED CODEC FILTERS "\x65"
         "range\x80"),
     "\"range\" is not a map"},
    {LIT("\xA5" ID CREATED CODEC FILTERS "\x65"
         "range\xA1\x65"
         "after\x20"),
     "\"after\" is not a position"},
    {LIT("\xA5" ID CREATED CODEC FILTERS "\x65"
         "range\xA1\x64"
         "upto\x61x"),
     "\"upto\" is not a position"},
    {LIT("\xA3" CREATED CODEC FILTERS), "\"id\" is not a UUID"},
    {LIT("\xA4\x62"
         "id\x41x" CREATED CODEC FILTERS),
     "\"id\" is not a UUID"},
    {LIT("\xA4\x62"
         "id\xD8\x25\x41x" CREATED CODEC FILTERS),
     "\"id\" is not a UUID"},
    {LIT("\xA3" ID CODEC FILTERS), "\"created\" is not a time"},
    {LIT("\xA4" ID CODEC FILTERS "\x67"
         "created\xC0\x61x"),
     "\"created\" is not a time"},
    {LIT("\xA3" ID CREATED FILTERS), "no \"codec\""},
    {LIT("\xA4" ID CREATED "\x65"
         "codec\x61x" FILTERS),
     "codec \"x\" is unknown"},
    {LIT("\xA3" ID CREATED CODEC), "\"filters\" is not a map"},
    {LIT("\xA4" ID CREATED CODEC "\x67"
         "filters\x80"),
     "\"filters\" is not a map"},
};

void
test_headers_of_other_programs_are_read_or_refused_with_a_reason(void)
{
	struct header h;
	size_t i;

	header_init(&h);
	for (i = 0; i < SAMPLES_N(maps); i++) {
		struct err err = ERR_INIT;

		if (!eq_int(header_read(&h, maps[i].map, &err), maps[i].says ? -1 : 0))
			eq_str(err.msg, maps[i].says);
		if (maps[i].says && !ok(strstr(err.msg, maps[i].says) != NULL))
			eq_str(err.msg, maps[i].says);
	}
	header_release(&h);
}
