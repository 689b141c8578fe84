#include <stdlib.h>
#include <string.h>

#include "common/mem.h"
#include "common/natsparam.h"
#include "common/opts.h"

#define SECONDS_MOST UINT64_C(31536000)
#define AGE_MOST UINT64_C(3153600000) /* a hundred years: as nanoseconds it is an int64_t */

static bool
is_file(const char *value)
{
	return *value && strcmp(value, "-") != 0; /* standard input is for events */
}

static bool
is_not_empty(const char *value)
{
	return *value != '\0';
}

/* Parts that are not empty, with one of `between` between two of them; `never` in none. */
static bool
has_parts(const char *value, const char *between, const char *never)
{
	bool begun = false;

	for (; *value; value++) {
		if ((unsigned char)*value <= ' ' || *value == 0x7f || strchr(never, *value))
			return false;
		if (strchr(between, *value) && !begun)
			return false;
		begun = !strchr(between, *value);
	}
	return begun;
}

bool
natsparam_is_name(const char *value)
{
	return has_parts(value, "", ".*>/\\") && strlen(value) <= 255;
}

static bool
is_prefix(const char *value)
{
	return has_parts(value, ".", "*>");
}

static bool
is_subjects(const char *value)
{
	return has_parts(value, ".,", "");
}

/* The form of nkeys: base 32, and the first letter says of whom it is. */
static bool
is_public_key(const char *value)
{
	size_t n = strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567");

	return *value == 'U' && n == 56 && value[n] == '\0';
}

#define AT(member) offsetof(struct natsparam_said, member)
#define A_FILE "the name of a file"
#define A_PREFIX "a subject without wildcards"
#define SECONDS "a number of seconds, 0 to 31536000"

static const struct natsparam rows[] = {
    {NULL, AT(a.user), "a name", NATSPARAM_TEXT, .fits = is_not_empty, .env = "NATS_USER",
     .login = true},
    {NULL, AT(a.token), "a token", NATSPARAM_TEXT, .fits = is_not_empty, .env = "NATS_TOKEN",
     .login = true},
    {"creds", AT(a.creds), A_FILE, NATSPARAM_TEXT, .fits = is_file, .env = "NATS_CREDS",
     .login = true},
    {"nkey", AT(a.nkey), A_FILE, NATSPARAM_TEXT, .fits = is_file, .env = "NATS_NKEY",
     .login = true},
    {"nkey_public", AT(a.nkey_public), "U and 55 more of A to Z and 2 to 7", NATSPARAM_TEXT,
     .fits = is_public_key, .env = "NATS_NKEY_PUBLIC", .login = true},
    {"password_file", AT(password_file), A_FILE, NATSPARAM_TEXT, .fits = is_file, .login = true},
    {"token_file", AT(token_file), A_FILE, NATSPARAM_TEXT, .fits = is_file, .login = true},
    {"tls", AT(a.tls), "yes or no", NATSPARAM_CHOICE, .words = {"no", "yes"}, .has = AT(has_tls)},
    {"tls_ca", AT(a.tls_ca), A_FILE, NATSPARAM_TEXT, .fits = is_file, .env = "NATS_CA"},
    {"tls_cert", AT(a.tls_cert), A_FILE, NATSPARAM_TEXT, .fits = is_file, .env = "NATS_CERT"},
    {"tls_key", AT(a.tls_key), A_FILE, NATSPARAM_TEXT, .fits = is_file, .env = "NATS_KEY"},
    {"domain", AT(a.domain), "one part of a subject", NATSPARAM_TEXT, .fits = natsparam_is_name},
    {"api_prefix", AT(a.api_prefix), A_PREFIX, NATSPARAM_TEXT, .fits = is_prefix},
    {"inbox_prefix", AT(a.inbox_prefix), A_PREFIX, NATSPARAM_TEXT, .fits = is_prefix},
    {"retry", AT(a.retry_s), SECONDS, NATSPARAM_NUMBER, .most = SECONDS_MOST, .unit = 1},
    {"timeout", AT(a.timeout_ms), "a number of seconds, 1 to 3600", NATSPARAM_NUMBER, .least = 1,
     .most = 3600, .unit = 1000},
    {"storage", AT(a.make.memory), "file or memory", NATSPARAM_CHOICE, .words = {"file", "memory"}},
    {"replicas", AT(a.make.replicas), "a number from 1 to 5", NATSPARAM_NUMBER, .least = 1,
     .most = 5, .unit = 1},
    {"subjects", AT(a.make.subjects), "subjects with commas between them", NATSPARAM_TEXT,
     .fits = is_subjects},
    {"duplicate_window", AT(a.make.duplicate_window_ns), SECONDS, NATSPARAM_NUMBER,
     .most = SECONDS_MOST, .unit = UINT64_C(1000000000), .has = AT(a.make.has_duplicate_window)},
    {"max_age", AT(a.make.max_age_s), "a number of seconds, 0 to 3153600000", NATSPARAM_NUMBER,
     .most = AGE_MOST, .unit = 1},
    {"max_bytes", AT(a.make.max_bytes), "a size like 64MiB", NATSPARAM_SIZE, .most = INT64_MAX,
     .unit = 1},
    {"max_msgs", AT(a.make.max_msgs), "a number", NATSPARAM_NUMBER, .most = INT64_MAX, .unit = 1},
    {"max_msg_size", AT(a.make.max_msg_size), "a size below 2GiB", NATSPARAM_SIZE,
     .most = INT32_MAX, .unit = 1},
    {"discard", AT(a.make.discard_old), "new or old", NATSPARAM_CHOICE, .words = {"new", "old"}},
    {"allow_loss", AT(a.make.allow_loss), "yes or no", NATSPARAM_CHOICE, .words = {"no", "yes"}},
};

