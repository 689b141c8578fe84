#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/file.h"
#include "common/mem.h"
#include "common/natsaddress.h"
#include "common/natsparam.h"
#include "common/percent.h"

#define NAME_MOST 40
#define SECRET_MOST ((size_t)64 << 10)

struct parser {
	struct natsparam_said said;
	struct buf hosts;   /* as they are shown */
	const char *scheme; /* "nats" or "tls" */
	bool secret;        /* a secret came: what follows may be a part of it */
	struct err *err;
};

static const char *const schemes[] = {"nats", "tls"};

/* What is behind the slashes of the scheme, or NULL. */
static const char *
rest_of(const char *text, const char **scheme)
{
	size_t i, n;

	for (i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
		n = strlen(schemes[i]);
		*scheme = schemes[i];
		if (strncasecmp(text, schemes[i], n) == 0 && strncmp(text + n, "://", 3) == 0)
			return text + n + 3;
	}
	return NULL;
}

bool
natsaddress_is(const char *text)
{
	const char *scheme;

	return rest_of(text, &scheme) != NULL;
}

static int
malformed(const struct parser *p, const char *why)
{
	err_set(p->err, ERR_USAGE, "address %s://...: %s", p->scheme, why);
	return err_hint(p->err,
	                "it is %s://USER:PASSWORD@HOST:PORT/STREAM?NAME=VALUE, and in each part @ "
	                "is written %%40, / %%2F, ? %%3F, %% %%25",
	                p->scheme);
}

static int
bad_value(const struct parser *p, const char *name, const char *want)
{
	return err_set(p->err, ERR_USAGE, "address %s://...: %s: it must be %s", p->scheme, name,
	               want);
}

/* What is wrong with parameters or variables that are right one by one. */
static int
bad_choice(const struct parser *p, const char *why)
{
	return err_set(p->err, ERR_USAGE, "address %s://...: %s", p->scheme, why);
}

/* NULL: it is not well-formed.  The caller frees it. */
static char *
decode(const struct parser *p, const char *text, size_t len)
{
	struct buf decoded = BUF_INIT;

	if (percent_decode(&decoded, (struct slice){(const uint8_t *)text, len}))
		return buf_cstr(&decoded);
	buf_release(&decoded);
	malformed(p, "is not well-formed");
	return NULL;
}

/* USER:PASSWORD or TOKEN.  One that is empty is a variable of a script that is not set. */
static int
take_login(struct parser *p, const char *text, size_t len)
{
	struct natsaddress *a = &p->said.a;
	const char *colon = memchr(text, ':', len);
	size_t n = colon ? (size_t)(colon - text) : len;

	if (n == 0)
		return malformed(p, "there is no user or token before @");
	if (!colon) {
		a->token = decode(p, text, len);
		return a->token ? 0 : -1;
	}
	a->user = decode(p, text, n);
	if (a->user && n + 1 < len)
		a->password = decode(p, colon + 1, len - n - 1);
	return a->user && (n + 1 == len || a->password) ? 0 : -1;
}

static bool
is_port(const char *text)
{
	size_t n = strspn(text, "0123456789");

	return n > 0 && n <= 5 && text[n] == '\0' && atoi(text) >= 1 && atoi(text) <= 65535;
}

/* libnats reads what it gets as a URL: there must be nothing in it that it could take apart. */
static bool
is_host(const char *text, bool ipv6)
{
	unsigned char address[sizeof(struct in6_addr)];
	size_t n;

	if (ipv6)
		return inet_pton(AF_INET6, text, address) == 1;
	for (n = 0; text[n]; n++)
		if (!percent_unreserved((uint8_t)text[n]) || text[n] == '~')
			return false;
	return n > 0 && n <= 255;
}

static int
check_server(const struct parser *p, const char *host, const char *port, bool ipv6)
{
	if (port && !is_port(port)) {
		bad_value(p, "port", "a number from 1 to 65535");
		return err_hint(p->err, "/, ? and @ of a password are written %%2F, %%3F, %%40");
	}
	return is_host(host, ipv6) ? 0 : malformed(p, "is not well-formed");
}

