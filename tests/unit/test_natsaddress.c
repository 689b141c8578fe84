#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/mem.h"
#include "common/natsaddress.h"
#include "tests/tap.h"

#define PUBLIC "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4"

static void
clear_env(void)
{
	static const char *const names[] = {"NATS_USER",  "NATS_PASSWORD",    "NATS_TOKEN",
	                                    "NATS_CREDS", "NATS_NKEY",        "NATS_CA",
	                                    "NATS_CERT",  "NATS_NKEY_PUBLIC", "NATS_KEY"};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		unsetenv(names[i]);
}

/* "NAME=VALUE NAME=VALUE" */
static void
set_env(const char *words)
{
	char copy[400], *word, *rest = copy, *value;

	clear_env();
	snprintf(copy, sizeof(copy), "%s", words);
	while ((word = strtok_r(rest, " ", &rest))) {
		value = strchr(word, '=');
		*value = '\0';
		setenv(word, value + 1, 1);
	}
}

static void
same(const char *got, const char *want)
{
	if (got && want)
		eq_str(got, want);
	else
		ok(!got && !want);
}

/* Of an address that is good. */
static bool
parse(struct natsaddress *a, const char *text)
{
	struct err err = ERR_INIT;
	char *shown;

	if (!eq_int(natsaddress_parse(a, &shown, text, &err), 0)) {
		eq_str(err.msg, text);
		return false;
	}
	free(shown);
	return true;
}

/* Of one that is not: the message says it, and not the secret. */
static void
refuses(const char *text, const char *says)
{
	struct natsaddress a;
	struct err err = ERR_INIT;
	char *shown;

	if (!eq_int(natsaddress_parse(&a, &shown, text, &err), -1)) {
		eq_str(shown, text);
		free(shown);
		natsaddress_release(&a);
		return;
	}
	eq_int(err.kind, ERR_USAGE);
	if (!ok(strstr(err.msg, says) != NULL))
		eq_str(err.msg, says);
	if (!ok(strstr(err.msg, "secret") == NULL && strstr(err.msg, "Secret") == NULL))
		eq_str(err.msg, text);
	ok(shown == NULL && a.stream == NULL && a.servers == NULL && a.password == NULL);
	natsaddress_release(&a);
}

/* A file with these bytes; the caller unlinks it. */
static void
write_file(char path[64], const char *bytes, size_t len)
{
	int fd;

	snprintf(path, 64, "/tmp/test_natsaddress.XXXXXX");
	fd = mkstemp(path);
	ok(fd >= 0 && write(fd, bytes, len) == (ssize_t)len);
	close(fd);
}

void
test_addresses_of_nats_are_known_by_their_scheme(void)
{
	ok(natsaddress_is("nats://h/S") && natsaddress_is("tls://h/S"));
	ok(natsaddress_is("NATS://") && natsaddress_is("Tls://"));
	ok(!natsaddress_is("nats:") && !natsaddress_is("nats:/h") && !natsaddress_is("tls"));
	ok(!natsaddress_is("") && !natsaddress_is("natss://h") && !natsaddress_is("./nats://h"));
	ok(!natsaddress_is("sqlite://nats://"));
}

static const struct {
	const char *text, *shown, *servers, *stream, *user, *password, *token;
} good[] = {
    {"nats://h/S", "nats://h/S", "nats://h:4222", "S", NULL, NULL, NULL},
    {"NATS://h/S", "nats://h/S", "nats://h:4222", "S", NULL, NULL, NULL},
    {"TLS://h/S", "tls://h/S", "tls://h:4222", "S", NULL, NULL, NULL},
    {"nats://h:5000/S?", "nats://h:5000/S", "nats://h:5000", "S", NULL, NULL, NULL},
    {"nats://h:00080/S", "nats://h:80/S", "nats://h:80", "S", NULL, NULL, NULL},
    {"nats://h:65535/S?&&", "nats://h:65535/S", "nats://h:65535", "S", NULL, NULL, NULL},
    {"nats://h1,h_2:1,3.x/S", "nats://h1,h_2:1,3.x/S",
     "nats://h1:4222 nats://h_2:1 nats://3.x:4222", "S", NULL, NULL, NULL},
    {"tls://[::1],[fe80::2]:1/S", "tls://[::1],[fe80::2]:1/S", "tls://[::1]:4222 tls://[fe80::2]:1",
     "S", NULL, NULL, NULL},
    {"nats://h/S?tls=yes", "nats://h/S", "tls://h:4222", "S", NULL, NULL, NULL},
    {"nats://u:secret@h/S", "nats://u@h/S", "nats://h:4222", "S", "u", "secret", NULL},
    {"nats://u:@h/S", "nats://u@h/S", "nats://h:4222", "S", "u", NULL, NULL},
    {"nats://secret@h/S", "nats://h/S", "nats://h:4222", "S", NULL, NULL, "secret"},
    {"nats://u:se:c?r#e,t@h,i/S", "nats://u@h,i/S", "nats://h:4222 nats://i:4222", "S", "u",
     "se:c?r#e,t", NULL},
    {"nats://u%3a%40:s%2Fe%25@%68:%34/%53%20%73", "", "", "", NULL, NULL, NULL},
    {"nats://u%3a%40:s%2Fe%25@%68:%34/%53%c3%a9", "nats://u%3A%40@h:4/S%C3%A9", "nats://h:4",
     "S\xC3\xA9", "u:@", "s/e%", NULL},
    {"nats://a%3Ab@h/S_-$1", "nats://h/S_-%241", "nats://h:4222", "S_-$1", NULL, NULL, "a:b"},
};

