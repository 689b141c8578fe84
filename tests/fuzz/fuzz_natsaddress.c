#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/natsaddress.h"

/*
 * What is shown of an address leads to the same stream of the same servers.  Where a secret stands,
 * its beginning comes back in nothing that is printed, whatever follows it.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SECRET "pwNoOne"

/* What libnats gets as a URL has nothing in it but scheme, host and port. */
static void
check_servers(const struct natsaddress *a, bool secret)
{
	const char *scheme = a->tls ? "tls://" : "nats://", *rest;
	size_t i;

	assert(a->n_servers > 0);
	for (i = 0; i < a->n_servers; i++) {
		assert(strncmp(a->servers[i], scheme, strlen(scheme)) == 0);
		rest = a->servers[i] + strlen(scheme);
		assert(!strpbrk(rest, "@/?#%, ") && strrchr(rest, ':') > rest);
		assert(!secret || !strstr(rest, SECRET));
	}
}

static void
check_same(const struct natsaddress *a, const struct natsaddress *b)
{
	size_t i;

	assert(strcmp(a->stream, b->stream) == 0 && a->n_servers == b->n_servers);
	for (i = 0; i < a->n_servers; i++)
		assert(strcmp(strchr(a->servers[i], ':'), strchr(b->servers[i], ':')) == 0);
}

static void
parse(const char *text, bool secret)
{
	struct err err = ERR_INIT;
	struct natsaddress a, b;
	char *shown, *again;

	if (natsaddress_parse(&a, &shown, text, &err) < 0) {
		assert(err.kind == ERR_USAGE && *err.msg && !shown && !a.stream && !a.servers);
		assert(!secret || !strstr(err.msg, SECRET));
		return;
	}
	/* a token with a bare colon in it is a user */
	assert(!secret || !strstr(shown, SECRET) || (a.user && strstr(a.user, SECRET)));
	assert(a.api_prefix && (!a.password || a.user) && (!a.nkey == !a.nkey_public));
	assert((a.user != NULL) + (a.token != NULL) + (a.creds != NULL) + (a.nkey != NULL) <= 1);
	check_servers(&a, secret);
	assert(natsaddress_is(shown));
	assert(natsaddress_parse(&b, &again, shown, &err) == 0);
	check_same(&a, &b);
	free(again);
	free(shown);
	natsaddress_release(&a);
	natsaddress_release(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const around[][2] = {
	    {"nats://us:" SECRET, "@h/S"},
	    {"nats://" SECRET, "@h:4222,h2/S?retry=1"},
	    {"tls://us:" SECRET, "@[::1]:4222/S?tls_ca=f"},
	    {"nats://h/S?creds=" SECRET, "&retry=1"},
	    {"nats://h/S?nkey_public=" SECRET, "&retry=1"},
	};
	char tail[2000], text[2200];
	size_t i;

	if (size >= sizeof(tail))
		return 0;
	memcpy(tail, data, size);
	tail[size] = '\0';
	if (strstr(tail, "file")) /* no files are read here; it may be a pipe */
		return 0;
	if (natsaddress_is(tail))
		parse(tail, false);
	if (strstr(tail, SECRET))
		return 0;
	for (i = 0; i < sizeof(around) / sizeof(*around); i++) {
		snprintf(text, sizeof(text), "%s%s%s", around[i][0], tail, around[i][1]);
		parse(text, true);
	}
	return 0;
}
