#ifndef COMMON_NATSMSG_H
#define COMMON_NATSMSG_H

#include "common/err.h"
#include "common/mem.h"

/*
 * A message of JetStream, apart from the client library: what layouts map to
 * events and back.  All of it is borrowed, from whoever made it.
 */
struct natsheader {
	struct slice name, value;
};

struct natsmsg {
	struct slice subject, body; /* never absent */
	struct natsheader *headers; /* in any order; a name may come several times */
	size_t n_headers;
	uint64_t sequence; /* in its stream */
	int64_t time_ns;   /* at which the server stored it */
};

/* What a server takes at most of the headers of a message, all together. */
#define NATSMSG_HEADERS_MOST 65535

/* Names of headers count without regard to the case of ASCII letters, for clients rewrite that. */
bool natsmsg_name_eq(struct slice a, const char *z);

/* A header of this name, from *at on: true, and *at is its number. */
bool natsmsg_find(const struct natsmsg *m, struct slice name, size_t *at);

/* Whether a header can have this name: printable ASCII without a colon, 1 to 255 bytes. */
bool natsmsg_is_name(struct slice name);

/* As the server counts it: the block of headers, and that with the body. */
size_t natsmsg_header_bytes(const struct natsmsg *m);
size_t natsmsg_bytes(const struct natsmsg *m);

/*
 * Whether a value may be the next header: libnats takes the line behind a header
 * without a value for its value.  Who sees true reads the block of headers itself.
 */
bool natsmsg_looks_mangled(const struct natsmsg *m);

/* Read a block of headers as it stands in a message: "NATS/1.0\r\n", lines, an empty line.  Slices
 * point into it, the array is the arena's.  -1: it is none. */
MUST_USE int natsmsg_parse_headers(struct natsmsg *m, struct slice block, struct arena *mem);

#endif
