#ifndef FORMAT_CODEC_H
#define FORMAT_CODEC_H

#include "common/event.h"

/*
 * One event to bytes and back (spec/FORMAT.md, "Events").  Stateless: any
 * thread.  An event to encode has been through event_check().  Encoding is
 * canonical, so equal events have equal bytes.
 */
enum codec_flag {
	CODEC_EXACT_TEXT = 1, /* jsonl: the text of every JSON payload as a string, too */
};

struct codec {
	const char *name;   /* in the header block and for --codec */
	const char *suffix; /* of a file: ".jsonl.zst" */

	/* Append the event.  -1: ERR_DATA, `out` as it was. */
	int (*encode)(const struct event *e, unsigned flags, struct buf *out, struct err *err);

	/*
	 * Take one event off the front of *in and add it to the batch; its slices
	 * point into the input, or into the batch where they had to be decoded.
	 * `flags`: enum codec_decode_flag.  -1: ERR_FORMAT.
	 */
	int (*decode)(struct slice *in, unsigned flags, struct batch *into, struct err *err);
};

enum codec_decode_flag {
	CODEC_NO_POSITION = 1, /* an event may be without, and keeps EVENT_NO_POSITION */
};

extern const struct codec codec_jsonl, codec_cbor;

const struct codec *codec_find(struct slice name);   /* NULL: unknown */
const struct codec *codec_of_path(const char *path); /* by the suffix; NULL: says nothing */

/* For decoders: complain when a field that every event has is missing. */
MUST_USE int codec_check_present(unsigned seen, unsigned flags, struct err *err);

#endif