static void
add_server(struct parser *p, const char *host, const char *port, bool ipv6)
{
	struct natsaddress *a = &p->said.a;
	struct buf server = BUF_INIT;
	size_t cap = a->n_servers;

	buf_printf(&server, "%s%s%s", ipv6 ? "[" : "", host, ipv6 ? "]" : "");
	if (a->n_servers > 0)
		buf_add_byte(&p->hosts, ',');
	buf_add_slice(&p->hosts, buf_slice(&server));
	if (port)
		buf_printf(&p->hosts, ":%d", atoi(port));
	buf_printf(&server, ":%d", port ? atoi(port) : 4222);
	a->servers = xgrow(a->servers, &cap, a->n_servers + 1, sizeof(*a->servers));
	a->servers[a->n_servers++] = buf_cstr(&server);
}

/* HOST, HOST:PORT, [IPV6] or [IPV6]:PORT */
static int
take_host(struct parser *p, const char *text, size_t len)
{
	bool ipv6 = len > 0 && *text == '[';
	const char *end = memchr(text, ipv6 ? ']' : ':', len);
	size_t n = end ? (size_t)(end - text) : len, used = ipv6 ? n + 1 : n;
	char *host, *port;
	int rc = -1;

	if ((ipv6 && !end) || (used < len && text[used] != ':'))
		return malformed(p, "is not well-formed");
	host = decode(p, text + ipv6, n - ipv6);
	port = host && used < len ? decode(p, text + used + 1, len - used - 1) : NULL;
	if (!host || (used < len && !port))
		goto out;
	rc = check_server(p, host, port, ipv6);
	if (rc == 0)
		add_server(p, host, port, ipv6);
out:
	free(host);
	free(port);
	return rc;
}

static bool
looks_like_name(const char *text)
{
	size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_");

	return n > 0 && n <= NAME_MOST && text[n] == '\0';
}

/* `value`: NULL where there was no = behind the name. */
static int
take_parameter(struct parser *p, const char *name, const char *value)
{
	const struct natsparam *row = natsparam_find(name);

	if (row) {
		p->secret = p->secret || row->login;
		return natsparam_set(row, value ? value : "", &p->said)
		           ? 0
		           : bad_value(p, name, row->want);
	}
	if (value && !p->secret && looks_like_name(name))
		err_set(p->err, ERR_USAGE, "address %s://...: %s: unknown parameter", p->scheme,
		        name);
	else
		err_set(p->err, ERR_USAGE, "address %s://...: unknown parameter", p->scheme);
	return err_hint(p->err, "spec/CLI.md lists them");
}

/* NAME=VALUE, or NAME */
static int
take_pair(struct parser *p, const char *text, size_t len)
{
	const char *equals = memchr(text, '=', len);
	size_t n = equals ? (size_t)(equals - text) : len;
	char *name = decode(p, text, n);
	char *value = name && equals ? decode(p, equals + 1, len - n - 1) : NULL;
	int rc = -1;

	if (name && (value || !equals))
		rc = take_parameter(p, name, value);
	free(name);
	free(value);
	return rc;
}

static int
take_query(struct parser *p, const char *query)
{
	size_t len;

	for (; *query; query += len + (query[len] == '&')) {
		len = strcspn(query, "&");
		if (len > 0 && take_pair(p, query, len) < 0)
			return -1;
	}
	return 0;
}

/* No name of a stream has a * in it. */
static void
take_star(struct parser *p)
{
	size_t len = strlen(p->said.a.stream);

	p->said.a.many = len > 0 && p->said.a.stream[len - 1] == '*';
	if (p->said.a.many)
		p->said.a.stream[len - 1] = '\0';
}

/* User and password end at an @ that comes before any slash, as in an address of PostgreSQL.  A
 * bare @ behind that is what a password with a slash looks like. */
