#ifndef COMMON_NATSLOGIN_H
#define COMMON_NATSLOGIN_H

#include <nats/nats.h>

#include "common/err.h"
#include "common/natsaddress.h"

/*
 * How a connection logs in, and its TLS, as the address says.
 *
 *	if (natslogin_check(a, shown, err) < 0)
 *		...
 *	status = natslogin_set(options, a);
 */

/* Whether its files can be read: the library would say nothing of why not, or call it an error of
 * TLS.  -1: ERR_USAGE. */
MUST_USE int natslogin_check(const struct natsaddress *a, const char *shown, struct err *err);

natsStatus natslogin_set(natsOptions *o, const struct natsaddress *a);

/* What to look at when no connection was made for this reason; NULL: the reason says it. */
const char *natslogin_hint(const struct natsaddress *a, natsStatus status);

#endif
