#include <ctype.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/mem.h"
#include "common/percent.h"
#include "common/pgaddress.h"

#define SECONDS_MOST UINT64_C(31536000)
#define NAME_MOST 40

static const char *const bounds[] = {
    [PGADDRESS_BOUND_AUTO] = "auto", [PGADDRESS_BOUND_LOCK] = "lock",
    [PGADDRESS_BOUND_WAIT] = "wait", [PGADDRESS_BOUND_XMIN] = "xmin",
    [PGADDRESS_BOUND_NONE] = "none",
};

struct parser {
	struct pgaddress *out;
	struct buf conninfo;     /* what is left for libpq */
	PQconninfoOption *known; /* all that libpq knows, without values */
	bool uri;
	bool secret;                 /* a password came: what follows may be a part of it */
	char unknown[NAME_MOST + 1]; /* the first name that libpq does not know, or "" */
	struct err *err;
};

/* What is behind the colon of the scheme, or NULL. */
static const char *
rest_of(const char *text)
{
	static const char *const schemes[] = {"postgres:", "postgresql:"};
	size_t i, n;

	for (i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
		n = strlen(schemes[i]);
		if (strncasecmp(text, schemes[i], n) == 0)
			return text + n;
	}
	return NULL;
}

bool
pgaddress_is(const char *text)
{
	return rest_of(text) != NULL;
}

/* libpq's own messages repeat parts of the address. */
static int
malformed(const struct parser *p)
{
	if (p->uri) {
		err_set(p->err, ERR_USAGE, "address postgres://...: is not well-formed");
		return err_hint(p->err,
		                "it is postgres://USER:PASSWORD@HOST:PORT/DATABASE?NAME="
		                "VALUE, and in each part @ is written %%40, / %%2F, ? %%3F, "
		                "%% %%25");
	}
	err_set(p->err, ERR_USAGE, "address postgres:...: is not well-formed");
	return err_hint(p->err, "it is postgres:NAME=VALUE NAME='VALUE WITH BLANKS' in one word of "
	                        "the command line; before ' and \\ in a value stands \\");
}

static int
bad_parameter(const struct parser *p, const char *name, const char *want)
{
	return err_set(p->err, ERR_USAGE, "address postgres:...: %s: it must be %s", name, want);
}

static bool
looks_like_name(const char *text)
{
	size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_");

	return n > 0 && n <= NAME_MOST && text[n] == '\0';
}

static PQconninfoOption *
find(PQconninfoOption *options, const char *name)
{
	for (; options->keyword; options++)
		if (strcmp(options->keyword, name) == 0)
			return options;
	return NULL;
}

static const char *
value_of(PQconninfoOption *options, const char *name)
{
	const PQconninfoOption *o = find(options, name);

	return o && o->val && *o->val ? o->val : NULL;
}

static bool
parse_seconds(const char *text, uint64_t *out)
{
	size_t n = strspn(text, "0123456789");
	uint64_t s;

	if (n == 0 || n > 9 || text[n])
		return false;
	s = strtoull(text, NULL, 10);
	if (s > SECONDS_MOST)
		return false;
	*out = s;
	return true;
}

static int
set_ours(struct parser *p, const char *name, const char *value)
{
	static const char *const want = "a number of seconds, 0 to 31536000";
	size_t i;

	if (strcmp(name, "es_bound") == 0) {
		for (i = 0; i < sizeof(bounds) / sizeof(*bounds); i++)
			if (strcmp(value, bounds[i]) == 0) {
				p->out->bound = (enum pgaddress_bound)i;
				return 0;
			}
		return bad_parameter(p, name, "one of auto, lock, wait, xmin, none");
	}
	if (strcmp(name, "es_bound_timeout") == 0)
		return parse_seconds(value, &p->out->bound_timeout_s)
		           ? 0
		           : bad_parameter(p, name, want);
	if (strcmp(name, "es_retry") == 0)
		return parse_seconds(value, &p->out->retry_s) ? 0 : bad_parameter(p, name, want);
	err_set(p->err, ERR_USAGE, "address postgres:...: %s: unknown parameter",
	        p->secret || !looks_like_name(name) ? "es_..." : name);
	return err_hint(p->err, "there are es_bound, es_bound_timeout and es_retry");
}

/* One parameter: ours is taken, libpq's goes on as it is written.  `between`: what separates it
 * from the one before. */
