#include <string.h>

#include "common/natsmark.h"
#include "tests/tap.h"

#define KEY "AAECAwQFBgcICQoLDA0ODw=="
#define RUN "EBESExQVFhc="
#define EVENT "8PHy8/T19vf4+fr7/P3+/w=="
#define DIGESTS KEY " " RUN " " EVENT

static struct natsmark
sample(void)
{
	struct natsmark mark = {.position = 7, .events = 8};
	uint8_t i;

	for (i = 0; i < NATSMARK_DIGEST_BYTES; i++) {
		mark.key[i] = i;
		mark.event[i] = (uint8_t)(0xF0 + i);
	}
	for (i = 0; i < NATSMARK_RUN_BYTES; i++)
		mark.run[i] = (uint8_t)(0x10 + i);
	return mark;
}

static bool
read_mark(const char *name, const char *value, struct natsmark *out)
{
	struct natsheader headers[] = {{SLICE_LIT("Es-Type"), SLICE_LIT("1")},
	                               {slice_str(name), slice_str(value)}};
	struct natsmsg m = {.headers = headers, .n_headers = 2};

	return natsmark_read(&m, out);
}

static void
same(const struct natsmark *a, const struct natsmark *b)
{
	eq_uint(a->position, b->position);
	eq_uint(a->events, b->events);
	eq_mem(a->key, sizeof(a->key), b->key, sizeof(b->key));
	eq_mem(a->run, sizeof(a->run), b->run, sizeof(b->run));
	eq_mem(a->event, sizeof(a->event), b->event, sizeof(b->event));
	ok(a->has_after == b->has_after && a->after == b->after && a->appended == b->appended);
}

static void
both(const struct natsmark *mark, const char *text)
{
	struct natsmark back;
	struct buf out = BUF_INIT;

	natsmark_write(mark, &out);
	eq_str(buf_cstr(&out), text);
	if (ok(read_mark("Es-Import", text, &back)))
		same(&back, mark);
	buf_release(&out);
}

void
test_marks_go_both_ways(void)
{
	struct natsmark mark = sample();

	both(&mark, "1 7 8 " DIGESTS);
	mark.appended = true;
	both(&mark, "1 7 8 " DIGESTS " appended");
	mark.has_after = true;
	both(&mark, "1 7 8 " DIGESTS " after=0 appended");
	mark.appended = false;
	mark.position = mark.events = mark.after = UINT64_MAX;
	both(&mark,
	     "1 18446744073709551615 18446744073709551615 " DIGESTS " after=18446744073709551615");
	mark.position = mark.events = 0;
	memset(mark.key, 0, sizeof(mark.key));
	memset(mark.event, 0, sizeof(mark.event));
	memset(mark.run, 0, sizeof(mark.run));
	both(&mark, "1 0 0 AAAAAAAAAAAAAAAAAAAAAA== AAAAAAAAAAA= AAAAAAAAAAAAAAAAAAAAAA== "
	            "after=18446744073709551615");
}

void
test_the_header_is_found_in_any_case(void)
{
	struct natsmark got, mark = sample();

	ok(read_mark("ES-IMPORT", "1 7 8 " DIGESTS, &got));
	same(&got, &mark);
	ok(!read_mark("Es-Imports", "1 7 8 " DIGESTS, &got));
}

void
test_what_is_no_mark(void)
{
	static const char *const texts[] = {
	    "",
	    "1",
	    "1 7 8 " KEY " " RUN,
	    "2 7 8 " DIGESTS,
	    "01 7 8 " DIGESTS,
	    " 1 7 8 " DIGESTS,
	    "1  7 8 " DIGESTS,
	    "1 -7 8 " DIGESTS,
	    "1 7 0x8 " DIGESTS,
	    "1 18446744073709551616 8 " DIGESTS,
	    "1 7 99999999999999999999 " DIGESTS,
	    "1 7 8 AAECAwQFBgcICQoLDA0O " RUN " " EVENT,
	    "1 7 8 AAECAwQFBgcICQoLDA0ODw " RUN " " EVENT,
	    "1 7 8 " KEY " " KEY " " EVENT,
	    "1 7 8 " KEY " " RUN " " RUN,
	    "1 7 8 " DIGESTS " later",
	    "1 7 8 " DIGESTS " after=",
	    "1 7 8 " DIGESTS " after=x",
	    "1 7 8 " DIGESTS " after=18446744073709551616",
	    "1 7 8 " DIGESTS " appended later",
	    "1 7 8 " DIGESTS "  appended",
	};
	struct natsmark got;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (!ok(!read_mark("Es-Import", texts[i], &got)))
			eq_str(texts[i], "");
}
