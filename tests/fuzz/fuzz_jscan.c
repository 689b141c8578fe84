#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/jsame.h"
#include "common/jscan.h"

/*
 * Foreign bytes as JSON.  What holds for every input:
 *   - the walk of an object or an array agrees with jscan_valid(), and each
 *     value that it hands out is valid by itself;
 *   - a valid text compacts to a valid one of the same meaning without space;
 *   - a string that decodes comes back from quoting;
 *   - bytes are quoted and decoded to themselves if they are UTF-8.
 *
 *	clang -fsanitize=fuzzer,address,undefined ...
 *	fuzz_jscan -max_len=4096 tests/fuzz/corpus/jscan
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static bool
is_ascii(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] == 0 || s.p[i] >= 0x80)
			return false;
	return true;
}

static void
check_string(struct slice quoted)
{
	struct buf text = BUF_INIT, again = BUF_INIT, back = BUF_INIT;
	struct slice plain = jscan_plain(quoted);

	if (jscan_string(quoted, &text) < 0) {
		assert(!plain.p && text.len == 0);
		buf_release(&text);
		return;
	}
	assert(jscan_utf8(buf_slice(&text)));
	assert(!plain.p || slice_eq(plain, buf_slice(&text)));
	assert(!is_ascii(buf_slice(&text)) || jscan_key_is(quoted, buf_cstr(&text)));
	jscan_quote(buf_slice(&text), &again);
	assert(jscan_valid(buf_slice(&again), NULL, NULL));
	assert(again.len <= quoted.len);
	assert(jscan_string(buf_slice(&again), &back) == 0);
	assert(slice_eq(buf_slice(&back), buf_slice(&text)));
	assert(jsame(quoted, buf_slice(&again)));
	buf_release(&text);
	buf_release(&again);
	buf_release(&back);
}

static void
check_value(struct slice value)
{
	uint64_t n;

	assert(jscan_valid(value, NULL, NULL));
	assert(value.p[0] > ' ' && value.p[value.len - 1] > ' ');
	if (value.p[0] == '"')
		check_string(value);
	if (jscan_uint(value, &n))
		assert(value.len <= 20 && value.p[0] >= '0' && value.p[0] <= '9');
}

/* Returns as jscan_member() and jscan_element() at the end of the walk. */
static int
walk(struct slice in, bool object)
{
	struct slice key, value;
	struct jscan_iter it;
	int rc;

	if (object)
		jscan_object(&it, in);
	else
		jscan_array(&it, in);
	while ((rc = object ? jscan_member(&it, &key, &value) : jscan_element(&it, &value)) > 0) {
		assert(value.p >= in.p && value.p + value.len <= in.p + in.len);
		check_value(value);
		if (object)
			check_value(key);
	}
	assert(rc == 0 || (it.fault.why && it.fault.at <= in.len));
	return rc;
}

static uint8_t
first_byte(struct slice in)
{
	for (size_t i = 0; i < in.len; i++)
		if (in.p[i] > ' ')
			return in.p[i];
	return 0;
}

static void
check_valid(struct slice in, unsigned flags)
{
	struct buf compact = BUF_INIT;
	unsigned compact_flags = ~0U;
	size_t len;

	jscan_compact(in, &compact);
	assert(jscan_valid(buf_slice(&compact), &compact_flags, NULL) && compact_flags == 0);
	assert((compact.len < in.len) == ((flags & JSCAN_SPACE) != 0));
	assert(flags != JSCAN_NEWLINE);
	assert(jsame(in, buf_slice(&compact)));
	check_value(buf_slice(&compact));
	/* A second time, nothing is left to remove. */
	len = compact.len;
	buf_reserve(&compact, len);
	jscan_compact((struct slice){compact.p, len}, &compact);
	assert(compact.len == 2 * len && memcmp(compact.p, compact.p + len, len) == 0);
	buf_release(&compact);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct slice in = {data, len};
	struct jscan_fault fault = {0, NULL};
	struct buf quoted = BUF_INIT;
	unsigned flags = 0;
	bool valid = jscan_valid(in, &flags, &fault);
	uint8_t first = first_byte(in);

	assert(valid || (fault.why && fault.at <= len));
	assert(walk(in, true) == (valid && first == '{' ? 0 : -1));
	assert(walk(in, false) == (valid && first == '[' ? 0 : -1));
	if (valid)
		check_valid(in, flags);
	jscan_quote(in, &quoted);
	assert(jscan_valid(buf_slice(&quoted), NULL, NULL) == jscan_utf8(in));
	if (jscan_utf8(in))
		check_string(buf_slice(&quoted));
	buf_release(&quoted);
	return 0;
}
