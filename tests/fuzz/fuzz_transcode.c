#include <stdlib.h>
#include <string.h>

#include "common/cborscan.h"
#include "common/jscan.h"
#include "common/transcode.h"

/*
 * Every input is taken as JSON and as CBOR.  What is accepted must come back:
 * from JSON, CBOR that becomes JSON that becomes the same CBOR; from CBOR, JSON
 * that becomes CBOR that becomes the same JSON.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool held)
{
	if (!held)
		abort();
}

static void
refused(const struct err *err, const struct buf *out)
{
	must(err->kind == ERR_DATA && err->msg[0] && out->len == 0);
	must(jscan_utf8(slice_str(err->msg)));
}

static void
from_json(struct slice in)
{
	struct buf cbor = BUF_INIT, json = BUF_INIT, again = BUF_INIT;
	struct err err = ERR_INIT;

	if (transcode_json_to_cbor(in, &cbor, &err) < 0) {
		refused(&err, &cbor);
	} else {
		must(cborscan_valid(buf_slice(&cbor)));
		must(transcode_cbor_to_json(buf_slice(&cbor), &json, &err) == 0);
		must(transcode_json_to_cbor(buf_slice(&json), &again, &err) == 0);
		must(slice_eq(buf_slice(&cbor), buf_slice(&again)));
	}
	buf_release(&cbor);
	buf_release(&json);
	buf_release(&again);
}

static void
from_cbor(struct slice in)
{
	struct buf json = BUF_INIT, cbor = BUF_INIT, again = BUF_INIT;
	struct err err = ERR_INIT;
	unsigned flags = 0;

	if (transcode_cbor_to_json(in, &json, &err) < 0) {
		refused(&err, &json);
	} else {
		must(jscan_valid(buf_slice(&json), &flags, NULL) && flags == 0);
		must(transcode_json_to_cbor(buf_slice(&json), &cbor, &err) == 0);
		must(transcode_cbor_to_json(buf_slice(&cbor), &again, &err) == 0);
		must(slice_eq(buf_slice(&json), buf_slice(&again)));
	}
	buf_release(&json);
	buf_release(&cbor);
	buf_release(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = {data, size};

	from_json(in);
	from_cbor(in);
	return 0;
}