static int
take(struct parser *p, const char *name, const char *value, struct slice raw, const char *between)
{
	if (strncmp(name, "es_", 3) == 0)
		return set_ours(p, name, value);
	if (strstr(name, "password"))
		p->secret = true;
	else if (!*p->unknown && !p->secret && looks_like_name(name) &&
	         memchr(raw.p, '=', raw.len) && !find(p->known, name) &&
	         !(p->uri && strcmp(name, "ssl") == 0)) /* as JDBC says it: libpq knows it here */
		memcpy(p->unknown, name, strlen(name) + 1);
	buf_add_str(&p->conninfo, between);
	buf_add_slice(&p->conninfo, raw);
	return 0;
}

/* What is no %XX stays as it is: libpq refuses it. */
static void
decode(struct buf *out, const char *text, size_t len)
{
	out->len = 0;
	(void)percent_decode(out, (struct slice){(const uint8_t *)text, len});
}

/* NAME=VALUE&NAME=VALUE */
static int
split_query(struct parser *p, const char *query)
{
	struct buf name = BUF_INIT, value = BUF_INIT;
	const char *between = "?";
	size_t n, len;
	int rc = 0;

	for (; *query && rc == 0; query += len + (query[len] == '&')) {
		len = strcspn(query, "&");
		n = strcspn(query, "=&");
		decode(&name, query, n);
		decode(&value, query + n + (query[n] == '='), len - n - (query[n] == '='));
		n = p->conninfo.len;
		rc = take(p, buf_cstr(&name), buf_cstr(&value),
		          (struct slice){(const uint8_t *)query, len}, between);
		if (p->conninfo.len > n)
			between = "&";
	}
	buf_release(&name);
	buf_release(&value);
	return rc;
}

/*
 * As libpq reads it: where an @ comes before any slash, user and password end at it.  Behind
 * that a bare @ is legal, but is what a password with a slash looks like, whose beginning then
 * passes for a host, a port or a database, and would be shown.
 */
static int
split_uri(struct parser *p, const char *rest)
{
	const char *at = rest + strcspn(rest, "@/");
	const char *host = *at == '@' ? at + 1 : rest;
	size_t len = (size_t)(host - rest) + strcspn(host, "?");

	if (strchr(host, '@'))
		return malformed(p);
	buf_add_str(&p->conninfo, "postgres://");
	buf_add(&p->conninfo, rest, len);
	return rest[len] ? split_query(p, rest + len + 1) : 0;
}

static const char *
skip_blanks(const char *p)
{
	while (isspace((unsigned char)*p))
		p++;
	return p;
}

/* The end of a value as libpq finds it, or NULL: a quote is not closed. */
static const char *
scan_value(const char *p, struct buf *value)
{
	bool quoted = *p == '\'';

	value->len = 0;
	for (p += quoted; *p && (quoted ? *p != '\'' : !isspace((unsigned char)*p)); p++) {
		if (*p == '\\' && !*++p)
			break;
		buf_add_byte(value, (uint8_t)*p);
	}
	return !quoted ? p : *p ? p + 1 : NULL;
}

/* NAME=VALUE NAME='VALUE' */
static int
split_words(struct parser *p, const char *rest)
{
	struct buf name = BUF_INIT, value = BUF_INIT;
	const char *end;
	int rc = 0;

	for (rest = skip_blanks(rest); *rest && rc == 0; rest = skip_blanks(end)) {
		end = rest;
		while (*end && *end != '=' && !isspace((unsigned char)*end))
			end++;
		name.len = 0;
		buf_add(&name, rest, (size_t)(end - rest));
		end = skip_blanks(end);
		end = *end == '=' ? scan_value(skip_blanks(end + 1), &value) : NULL;
		if (!end) {
			rc = malformed(p);
			break;
		}
		rc = take(p, buf_cstr(&name), buf_cstr(&value),
		          (struct slice){(const uint8_t *)rest, (size_t)(end - rest)},
		          p->conninfo.len ? " " : "");
	}
	buf_release(&name);
	buf_release(&value);
	return rc;
}

static void
add_encoded(struct buf *out, const char *text)
{
	percent_encode(out, slice_str(text), percent_unreserved);
}

static bool
stays_in_brackets(uint8_t byte)
{
	return byte == ':' || percent_unreserved(byte);
}

static size_t
count_items(const char *list)
{
	size_t n = 1;

	for (; *list; list++)
		n += *list == ',';
	return n;
}

/* libpq looks at ports only when it connects; but what is no port may be the password of an
 * address without a host, and must not be shown. */
