#include <stdlib.h>
#include <string.h>

#include "common/file.h"
#include "common/layout_builtin.h"
#include "common/layout_impl.h"

#define LAYOUT_MAX_BYTES ((size_t)1 << 20)
#define LAYOUT_ARENA_BYTES ((size_t)8 << 10)

#define COMMON_KEYS "$schema", "layout", "name", "store", "description", "events"

static const char *const sql_keys[] = {COMMON_KEYS, "parameters", "tables",  "streams",
                                       "after",     "schema",     "indexes", NULL};
static const char *const nats_keys[] = {COMMON_KEYS, "parameters", "stream", NULL};

/* What `store` may say, and what the file has then. */
static const struct store {
	const char *name;
	unsigned bit;
	const char *const *keys;
	int (*parse)(struct layout_parser *p, json_t *root);
} stores[] = {
    {"sqlite", LAYOUT_SQLITE, sql_keys, layout_parse_sql},
    {"postgresql", LAYOUT_POSTGRESQL, sql_keys, layout_parse_sql},
    {"nats", LAYOUT_NATS, nats_keys, layout_parse_nats},
};

static const struct store *
find_store(struct layout_parser *p, json_t *root)
{
	const char *names[sizeof(stores) / sizeof(*stores) + 1] = {NULL};
	size_t i;

	if (layout_get_string(p, "", root, "store", true, &p->l->store) < 0)
		return NULL;
	for (i = 0; i < sizeof(stores) / sizeof(*stores); i++) {
		if (strcmp(p->l->store, stores[i].name) == 0)
			return &stores[i];
		names[i] = stores[i].name;
	}
	layout_wrong_key(p, "", "store", "\"store\": \"%s\" is unknown; expected %s", p->l->store,
	                 layout_choices(p, names));
	return NULL;
}

static int
parse_root(struct layout_parser *p, json_t *root)
{
	const struct store *store;

	if (!json_is_object(root))
		return layout_wrong(p, "", "must be one object");
	store = find_store(p, root);
	if (!store || layout_only_keys(p, "", root, store->keys) < 0)
		return -1;
	p->store = store->bit;
	if (json_integer_value(json_object_get(root, "layout")) != 1)
		return layout_wrong_key(p, "", "layout",
		                        "\"layout\" must be 1, the version of this language");
	if (layout_get_string(p, "", root, "name", true, &p->l->name) < 0 ||
	    layout_get_string(p, "", root, "description", false, &p->l->description) < 0)
		return -1;
	return store->parse(p, root);
}

int
layout_parse(struct layout **out, struct slice text, const char *name, const char *parameters,
             struct err *err)
{
	struct layout_parser p = {.l = xcalloc(1, sizeof(*p.l)),
	                          .file = name,
	                          .text = text,
	                          .err = err};
	json_error_t fault;
	json_t *root;
	int rc = -1;

	p.l->mem = arena_new(LAYOUT_ARENA_BYTES);
	root = json_loadb((const char *)text.p, text.len, JSON_REJECT_DUPLICATES, &fault);
	if (!root)
		err_set(err, ERR_LAYOUT, "layout %s:%d:%d: %s", name, fault.line, fault.column,
		        fault.text);
	else
		rc = layout_fill_parameters(&p, parameters, &root);
	if (rc == 0)
		rc = parse_root(&p, root);
	json_decref(root);
	if (rc < 0) {
		layout_free(p.l);
		return -1;
	}
	*out = p.l;
	return 0;
}

size_t
layout_builtin_count(void)
{
	size_t n = 0;

	while (layout_builtins[n].name)
		n++;
	return n;
}

static int
parse_builtin(struct layout **out, size_t i, const char *parameters, struct err *err)
{
	const struct layout_builtin *b = &layout_builtins[i];

	return layout_parse(out, (struct slice){b->text, b->len}, b->name, parameters, err);
}

int
layout_builtin(struct layout **out, size_t i, struct err *err)
{
	return parse_builtin(out, i, NULL, err);
}

static int
load_builtin(struct layout **out, const char *name, const char *parameters, const char *store,
             struct err *err)
{
	struct layout *l;
	bool found;
	size_t i;

