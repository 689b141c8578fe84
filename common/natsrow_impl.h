#ifndef COMMON_NATSROW_IMPL_H
#define COMMON_NATSROW_IMPL_H

#include "common/natsrow.h"
#include "common/value.h"

/* What both directions share. */

/* A hint: which attributes are headers of their own, a list of names. */
#define NATSROW_HEADERS_HINT "$headers"

/* The column that a header of this name fills, or NULL. */
const struct layout_column *natsrow_column_of(const struct layout *l, struct slice name);

/* Whether a header of this name is ours, or one that the layout drops. */
bool natsrow_drops(const struct layout *l, struct slice name);

/* The kind that a body has where no header says it; JSON is still to be looked at. */
enum payload_kind natsrow_usual_kind(struct slice content_type, struct slice body);

#endif
