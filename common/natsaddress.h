#ifndef COMMON_NATSADDRESS_H
#define COMMON_NATSADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

/*
 * nats://[USER:PASSWORD@|TOKEN@]HOST[:PORT][,HOST[:PORT]...]/STREAM[?NAME=VALUE&...],
 * or tls://, which is the same with TLS.  %XX stands for a byte in every part.
 *
 *	if (natsaddress_parse(&a, &shown, "nats://u:secret@h1,h2/EVENTS?retry=60", err) < 0)
 *		...
 *	... a.servers, a.stream, a.user
 *	free(shown);
 *	natsaddress_release(&a);
 *
 * As in pgaddress.h, a bare @ behind the hosts and a port that is no number are
 * refused: they are what a password looks like that is not percent-encoded.
 *
 * An address that says no way to log in takes it from NATS_USER, NATS_TOKEN,
 * NATS_CREDS or NATS_NKEY with NATS_NKEY_PUBLIC; a user without a password takes
 * NATS_PASSWORD.  Files of TLS that are not said are NATS_CA, NATS_CERT and
 * NATS_KEY, but not behind tls=no.
 */
struct natsaddress_stream {
	bool memory;                  /* storage=file|memory */
	uint64_t replicas;            /* replicas=1..5; 0: not said */
	char *subjects;               /* subjects=a.>,b.*  as they are given; NULL: not said */
	uint64_t duplicate_window_ns; /* duplicate_window=SECONDS */
	bool has_duplicate_window;
	uint64_t max_age_s;    /* max_age=SECONDS; of this and the next three 0: not said */
	uint64_t max_bytes;    /* max_bytes=64MiB */
	uint64_t max_msgs;     /* max_msgs=N */
	uint64_t max_msg_size; /* max_msg_size=1MiB */
	bool discard_old;      /* discard=new|old */
	bool allow_loss; /* allow_loss=yes|no: take a stream that discards or expires events */
};

/* Owns its strings.  NULL: not said. */
struct natsaddress {
	char **servers; /* "nats://host:port" or "tls://host:port": what libnats takes */
	size_t n_servers;
	char *stream;                  /* or how the names of many begin */
	bool many;                     /* STREAM ends with *, which is not in `stream` */
	char *user, *password, *token; /* secrets; password_file=FILE, token_file=FILE */
	char *creds;                   /* creds=FILE: JWT and seed */
	char *nkey, *nkey_public;      /* nkey=FILE: the seed; nkey_public=U...: of the same key */
	bool tls;                      /* tls=yes|no, or by the scheme, or by one of the files */
	char *tls_ca, *tls_cert, *tls_key;
	char *domain;                   /* domain=NAME */
	char *api_prefix;               /* never NULL: $JS.API, $JS.DOMAIN.API, or api_prefix=... */
	char *inbox_prefix;             /* inbox_prefix=... */
	uint64_t retry_s;               /* retry=300: how long a lost connection is tried for */
	uint64_t timeout_ms;            /* timeout=SECONDS [5]: for one answer of the server */
	struct natsaddress_stream make; /* what a stream that is made gets */
};

/* True where the address is one of NATS, by its scheme, in any case of letters. */
bool natsaddress_is(const char *text);

/*
 * *shown: the address without secrets and parameters, nats://user@host:port/STREAM;
 * the caller frees it.  A user is shown where the address says one.
 * -1: ERR_USAGE (ERR_STOPPED while a secret is read from a pipe); no part of the
 * address is in the message but names of parameters, and the name of a
 * password_file or token_file that cannot be read.
 */
MUST_USE int natsaddress_parse(struct natsaddress *out, char **shown, const char *text,
                               struct err *err);
void natsaddress_release(struct natsaddress *a); /* a zeroed one is fine */

#endif