void
test_the_parts_of_an_address(void)
{
	struct buf servers = BUF_INIT;
	struct natsaddress a;
	struct err err;
	char *shown;
	size_t i, k;

	clear_env();
	for (i = 0; i < sizeof(good) / sizeof(*good); i++) {
		if (!*good[i].shown) {
			refuses(good[i].text, "name of the stream");
			continue;
		}
		if (!eq_int(natsaddress_parse(&a, &shown, good[i].text, &err), 0)) {
			eq_str(err.msg, good[i].text);
			continue;
		}
		eq_str(shown, good[i].shown);
		servers.len = 0;
		for (k = 0; k < a.n_servers; k++) {
			buf_add_str(&servers, k ? " " : "");
			buf_add_str(&servers, a.servers[k]);
		}
		eq_str(buf_cstr(&servers), good[i].servers);
		eq_str(a.stream, good[i].stream);
		same(a.user, good[i].user);
		same(a.password, good[i].password);
		same(a.token, good[i].token);
		free(shown);
		natsaddress_release(&a);
		natsaddress_release(&a);
		ok(a.servers == NULL && a.stream == NULL && a.n_servers == 0);
	}
	buf_release(&servers);
}

void
test_what_is_not_said(void)
{
	struct natsaddress a;

	clear_env();
	if (!parse(&a, "nats://h/S"))
		return;
	ok(!a.user && !a.password && !a.token && !a.creds && !a.nkey && !a.nkey_public);
	ok(!a.tls && !a.tls_ca && !a.tls_cert && !a.tls_key && !a.domain && !a.inbox_prefix);
	eq_str(a.api_prefix, "$JS.API");
	eq_uint(a.retry_s, 300);
	eq_uint(a.timeout_ms, 5000);
	ok(!a.make.memory && !a.make.subjects && !a.make.has_duplicate_window);
	ok(!a.make.discard_old && !a.make.allow_loss);
	eq_uint(a.make.replicas + a.make.max_age_s + a.make.max_bytes + a.make.max_msgs, 0);
	eq_uint(a.make.max_msg_size + a.make.duplicate_window_ns, 0);
	natsaddress_release(&a);
}

void
test_every_parameter(void)
{
	struct natsaddress a;

	clear_env();
	if (!parse(&a, "nats://h/S?nkey=/n&nkey_public=" PUBLIC "&tls_ca=/a&tls_cert=/b&tls_key=/c"
	               "&domain=hub&inbox_prefix=_X.me&retry=31536000&timeout=3600&storage=memory"
	               "&replicas=5&subjects=a.>,b.*&duplicate_window=31536000&max_age=3153600000"
	               "&max_bytes=64MiB&max_msgs=9223372036854775807&max_msg_size=1K&discard=old"
	               "&allow_loss=yes"))
		return;
	eq_str(a.nkey, "/n");
	eq_str(a.nkey_public, PUBLIC);
	ok(a.tls);
	eq_str(a.servers[0], "tls://h:4222");
	eq_str(a.tls_ca, "/a");
	eq_str(a.tls_cert, "/b");
	eq_str(a.tls_key, "/c");
	eq_str(a.domain, "hub");
	eq_str(a.api_prefix, "$JS.hub.API");
	eq_str(a.inbox_prefix, "_X.me");
	eq_uint(a.retry_s, 31536000);
	eq_uint(a.timeout_ms, 3600000);
	ok(a.make.memory && a.make.discard_old && a.make.allow_loss && a.make.has_duplicate_window);
	eq_uint(a.make.replicas, 5);
	eq_str(a.make.subjects, "a.>,b.*");
	eq_uint(a.make.duplicate_window_ns, UINT64_C(31536000000000000));
	eq_uint(a.make.max_age_s, UINT64_C(3153600000));
	eq_uint(a.make.max_bytes, 64 << 20);
	eq_uint(a.make.max_msgs, INT64_MAX);
	eq_uint(a.make.max_msg_size, 1024);
	natsaddress_release(&a);
}

