#ifndef IMPORT_STREAMS_H
#define IMPORT_STREAMS_H

#include "common/layout.h"
#include "common/value.h"

/*
 * The rows of a layout's table of streams: one a stream, with its last version.
 * Collected from the events of a batch, and handed to the store once for it.
 *
 *	streams_open(&s, layout);
 *	streams_add(s, event);                 // for each of the batch
 *	streams_flush(s, write_row, ctx, err);
 *	streams_forget(s);
 *	streams_close(s);
 */
struct streams;

void streams_open(struct streams **out, const struct layout *l);
void streams_close(struct streams *s); /* NULL is fine */

void streams_add(struct streams *s, const struct event *e);
void streams_forget(struct streams *s); /* when the batch is done */

/* Values in the order of layout->stream_columns, good until it returns. */
typedef int streams_write(void *ctx, const struct value *row, struct err *err);

/* Write the rows, in no order.  They stay until they are forgotten: a batch may be tried again. */
MUST_USE int streams_flush(struct streams *s, streams_write *write, void *ctx, struct err *err);

#endif
