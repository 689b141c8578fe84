#ifndef COMMON_PGDIGEST_H
#define COMMON_PGDIGEST_H

#include "common/pgtable.h"
#include "common/rangesum.h"

/*
 * The digest of a row of a layout's table, as the server computes it in a query, and as it
 * is computed here for the row that an event would be: SHA-256 over record_send(), the
 * binary form of a record with every column of the layout.  That is the number of columns
 * in four bytes, and of each the oid of its type, the length (-1: NULL) and the bytes that
 * COPY gives; no setting of the session plays a part.  So equal digests mean that
 * the same events would be read.
 *
 *	pgdigest_put(&table, &sql);                      // in the server
 *	pgdigest_open(&twin, &table);                    // here
 *	known = pgdigest_of_event(&twin, event, digest);
 *	pgdigest_close(&twin);
 */
struct pgdigest {
	struct pgtable *table; /* borrowed */
	struct arena *scratch;
	struct batch *back; /* the row, read again */
	struct buf row, record;
};

/* Append the expression, a bytea. */
void pgdigest_put(const struct pgtable *t, struct buf *sql);

/* Whether rows of both tables have equal digests where, and only where, they are equal events. */
bool pgdigest_comparable(const struct pgtable *a, const struct pgtable *b);

/* A column whose bytes cannot be told here before the server has them (jsonb, and types that go
 * as text), or NULL: then events have a digest here. */
const struct pgcolumn *pgdigest_untold(const struct pgtable *t);

void pgdigest_open(struct pgdigest *d, struct pgtable *table);
void pgdigest_close(struct pgdigest *d); /* also zeroed */

/* False: the table cannot hold the event, or would not give it back as it is. */
MUST_USE bool pgdigest_of_event(struct pgdigest *d, const struct event *e,
                                uint8_t out[SHA256_BYTES]);

#endif