void
test_the_other_values_and_the_last_one_of_several(void)
{
	struct natsaddress a;

	clear_env();
	if (!parse(&a,
	           "nats://h/S?creds=/x&creds=/c%20d&tls=yes&tls=no&api_prefix=$JS.x.API&retry=0"
	           "&timeout=1&%73torage=memory&storage=fil%65&replicas=1&duplicate_window=0"
	           "&max_age=0&max_bytes=12&discard=old&discard=new&allow_loss=no"))
		return;
	eq_str(a.creds, "/c d");
	ok(!a.tls && !a.make.memory && !a.make.discard_old && !a.make.allow_loss);
	eq_str(a.servers[0], "nats://h:4222");
	eq_str(a.api_prefix, "$JS.x.API");
	eq_uint(a.retry_s, 0);
	eq_uint(a.timeout_ms, 1000);
	ok(a.make.has_duplicate_window);
	eq_uint(a.make.duplicate_window_ns, 0);
	eq_uint(a.make.max_bytes, 12);
	natsaddress_release(&a);
}

static const struct {
	const char *text, *says;
} bad[] = {
    {"nats://", "not well-formed"},
    {"nats:///secret", "not well-formed"},
    {"nats://?secret", "not well-formed"},
    {"nats://h", "no name of a stream"},
    {"nats://h?retry=1", "no name of a stream"},
    {"nats://secret", "no name of a stream"},
    {"nats://h,/S", "not well-formed"},
    {"nats://,h/S", "not well-formed"},
    {"nats://h1,,h2/S", "not well-formed"},
    {"nats://h secret/S", "not well-formed"},
    {"nats://h%40secret/S", "not well-formed"},
    {"nats://h%2Csecret/S", "not well-formed"},
    {"nats://h~secret/S", "not well-formed"},
    {"nats://%/S", "not well-formed"},
    {"nats://h%00/S", "not well-formed"},
    {"nats://[::1/S", "not well-formed"},
    {"nats://[::1]secret/S", "not well-formed"},
    {"nats://[secret]/S", "not well-formed"},
    {"nats://[]/S", "not well-formed"},
    {"nats://[::1%25secret]/S", "not well-formed"},
    {"nats://::1/S", "port: it must be"},
    {"nats://h:/S", "port: it must be"},
    {"nats://h:0/S", "port: it must be"},
    {"nats://h:65536/S", "port: it must be"},
    {"nats://h:100000/S", "port: it must be"},
    {"nats://h:+1/S", "port: it must be"},
    {"nats://h:1%20/S", "port: it must be"},
    {"nats://[::1]:secret/S", "port: it must be"},
    {"nats://h1:1,h2:x/S", "port: it must be"},
    {"nats://@h/S", "no user or token"},
    {"nats://:secret@h/S", "no user or token"},
    {"nats://:@h/S", "no user or token"},
    /* secrets with what should have been written with %XX */
    {"nats://u:secret/x@h/S", "not well-formed"},
    {"nats://u:12/secret@h/S", "not well-formed"},
    {"nats://u:12/3?secret=s@h/S", "not well-formed"},
    {"nats://u:a@secret@h/S", "not well-formed"},
    {"nats://a@secret@h/S", "not well-formed"},
    {"nats://u:secret%@h/S", "not well-formed"},
    {"nats://u:secret%00@h/S", "not well-formed"},
    {"nats://%secret:x@h/S", "not well-formed"},
    {"nats://sec%2ret@h/S", "not well-formed"},
    {"nats://u:secret/S", "port: it must be"},
    {"nats://u:secret", "port: it must be"},
    {"nats://u:se?cret=1", "port: it must be"},
    {"nats://u:secret@h1,nats://v:secret@h2/S", "not well-formed"},
    {"nats://h/S?creds=secret@h", "not well-formed"},
    {"nats://h/", "name of the stream: it must be"},
    {"nats://h/?retry=1", "name of the stream: it must be"},
    {"nats://h/secret/", "name of the stream: it must be"},
    {"nats://h/a.b", "name of the stream: it must be"},
    {"nats://h/*", "name of the stream: it must be"},
    {"nats://h/%3E", "name of the stream: it must be"},
    {"nats://h/a%20b", "name of the stream: it must be"},
    {"nats://h/a%2fsecret", "name of the stream: it must be"},
    {"nats://h/a%5csecret", "name of the stream: it must be"},
    {"nats://h/a%09", "name of the stream: it must be"},
    {"nats://h/a%7f", "name of the stream: it must be"},
    {"nats://h/a%0", "not well-formed"},
    {"nats://h/a%00", "not well-formed"},
    /* parameters */
    {"nats://h/S?retry=%", "not well-formed"},
    {"nats://h/S?retry=1%00", "not well-formed"},
    {"nats://h/S?r%0=1", "not well-formed"},
    {"nats://h/S?colour=red", "colour: unknown parameter; spec/CLI.md"},
    {"nats://h/S?password=secret", "password: unknown parameter"},
    {"nats://h/S?Retry=1", "address nats://...: unknown parameter"},
    {"nats://h/S?secret", "address nats://...: unknown parameter"},
    {"nats://h/S?=secret", "address nats://...: unknown parameter"},
    {"nats://h/S?Secret=1", "address nats://...: unknown parameter"},
    {"nats://h/S?creds=a&secret=1", "address nats://...: unknown parameter"},
    {"nats://h/S?password_file=a&secret=1", "address nats://...: unknown parameter"},
    {"nats://h/S?token_file=a&secret=1", "address nats://...: unknown parameter"},
    {"nats://h/S?nkey=a&secret=1", "address nats://...: unknown parameter"},
    {"nats://h/S?creds", "creds: it must be the name of a file"},
    {"nats://h/S?creds=", "creds: it must be the name of a file"},
    {"nats://h/S?nkey=-", "nkey: it must be the name of a file"},
    {"nats://h/S?nkey_public=secret", "nkey_public: it must be U and 55"},
    {"nats://h/S?nkey_public=" PUBLIC "A", "nkey_public: it must be U and 55"},
    {"nats://h/S?nkey_public=SUAM" PUBLIC, "nkey_public: it must be U and 55"},
    {"nats://u:@h/S?password_file=-", "password_file: it must be"},
    {"nats://u:@h/S?password_file=", "password_file: it must be"},
    {"nats://h/S?token_file=-", "token_file: it must be"},
    {"nats://h/S?tls", "tls: it must be yes or no"},
    {"nats://h/S?tls=true", "tls: it must be yes or no"},
    {"nats://h/S?tls_ca=", "tls_ca: it must be"},
    {"nats://h/S?tls_cert=", "tls_cert: it must be"},
    {"nats://h/S?tls_key=", "tls_key: it must be"},
    {"nats://h/S?domain=", "domain: it must be"},
    {"nats://h/S?domain=a.b", "domain: it must be"},
    {"nats://h/S?domain=*", "domain: it must be"},
    {"nats://h/S?api_prefix=", "api_prefix: it must be"},
    {"nats://h/S?api_prefix=a.", "api_prefix: it must be"},
    {"nats://h/S?api_prefix=.a", "api_prefix: it must be"},
    {"nats://h/S?api_prefix=a..b", "api_prefix: it must be"},
    {"nats://h/S?api_prefix=a.>", "api_prefix: it must be"},
    {"nats://h/S?inbox_prefix=a.*", "inbox_prefix: it must be"},
    {"nats://h/S?inbox_prefix=a%20b", "inbox_prefix: it must be"},
    {"nats://h/S?retry=", "retry: it must be"},
    {"nats://h/S?retry=-1", "retry: it must be"},
    {"nats://h/S?retry=1s", "retry: it must be"},
    {"nats://h/S?retry=1K", "retry: it must be"},
    {"nats://h/S?retry=31536001", "retry: it must be"},
    {"nats://h/S?retry=18446744073709551617", "retry: it must be"},
    {"nats://h/S?timeout=0", "timeout: it must be"},
    {"nats://h/S?timeout=3601", "timeout: it must be"},
    {"nats://h/S?storage=disk", "storage: it must be file or memory"},
    {"nats://h/S?replicas=0", "replicas: it must be"},
    {"nats://h/S?replicas=6", "replicas: it must be"},
    {"nats://h/S?subjects=", "subjects: it must be"},
    {"nats://h/S?subjects=a,", "subjects: it must be"},
    {"nats://h/S?subjects=,a", "subjects: it must be"},
    {"nats://h/S?subjects=a..b", "subjects: it must be"},
    {"nats://h/S?subjects=a,%20b", "subjects: it must be"},
    {"nats://h/S?duplicate_window=31536001", "duplicate_window: it must be"},
    {"nats://h/S?max_age=3153600001", "max_age: it must be"},
    {"nats://h/S?max_bytes=64MB", "max_bytes: it must be"},
    {"nats://h/S?max_bytes=-1", "max_bytes: it must be"},
    {"nats://h/S?max_bytes=9223372036854775808", "max_bytes: it must be"},
    {"nats://h/S?max_bytes=9999999999GiB", "max_bytes: it must be"},
    {"nats://h/S?max_msgs=9223372036854775808", "max_msgs: it must be"},
    {"nats://h/S?max_msgs=1K", "max_msgs: it must be"},
    {"nats://h/S?max_msg_size=2GiB", "max_msg_size: it must be"},
    {"nats://h/S?discard=all", "discard: it must be"},
    {"nats://h/S?allow_loss=1", "allow_loss: it must be"},
    /* what does not go together */
    {"nats://h/S?domain=a&api_prefix=b", "domain and api_prefix"},
    {"tls://h/S?tls=no", "tls=no: contradicts"},
    {"nats://h/S?tls=no&tls_ca=a", "tls=no: contradicts"},
    {"nats://h/S?tls=no&tls_key=a", "tls=no: contradicts"},
    {"nats://h/S?tls_cert=a", "tls_cert and tls_key"},
    {"nats://h/S?tls_key=a", "tls_cert and tls_key"},
    {"nats://h/S?nkey=a", "nkey and nkey_public"},
    {"nats://h/S?nkey_public=" PUBLIC, "nkey and nkey_public"},
    {"nats://h/S?creds=a&nkey=b", "more than one of"},
    {"nats://u:secret@h/S?creds=a", "more than one of"},
    {"nats://secret@h/S?creds=a", "more than one of"},
    {"nats://secret@h/S?nkey=a", "more than one of"},
    {"nats://u:secret@h/S?token_file=a", "more than one of"},
    {"nats://h/S?creds=a&token_file=a", "more than one of"},
    {"nats://secret@h/S?token_file=a", "a token and a token_file"},
    {"nats://u:secret@h/S?password_file=a", "a password and a password_file"},
    {"nats://h/S?password_file=a", "password_file: there is no user"},
    {"nats://secret@h/S?password_file=a", "password_file: there is no user"},
};

