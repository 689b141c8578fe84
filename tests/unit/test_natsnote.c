#include <string.h>

#include "common/natsnote.h"
#include "tests/tap.h"

static struct natsstream
described(const char *text)
{
	return (struct natsstream){.config = json_pack("{s:s*}", "description", text)};
}

static bool
reads(const char *text, struct natsnote *out)
{
	struct natsstream s = described(text);
	bool good = natsnote_read(&s, out);

	natsstream_release(&s);
	return good;
}

static bool
may_write(const char *text)
{
	struct natsstream s = described(text);
	bool good = natsnote_may_write(&s);

	natsstream_release(&s);
	return good;
}

void
test_what_is_written_is_read(void)
{
	const struct natsnote note = {.key = "0123456789abcde",
	                              .upto = UINT64_MAX,
	                              .sequence = 1,
	                              .position = UINT64_MAX - 1};
	struct buf text = BUF_INIT;
	struct natsnote back;

	natsnote_write(&note, &text);
	eq_str(buf_cstr(&text), "esimport: MDEyMzQ1Njc4OWFiY2RlAA== up to 18446744073709551615, "
	                        "message 1 is position 18446744073709551614");
	ok(reads(buf_cstr(&text), &back));
	ok(memcmp(back.key, note.key, sizeof(note.key)) == 0);
	eq_uint(back.upto, note.upto);
	eq_uint(back.sequence, note.sequence);
	eq_uint(back.position, note.position);
	buf_release(&text);
}

void
test_what_is_not_ours_is_not_read(void)
{
	static const char *const others[] = {
	    "",
	    "orders of the shop",
	    "esimport: ",
	    "esimport: MDEyMzQ1Njc4OWFiY2RlAA==",
	    "esimport: MDEyMzQ1Njc4OWFiY2RlAA== up to 1",
	    "esimport: MDEyMzQ1Njc4OWFiY2RlA=== up to 1, message 1 is position 1",
	    "esimport: MDEyMzQ1Njc4OWFiY2RlAA== up to 01, message 1 is position 1",
	    "esimport: MDEyMzQ1Njc4OWFiY2RlAA== up to -1, message 1 is position 1",
	    "esimport: MDEyMzQ1Njc4OWFiY2RlAA== up to 1, message 1 is position 1 ",
	    "esimport: MDEyMzQ1Njc4OWFiY2RlAA== up to 18446744073709551616, message 1 is position 1",
	};
	struct natsnote note;
	size_t i;

	for (i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (!ok(!reads(others[i], &note)))
			eq_str(others[i], "");
	ok(!reads(NULL, &note));
}

void
test_only_a_free_description_is_written(void)
{
	ok(may_write(NULL));
	ok(may_write(""));
	ok(may_write("esimport: anything"));
	ok(!may_write("orders of the shop"));
}
