#ifndef FORMAT_HEADER_H
#define FORMAT_HEADER_H

#include "common/selection.h"
#include "common/uuid.h"
#include "format/codec.h"
#include "format/digest.h"

/*
 * The header block: what an archive is and where it comes from.  Strings and
 * the filters are owned.
 */

/* What else than events and codec decides the bytes of the chunks. */
struct header_packing {
	bool said; /* an older writer says nothing of it */
	uint64_t level, chunk_bytes;
	bool exact_text;
};

struct header {
	const struct codec *codec;
	uint8_t id[UUID_BYTES];
	int64_t created_ns;
	struct buf tool;           /* "esexport 1.0" */
	struct buf source_kind;    /* "sqlite" */
	struct buf source_layout;  /* "native"; empty where there is none */
	struct buf source_address; /* without secrets */
	bool has_origin;           /* an empty store has none */
	struct digest origin;      /* of the first event of the store, whatever was selected */
	struct selection_bound after, upto;
	struct buf filters; /* a CBOR map, see selection_encode() */
	bool fill;          /* a repair archive: not all events of the range, but those that a copy
	                       of the source lacks */
	bool salvaged;      /* what was left of a damaged archive */
	struct buf lost;    /* and what was not: lost_encode() */
	struct header_packing packing;
};

void header_init(struct header *h);
void header_release(struct header *h);

/*
 * Give the archive its time and its id.  With SOURCE_DATE_EPOCH in the
 * environment both follow from it and from the rest of the header, so that the
 * same run makes the same bytes.
 */
MUST_USE int header_stamp(struct header *h, struct err *err);

void header_write(const struct header *h, struct buf *out); /* the whole frame */
/* Replaces what `h` holds; -1: ERR_FORMAT, also for a feature that is required and unknown. */
MUST_USE int header_read(struct header *h, struct slice map, struct err *err);

#endif
