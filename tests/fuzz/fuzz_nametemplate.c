#include <assert.h>
#include <string.h>

#include "common/nametemplate.h"

/*
 * A template, a NUL and a name: it is refused with a reason, or what it makes of a name is taken
 * apart by the other form; and what leads back to the name is what it was made of.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
go_round(const struct nametemplate *t, bool back, struct slice name)
{
	struct buf there = BUF_INIT, again = BUF_INIT, third = BUF_INIT;

	if (nametemplate_convert(t, back, name, &there)) {
		assert(there.len > 0);
		assert(nametemplate_convert(t, !back, buf_slice(&there), &again));
		assert(nametemplate_convert(t, back, buf_slice(&again), &third));
	} else {
		assert(there.len == 0);
	}
	buf_release(&there);
	buf_release(&again);
	buf_release(&third);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nul = size ? memchr(data, '\0', size) : NULL;
	struct nametemplate *t;
	struct err err = ERR_INIT;
	struct slice name;

	if (!nul)
		return 0;
	name = (struct slice){nul + 1, (size_t)(data + size - nul) - 1};
	if (nametemplate_parse(&t, (const char *)data, &err) < 0) {
		assert(err.kind == ERR_USAGE && err.msg[0]);
		return 0;
	}
	go_round(t, false, name);
	go_round(t, true, name);
	nametemplate_free(t);
	return 0;
}
