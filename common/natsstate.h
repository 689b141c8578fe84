#ifndef COMMON_NATSSTATE_H
#define COMMON_NATSSTATE_H

#include "common/err.h"
#include "common/natsdb.h"

/* What JetStream's error codes mean to us, as a table (errors.json of nats-server). */
enum {
	NATSSTATE_UNAVAILABLE = 10008,
	NATSSTATE_CONSUMER_EXISTS = 10013,
	NATSSTATE_NO_CONSUMER = 10014,
	NATSSTATE_NO_MESSAGE = 10037,
	NATSSTATE_NO_STREAM = 10059,
	NATSSTATE_WRONG_ID = 10070,
	NATSSTATE_WRONG_SEQUENCE = 10071,
};

struct natsstate {
	int code;
	enum natsdb_trouble trouble;
	enum err_kind kind;
	const char *hint; /* or NULL */
};

const struct natsstate *natsstate_find(int code); /* never NULL */

/* The same of what the library says. */
enum natsdb_trouble natsstate_trouble(natsStatus status);

#endif
