#ifndef COMMON_PGADDRESS_H
#define COMMON_PGADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"

/*
 * postgres://user:secret@host:5432/db?sslmode=verify-full&es_bound=wait, or
 * postgres:host=... dbname=... with the words of libpq.  Parameters that begin
 * with es_ are ours and are split off; the rest is libpq's, which knows whether
 * it is well-formed.  Two things that libpq lets through are refused here, for
 * they are what a password looks like that is not percent-encoded: a bare @
 * behind the host, and a port that is no number.
 */
enum pgaddress_bound {
	PGADDRESS_BOUND_AUTO,
	PGADDRESS_BOUND_LOCK, /* a short SHARE lock */
	PGADDRESS_BOUND_WAIT, /* for the transactions that are writing, without a lock */
	PGADDRESS_BOUND_XMIN, /* for all transactions that are running */
	PGADDRESS_BOUND_NONE, /* read what is there: for a store that nobody writes to */
};

struct pgaddress {
	char *conninfo;             /* what libpq takes; with secrets: never to be printed */
	enum pgaddress_bound bound; /* es_bound=auto|lock|wait|xmin|none */
	uint64_t bound_timeout_s;   /* es_bound_timeout=60 */
	uint64_t retry_s; /* es_retry=300: how long a connection that was lost is tried for */
};

/* True where the address is one of PostgreSQL's, by its scheme, in any case of letters. */
bool pgaddress_is(const char *text);

/*
 * *shown: the address without secrets and parameters, postgres://user@host:port/db,
 * or postgres://?service=NAME where there is nothing else; the caller frees it.
 * -1: ERR_USAGE; no part of the address is in the message but names of parameters.
 */
MUST_USE int pgaddress_parse(struct pgaddress *out, char **shown, const char *text,
                             struct err *err);
void pgaddress_release(struct pgaddress *a);

#endif
