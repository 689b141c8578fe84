#include <unistd.h>

#include "common/natslogin.h"

int
natslogin_check(const struct natsaddress *a, const char *shown, struct err *err)
{
	const struct {
		const char *name, *path;
	} files[] = {{"creds", a->creds},
	             {"nkey", a->nkey},
	             {"tls_ca", a->tls_ca},
	             {"tls_cert", a->tls_cert},
	             {"tls_key", a->tls_key}};
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(*files); i++)
		if (files[i].path && access(files[i].path, R_OK) < 0)
			return err_sys(err, ERR_USAGE, "%s: %s: %s", shown, files[i].name,
			               files[i].path);
	return 0;
}

static natsStatus
set_user(natsOptions *o, const struct natsaddress *a)
{
	if (a->creds)
		return natsOptions_SetUserCredentialsFromFiles(o, a->creds, NULL);
	if (a->nkey)
		return natsOptions_SetNKeyFromSeed(o, a->nkey_public, a->nkey);
	if (a->token)
		return natsOptions_SetToken(o, a->token);
	if (a->user)
		return natsOptions_SetUserInfo(o, a->user, a->password ? a->password : "");
	return NATS_OK;
}

natsStatus
natslogin_set(natsOptions *o, const struct natsaddress *a)
{
	natsStatus s = NATS_OK;

	if (a->tls)
		s = natsOptions_SetSecure(o, true);
	if (s == NATS_OK && a->tls_ca)
		s = natsOptions_LoadCATrustedCertificates(o, a->tls_ca);
	if (s == NATS_OK && a->tls_cert)
		s = natsOptions_LoadCertificatesChain(o, a->tls_cert, a->tls_key);
	return s == NATS_OK ? set_user(o, a) : s;
}

const char *
natslogin_hint(const struct natsaddress *a, natsStatus status)
{
	if (status == NATS_CONNECTION_AUTH_FAILED)
		return "check the login: user and password, token, creds or nkey";
	if (status == NATS_ERR && a->creds)
		return "look at the file of creds";
	if (status == NATS_ERR && a->nkey)
		return "look at the file of nkey";
	/* With TLS 1.3 that comes behind the handshake. */
	if ((status == NATS_PROTOCOL_ERROR || status == NATS_IO_ERROR) && a->tls)
		return a->tls_cert ? "perhaps the server does not take the certificate of tls_cert"
		                   : "perhaps the server wants a certificate (tls_cert, tls_key)";
	return NULL;
}