void
test_what_is_wrong_is_said_without_repeating_the_address(void)
{
	struct err err;
	struct natsaddress a;
	char long_name[300] = "nats://h/", *shown;
	size_t i;

	clear_env();
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		refuses(bad[i].text, bad[i].says);
	memset(long_name + 9, 'S', 255);
	eq_int(natsaddress_parse(&a, &shown, long_name, &err), 0);
	free(shown);
	natsaddress_release(&a);
	long_name[9 + 255] = 'S';
	refuses(long_name, "name of the stream");
	refuses("sqlite://secret", "not well-formed");
}

static const struct {
	const char *env, *text, *user, *password, *token, *creds, *nkey;
} logins[] = {
    {"NATS_USER=u NATS_PASSWORD=p", "nats://h/S", "u", "p", NULL, NULL, NULL},
    {"NATS_USER=u", "nats://h/S", "u", NULL, NULL, NULL, NULL},
    {"NATS_PASSWORD=p", "nats://h/S", NULL, NULL, NULL, NULL, NULL},
    {"NATS_TOKEN=t", "nats://h/S", NULL, NULL, "t", NULL, NULL},
    {"NATS_CREDS=/c", "nats://h/S", NULL, NULL, NULL, "/c", NULL},
    {"NATS_NKEY=/n NATS_NKEY_PUBLIC=" PUBLIC, "nats://h/S", NULL, NULL, NULL, NULL, "/n"},
    {"NATS_USER= NATS_TOKEN= NATS_CREDS=/c", "nats://h/S", NULL, NULL, NULL, "/c", NULL},
    /* what an address says goes first, and alone */
    {"NATS_PASSWORD=p", "nats://u:@h/S", "u", "p", NULL, NULL, NULL},
    {"NATS_PASSWORD=p", "nats://u:q@h/S", "u", "q", NULL, NULL, NULL},
    {"NATS_USER=x NATS_PASSWORD=p", "nats://u:@h/S", "u", "p", NULL, NULL, NULL},
    {"NATS_TOKEN=x NATS_CREDS=y", "nats://u:@h/S", "u", NULL, NULL, NULL, NULL},
    {"NATS_USER=x NATS_PASSWORD=p", "nats://t@h/S", NULL, NULL, "t", NULL, NULL},
    {"NATS_USER=x NATS_PASSWORD=p", "nats://h/S?creds=/c", NULL, NULL, NULL, "/c", NULL},
    {"NATS_NKEY=x", "nats://h/S?nkey=/n&nkey_public=" PUBLIC, NULL, NULL, NULL, NULL, "/n"},
};

