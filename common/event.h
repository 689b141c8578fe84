#ifndef COMMON_EVENT_H
#define COMMON_EVENT_H

#include "common/err.h"
#include "common/mem.h"

/*
 * The event in memory, and the batch that owns it.
 *
 * A batch owns an arena, and every slice of its events points there (or at
 * memory that lives as long as the batch, such as a decompressed chunk).
 * batch_reset() keeps the memory, so that the steady state allocates nothing
 * for an event.  One thread owns a batch at a time.
 */
#define EVENT_NO_TIME INT64_MIN
#define EVENT_NO_POSITION UINT64_MAX

/* JSON has been looked at where a codec has read it, or event_check() has seen it. */
enum payload_kind { PAYLOAD_NONE, PAYLOAD_JSON, PAYLOAD_CBOR, PAYLOAD_BYTES };

struct payload {
	enum payload_kind kind;
	struct slice bytes;
	unsigned json_flags; /* PAYLOAD_JSON after event_check(): enum jscan_flag */
	bool was_text;       /* the store kept it as text: worth a hint if it is no JSON */
};

/* What the store holds and the model has no field for.  Names that begin with '$' are
 * hints: how the store spelt something, which a target may use or drop. */
struct attr {
	struct slice name;
	struct slice value; /* one compact JSON text */
};

struct event {
	uint64_t position; /* in the global order of its source; rises strictly */
	uint64_t version;  /* in its stream, from 0 */
	int64_t time_ns;   /* since 1970-01-01T00:00:00Z, or EVENT_NO_TIME */
	struct slice stream, id, type, correlation_id, causation_id, content_type;
	struct payload metadata, data;
	struct slice *tags; /* NULL: absent, which is not the same as none */
	struct attr *attrs;
	uint32_t n_tags, n_attrs;
};

/* The fields in the order in which both codecs write them. */
enum field {
	FIELD_POSITION,
	FIELD_STREAM,
	FIELD_VERSION,
	FIELD_ID,
	FIELD_TYPE,
	FIELD_TIME,
	FIELD_CORRELATION_ID,
	FIELD_CAUSATION_ID,
	FIELD_CONTENT_TYPE,
	FIELD_TAGS,
	FIELD_ATTRIBUTES,
	FIELD_METADATA,
	FIELD_DATA,
	FIELDS
};

const char *event_field_name(enum field f);
struct slice event_field_key(enum field f); /* the same */
/* The text of a field that is a string in the model, or NULL for the other fields. */
struct slice *event_text(struct event *e, enum field f);
/* The payload of FIELD_METADATA and FIELD_DATA, or NULL. */
struct payload *event_payload(struct event *e, enum field f);

struct batch {
	uint64_t seq; /* 0, 1, 2, ... in one run */
	struct event *events;
	size_t len, cap;
	size_t weight_bytes; /* of all events: what closes a chunk */
	uint64_t filtered;   /* events of the source that filters left out before the last one */
	struct arena *mem;
	struct arena_mark before_last; /* for batch_drop_last() */
};

struct batch *batch_new(void);
/* An event without anything: EVENT_NO_TIME, EVENT_NO_POSITION, the rest zero.  The pointer is good
 * until the next batch_add(). */
struct event *batch_add(struct batch *b);
void batch_drop_last(struct batch *b); /* and its memory; once behind a batch_add() */
/* Add a copy that owns its bytes. */
struct event *batch_add_copy(struct batch *b, const struct event *e);
void batch_reset(struct batch *b);
void batch_free(struct batch *b); /* NULL is fine */

/* About how large the event is in an archive, before compression. */
size_t event_weight_bytes(const struct event *e);

/* Attributes.  `value` must live as long as the batch; order is kept. */
void event_add_attr(struct event *e, struct arena *mem, struct slice name, struct slice value);
struct slice event_attr(const struct event *e, const char *name); /* absent: not there */
bool event_has_attr(const struct event *e, struct slice name);
bool attr_is_hint(const struct attr *a);
/* The attributes by name, with hints or without, in an array that the caller frees. */
struct attr *event_sorted_attrs(const struct event *e, bool hints, uint32_t *n);
bool event_attrs_unique(const struct event *e); /* no name is there twice */

/*
 * Bring an event of a store into the shape in which it may travel: text fields
 * and names of attributes must be UTF-8, and stream and type present (else ERR_DATA that names the
 * event and the field); a JSON payload that is not valid JSON becomes bytes, with the hint `$data`
 * or `$metadata` = "text" where the store kept it as text.
 */
MUST_USE int event_check(struct event *e, struct arena *mem, struct err *err);

/* Data bytes are CBOR where the content type says so and they are one well-formed item. */
void event_settle_cbor(struct event *e);

/* The fields in which two events differ, as a mask of 1 << enum field.  Hints do not count, and
 * attributes count without regard to their order. */
unsigned event_differences(const struct event *a, const struct event *b);

/* The first of them by name, or NULL.  `positions`: whether positions count. */
const char *event_difference(const struct event *a, const struct event *b, bool positions);

/* For messages: 80 bytes of a text at most, control characters and quotes as '?'; NUL-terminated,
 * and UTF-8 where the text is. */
#define EVENT_PRINTABLE_BYTES 84
void event_printable(struct slice s, char out[EVENT_PRINTABLE_BYTES]);

/* "event 17 (stream \"order-1\", version 3)", for messages. */
void event_describe(const struct event *e, char *out, size_t size);

#endif