	for (i = 0; i < layout_builtin_count(); i++) {
		if (layout_builtin(&l, i, err) < 0)
			return -1;
		found = strcmp(l->name, name) == 0 && strcmp(l->store, store) == 0;
		layout_free(l);
		if (found)
			return parse_builtin(out, i, parameters, err);
	}
	err_set(err, ERR_LAYOUT, "layout %s: is not built in for %s", name, store);
	return err_hint(err, "esexport --list-layouts lists them; a file is named with its path");
}

static int
load_file(struct layout **out, const char *path, const char *parameters, const char *store,
          struct err *err)
{
	struct buf text = BUF_INIT;
	int rc = file_slurp(path, LAYOUT_MAX_BYTES, &text, err);

	if (rc < 0)
		err->kind = ERR_LAYOUT;
	else
		rc = layout_parse(out, buf_slice(&text), path, parameters, err);
	buf_release(&text);
	if (rc == 0 && strcmp((*out)->store, store) != 0) {
		rc = err_set(err, ERR_LAYOUT, "layout %s: is for %s, not for %s", path,
		             (*out)->store, store);
		layout_free(*out);
		*out = NULL;
	}
	return rc;
}

/* Where ":NAME=VALUE,..." begins; NULL: nowhere. */
static const char *
find_parameters(const char *asked)
{
	const char *slash = strrchr(asked, '/'), *colon, *end;

	for (colon = strchr(slash ? slash : asked, ':'); colon; colon = strchr(colon + 1, ':')) {
		end = colon + 1 + strspn(colon + 1, "abcdefghijklmnopqrstuvwxyz_");
		if (end > colon + 1 && *end == '=')
			break;
	}
	return colon;
}

int
layout_load(struct layout **out, const char *asked, const char *store, struct err *err)
{
	const char *parameters = find_parameters(asked);
	char *name = xstrdup(asked);
	int rc;

	if (parameters)
		name[parameters - asked] = '\0';
	if (strchr(name, '/') || slice_ends(slice_str(name), ".json"))
		rc = load_file(out, name, parameters ? parameters + 1 : NULL, store, err);
	else
		rc = load_builtin(out, name, parameters ? parameters + 1 : NULL, store, err);
	free(name);
	return rc;
}

bool
layout_numbers_table(const struct layout *l)
{
	const char *position = layout_column_of(l, FIELD_POSITION)->name;
	const struct layout_table *t = l->tables;
	size_t i;

	if (!l->query)
		return true;
	while (strcmp(t->name, l->table) != 0) /* it is among them */
		t++;
	for (i = 0; i < t->n_columns; i++)
		if (strcmp(t->columns[i], position) == 0)
			return true;
	return false;
}

bool
layout_takes_all(const struct layout *l)
{
	int f;

	for (f = 0; f < FIELDS && layout_column_of(l, (enum field)f); f++)
		;
	return f == FIELDS;
}

int
layout_check_writes(const struct layout *l, struct err *err)
{
	if (l->messages ? !l->messages->read_only : !l->query || l->n_write)
		return 0;
	return err_set(err, ERR_LAYOUT, "layout %s: is for exports: %s", l->name,
	               l->messages ? "no import can write what its library needs"
	                           : "it does not say how events are written");
}

int
layout_wrong_query(const struct layout *l, const char *column, struct err *err)
{
	return err_set(err, ERR_LAYOUT,
	               "layout %s: events.query: gives a column that is not in events.columns: %s",
	               l->name, column);
}

void
layout_free(struct layout *l)
{
	if (!l)
		return;
	arena_free(l->mem);
	free(l);
}

const struct layout_column *
layout_column_of(const struct layout *l, enum field f)
{
	size_t i;

	for (i = 0; i < l->n_columns; i++)
		if (l->columns[i].field == f && !l->columns[i].attr &&
		    l->columns[i].conv != LAYOUT_NANOSECONDS)
			return &l->columns[i];
	return NULL;
}

int64_t
layout_time_step_ns(const struct layout *l)
{
	static const int64_t steps_ns[LAYOUT_CONVS] = {
	    [LAYOUT_UNIX_S] = 1000000000,
	    [LAYOUT_UNIX_MS] = 1000000,
	    [LAYOUT_UNIX_US] = 1000,
	    [LAYOUT_TIMESTAMP] = 1000,
	};
	const struct layout_column *c = layout_column_of(l, FIELD_TIME);

	return c && !c->split && steps_ns[c->conv] ? steps_ns[c->conv] : 1;
}