static int
take_all(struct parser *p, const char *rest)
{
	const char *at = rest + strcspn(rest, "@/");
	const char *host = *at == '@' ? at + 1 : rest, *end = host + strcspn(host, "/?"), *stream;
	size_t len;

	if (strchr(host, '@'))
		return malformed(p, "is not well-formed");
	if (*at == '@' && take_login(p, rest, (size_t)(at - rest)) < 0)
		return -1;
	for (; host <= end; host += len + 1) {
		len = strcspn(host, ",/?");
		if (take_host(p, host, len) < 0)
			return -1;
	}
	if (*end != '/')
		return malformed(p, "there is no name of a stream behind the host");
	stream = end + 1;
	len = strcspn(stream, "?");
	p->said.a.stream = decode(p, stream, len);
	if (!p->said.a.stream)
		return -1;
	take_star(p);
	if (!natsparam_is_name(p->said.a.stream))
		return bad_value(
		    p, "the name of the stream",
		    "1 to 255 bytes without blanks, control characters and . * > / \\, with a * "
		    "behind it where many are read");
	return stream[len] ? take_query(p, stream + len + 1) : 0;
}

/* Must come before the environment is asked: the variables of a user are not in an address. */
static char *
show(const struct parser *p)
{
	const struct natsaddress *a = &p->said.a;
	struct buf text = BUF_INIT;

	buf_printf(&text, "%s://", p->scheme);
	if (a->user) {
		percent_encode(&text, slice_str(a->user), percent_unreserved);
		buf_add_byte(&text, '@');
	}
	buf_add_slice(&text, buf_slice(&p->hosts));
	buf_add_byte(&text, '/');
	percent_encode(&text, slice_str(a->stream), percent_unreserved);
	if (a->many)
		buf_add_byte(&text, '*');
	return buf_cstr(&text); /* the caller frees what was the buf's */
}

static int
take_env(struct parser *p, bool login)
{
	const struct natsparam *bad = natsparam_set_env(&p->said, login);

	return bad ? bad_value(p, bad->env, bad->want) : 0;
}

static int
count_logins(const struct natsparam_said *s)
{
	return (s->a.user != NULL) + (s->a.token || s->token_file) + (s->a.creds != NULL) +
	       (s->a.nkey != NULL);
}

/* The first line of a file. */
static int
read_secret(struct parser *p, char **out, const char *name, const char *path)
{
	struct buf text = BUF_INIT;
	size_t len;
	int rc = -1;

	if (file_slurp(path, SECRET_MOST, &text, p->err) < 0) {
		if (p->err->kind != ERR_STOPPED)
			p->err->kind = ERR_USAGE;
		err_wrap(p->err, "address %s://...: %s", p->scheme, name);
		goto out;
	}
	len = strcspn(buf_cstr(&text), "\n");
	if (len == text.len || text.p[len] == '\n') { /* else there is a zero in it */
		len -= len > 0 && text.p[len - 1] == '\r';
		text.len = len;
		rc = len > 0 ? 0 : -1;
	}
	if (rc == 0)
		*out = xstrdup(buf_cstr(&text));
	else
		err_set(p->err, ERR_USAGE,
		        "address %s://...: %s: %s: its first line is empty, or has a zero in it",
		        p->scheme, name, path);
out:
	buf_release(&text);
	return rc;
}

/* Whose login it is: of the address, or where it says none of the environment. */
static int
choose_login(struct parser *p)
{
	const struct natsparam_said *s = &p->said;

	if (count_logins(s) > 1)
		return bad_choice(p, "it has more than one of a user, a token, creds and nkey");
	if (s->a.token && s->token_file)
		return bad_choice(p, "it has a token and a token_file");
	if (s->a.password && s->password_file)
		return bad_choice(p, "it has a password and a password_file");
	if (count_logins(s) == 0 && take_env(p, true) < 0)
		return -1;
	if (count_logins(s) > 1)
		return bad_choice(p, "more than one of NATS_USER, NATS_TOKEN, NATS_CREDS and "
		                     "NATS_NKEY is set, and the address does not say which");
	if (!s->a.nkey != !s->a.nkey_public)
		return bad_choice(p, "nkey and nkey_public: one is of no use without the other");
	if (!s->a.user && s->password_file)
		return bad_choice(p, "password_file: there is no user; one is written USER:@HOST");
	return 0;
}

