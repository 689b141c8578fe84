#include <stdlib.h>

#include "common/cborscan.h"
#include "common/jscan.h"

/*
 * Skipping is checked against a plain recursive reading of RFC 8949 appendix C
 * that shares nothing with it; tokens must lie in the input, one behind the other.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DEEP 200 /* how far the recursion goes; beyond, sides are not compared */

static void
must(bool held)
{
	if (!held)
		abort();
}

enum found { BAD, GOOD, BREAK, TOO_DEEP };

static enum found well_formed(struct slice *in, bool breakable, unsigned depth);

static bool
take_byte(struct slice *in, uint8_t *byte)
{
	if (in->len == 0)
		return false;
	*byte = *in->p++;
	in->len--;
	return true;
}

/* Of `majors` chunks, or items until a break. */
static enum found
indefinite(struct slice *in, uint8_t major, unsigned depth)
{
	enum found found;

	for (;;) {
		if (major == 2 || major == 3) {
			if (in->len == 0 ||
			    (*in->p != 0xff && (*in->p >> 5 != major || *in->p % 32 == 31)))
				return BAD;
		}
		found = well_formed(in, true, depth + 1);
		if (found == BREAK)
			return GOOD;
		if (found == GOOD && major == 5)
			found = well_formed(in, false, depth + 1);
		if (found != GOOD)
			return found;
	}
}

static enum found
content(struct slice *in, uint8_t major, uint64_t n, unsigned depth)
{
	struct slice string = {in->p, (size_t)n};
	enum found found;

	if (major == 2 || major == 3) {
		if (n > in->len)
			return BAD;
		in->p += n;
		in->len -= (size_t)n;
		return major == 2 || jscan_utf8(string) ? GOOD : BAD;
	}
	if (major < 4 || major == 7)
		return GOOD;
	if (major == 5 && n > UINT64_MAX / 2)
		return BAD;
	for (n = major == 6 ? 1 : major == 5 ? 2 * n : n; n > 0; n--)
		if ((found = well_formed(in, false, depth + 1)) != GOOD)
			return found;
	return GOOD;
}

static enum found
well_formed(struct slice *in, bool breakable, unsigned depth)
{
	uint8_t first, info, byte;
	uint64_t n;
	int more;

	if (depth > DEEP)
		return TOO_DEEP;
	if (!take_byte(in, &first))
		return BAD;
	n = info = first & 0x1f;
	if (info == 31) {
		if (first == 0xff)
			return breakable ? BREAK : BAD;
		return first >> 5 < 2 || first >> 5 == 6 ? BAD : indefinite(in, first >> 5, depth);
	}
	if (info > 27)
		return BAD;
	if (info >= 24)
		for (n = 0, more = 1 << (info - 24); more > 0; more--) {
			if (!take_byte(in, &byte))
				return BAD;
			n = n << 8 | byte;
		}
	if (first == 0xf8 && n < 32)
		return BAD;
	return content(in, first >> 5, n, depth);
}

static void
walk(struct slice in)
{
	const uint8_t *end = in.p + in.len;
	struct cborscan_item item;
	const char *why = NULL;
	const uint8_t *was;
	int rc;

	for (;;) {
		was = in.p;
		rc = cborscan_next(&in, &item, &why);
		must(in.p + in.len == end);
		if (rc <= 0)
			break;
		must(in.p > was);
		must(item.kind <= CBORSCAN_BREAK);
		if (item.kind != CBORSCAN_BYTES && item.kind != CBORSCAN_TEXT)
			continue;
		must(item.bytes.p > was && item.bytes.p + item.bytes.len == in.p);
	}
	must(rc == 0 ? in.len == 0 : in.p == was && why && *why);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = {data, size}, skipped = in, read = in;
	const char *why = NULL;
	enum found found = well_formed(&read, false, 0);
	int rc = cborscan_skip(&skipped, &why);

	walk(in);
	must(skipped.p + skipped.len == data + size);
	must(rc == 0 || (why && *why));
	if (found == TOO_DEEP)
		return 0;
	must((rc == 0) == (found == GOOD));
	must(rc < 0 || skipped.len == read.len);
	must(cborscan_valid(in) == (rc == 0 && skipped.len == 0));
	return 0;
}
