#include <malloc.h>

#include "common/natsfree.h"
#include "tests/tap.h"

#define BODY_BYTES 100000

static size_t
in_use(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

/* The library is not open, so the thread that would free it at some time is not there: the library
 * crashes when it is given a message. */
void
test_a_message_is_gone_when_it_is_freed(void)
{
	static const char body[BODY_BYTES];
	natsMsg *m = NULL;
	size_t before = in_use();

	eq_int(natsMsg_Create(&m, "a", NULL, body, BODY_BYTES), NATS_OK);
	eq_int(natsMsgHeader_Add(m, "Es-Type", "Placed"), NATS_OK);
	natsfree_message(m);
	ok(in_use() < before + BODY_BYTES);
	natsfree_message(NULL);
}
