#include <string.h>

#include "common/transcode.h"
#include "import/payloads.h"

static int
refuse(const struct event *e, struct err *err)
{
	char which[256];

	event_describe(e, which, sizeof(which));
	return err_wrap(err, "%s: field data: cannot be converted exactly", which);
}

/* The type of the content that has a `+cbor` or `+json` at its end keeps the rest of it. */
static struct slice
type_of(struct slice before, bool cbor, struct arena *mem)
{
	struct buf type = BUF_INIT;
	struct slice s;

	if (before.len > 5 && before.p[before.len - 5] == '+') {
		buf_add(&type, before.p, before.len - 4);
		buf_add_str(&type, cbor ? "cbor" : "json");
	} else if (cbor) {
		buf_add_str(&type, "application/cbor");
	}
	s = type.len ? arena_dup(mem, buf_slice(&type)) : SLICE_ABSENT;
	buf_release(&type);
	return s;
}

static bool
is_json_type(struct slice type)
{
	return !type.p || slice_is(type, "application/json") ||
	       (type.len > 5 && memcmp(type.p + type.len - 5, "+json", 5) == 0);
}

static int
convert_one(struct event *e, struct arena *mem, enum import_payloads to, struct buf *out,
            struct err *err)
{
	out->len = 0;
	if (to == IMPORT_TO_CBOR) {
		if (e->data.kind != PAYLOAD_JSON || !is_json_type(e->content_type))
			return 0;
		if (transcode_json_to_cbor(e->data.bytes, out, err) < 0)
			return refuse(e, err);
	} else {
		if (e->data.kind != PAYLOAD_CBOR)
			return 0;
		if (transcode_cbor_to_json(e->data.bytes, out, err) < 0)
			return refuse(e, err);
	}
	e->data = (struct payload){
	    .kind = to == IMPORT_TO_CBOR ? PAYLOAD_CBOR : PAYLOAD_JSON,
	    .bytes = arena_dup(mem, buf_slice(out)),
	};
	e->content_type = type_of(e->content_type, to == IMPORT_TO_CBOR, mem);
	return 0;
}

int
payloads_convert(struct batch *b, enum import_payloads to, struct err *err)
{
	struct buf out = BUF_INIT;
	size_t i;
	int rc = 0;

	for (i = 0; i < b->len && rc == 0; i++)
		rc = convert_one(&b->events[i], b->mem, to, &out, err);
	buf_release(&out);
	return rc;
}
