#include <string.h>

#include "format/lost.h"
#include "tests/tap.h"

static struct lost_range
dense(uint64_t first, uint64_t last)
{
	return (struct lost_range){.first = first,
	                           .last = last,
	                           .counted = true,
	                           .events = last - first + 1};
}

void
test_ranges_of_which_all_is_lost_become_one_where_they_meet(void)
{
	struct lost l = {0};
	uint64_t events;

	lost_add(&l, dense(1, 10));
	lost_add(&l, dense(11, 20));
	lost_add(&l, dense(22, 30));
	lost_add(&l, (struct lost_range){.first = 31, .last = 40, .counted = true, .events = 3});
	lost_add(&l, dense(41, 41));
	eq_uint(l.len, 4);
	eq_uint(l.ranges[0].last, 20);
	eq_uint(l.ranges[0].events, 20);
	ok(lost_events(&l, &events));
	eq_uint(events, 20 + 9 + 3 + 1);
	lost_add(&l, (struct lost_range){.first = 50, .last = 49});
	eq_uint(l.len, 4);
	lost_add(&l, (struct lost_range){.first = 30, .last = 41});
	eq_uint(l.len, 4);
	lost_add(&l, (struct lost_range){.first = 40, .last = 45, .counted = true, .events = 6});
	eq_uint(l.len, 5);
	eq_uint(l.ranges[4].first, 42);
	ok(!l.ranges[4].counted);
	l.len--;
	lost_add(&l, (struct lost_range){.first = 50, .open = true});
	eq_uint(l.len, 5);
	lost_add(&l, dense(60, 70));
	eq_uint(l.len, 5);
	ok(!lost_events(&l, &events));
	lost_release(&l);
}

void
test_there_are_no_more_ranges_than_a_header_takes(void)
{
	struct lost l = {0}, back = {0};
	struct buf out = BUF_INIT;
	uint64_t i;

	for (i = 0; i < LOST_MAX + 10; i++)
		lost_add(&l, dense(10 * i, 10 * i + 2));
	eq_uint(l.len, LOST_MAX);
	eq_uint(l.ranges[LOST_MAX - 1].last, 10 * (LOST_MAX + 9) + 2);
	eq_uint(l.ranges[LOST_MAX - 1].events, 33);
	lost_encode(&l, &out);
	ok(lost_decode(&back, buf_slice(&out)));
	eq_uint(back.len, LOST_MAX);
	lost_release(&back);
	lost_release(&l);
	buf_release(&out);
}

void
test_what_is_said_of_a_range(void)
{
	static const struct {
		struct lost_range r;
		const char *text, *json;
	} said[] = {
	    {{1, 20, false, true, 20},
	     "positions 1 to 20: 20 events",
	     "{\"first\":1,\"last\":20,\"events\":20}"},
	    {{7, 7, false, true, 1},
	     "position 7: 1 event",
	     "{\"first\":7,\"last\":7,\"events\":1}"},
	    {{1, 20, false, true, 3},
	     "positions 1 to 20: 3 events that lay between them",
	     "{\"first\":1,\"last\":20,\"events\":3}"},
	    {{1, 20, false, false, 0},
	     "positions 1 to 20: an unknown number of events",
	     "{\"first\":1,\"last\":20,\"events\":null}"},
	    {{5, 0, true, false, 0},
	     "from position 5 on: nobody knows how many events",
	     "{\"first\":5,\"last\":null,\"events\":null}"},
	};
	char text[LOST_TEXT_BYTES];
	struct lost l = {0}, back = {0};
	struct buf out = BUF_INIT;
	size_t i;

	for (i = 0; i < sizeof(said) / sizeof(*said); i++) {
		eq_str(lost_text(&said[i].r, text), said[i].text);
		out.len = 0;
		lost_put_json(&said[i].r, &out);
		eq_str(buf_cstr(&out), said[i].json);
		lost_add(&l, said[i].r);
		out.len = 0;
		lost_encode(&l, &out);
		ok(lost_decode(&back, buf_slice(&out)));
		eq_uint(back.len, 1);
		ok(memcmp(&back.ranges[0], &said[i].r, sizeof(said[i].r)) == 0);
		lost_release(&l);
		lost_release(&back);
	}
	buf_release(&out);
}

void
test_what_is_no_list_of_ranges(void)
{
	static const char *const bad[] = {
	    "\x82\x01\x02",                         /* no rows */
	    "\x81\x82\x01\x02",                     /* a row of two */
	    "\x81\x83\x05\x04\x01",                 /* the wrong way round */
	    "\x82\x83\x01\x05\x01\x83\x05\x06\x01", /* one in the other */
	    "\x82\x83\x01\xf6\x01\x83\x05\x06\x01", /* something behind no end */
	    "\x81\x83\x01\x05\x01\x01",             /* more than a list */
	    "\x82\x83\x01\x05\x01",                 /* less */
	    "\x81\x83\xf6\x05\x01",                 /* from nowhere on */
	    "\x9a\xff\xff\xff\xff\x83\x01\x05\x01", /* more than are taken */
	    "\x61x",
	};
	struct lost l = {0};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		ok(!lost_decode(&l, slice_str(bad[i])));
		lost_release(&l);
	}
}
