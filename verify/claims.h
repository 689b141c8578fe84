#ifndef VERIFY_CLAIMS_H
#define VERIFY_CLAIMS_H

#include "common/event.h"

/*
 * Whether a payload is what it claims to be.  Only what is certain counts:
 *
 *	content type                       the bytes must be
 *	JSON (.../json, +json)             one JSON text
 *	CBOR (application/cbor, +cbor)     one well-formed item, its texts UTF-8
 *	text/..., any with charset=utf-8   UTF-8
 *	none, and kept as text             one JSON text: it is left out for JSON
 *
 * Anything else claims nothing; so do another charset, XML and HTML without one
 * (they name it inside), data with an attribute that says how it is encoded
 * (Content-Encoding: gzip), and a payload without bytes.
 *
 * The event is one that event_check() or a codec has seen.
 */
#define CLAIMS_TEXT_BYTES 160

/* FIELD_DATA or FIELD_METADATA.  False: it is not, and `why` says how. */
bool claims_hold(const struct event *e, enum field f, char why[CLAIMS_TEXT_BYTES]);

#endif
