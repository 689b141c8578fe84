#include <assert.h>
#include <string.h>

#include "common/address.h"
#include "common/percent.h"

/* Addresses of files: a path comes back from the address that is made of it.  Those of servers have
 * fuzzers of their own. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_path(const struct address *a)
{
	static const char *const schemes[] = {"sqlite://", "file://"};
	struct buf text = BUF_INIT;
	struct err err = ERR_INIT;
	struct address again;
	bool store = a->kind == ADDRESS_SQLITE;

	buf_add_str(&text, schemes[store ? 0 : 1]);
	percent_encode(&text, slice_str(a->path), percent_unreserved);
	assert(address_parse(&again, buf_cstr(&text), &err) == 0);
	assert(address_is_store(&again) == store && strcmp(again.path, a->path) == 0);
	assert(strcmp(again.shown, buf_cstr(&text)) == 0);
	address_release(&again);
	buf_release(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf text = BUF_INIT;
	struct err err = ERR_INIT;
	struct address a;

	buf_add(&text, data, size);
	if (address_parse(&a, buf_cstr(&text), &err) < 0) {
		assert(err.kind == ERR_USAGE && err.msg[0]);
	} else if (a.path) {
		assert(*a.path && strcmp(a.shown, buf_cstr(&text)) == 0);
		check_path(&a);
	}
	address_release(&a);
	buf_release(&text);
	return 0;
}
