#include <stdlib.h>
#include <string.h>

#include "common/natsfree.h"
#include "import/batch_nats.h"
#include "tests/tap.h"

static struct natsheader headers[] = {
    {{(const uint8_t *)"Es-Type", 7}, {(const uint8_t *)"Placed", 6}},
    {{(const uint8_t *)"X", 1}, {(const uint8_t *)"", 0}},
    {{(const uint8_t *)"Y", 1}, {(const uint8_t *)"1", 1}},
    {{(const uint8_t *)"Y", 1}, {(const uint8_t *)"2", 1}},
};

static void
add(struct batch_nats *b, const char *subject, size_t n_headers, struct slice body)
{
	struct natsmsg m = {.subject = slice_str(subject),
	                    .headers = headers,
	                    .n_headers = n_headers,
	                    .body = body};
	struct batch_nats_entry e = {.begin = 99,
	                             .body_len = 99,
	                             .position = 5 + b->n,
	                             .events = 1 + b->n};

	batch_nats_add(b, &m, &e);
}

/* What the library has of the headers: all values of each name. */
static void
check_headers(natsMsg *msg, size_t n)
{
	const char *value, **values;
	int count;

	eq_int(natsMsgHeader_Get(msg, "Es-Type", &value), n > 0 ? NATS_OK : NATS_NOT_FOUND);
	if (n < 4)
		return;
	eq_str(value, "Placed");
	eq_int(natsMsgHeader_Get(msg, "X", &value), NATS_OK);
	eq_str(value, "");
	if (!eq_int(natsMsgHeader_Values(msg, "Y", &values, &count), NATS_OK))
		return;
	eq_int(count, 2);
	eq_str(values[0], "1");
	eq_str(values[1], "2");
	free((void *)values);
}

static void
check(const struct batch_nats *b, size_t i, const char *subject, size_t n_headers,
      struct slice body)
{
	natsMsg *msg = NULL;

	eq_uint(b->entries[i].position, 5 + i);
	eq_uint(b->entries[i].events, 1 + i);
	if (!eq_int(batch_nats_message(b, i, "reply.to", &msg), NATS_OK))
		return;
	eq_str(natsMsg_GetSubject(msg), subject);
	eq_str(natsMsg_GetReply(msg), "reply.to");
	eq_mem(natsMsg_GetData(msg), (size_t)natsMsg_GetDataLength(msg), body.p, body.len);
	check_headers(msg, n_headers);
	natsfree_message(msg);
}

void
test_messages_come_back_for_the_library(void)
{
	struct batch_nats b = {0};
	uint8_t all[256];
	size_t i;

	for (i = 0; i < sizeof(all); i++)
		all[i] = (uint8_t)i;
	add(&b, "S.a", 4, SLICE_LIT("body"));
	add(&b, "S.b", 0, SLICE_LIT(""));
	add(&b, "S.c", 4, SLICE_LIT(""));
	add(&b, "S.d", 0, (struct slice){all, sizeof(all)});
	add(&b, "S.e", 4, SLICE_LIT("\0\0"));
	eq_uint(b.n, 5);
	check(&b, 0, "S.a", 4, SLICE_LIT("body"));
	check(&b, 1, "S.b", 0, SLICE_LIT(""));
	check(&b, 2, "S.c", 4, SLICE_LIT(""));
	check(&b, 3, "S.d", 0, (struct slice){all, sizeof(all)});
	check(&b, 4, "S.e", 4, SLICE_LIT("\0\0"));
	check(&b, 0, "S.a", 4, SLICE_LIT("body")); /* as often as it is sent */
	batch_nats_release(&b);
}

void
test_a_message_may_have_no_reply(void)
{
	struct batch_nats b = {0};
	natsMsg *msg = NULL;

	add(&b, "S.a", 0, SLICE_LIT("x"));
	if (eq_int(batch_nats_message(&b, 0, NULL, &msg), NATS_OK))
		ok(!natsMsg_GetReply(msg));
	natsfree_message(msg);
	batch_nats_release(&b);
}

void
test_the_id_is_known_where_the_next_message_can_name_it(void)
{
	static uint8_t longest[BATCH_NATS_ID_MOST_BYTES + 1];
	struct natsheader named[] = {{SLICE_LIT("Es-Type"), SLICE_LIT("T")},
	                             {SLICE_LIT("nats-msg-id"), SLICE_LIT("e-1")}};
	struct natsmsg m = {.subject = SLICE_LIT("S.a"),
	                    .body = SLICE_LIT(""),
	                    .headers = named,
	                    .n_headers = 2};
	struct batch_nats_entry entry = {0};
	struct batch_nats b = {0};

	memset(longest, 'i', sizeof(longest));
	batch_nats_add(&b, &m, &entry);
	named[1].value = (struct slice){longest, sizeof(longest)};
	batch_nats_add(&b, &m, &entry);
	named[1].value.len--;
	batch_nats_add(&b, &m, &entry);
	m.n_headers = 1;
	batch_nats_add(&b, &m, &entry);
	eq_str(batch_nats_id(&b, 0), "e-1");
	ok(!batch_nats_id(&b, 1));
	eq_uint(strlen(batch_nats_id(&b, 2)), BATCH_NATS_ID_MOST_BYTES);
	ok(!batch_nats_id(&b, 3));
	batch_nats_release(&b);
}

void
test_reset_keeps_the_memory_and_nothing_else(void)
{
	struct batch_nats b = {0};
	const void *entries, *bytes;

	add(&b, "S.a", 4, SLICE_LIT("first"));
	add(&b, "S.b", 4, SLICE_LIT("second"));
	entries = b.entries;
	bytes = b.bytes.p;
	batch_nats_reset(&b);
	eq_uint(b.n, 0);
	eq_uint(b.bytes.len, 0);
	add(&b, "S.c", 0, SLICE_LIT("third"));
	ok(b.entries == entries && b.bytes.p == bytes);
	check(&b, 0, "S.c", 0, SLICE_LIT("third"));
	batch_nats_release(&b);
	ok(!b.entries && !b.bytes.p && b.n == 0);
	batch_nats_release(&b);
}

void
test_many_messages(void)
{
	struct batch_nats b = {0};
	size_t i;

	for (i = 0; i < 1000; i++)
		add(&b, i % 2 ? "S.odd" : "S.even", i % 2 ? 4 : 0, SLICE_LIT("x"));
	check(&b, 0, "S.even", 0, SLICE_LIT("x"));
	check(&b, 501, "S.odd", 4, SLICE_LIT("x"));
	check(&b, 999, "S.odd", 4, SLICE_LIT("x"));
	batch_nats_release(&b);
}