#define N_ROWS (sizeof(rows) / sizeof(*rows))

const struct natsparam *
natsparam_find(const char *name)
{
	size_t i;

	for (i = 0; i < N_ROWS; i++)
		if (rows[i].name && strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

static bool
set_number(const struct natsparam *row, const char *value, uint64_t *out)
{
	size_t n = strspn(value, "0123456789");
	uint64_t number;

	if (n == 0 || n > 19 || (row->kind == NATSPARAM_NUMBER && value[n]) ||
	    opts_size(value, &number) < 0)
		return false;
	if (number < row->least || number > row->most)
		return false;
	*out = number * row->unit;
	return true;
}

static bool
set_choice(const struct natsparam *row, const char *value, bool *out)
{
	size_t i;

	for (i = 0; i < 2; i++)
		if (strcmp(value, row->words[i]) == 0) {
			*out = i == 1;
			return true;
		}
	return false;
}

static bool
set_text(const struct natsparam *row, const char *value, char **out)
{
	if (!row->fits(value))
		return false;
	free(*out);
	*out = xstrdup(value);
	return true;
}

bool
natsparam_set(const struct natsparam *row, const char *value, struct natsparam_said *said)
{
	void *at = (char *)said + row->at, *has = (char *)said + row->has;
	bool good = false;

	switch (row->kind) {
	case NATSPARAM_TEXT:
		good = set_text(row, value, at);
		break;
	case NATSPARAM_CHOICE:
		good = set_choice(row, value, at);
		break;
	case NATSPARAM_NUMBER:
	case NATSPARAM_SIZE:
		good = set_number(row, value, at);
		break;
	}
	if (good && row->has)
		*(bool *)has = true;
	return good;
}

const char *
natsparam_env(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

const struct natsparam *
natsparam_set_env(struct natsparam_said *said, bool login)
{
	const char *value;
	size_t i;
	void *at;

	for (i = 0; i < N_ROWS; i++) {
		at = (char *)said + rows[i].at;
		if (!rows[i].env || rows[i].login != login || *(char **)at)
			continue;
		value = natsparam_env(rows[i].env);
		if (value && !natsparam_set(&rows[i], value, said))
			return &rows[i];
	}
	return NULL;
}