static int
finish_login(struct parser *p)
{
	const struct natsparam_said *s = &p->said;
	struct natsaddress *a = &p->said.a;
	const char *password = natsparam_env("NATS_PASSWORD");

	if (choose_login(p) < 0)
		return -1;
	if (s->password_file && read_secret(p, &a->password, "password_file", s->password_file) < 0)
		return -1;
	if (s->token_file && read_secret(p, &a->token, "token_file", s->token_file) < 0)
		return -1;
	if (a->user && !a->password && password)
		a->password = xstrdup(password);
	return 0;
}

static int
finish_tls(struct parser *p)
{
	struct natsaddress *a = &p->said.a;
	bool scheme = p->scheme == schemes[1], refused = p->said.has_tls && !a->tls;

	if (refused && (scheme || a->tls_ca || a->tls_cert || a->tls_key))
		return bad_choice(p, "tls=no: contradicts tls:// and the files of TLS");
	if (!refused && take_env(p, false) < 0)
		return -1;
	if (!a->tls_cert != !a->tls_key)
		return bad_choice(p, "tls_cert and tls_key: one is of no use without the other");
	a->tls = a->tls || scheme || a->tls_ca || a->tls_cert;
	return 0;
}

/* Whether the servers are asked with TLS, and under which prefix, is known only at the end. */
static int
finish(struct parser *p)
{
	struct natsaddress *a = &p->said.a;
	struct buf text = BUF_INIT;
	size_t i;

	if (a->domain && a->api_prefix)
		return bad_choice(p, "domain and api_prefix: only one of them can be given");
	if (finish_tls(p) < 0 || finish_login(p) < 0)
		return -1;
	for (i = 0; i < a->n_servers; i++) {
		buf_printf(&text, "%s://%s", schemes[a->tls], a->servers[i]);
		free(a->servers[i]);
		a->servers[i] = buf_cstr(&text);
		text = (struct buf)BUF_INIT;
	}
	if (!a->api_prefix) {
		buf_printf(&text, "$JS.%s%sAPI", a->domain ? a->domain : "", a->domain ? "." : "");
		a->api_prefix = buf_cstr(&text);
	}
	return 0;
}

int
natsaddress_parse(struct natsaddress *out, char **shown, const char *text, struct err *err)
{
	struct parser p = {.said.a = {.retry_s = 300, .timeout_ms = 5000}, .err = err};
	const char *rest = rest_of(text, &p.scheme);
	int rc = rest ? take_all(&p, rest) : malformed(&p, "is not well-formed");

	*out = (struct natsaddress){0};
	*shown = NULL;
	if (rc == 0) {
		*shown = show(&p);
		rc = finish(&p);
	}
	if (rc == 0) {
		*out = p.said.a;
	} else {
		free(*shown);
		*shown = NULL;
		natsaddress_release(&p.said.a);
	}
	free(p.said.password_file);
	free(p.said.token_file);
	buf_release(&p.hosts);
	return rc;
}

void
natsaddress_release(struct natsaddress *a)
{
	char *const texts[] = {a->stream,       a->user,         a->password,    a->token,
	                       a->creds,        a->nkey,         a->nkey_public, a->tls_ca,
	                       a->tls_cert,     a->tls_key,      a->domain,      a->api_prefix,
	                       a->inbox_prefix, a->make.subjects};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		free(texts[i]);
	for (i = 0; i < a->n_servers; i++)
		free(a->servers[i]);
	free(a->servers);
	*a = (struct natsaddress){0};
}
