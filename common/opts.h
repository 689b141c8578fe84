#ifndef COMMON_OPTS_H
#define COMMON_OPTS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/err.h"

/*
 * Command lines from tables: a row gives the parser and --help the same facts,
 * and tests/options.sh holds the man page against them.
 *
 *	static const struct opt rows[] = {
 *	    {"from", 'f', OPT_TEXT, offsetof(struct my_opts, from), "STORE", NULL, "where from"},
 *	    {0}};
 *	struct opt_group groups[] = {{"Where", rows, &my}, {0}};
 *	opts_parse(groups, argc, argv, operands, 2, &n, err);
 *
 * Long options may be cut short where that stays clear of others, and take
 * their value behind `=` or as the next word; letters may be put together.
 */
enum opt_type {
	OPT_FLAG,     /* bool */
	OPT_TEXT,     /* const char *, borrowed from argv */
	OPT_LIST,     /* struct selection_list: may come several times */
	OPT_UINT,     /* uint64_t */
	OPT_SIZE,     /* uint64_t: bytes, with KiB, MiB, GiB behind the number */
	OPT_BOUND,    /* struct selection_bound */
	OPT_TIME,     /* int64_t, nanoseconds: RFC 3339, or a date */
	OPT_DURATION, /* uint64_t, nanoseconds: 500ms, 10s, 5m */
	OPT_CHOICE,   /* int: which word of `among` */
};

struct opt {
	const char *name;
	char letter; /* or 0 */
	enum opt_type type;
	size_t offset;     /* of the value in the struct of the group */
	const char *arg;   /* what --help calls the value; NULL for a flag */
	const char *among; /* OPT_CHOICE: "jsonl,cbor"; OPT_UINT and OPT_SIZE: "1..64" */
	const char *help;
};

/* Rows end with a NULL name, groups with a NULL title. */
struct opt_group {
	const char *title;
	const struct opt *rows;
	void *into;
};

/* Operands go to `operands`, at most `room` of them.  -1: ERR_USAGE. */
MUST_USE int opts_parse(const struct opt_group *groups, int argc, char **argv,
                        const char **operands, size_t room, size_t *n_operands, struct err *err);

/* "4MiB" and the like, as OPT_SIZE takes it; -1: it is no size. */
MUST_USE int opts_size(const char *text, uint64_t *out);

/* "500ms" and the like: a whole number and ns, us, ms, s, m, h or d; -1: it is no duration, or more
 * than 2^63 - 1 nanoseconds. */
MUST_USE int opts_duration(const char *text, uint64_t *out_ns);

void opts_print(const struct opt_group *groups, FILE *out);

#endif
