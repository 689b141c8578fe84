#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/opts.h"
#include "common/pgaddress.h"
#include "common/selection.h"
#include "common/timestamp.h"

static int
parse_uint(const char *text, char **end, uint64_t *out)
{
	unsigned long long n;

	if (*text < '0' || *text > '9')
		return -1;
	errno = 0;
	n = strtoull(text, end, 10);
	*out = n;
	return errno ? -1 : 0;
}

int
opts_size(const char *text, uint64_t *out)
{
	static const struct {
		const char *suffix;
		int shift;
	} units[] = {{"", 0},   {"B", 0},    {"K", 10}, {"KiB", 10}, {"M", 20}, {"MiB", 20},
	             {"G", 30}, {"GiB", 30}, {"k", 10}, {"m", 20},   {"g", 30}};
	char *end;
	size_t i;

	if (parse_uint(text, &end, out) < 0)
		return -1;
	for (i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (strcmp(end, units[i].suffix) == 0) {
			if (*out > UINT64_MAX >> units[i].shift)
				return -1;
			*out <<= units[i].shift;
			return 0;
		}
	return -1;
}

int
opts_duration(const char *text, uint64_t *out_ns)
{
	static const struct {
		const char *suffix;
		uint64_t ns;
	} units[] = {{"ns", 1},
	             {"us", 1000},
	             {"ms", 1000000},
	             {"s", 1000000000},
	             {"m", 60 * UINT64_C(1000000000)},
	             {"h", 3600 * UINT64_C(1000000000)},
	             {"d", 86400 * UINT64_C(1000000000)}};
	uint64_t n;
	char *end;
	size_t i;

	if (parse_uint(text, &end, &n) < 0)
		return -1;
	for (i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (strcmp(end, units[i].suffix) == 0) {
			if (n > INT64_MAX / units[i].ns)
				return -1;
			*out_ns = n * units[i].ns;
			return 0;
		}
	return -1;
}

/* "LOW..HIGH", both as sizes. */
static bool
within(const char *range, uint64_t n)
{
	const char *dots = range ? strstr(range, "..") : NULL;
	char low[32];
	uint64_t least, most;

	if (!dots || (size_t)(dots - range) >= sizeof(low))
		return true;
	memcpy(low, range, (size_t)(dots - range));
	low[dots - range] = '\0';
	return opts_size(low, &least) == 0 && opts_size(dots + 2, &most) == 0 && n >= least &&
	       n <= most;
}

/* An address may stand where none is looked for, and hold a password: its kind says enough. */
static size_t
len_to_show(const char *word)
{
	const char *rest = strstr(word, "://");

	/* In the words of libpq a password may have :// in it. */
	if (pgaddress_is(word) && (!rest || strcspn(word, ":") < (size_t)(rest - word)))
		return strcspn(word, ":") + 1;
	return rest ? (size_t)(rest - word) + 3 : strlen(word);
}

static int
bad_value(const struct opt *o, const char *value, const char *want, struct err *err)
{
	size_t n = len_to_show(value);

	return err_set(err, ERR_USAGE, "--%s %.*s%s: it must be %s%s%s", o->name, (int)n, value,
	               value[n] ? "..." : "", want, o->among ? " " : "", o->among ? o->among : "");
}

static int
choice_of(const struct opt *o, const char *value, int *out)
{
	const char *word = o->among;
	size_t len = strlen(value), n;
	int i;

	for (i = 0; *word; i++) {
		n = strcspn(word, ",");
		if (n == len && strncmp(word, value, n) == 0) {
			*out = i;
			return 0;
		}
		word += n + (word[n] == ',');
	}
	return -1;
}

static void
list_add(struct selection_list *list, const char *value)
{
	list->items = xgrow(list->items, &list->cap, list->len + 1, sizeof(*list->items));
	list->items[list->len++] = value;
}

/* RFC 3339, or a date alone: midnight UTC. */
static int
parse_time(const char *value, int64_t *out)
{
	char text[64];
	int n = snprintf(text, sizeof(text), "%s%s", value, strlen(value) == 10 ? "T00:00Z" : "");

	if (n < 0 || (size_t)n >= sizeof(text))
		return -1;
	return timestamp_parse(slice_str(text), out);
}

static int
set_number(const struct opt *o, const char *value, uint64_t *out, struct err *err)
{
	uint64_t n;
	char *end;
	int rc = o->type == OPT_SIZE ? opts_size(value, &n) : parse_uint(value, &end, &n);

	if (rc < 0 || (o->type != OPT_SIZE && *end) || !within(o->among, n))
		return bad_value(o, value,
		                 o->type == OPT_SIZE ? o->among ? "a size in" : "a size"
		                 : o->among          ? "a number in"
		                                     : "a number",
		                 err);
	*out = n;
	return 0;
}

static int
set_value(const struct opt *o, void *at, const char *value, struct err *err)
{
	struct selection_bound *bound = at;

	switch (o->type) {
	case OPT_FLAG:
		*(bool *)at = true;
		return 0;
	case OPT_TEXT:
		*(const char **)at = value;
		return 0;
	case OPT_LIST:
		list_add(at, value);
		return 0;
	case OPT_UINT:
	case OPT_SIZE:
		return set_number(o, value, at, err);
	case OPT_BOUND:
		bound->set = true;
		return set_number(o, value, &bound->position, err);
	case OPT_TIME:
		return parse_time(value, at) < 0
		           ? bad_value(o, value, "a time like 2026-01-31T12:00:00Z", err)
		           : 0;
	case OPT_DURATION:
		return opts_duration(value, at) < 0
		           ? bad_value(o, value, "a duration like 500ms, 10s or 5m", err)
		           : 0;
	case OPT_CHOICE:
		break;
	}
	return choice_of(o, value, at) < 0 ? bad_value(o, value, "one of", err) : 0;
}

struct parser {
	const struct opt_group *groups;
	int argc, at;
	char **argv;
};

static int
give(struct parser *p, const struct opt_group *g, const struct opt *o, const char *value,
     struct err *err)
{
	if (o->type != OPT_FLAG && !value) {
		if (p->at + 1 >= p->argc)
			return err_set(err, ERR_USAGE, "--%s: %s is missing behind it", o->name,
			               o->arg);
		value = p->argv[++p->at];
	}
	if (o->type == OPT_FLAG && value)
		return err_set(err, ERR_USAGE, "--%s: takes no value", o->name);
	return set_value(o, (char *)g->into + o->offset, value, err);
}

/* The option that is spelt `name`, or the only one that begins so. */
static const struct opt *
find_long(const struct parser *p, const char *name, size_t len, const struct opt_group **group,
          bool *several)
{
	const struct opt_group *g;
	const struct opt *o, *found = NULL;

	*several = false;
	for (g = p->groups; g->title; g++)
		for (o = g->rows; o->name; o++) {
			if (strncmp(o->name, name, len) != 0)
				continue;
			if (o->name[len] == '\0') {
				*group = g;
				*several = false;
				return o;
			}
			*several = found != NULL;
			*group = g;
			found = o;
		}
	return found;
}

static int
parse_long(struct parser *p, const char *word, struct err *err)
{
	size_t len = strcspn(word, "=");
	const struct opt_group *group = NULL;
	const struct opt *o;
	bool several;

	o = find_long(p, word, len, &group, &several);
	if (!o || several) {
		err_set(err, ERR_USAGE, "--%.*s: %s option", (int)len, word,
		        several ? "could be more than one" : "unknown");
		return err_hint(err, "--help lists them");
	}
	return give(p, group, o, word[len] ? word + len + 1 : NULL, err);
}

static int
parse_letters(struct parser *p, const char *word, struct err *err)
{
	const struct opt_group *g;
	const struct opt *o;
	const char *value;

	for (; *word; word++) {
		o = NULL;
		for (g = p->groups; g->title; g++) {
			for (o = g->rows; o->name && o->letter != *word; o++)
				;
			if (o->name)
				break;
		}
		if (!g->title) {
			err_set(err, ERR_USAGE, "-%c: unknown option", *word);
			return err_hint(err, "--help lists them");
		}
		value = o->type != OPT_FLAG && word[1] ? word + 1 : NULL;
		if (give(p, g, o, value, err) < 0)
			return -1;
		if (o->type != OPT_FLAG)
			break;
	}
	return 0;
}

static int
no_use(const char *word, struct err *err)
{
	size_t n = len_to_show(word);

	return err_set(err, ERR_USAGE, "%.*s%s: there is no use for this word", (int)n, word,
	               word[n] ? "..." : "");
}

int
opts_parse(const struct opt_group *groups, int argc, char **argv, const char **operands,
           size_t room, size_t *n_operands, struct err *err)
{
	struct parser p = {.groups = groups, .argc = argc, .argv = argv};
	bool only_operands = false;
	const char *word;
	int rc = 0;

	*n_operands = 0;
	for (p.at = 1; p.at < argc && rc == 0; p.at++) {
		word = argv[p.at];
		if (only_operands || word[0] != '-' || word[1] == '\0') {
			if (*n_operands == room)
				return no_use(word, err);
			operands[(*n_operands)++] = word;
		} else if (strcmp(word, "--") == 0) {
			only_operands = true;
		} else if (word[1] == '-') {
			rc = parse_long(&p, word + 2, err);
		} else {
			rc = parse_letters(&p, word + 1, err);
		}
	}
	return rc;
}

void
opts_print(const struct opt_group *groups, FILE *out)
{
	const struct opt_group *g;
	const struct opt *o;
	char left[80];

	for (g = groups; g->title; g++) {
		fprintf(out, "%s:\n", g->title);
		for (o = g->rows; o->name; o++) {
			snprintf(left, sizeof(left), "%c%c%c --%s%s%s", o->letter ? '-' : ' ',
			         o->letter ? o->letter : ' ', o->letter ? ',' : ' ', o->name,
			         o->arg ? " " : "", o->arg ? o->arg : "");
			fprintf(out, "  %-29s %s\n", left, o->help);
		}
	}
}
