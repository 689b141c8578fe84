#ifndef COMMON_NATSDB_H
#define COMMON_NATSDB_H

#include <jansson.h>
#include <nats/nats.h>

#include "common/address.h"
#include "common/backoff.h"
#include "common/natsmsg.h"

/*
 * A connection to NATS for sources and sinks: opening, JetStream's API, what its
 * errors mean to us, and connecting again.  One thread at a time, but for those of
 * the library.
 *
 *	while (work(&db, err) < 0)
 *		if (natsdb_recover(&db, err) < 0)
 *			return -1;
 *	natsdb_progress(&db);
 */
enum natsdb_trouble {
	NATSDB_FATAL, /* it would fail the same way again */
	NATSDB_AGAIN, /* the connection is good, and the server cannot just now */
	NATSDB_LOST,  /* the connection is gone */
};

struct natsdb {
	natsConnection *conn; /* NULL: not open */
	const struct address *address;
	const char *stream;        /* which one natsstream.h and natspull.h ask for: that of the
	                              address, or what the caller sets; borrowed */
	natsSubscription *answers; /* to requests */
	char *inbox;               /* how subjects for answers begin, with the last dot */
	uint64_t n_requests;
	char **servers; /* that are known, also those that a server has told of */
	size_t n_servers;
	enum natsdb_trouble trouble; /* of the last failure */
	int code;                    /* JetStream's code in the last failure; 0: it had none */
	bool unheard;                /* it was that nobody takes such requests */
	bool stoppable;              /* a stop ends what waits for the server */
	struct backoff backoff;
};

/*
 * Connect for the first time, and see that JetStream is there.  A server whose
 * JetStream is not ready, or gives no answer, is waited for, with a warning; anything
 * else is an error at once.  -1: ERR_STORE, ERR_USAGE for files that cannot be read.
 */
MUST_USE int natsdb_open(struct natsdb *db, const struct address *address, struct err *err);
void natsdb_close(struct natsdb *db); /* also zeroed */

/*
 * After trouble: wait, and connect again where the connection is gone, until that
 * works or the budget of the address is spent.  0: what failed may be tried again.
 * -1: it was NATSDB_FATAL, or is now; `err` holds the failure and says so.
 */
MUST_USE int natsdb_recover(struct natsdb *db, struct err *err);
void natsdb_progress(struct natsdb *db); /* something was achieved: the budget is whole again */

/*
 * Ask JetStream: `what` is "STREAM.INFO.ORDERS", `request` a JSON object or NULL
 * (it is given away).  *reply: the answer, for json_decref().  -1: `db->code` says
 * what kind of error the server gave.
 */
MUST_USE int natsdb_ask(struct natsdb *db, const char *what, json_t *request, json_t **reply,
                        struct err *err);

/* Send a request whose answers come to a subscription of the caller's. */
MUST_USE int natsdb_send(struct natsdb *db, const char *what, const char *body, const char *reply,
                         struct err *err);

/* Subscribe to the inbox with `name` behind it, which may be a wildcard; without limits. */
MUST_USE int natsdb_subscribe(struct natsdb *db, const char *name, natsSubscription **out,
                              struct err *err);
/* End a subscription of it; NULL is fine.  The connection may be closed by that. */
void natsdb_unsubscribe(struct natsdb *db, natsSubscription *sub);
/* The next message, for natsfree_message(): 1, 0 where none came within `ms`, -1. */
MUST_USE int natsdb_next(struct natsdb *db, natsSubscription *sub, uint64_t ms, natsMsg **out,
                         struct err *err);

/* Where a stop was asked for, and ends what waits: -1. */
MUST_USE int natsdb_check_stop(struct natsdb *db, struct err *err);

/* Record a failure of the library as ours: always -1. */
int natsdb_fail(struct natsdb *db, natsStatus status, const char *doing, struct err *err);
/* The same for the error of an answer of JetStream: {"code":..., "err_code":...}. */
int natsdb_fail_answer(struct natsdb *db, json_t *error, const char *doing, struct err *err);

/* The status that a message without an event carries ("100", "404"), and its description; NULL:
 * it is another message. */
const char *natsdb_status(natsMsg *m, const char **description);

/* What has no name of its own in the API. */
uint64_t natsdb_number(const json_t *object, const char *key); /* 0: it is not there */

/* View a message of the library; the arena keeps the array of headers.  False where the library
 * has not told them as they are, see natsstream_get(). */
bool natsdb_view(natsMsg *m, struct natsmsg *out, struct arena *mem);

#endif