void
test_a_login_that_is_not_said_comes_from_the_environment(void)
{
	struct natsaddress a;
	size_t i;

	for (i = 0; i < sizeof(logins) / sizeof(*logins); i++) {
		set_env(logins[i].env);
		if (!parse(&a, logins[i].text))
			continue;
		same(a.user, logins[i].user);
		same(a.password, logins[i].password);
		same(a.token, logins[i].token);
		same(a.creds, logins[i].creds);
		same(a.nkey, logins[i].nkey);
		ok(!a.nkey == !a.nkey_public);
		natsaddress_release(&a);
	}
	clear_env();
}

void
test_a_user_of_the_environment_is_not_shown(void)
{
	struct natsaddress a;
	struct err err;
	char *shown;

	set_env("NATS_USER=u NATS_PASSWORD=secret");
	eq_int(natsaddress_parse(&a, &shown, "nats://h/S", &err), 0);
	eq_str(shown, "nats://h/S");
	free(shown);
	natsaddress_release(&a);
	clear_env();
}

static const struct {
	const char *env, *text, *says;
} bad_env[] = {
    {"NATS_USER=secret NATS_TOKEN=secret", "nats://h/S", "more than one of NATS_USER"},
    {"NATS_CREDS=secret NATS_NKEY=secret", "nats://h/S", "more than one of NATS_USER"},
    {"NATS_CREDS=-", "nats://h/S", "NATS_CREDS: it must be"},
    {"NATS_NKEY=secret", "nats://h/S", "nkey and nkey_public"},
    {"NATS_NKEY_PUBLIC=secret", "nats://h/S", "NATS_NKEY_PUBLIC: it must be"},
    {"NATS_NKEY_PUBLIC=" PUBLIC, "nats://h/S?nkey=secret", "nkey and nkey_public"},
    {"NATS_TOKEN=secret", "nats://h/S?password_file=a", "password_file: there is no user"},
    {"NATS_CERT=secret", "nats://h/S", "tls_cert and tls_key"},
    {"NATS_CA=-", "nats://h/S", "NATS_CA: it must be"},
};

