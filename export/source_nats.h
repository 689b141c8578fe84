#ifndef EXPORT_SOURCE_NATS_H
#define EXPORT_SOURCE_NATS_H

#include "export/source.h"

/* What the two sources of JetStream share. */

#define SOURCE_NATS_OVERHEAD_BYTES 160 /* of an event, beside what is in its message */

/* What messages of a layout are called, and how exact they keep events. */
void source_nats_describe(const struct layout *l, struct source_info *info);

#endif
