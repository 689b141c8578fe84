#include <stdlib.h>
#include <string.h>

#include "common/pgaddress.h"
#include "tests/tap.h"

void
test_addresses_of_postgresql_are_known_by_their_scheme(void)
{
	ok(pgaddress_is("postgres://h/d") && pgaddress_is("postgresql://h/d"));
	ok(pgaddress_is("postgres:host=h") && pgaddress_is("PostgreSQL:host=h"));
	ok(!pgaddress_is("postgres") && !pgaddress_is("./postgres:x") && !pgaddress_is(""));
	ok(!pgaddress_is("postgresq:x") && !pgaddress_is("sqlite://postgres:"));
}

static const struct {
	const char *text, *shown, *conninfo;
} good[] = {
    {"postgres://u:secret@h:5432/d", "postgres://u@h:5432/d", "postgres://u:secret@h:5432/d"},
    {"postgresql://u@h/d", "postgres://u@h/d", "postgres://u@h/d"},
    {"Postgres://h", "postgres://h", "postgres://h"},
    {"postgres://", "postgres://", "postgres://"},
    {"postgres://?", "postgres://", "postgres://"},
    {"postgres:///d", "postgres:///d", "postgres:///d"},
    {"postgres://:secret@/d", "postgres:///d", "postgres://:secret@/d"},
    {"postgres://u:se?c=ret@h/d", "postgres://u@h/d", "postgres://u:se?c=ret@h/d"},
    {"postgres://u:s%2Fecret%40@h/d", "postgres://u@h/d", "postgres://u:s%2Fecret%40@h/d"},
    {"postgres://u%40corp:secret@h/d%20e", "postgres://u%40corp@h/d%20e",
     "postgres://u%40corp:secret@h/d%20e"},
    {"postgres://h1:5432,h2:5433/d", "postgres://h1:5432,h2:5433/d",
     "postgres://h1:5432,h2:5433/d"},
    {"postgres://h1,h2:5433/d", "postgres://h1,h2:5433/d", "postgres://h1,h2:5433/d"},
    {"postgres:host=h1,h2 port=5433", "postgres://h1:5433,h2:5433", "host=h1,h2 port=5433"},
    {"postgres://[::1]:5432/d", "postgres://[::1]:5432/d", "postgres://[::1]:5432/d"},
    {"postgres://%2Frun%2Fpg/d", "postgres://%2Frun%2Fpg/d", "postgres://%2Frun%2Fpg/d"},
    {"postgres:///d?host=/run/pg", "postgres://%2Frun%2Fpg/d", "postgres:///d?host=/run/pg"},
    {"postgres://u@h/d?password=secret&sslpassword=secret&sslmode=verify-full", "postgres://u@h/d",
     "postgres://u@h/d?password=secret&sslpassword=secret&sslmode=verify-full"},
    {"postgres://h/d?ssl=true", "postgres://h/d", "postgres://h/d?ssl=true"},
    {"postgres://?service=a%20b", "postgres://?service=a%20b", "postgres://?service=a%20b"},
    {"postgres://?service=s&password=secret", "postgres://?service=s",
     "postgres://?service=s&password=secret"},
    {"postgres://h?service=s", "postgres://h", "postgres://h?service=s"},
    {"postgres:hostaddr=10.0.0.1 user=u", "postgres://u@10.0.0.1", "hostaddr=10.0.0.1 user=u"},
    {"postgres:host=h password='my \\'secret' dbname = 'a b'", "postgres://h/a%20b",
     "host=h password='my \\'secret' dbname = 'a b'"},
    {"postgres: host=h  user=u\\ x ", "postgres://u%20x@h", "host=h user=u\\ x"},
    {"postgres:host=h user=u\\", "postgres://u@h", "host=h user=u\\"},
    {"postgres:service=s passfile=/p", "postgres://?service=s", "service=s passfile=/p"},
    {"postgres:", "postgres://", ""},
    {"postgres://h/d?es_retry=1", "postgres://h/d", "postgres://h/d"},
    {"postgres://h/d?es_retry=1&sslmode=disable&es_bound=lock&user=u", "postgres://u@h/d",
     "postgres://h/d?sslmode=disable&user=u"},
    {"postgres:es_retry=1 host=h es_bound=lock user=u", "postgres://u@h", "host=h user=u"},
};

void
test_what_libpq_takes_goes_to_libpq_and_no_secret_is_shown(void)
{
	struct pgaddress a;
	struct err err;
	char *shown;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(*good); i++) {
		if (!eq_int(pgaddress_parse(&a, &shown, good[i].text, &err), 0)) {
			eq_str(err.msg, good[i].text);
			continue;
		}
		eq_str(shown, good[i].shown);
		eq_str(a.conninfo, good[i].conninfo);
		free(shown);
		pgaddress_release(&a);
		pgaddress_release(&a);
		ok(a.conninfo == NULL);
	}
}

