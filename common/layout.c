#include <stdlib.h>
#include <string.h>

#include "common/file.h"
#include "common/layout_builtin.h"
#include "common/layout_impl.h"

#define LAYOUT_MAX_BYTES ((size_t)1 << 20)
#define LAYOUT_ARENA_BYTES ((size_t)8 << 10)

#define COMMON_KEYS "$schema", "layout", "name", "store", "description", "events"

static const char *const sql_keys[] = {COMMON_KEYS, "streams", "schema", "indexes", NULL};
static const char *const nats_keys[] = {COMMON_KEYS, "stream", NULL};

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
	size_t i;

	if (layout_get_string(p, "the file", root, "store", true, &p->l->store) < 0)
		return NULL;
	for (i = 0; i < sizeof(stores) / sizeof(*stores); i++)
		if (strcmp(p->l->store, stores[i].name) == 0)
			return &stores[i];
	layout_wrong(p, "the file", "\"store\": \"%s\" is unknown", p->l->store);
	return NULL;
}

static int
parse_root(struct layout_parser *p, json_t *root)
{
	const struct store *store;

	if (!json_is_object(root))
		return layout_wrong(p, "the file", "must be one object");
	store = find_store(p, root);
	if (!store || layout_only_keys(p, "the file", root, store->keys) < 0)
		return -1;
	p->store = store->bit;
	if (json_integer_value(json_object_get(root, "layout")) != 1)
		return layout_wrong(p, "the file",
		                    "\"layout\" must be 1, the version of this language");
	if (layout_get_string(p, "the file", root, "name", true, &p->l->name) < 0 ||
	    layout_get_string(p, "the file", root, "description", false, &p->l->description) < 0)
		return -1;
	return store->parse(p, root);
}

int
layout_parse(struct layout **out, struct slice text, const char *name, struct err *err)
{
	struct layout_parser p = {.l = xcalloc(1, sizeof(*p.l)), .file = name, .err = err};
	json_error_t fault;
	json_t *root;
	int rc;

	p.l->mem = arena_new(LAYOUT_ARENA_BYTES);
	root = json_loadb((const char *)text.p, text.len, JSON_REJECT_DUPLICATES, &fault);
	if (!root)
		rc = err_set(err, ERR_LAYOUT, "layout %s: line %d, column %d: %s", name, fault.line,
		             fault.column, fault.text);
	else
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

int
layout_builtin(struct layout **out, size_t i, struct err *err)
{
	const struct layout_builtin *b = &layout_builtins[i];

	return layout_parse(out, (struct slice){b->text, b->len}, b->name, err);
}

static int
load_builtin(struct layout **out, const char *name, const char *store, struct err *err)
{
	struct layout *l;
	size_t i;

	for (i = 0; i < layout_builtin_count(); i++) {
		if (layout_builtin(&l, i, err) < 0)
			return -1;
		if (strcmp(l->name, name) == 0 && strcmp(l->store, store) == 0) {
			*out = l;
			return 0;
		}
		layout_free(l);
	}
	err_set(err, ERR_LAYOUT, "layout %s: is not built in for %s", name, store);
	return err_hint(err, "esexport --list-layouts lists them; a file is named with its path");
}

int
layout_load(struct layout **out, const char *name_or_path, const char *store, struct err *err)
{
	size_t n = strlen(name_or_path);
	struct buf text = BUF_INIT;
	int rc;

	if (!strchr(name_or_path, '/') && (n < 5 || strcmp(name_or_path + n - 5, ".json") != 0))
		return load_builtin(out, name_or_path, store, err);
	rc = file_slurp(name_or_path, LAYOUT_MAX_BYTES, &text, err);
	if (rc < 0)
		err->kind = ERR_LAYOUT;
	else
		rc = layout_parse(out, buf_slice(&text), name_or_path, err);
	buf_release(&text);
	if (rc == 0 && strcmp((*out)->store, store) != 0) {
		rc = err_set(err, ERR_LAYOUT, "layout %s: is for %s, not for %s", name_or_path,
		             (*out)->store, store);
		layout_free(*out);
		*out = NULL;
	}
	return rc;
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