void
test_what_is_wrong_with_the_environment(void)
{
	size_t i;

	for (i = 0; i < sizeof(bad_env) / sizeof(*bad_env); i++) {
		set_env(bad_env[i].env);
		refuses(bad_env[i].text, bad_env[i].says);
	}
	clear_env();
}

void
test_files_of_tls_come_from_the_environment_where_tls_is_not_refused(void)
{
	struct natsaddress a;

	set_env("NATS_CA=/ca NATS_CERT=/cert NATS_KEY=/key");
	if (parse(&a, "nats://u:p@h/S?tls_ca=/mine")) {
		ok(a.tls);
		eq_str(a.servers[0], "tls://h:4222");
		eq_str(a.tls_ca, "/mine");
		eq_str(a.tls_cert, "/cert");
		eq_str(a.tls_key, "/key");
		natsaddress_release(&a);
	}
	if (parse(&a, "nats://h/S?tls=no")) {
		ok(!a.tls && !a.tls_ca && !a.tls_cert && !a.tls_key);
		natsaddress_release(&a);
	}
	set_env("NATS_CA=/ca");
	if (parse(&a, "nats://h/S")) {
		ok(a.tls);
		eq_str(a.tls_ca, "/ca");
		natsaddress_release(&a);
	}
	clear_env();
}