static const struct {
	const char *text;
	enum pgaddress_bound bound;
	uint64_t timeout_s, retry_s;
} ours[] = {
    {"postgres://h/d", PGADDRESS_BOUND_AUTO, 60, 300},
    {"postgres:host=h", PGADDRESS_BOUND_AUTO, 60, 300},
    {"postgres://?es_bound=auto", PGADDRESS_BOUND_AUTO, 60, 300},
    {"postgres://?es_bound=lock", PGADDRESS_BOUND_LOCK, 60, 300},
    {"postgres://?es_bound=wait", PGADDRESS_BOUND_WAIT, 60, 300},
    {"postgres://?es_bound=xmin", PGADDRESS_BOUND_XMIN, 60, 300},
    {"postgres://?es_bound=none&es_bound=w%61it", PGADDRESS_BOUND_WAIT, 60, 300},
    {"postgres://?es_bound_timeout=0&es_retry=31536000", PGADDRESS_BOUND_AUTO, 0, 31536000},
    {"postgres:es_bound='none' es_bound_timeout = 5 es_retry=0", PGADDRESS_BOUND_NONE, 5, 0},
};

void
test_parameters_that_begin_with_es_are_ours(void)
{
	struct pgaddress a;
	struct err err;
	char *shown;
	size_t i;

	for (i = 0; i < sizeof(ours) / sizeof(*ours); i++) {
		if (!eq_int(pgaddress_parse(&a, &shown, ours[i].text, &err), 0)) {
			eq_str(err.msg, ours[i].text);
			continue;
		}
		eq_int(a.bound, ours[i].bound);
		eq_uint(a.bound_timeout_s, ours[i].timeout_s);
		eq_uint(a.retry_s, ours[i].retry_s);
		free(shown);
		pgaddress_release(&a);
	}
}

static const struct {
	const char *text, *says;
} bad[] = {
    {"postgres://h?es_bound=often", "es_bound: it must be one of"},
    {"postgres://h?es_bound=", "es_bound: it must be one of"},
    {"postgres://h?es_bound", "es_bound: it must be one of"},
    {"postgres://h?es_retry=-1", "es_retry: it must be a number"},
    {"postgres://h?es_retry=1=2", "es_retry: it must be a number"},
    {"postgres://h?es_retry=31536001", "es_retry: it must be a number"},
    {"postgres:es_bound_timeout=1s", "es_bound_timeout: it must be a number"},
    {"postgres://h?es_colour=red", "es_colour: unknown parameter"},
    {"postgres://h?password=a&es_secret=1", "es_...: unknown parameter"},
    {"postgres://h?sslmod=disable", "sslmod: unknown parameter"},
    {"postgres:hst=h", "hst: unknown parameter"},
    {"postgres:ssl=true", "ssl: unknown parameter"},
    {"postgres://h?password=a&secret=1", "well-formed"},
    {"postgres:password=my secret=1", "well-formed"},
    {"postgres:password=my secret", "well-formed"},
    {"postgres:password='my secret", "well-formed"},
    {"postgres://h?Secret=1", "well-formed"},
    {"postgres://u:secret%@h/d", "well-formed"},
    {"postgres://u:secret%00@h/d", "well-formed"},
    {"postgres://h?secret", "well-formed"},
    {"postgres://[secret", "well-formed"},
    {"postgres:/secret", "well-formed"},
    {"postgres:secret", "well-formed"},
    {"mysql:host=h password=secret", "well-formed"},
    /* passwords with what should have been written with %XX */
    {"postgres://u:secret/x@h/d", "well-formed"},
    {"postgres://u:12/secret@h/d", "well-formed"},
    {"postgres://u:12/3?secret=s@h/d", "well-formed"},
    {"postgres://u:a@secret@h/d", "well-formed"},
    {"postgres://u:secret", "port: it must be"},
    {"postgres://u:secret/d", "port: it must be"},
    {"postgres://h:0/d", "port: it must be"},
    {"postgres://h:65536/d", "port: it must be"},
    {"postgres:host=a,b,c port=1,2", "one for each"},
    {"postgres:dbname=postgres://u:secret@h/d", "well-formed"},
    {"postgres:host=postgres://u:secret@h/d", "well-formed"},
};

void
test_what_is_wrong_is_said_without_repeating_the_address(void)
{
	struct pgaddress a;
	struct err err;
	char *shown;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (!eq_int(pgaddress_parse(&a, &shown, bad[i].text, &err), -1)) {
			eq_str(shown, bad[i].text);
			continue;
		}
		eq_int(err.kind, ERR_USAGE);
		if (!ok(strstr(err.msg, bad[i].says) != NULL))
			eq_str(err.msg, bad[i].says);
		ok(strstr(err.msg, "secret") == NULL && strstr(err.msg, "Secret") == NULL);
		ok(shown == NULL);
		pgaddress_release(&a);
	}
}
