#ifndef EXPORT_SOURCE_NATS_H
#define EXPORT_SOURCE_NATS_H

#include "export/source.h"

/* What the two sources of JetStream share: how exact messages of a layout keep events. */
void source_nats_exactness(const struct layout *l, struct source_info *info);

#endif
