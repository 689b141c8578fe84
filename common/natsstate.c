#include <stddef.h>

#include "common/natsstate.h"

#define NOT_ENABLED                                                                                \
	"enable JetStream on the server (jetstream {}) and for the account, or name another "      \
	"domain in the address"
#define NO_ROOM                                                                                    \
	"give JetStream more room: max_file_store of the server, the limits of the account, "      \
	"max_bytes and max_msgs of the stream"

static const struct natsstate states[] = {
    {10002, NATSDB_FATAL, ERR_STORE, NO_ROOM},
    {10004, NATSDB_AGAIN, ERR_STORE, NULL},
    {10005, NATSDB_FATAL, ERR_STORE, "the cluster has too few servers for these replicas"},
    {10007, NATSDB_AGAIN, ERR_STORE, NULL},
    {NATSSTATE_UNAVAILABLE, NATSDB_AGAIN, ERR_STORE, NULL},
    {10009, NATSDB_AGAIN, ERR_STORE, NULL},
    {NATSSTATE_NO_CONSUMER, NATSDB_AGAIN, ERR_STORE, NULL},
    {10023, NATSDB_FATAL, ERR_STORE, NO_ROOM},
    {10028, NATSDB_FATAL, ERR_STORE, NO_ROOM},
    {10039, NATSDB_FATAL, ERR_STORE, NOT_ENABLED},
    {10047, NATSDB_FATAL, ERR_STORE, NO_ROOM},
    {10054, NATSDB_FATAL, ERR_DATA, "raise max_msg_size of the stream"},
    {NATSSTATE_NO_STREAM, NATSDB_FATAL, ERR_STORE, NULL},
    {10065, NATSDB_FATAL, ERR_CONFLICT,
     "another stream takes these subjects: name others with subjects= in the address"},
    {NATSSTATE_WRONG_ID, NATSDB_FATAL, ERR_CONFLICT, NULL},
    {NATSSTATE_WRONG_SEQUENCE, NATSDB_FATAL, ERR_CONFLICT, NULL},
    {10074, NATSDB_FATAL, ERR_STORE, "replicas need a cluster"},
    {10076, NATSDB_FATAL, ERR_STORE, NOT_ENABLED},
    {10077, NATSDB_FATAL, ERR_STORE, NO_ROOM},
    {10084, NATSDB_FATAL, ERR_STORE,
     "what is read from a work queue is gone from it: it is no event store"},
    {10098, NATSDB_FATAL, ERR_STORE,
     "what is read from a work queue is gone from it: it is no event store"},
    {10099, NATSDB_FATAL, ERR_STORE,
     "what is read from a work queue is gone from it: it is no event store"},
    {10118, NATSDB_AGAIN, ERR_STORE, NULL},
};

const struct natsstate *
natsstate_find(int code)
{
	static const struct natsstate other = {0, NATSDB_FATAL, ERR_STORE, NULL};
	size_t i;

	for (i = 0; i < sizeof(states) / sizeof(*states); i++)
		if (states[i].code == code)
			return &states[i];
	return &other;
}

enum natsdb_trouble
natsstate_trouble(natsStatus status)
{
	switch (status) {
	case NATS_CONNECTION_AUTH_FAILED:
	case NATS_NOT_PERMITTED:
	case NATS_SSL_ERROR:
	case NATS_SECURE_CONNECTION_REQUIRED:
	case NATS_SECURE_CONNECTION_WANTED:
	case NATS_INVALID_ARG:
	case NATS_INVALID_SUBJECT:
	case NATS_ADDRESS_MISSING:
	case NATS_MAX_PAYLOAD:
	case NATS_NO_SERVER_SUPPORT:
		return NATSDB_FATAL;
	case NATS_TIMEOUT:
	case NATS_NO_RESPONDERS:
		return NATSDB_AGAIN;
	default:
		return NATSDB_LOST;
	}
}
