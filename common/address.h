#ifndef COMMON_ADDRESS_H
#define COMMON_ADDRESS_H

#include "common/backoff.h"
#include "common/err.h"
#include "common/mem.h"
#include "common/natsaddress.h"
#include "common/pgaddress.h"

/*
 * What the user writes for a place: sqlite://rel.db, sqlite:///abs.db, a path,
 * `-`.  In the path of an address %XX stands for a byte.  PostgreSQL: pgaddress.h,
 * NATS: natsaddress.h.
 */
enum address_kind {
	ADDRESS_FILE,   /* an archive or JSON Lines in a file */
	ADDRESS_STREAM, /* the same on standard input or output */
	ADDRESS_SQLITE,
	ADDRESS_POSTGRES,
	ADDRESS_NATS,
	ADDRESS_NATS_MANY, /* the streams whose names begin alike, to read from */
};

struct address {
	enum address_kind kind;
	char *path;  /* "-" for a stream; of PostgreSQL and NATS: NULL */
	char *shown; /* as the user wrote it, without secrets: the only form that is printed */
	struct pgaddress pg;     /* ADDRESS_POSTGRES */
	struct natsaddress nats; /* of both */
	struct retries *retries; /* borrowed, for who parsed it to set; NULL: only time counts */
};

MUST_USE int address_parse(struct address *out, const char *text, struct err *err);
void address_release(struct address *a);
bool address_is_store(const struct address *a);

#endif
