#ifndef COMMON_NATSPARAM_H
#define COMMON_NATSPARAM_H

#include "common/natsaddress.h"

/*
 * The parameters of an address of NATS and the variables that stand in for them,
 * from one table.  It knows what one value may be; what they mean together is
 * known to natsaddress.c.
 *
 *	row = natsparam_find("retry");
 *	if (row && !natsparam_set(row, "60", &said))
 *		... it must be row->want
 */
enum natsparam_kind {
	NATSPARAM_TEXT,   /* char *, where `fits` says so */
	NATSPARAM_CHOICE, /* bool: which of `words` */
	NATSPARAM_NUMBER, /* uint64_t: from least to most, and stored times unit */
	NATSPARAM_SIZE,   /* the same, with KiB, MiB, GiB behind the number */
};

/* What an address says: the rows have offsets into it. */
struct natsparam_said {
	struct natsaddress a;
	char *password_file, *token_file;
	bool has_tls; /* tls=yes or tls=no */
};

struct natsparam {
	const char *name; /* NULL: it is said in another place of the address */
	size_t at;        /* of the value in struct natsparam_said */
	const char *want; /* for messages: "it must be ..." */
	enum natsparam_kind kind;
	bool login; /* it is of a way to log in */
	bool (*fits)(const char *value);
	const char *words[2]; /* of false and of true */
	uint64_t least, most, unit;
	size_t has;      /* of a bool that is set with the value, or 0 */
	const char *env; /* the variable of a value that the address does not say, or NULL */
};

const struct natsparam *natsparam_find(const char *name); /* NULL: there is none */

/* False: the value is not as it must be, and `said` is as it was. */
bool natsparam_set(const struct natsparam *row, const char *value, struct natsparam_said *said);

/* What JetStream takes for the name of a stream, and one part of a subject in any case. */
bool natsparam_is_name(const char *value);

const char *natsparam_env(const char *name); /* NULL where a variable is not set, or empty */

/* Take what is not said, of what is or is not for a login, from the variables.  NULL, or the row
 * whose variable is not as it must be. */
const struct natsparam *natsparam_set_env(struct natsparam_said *said, bool login);

#endif
