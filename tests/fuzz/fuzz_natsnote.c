#include <assert.h>
#include <string.h>

#include "common/natsnote.h"

/* The description of a stream: it is a note of ours, which is written as it was read, or is not,
 * and may be replaced only where it begins as one. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct natsstream s = {.config = NULL};
	struct buf text = BUF_INIT, again = BUF_INIT;
	struct natsnote note;

	if (size && memchr(data, '\0', size)) /* jansson refuses it in an answer */
		return 0;
	s.config = json_pack("{s:s%}", "description", data, size);
	if (!s.config) /* it is no UTF-8, which it refuses, too */
		return 0;
	buf_add(&text, data, size);
	if (natsnote_read(&s, &note)) {
		natsnote_write(&note, &again);
		assert(slice_eq(buf_slice(&text), buf_slice(&again)));
		assert(natsnote_may_write(&s));
	}
	assert(natsnote_may_write(&s) ==
	       (*buf_cstr(&text) == '\0' || strncmp(buf_cstr(&text), "esimport: ", 10) == 0));
	buf_release(&text);
	buf_release(&again);
	natsstream_release(&s);
	return 0;
}