static int
check_ports(const struct parser *p, const char *hosts, const char *ports)
{
	const char *item = ports;
	size_t len;

	for (;; item += len + 1) {
		len = strcspn(item, ",");
		if (len > 5 || strspn(item, "0123456789") != len ||
		    (len > 0 && (atoi(item) < 1 || atoi(item) > 65535))) {
			bad_parameter(p, "port", "a number from 1 to 65535");
			return err_hint(p->err, "/, ? and @ of a password are written %%2F, %%3F, "
			                        "%%40");
		}
		if (!item[len])
			break;
	}
	if (count_items(ports) != 1 && count_items(ports) != count_items(hosts))
		return bad_parameter(p, "port", "one for all hosts, or one for each");
	return 0;
}

static void
show_hosts(struct buf *out, const char *hosts, const char *ports)
{
	bool many = count_items(ports) > 1;
	struct slice host;
	size_t len, n;

	for (;; hosts += len + 1) {
		len = strcspn(hosts, ",");
		n = strcspn(ports, ",");
		host = (struct slice){(const uint8_t *)hosts, len};
		if (memchr(hosts, ':', len)) {
			buf_add_byte(out, '[');
			percent_encode(out, host, stays_in_brackets);
			buf_add_byte(out, ']');
		} else {
			percent_encode(out, host, percent_unreserved);
		}
		if (n > 0)
			buf_printf(out, ":%.*s", (int)n, ports);
		if (many)
			ports += n + 1;
		if (!hosts[len])
			return;
		buf_add_byte(out, ',');
	}
}

/* An address in an address would be shown with all that is in it. */
static bool
is_nested(PQconninfoOption *o)
{
	static const char *const names[] = {"user", "host", "hostaddr", "dbname"};
	const char *value;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		value = value_of(o, names[i]);
		if (value && strstr(value, "://"))
			return true;
	}
	return false;
}

static int
show(struct parser *p, PQconninfoOption *o, char **shown)
{
	const char *user = value_of(o, "user"), *db = value_of(o, "dbname");
	const char *hosts = value_of(o, "host"), *ports = value_of(o, "port");
	const char *service = value_of(o, "service");
	struct buf text = BUF_INIT;

	if (!hosts)
		hosts = value_of(o, "hostaddr");
	hosts = hosts ? hosts : "";
	ports = ports ? ports : "";
	if (is_nested(o))
		return malformed(p);
	if (check_ports(p, hosts, ports) < 0)
		return -1;
	buf_add_str(&text, "postgres://");
	if (user) {
		add_encoded(&text, user);
		buf_add_byte(&text, '@');
	}
	show_hosts(&text, hosts, ports);
	if (db) {
		buf_add_byte(&text, '/');
		add_encoded(&text, db);
	}
	if (service && text.len == strlen("postgres://")) { /* nothing else was given */
		buf_add_str(&text, "?service=");
		add_encoded(&text, service);
	}
	*shown = buf_cstr(&text); /* the caller frees what was the buf's */
	return 0;
}

static int
parse_rest(struct parser *p, char **shown)
{
	char *why = NULL;
	PQconninfoOption *options = PQconninfoParse(buf_cstr(&p->conninfo), &why);
	int rc;

	/* What is wrong may hold a secret, and is not shown. */
	if (!options && (!why || strncmp(why, "out of memory", 13) == 0))
		mem_exhausted();
	PQfreemem(why);
	if (!options && *p->unknown)
		return err_set(p->err, ERR_USAGE, "address postgres:...: %s: unknown parameter",
		               p->unknown);
	if (!options)
		return malformed(p);
	rc = show(p, options, shown);
	PQconninfoFree(options);
	return rc;
}

int
pgaddress_parse(struct pgaddress *out, char **shown, const char *text, struct err *err)
{
	const char *rest = rest_of(text);
	struct parser p = {.out = out, .err = err};
	int rc;

	*out = (struct pgaddress){.bound_timeout_s = 60, .retry_s = 300};
	*shown = NULL;
	p.uri = rest && strncmp(rest, "//", 2) == 0;
	p.known = PQconninfoParse("", NULL);
	if (!p.known)
		mem_exhausted();
	if (!rest)
		rc = malformed(&p);
	else
		rc = p.uri ? split_uri(&p, rest + 2) : split_words(&p, rest);
	if (rc == 0)
		rc = parse_rest(&p, shown);
	if (rc == 0)
		out->conninfo = xstrdup(buf_cstr(&p.conninfo));
	buf_release(&p.conninfo);
	PQconninfoFree(p.known);
	return rc;
}

void
pgaddress_release(struct pgaddress *a)
{
	free(a->conninfo);
	*a = (struct pgaddress){0};
}
