#ifndef IMPORT_PAYLOADS_H
#define IMPORT_PAYLOADS_H

#include "import/import.h"

/*
 * --payload-codec: the data of every event of a batch from JSON to CBOR or back,
 * exactly (common/transcode.h), and its content type with it.  Metadata stay as
 * they are, and so does what is neither.  -1: ERR_DATA that names the event.
 */
MUST_USE int payloads_convert(struct batch *b, enum import_payloads to, struct err *err);

#endif