void
test_secrets_come_from_the_first_line_of_a_file(void)
{
	static const char *const texts[] = {"s p", "s p\n", "s p\r\n", "s p\nmore\n"};
	struct natsaddress a;
	char path[64], text[200];
	size_t i;

	set_env("NATS_PASSWORD=other");
	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		write_file(path, texts[i], strlen(texts[i]));
		snprintf(text, sizeof(text), "nats://u:@h/S?password_file=%s", path);
		if (parse(&a, text)) {
			eq_str(a.password, "s p");
			natsaddress_release(&a);
		}
		snprintf(text, sizeof(text), "nats://h/S?token_file=%s", path);
		if (parse(&a, text)) {
			eq_str(a.token, "s p");
			ok(!a.password);
			natsaddress_release(&a);
		}
		setenv("NATS_USER", "env", 1);
		snprintf(text, sizeof(text), "nats://h/S?password_file=%s", path);
		if (parse(&a, text)) {
			eq_str(a.user, "env");
			eq_str(a.password, "s p");
			natsaddress_release(&a);
		}
		unsetenv("NATS_USER");
		unlink(path);
	}
	clear_env();
}

void
test_files_of_secrets_that_are_not_as_they_must_be(void)
{
	static const struct {
		const char *bytes;
		size_t len;
	} files[] = {{"", 0}, {"\nsecret", 7}, {"\r\n", 2}, {"secret\0x\n", 9}, {"\0", 1}};
	static char large[70000];
	char path[64], text[200], says[200];
	size_t i;

	clear_env();
	for (i = 0; i < sizeof(files) / sizeof(*files); i++) {
		write_file(path, files[i].bytes, files[i].len);
		snprintf(text, sizeof(text), "nats://h/S?token_file=%s", path);
		snprintf(says, sizeof(says), "token_file: %s: its first line", path);
		refuses(text, says);
		unlink(path);
	}
	memset(large, 'x', sizeof(large));
	write_file(path, large, sizeof(large));
	snprintf(text, sizeof(text), "nats://u:@h/S?password_file=%s", path);
	refuses(text, "is larger than");
	unlink(path);
	refuses("nats://u:@h/S?password_file=/no/such",
	        "password_file: open /no/such: No such file");
	refuses("nats://h/S?token_file=/tmp", "token_file: open /tmp: is a directory");
}

/* The secret is shown only where the mutation made a host, a user or a stream of it. */
static void
shows_no_secret(const char *text)
{
	struct err err = ERR_INIT;
	struct natsaddress a;
	char *shown;

	if (natsaddress_parse(&a, &shown, text, &err) < 0) {
		if (!*err.msg || strstr(err.msg, "secret"))
			eq_str(err.msg, text);
		return;
	}
	if (strstr(shown, "secret") && !strstr(a.servers[0], "secret") &&
	    !strstr(a.stream, "secret") && (!a.user || !strstr(a.user, "secret")))
		eq_str(shown, text);
	free(shown);
	natsaddress_release(&a);
}

/* A byte put in, put in the place of another, and put at the end of a part. */
void
test_no_mutation_of_an_address_shows_its_secrets(void)
{
	static const char *const texts[] = {
	    "nats://user:secret@h:4222/S?retry=5", "tls://secret@h:4222,h2/S?tls_ca=a",
	    "nats://h/S?creds=secret&timeout=5",   "nats://h/S?nkey=secret&nkey_public=secret&x=1",
	    "nats://user:sec/secret@h/S",
	};
	static const char bytes[] = "@:/?#&=%,[]. \\*>+-_~0aZ\x01\x7f\x80\xff";
	const char *byte, *end;
	char text[100];
	size_t i;
	int at;

	clear_env();
	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		for (at = 7; texts[i][at]; at++)
			for (byte = bytes; *byte; byte++) {
				end = texts[i] + at;
				snprintf(text, sizeof(text), "%.*s%c%s", at, texts[i], *byte, end);
				shows_no_secret(text);
				snprintf(text, sizeof(text), "%.*s%c%s", at, texts[i], *byte,
				         end + 1);
				shows_no_secret(text);
				snprintf(text, sizeof(text), "%.*s%c", at, texts[i], *byte);
				shows_no_secret(text);
			}
}
