#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "common/file.h"
#include "common/jscan.h"
#include "common/layout.h"
#include "common/layout_builtin.h"

#define LAYOUT_MAX_BYTES ((size_t)1 << 20)
#define LAYOUT_ARENA_BYTES ((size_t)8 << 10)

#define BIT(f) (1U << (f))
#define TEXTS                                                                                      \
	(BIT(FIELD_STREAM) | BIT(FIELD_TYPE) | BIT(FIELD_ID) | BIT(FIELD_CORRELATION_ID) |         \
	 BIT(FIELD_CAUSATION_ID) | BIT(FIELD_CONTENT_TYPE))
#define PAYLOADS (BIT(FIELD_METADATA) | BIT(FIELD_DATA))

enum { SQLITE = 1, POSTGRESQL = 2, SQL = SQLITE | POSTGRESQL };

/* What `store` may say. */
static const struct {
	const char *name;
	unsigned bit;
} stores[] = {{"sqlite", SQLITE}, {"postgresql", POSTGRESQL}};

/* What `as` may say, of which fields, in which stores. */
static const struct {
	const char *name;
	unsigned fields, stores;
} convs[LAYOUT_CONVS] = {
    [LAYOUT_TEXT] = {"text", TEXTS, SQL},
    [LAYOUT_INT] = {"int", BIT(FIELD_POSITION) | BIT(FIELD_VERSION), SQL},
    [LAYOUT_UUID_HEX] = {"uuid-hex", TEXTS, SQL},
    [LAYOUT_UUID_BLOB] = {"uuid-blob", TEXTS, SQL},
    [LAYOUT_JSON] = {"json", PAYLOADS, SQL},
    [LAYOUT_JSON_BLOB] = {"json-blob", PAYLOADS, SQL},
    [LAYOUT_BYTES] = {"bytes", PAYLOADS, SQL},
    [LAYOUT_PAYLOAD] = {"payload", PAYLOADS, SQLITE},
    [LAYOUT_UNIX_S] = {"unix-s", BIT(FIELD_TIME), SQL},
    [LAYOUT_UNIX_MS] = {"unix-ms", BIT(FIELD_TIME), SQL},
    [LAYOUT_UNIX_US] = {"unix-us", BIT(FIELD_TIME), SQL},
    [LAYOUT_UNIX_NS] = {"unix-ns", BIT(FIELD_TIME), SQL},
    [LAYOUT_RFC3339] = {"rfc3339", BIT(FIELD_TIME), SQL},
    [LAYOUT_DATETIME] = {"datetime", BIT(FIELD_TIME), SQL},
    [LAYOUT_TIMESTAMP] = {"timestamp", BIT(FIELD_TIME), POSTGRESQL},
    [LAYOUT_NANOSECONDS] = {"nanoseconds", BIT(FIELD_TIME), SQL},
    [LAYOUT_JSON_ARRAY] = {"json-array", BIT(FIELD_TAGS), SQL},
    [LAYOUT_JSON_OBJECT] = {"json-object", BIT(FIELD_ATTRIBUTES), SQL},
    [LAYOUT_VALUE] = {"value", BIT(FIELD_ATTRIBUTES), SQL},
};

/* The file while it is read. */
struct parser {
	struct layout *l;
	const char *file;
	unsigned store; /* its bit */
	struct err *err;
};

__attribute__((format(printf, 3, 4))) static int
wrong(struct parser *p, const char *where, const char *fmt, ...)
{
	char what[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return err_set(p->err, ERR_LAYOUT, "layout %s: %s: %s", p->file, where, what);
}

static const char *
keep(struct parser *p, const char *s)
{
	size_t size = strlen(s) + 1;

	return memcpy(arena_alloc(p->l->mem, size), s, size);
}

/* Only the keys that are named may be there: a misspelt one must not go unseen. */
static int
only_keys(struct parser *p, const char *where, json_t *object, const char *const *allowed)
{
	const char *key;
	json_t *value;
	size_t i;

	json_object_foreach(object, key, value)
	{
		for (i = 0; allowed[i] && strcmp(allowed[i], key) != 0; i++)
			;
		if (!allowed[i])
			return wrong(p, where, "key \"%s\" is unknown", key);
	}
	return 0;
}

/* A string that may be missing (NULL then). */
static int
get_string(struct parser *p, const char *where, json_t *object, const char *key, bool required,
           const char **out)
{
	json_t *value = json_object_get(object, key);

	*out = NULL;
	if (!value && !required)
		return 0;
	if (!json_is_string(value) || !*json_string_value(value))
		return wrong(p, where, "\"%s\" must be a string that is not empty", key);
	*out = keep(p, json_string_value(value));
	return 0;
}

/* A scalar as the JSON text in which the drivers compare it. */
static int
get_scalar(struct parser *p, const char *where, json_t *value, struct slice *out)
{
	struct buf text = BUF_INIT;

	if (json_is_string(value))
		jscan_quote((struct slice){(const uint8_t *)json_string_value(value),
		                           json_string_length(value)},
		            &text);
	else if (json_is_integer(value))
		buf_printf(&text, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else if (json_is_null(value) || json_is_boolean(value))
		buf_add_str(&text, json_is_null(value)   ? "null"
		                   : json_is_true(value) ? "true"
		                                         : "false");
	else
		return wrong(p, where, "must be a string, an integer, a boolean or null");
	*out = arena_dup(p->l->mem, buf_slice(&text));
	buf_release(&text);
	return 0;
}

static int
get_integer(struct parser *p, const char *where, json_t *object, const char *key, int64_t *out)
{
	json_t *value = json_object_get(object, key);

	*out = 0;
	if (value && !json_is_integer(value))
		return wrong(p, where, "\"%s\" must be an integer", key);
	if (value)
		*out = json_integer_value(value);
	return 0;
}

/* What a column is when `as` is not said. */
static enum layout_conv
usual_conv(const struct parser *p, const struct layout_column *c)
{
	switch (c->field) {
	case FIELD_POSITION:
	case FIELD_VERSION:
		return LAYOUT_INT;
	case FIELD_TIME:
		return p->store == POSTGRESQL ? LAYOUT_TIMESTAMP : LAYOUT_RFC3339;
	case FIELD_TAGS:
		return LAYOUT_JSON_ARRAY;
	case FIELD_ATTRIBUTES:
		return c->attr ? LAYOUT_VALUE : LAYOUT_JSON_OBJECT;
	case FIELD_METADATA:
	case FIELD_DATA:
		return LAYOUT_JSON;
	default:
		return LAYOUT_TEXT;
	}
}

static int
get_conv(struct parser *p, const char *where, json_t *object, struct layout_column *c)
{
	const char *as;
	int conv;

	if (get_string(p, where, object, "as", false, &as) < 0)
		return -1;
	c->conv = usual_conv(p, c);
	if (!as)
		return 0;
	for (conv = 0; conv < LAYOUT_CONVS; conv++)
		if (strcmp(as, convs[conv].name) == 0)
			break;
	if (conv == LAYOUT_CONVS)
		return wrong(p, where, "\"as\": \"%s\" is unknown", as);
	if (!(convs[conv].fields & BIT(c->field)) ||
	    (c->field == FIELD_ATTRIBUTES && (c->attr != NULL) != (conv == LAYOUT_VALUE)))
		return wrong(p, where, "\"as\": \"%s\" does not fit this field", as);
	if (!(convs[conv].stores & p->store))
		return wrong(p, where, "\"as\": \"%s\" is not for this kind of store", as);
	c->conv = (enum layout_conv)conv;
	return 0;
}

static int
get_field(struct parser *p, const char *where, json_t *object, struct layout_column *c)
{
	const char *field;
	int f;

	if (get_string(p, where, object, "field", false, &field) < 0 ||
	    get_string(p, where, object, "attribute", false, &c->attr) < 0)
		return -1;
	if (!field == !c->attr)
		return wrong(p, where, "needs either \"field\" or \"attribute\"");
	c->field = FIELD_ATTRIBUTES;
	if (!field)
		return 0;
	for (f = 0; f < FIELDS; f++)
		if (strcmp(field, event_field_name((enum field)f)) == 0)
			break;
	if (f == FIELDS)
		return wrong(p, where, "field \"%s\" is unknown", field);
	c->field = (enum field)f;
	return 0;
}

/* Two columns may share a field where each holds what the other cannot. */
static bool
may_share(const struct layout_column *a, const struct layout_column *b)
{
	static const struct {
		enum layout_conv one, other;
	} pairs[] = {{LAYOUT_JSON, LAYOUT_BYTES},
	             {LAYOUT_TIMESTAMP, LAYOUT_NANOSECONDS},
	             {LAYOUT_UNIX_US, LAYOUT_NANOSECONDS}};
	size_t i;

	for (i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		if ((a->conv == pairs[i].one && b->conv == pairs[i].other) ||
		    (b->conv == pairs[i].one && a->conv == pairs[i].other))
			return true;
	return false;
}

static int
check_shared(struct parser *p, const char *where, struct layout_column *c)
{
	struct layout_column *other;
	size_t i;

	for (i = 0; i < p->l->n_columns && !c->attr; i++) {
		other = &p->l->columns[i];
		if (other->field != c->field || other->attr)
			continue;
		if (other->split || !may_share(other, c))
			return wrong(p, where, "field \"%s\" has a column already",
			             event_field_name(c->field));
		other->split = c->split = true;
	}
	return 0;
}

static int
parse_column(struct parser *p, const char *name, json_t *object)
{
	static const char *const allowed[] = {"field", "attribute", "as", "base", "default", NULL};
	struct layout_column *c = &p->l->columns[p->l->n_columns];
	json_t *default_value = json_object_get(object, "default");
	char where[160];

	snprintf(where, sizeof(where), "events.columns.%.100s", name);
	if (!json_is_object(object))
		return wrong(p, where, "must be an object");
	if (only_keys(p, where, object, allowed) < 0 || get_field(p, where, object, c) < 0 ||
	    get_conv(p, where, object, c) < 0 ||
	    get_integer(p, where, object, "base", &c->base) < 0)
		return -1;
	if (check_shared(p, where, c) < 0)
		return -1;
	if (c->base && c->field != FIELD_VERSION)
		return wrong(p, where, "\"base\" is for the version");
	if (default_value && !c->attr)
		return wrong(p, where, "\"default\" is for attributes");
	c->default_value = SLICE_LIT("null");
	if (default_value && get_scalar(p, where, default_value, &c->default_value) < 0)
		return -1;
	c->name = keep(p, name);
	p->l->n_columns++;
	return 0;
}

static int
parse_events(struct parser *p, json_t *events)
{
	static const char *const allowed[] = {"table", "columns", NULL};
	static const enum field needed[] = {FIELD_POSITION, FIELD_STREAM, FIELD_VERSION,
	                                    FIELD_TYPE};
	json_t *columns = json_object_get(events, "columns"), *value;
	const char *key;
	size_t i;

	if (!json_is_object(events))
		return wrong(p, "events", "must be an object");
	if (only_keys(p, "events", events, allowed) < 0 ||
	    get_string(p, "events", events, "table", true, &p->l->table) < 0)
		return -1;
	if (!json_is_object(columns) || !json_object_size(columns))
		return wrong(p, "events.columns",
		             "must be an object with a member for each column");
	p->l->columns = arena_alloc(p->l->mem, json_object_size(columns) * sizeof(*p->l->columns));
	memset(p->l->columns, 0, json_object_size(columns) * sizeof(*p->l->columns));
	json_object_foreach(columns, key, value)
	{
		if (parse_column(p, key, value) < 0)
			return -1;
	}
	for (i = 0; i < p->l->n_columns; i++)
		if (p->l->columns[i].conv == LAYOUT_NANOSECONDS && !p->l->columns[i].split)
			return wrong(p, "events.columns",
			             "\"nanoseconds\" needs a column of microseconds beside it");
	for (i = 0; i < sizeof(needed) / sizeof(*needed); i++)
		if (!layout_column_of(p->l, needed[i]))
			return wrong(p, "events.columns", "no column has the field \"%s\"",
			             event_field_name(needed[i]));
	return 0;
}

static int
parse_from(struct parser *p, const char *where, json_t *object, struct layout_stream_column *c)
{
	static const struct {
		const char *name;
		enum layout_from from;
	} sources[] = {{"stream", LAYOUT_FROM_STREAM},
	               {"category", LAYOUT_FROM_CATEGORY},
	               {"version", LAYOUT_FROM_VERSION}};
	json_t *constant = json_object_get(object, "constant");
	const char *from;
	size_t i;

	if (get_string(p, where, object, "from", false, &from) < 0)
		return -1;
	if (!from == !constant)
		return wrong(p, where, "needs either \"from\" or \"constant\"");
	c->from = LAYOUT_FROM_CONSTANT;
	if (constant)
		return get_scalar(p, where, constant, &c->constant);
	for (i = 0; i < sizeof(sources) / sizeof(*sources); i++)
		if (strcmp(from, sources[i].name) == 0) {
			c->from = sources[i].from;
			return 0;
		}
	return wrong(p, where, "\"from\": \"%s\" is unknown", from);
}

static int
parse_stream_column(struct parser *p, const char *name, json_t *object)
{
	static const char *const allowed[] = {"from",      "constant", "key", "base",
	                                      "separator", "else",     NULL};
	struct layout_stream_column *c = &p->l->stream_columns[p->l->n_stream_columns];
	json_t *otherwise = json_object_get(object, "else");
	char where[160];

	snprintf(where, sizeof(where), "streams.columns.%.100s", name);
	if (!json_is_object(object))
		return wrong(p, where, "must be an object");
	if (only_keys(p, where, object, allowed) < 0 || parse_from(p, where, object, c) < 0 ||
	    get_integer(p, where, object, "base", &c->base) < 0 ||
	    get_string(p, where, object, "separator", c->from == LAYOUT_FROM_CATEGORY,
	               &c->separator) < 0)
		return -1;
	if (c->from == LAYOUT_FROM_CATEGORY &&
	    (!otherwise || get_scalar(p, where, otherwise, &c->constant) < 0))
		return wrong(p, where, "a category needs \"else\"");
	c->key = json_is_true(json_object_get(object, "key"));
	c->name = keep(p, name);
	p->l->n_stream_columns++;
	return 0;
}

static int
parse_streams(struct parser *p, json_t *streams)
{
	static const char *const allowed[] = {"table", "columns", NULL};
	json_t *columns = json_object_get(streams, "columns"), *value;
	const char *key;
	size_t i, keys = 0;

	if (!json_is_object(streams))
		return wrong(p, "streams", "must be an object");
	if (only_keys(p, "streams", streams, allowed) < 0 ||
	    get_string(p, "streams", streams, "table", true, &p->l->streams_table) < 0)
		return -1;
	if (!json_is_object(columns) || !json_object_size(columns))
		return wrong(p, "streams.columns",
		             "must be an object with a member for each column");
	p->l->stream_columns =
	    arena_alloc(p->l->mem, json_object_size(columns) * sizeof(*p->l->stream_columns));
	memset(p->l->stream_columns, 0, json_object_size(columns) * sizeof(*p->l->stream_columns));
	json_object_foreach(columns, key, value)
	{
		if (parse_stream_column(p, key, value) < 0)
			return -1;
	}
	for (i = 0; i < p->l->n_stream_columns; i++)
		keys += p->l->stream_columns[i].key;
	return keys ? 0 : wrong(p, "streams.columns", "no column says \"key\": true");
}

/* A list of statements, which may be missing. */
static int
get_statements(struct parser *p, json_t *root, const char *key, const char ***out, size_t *n)
{
	json_t *list = json_object_get(root, key), *value;
	size_t i;

	if (!list)
		return 0;
	if (!json_is_array(list))
		return wrong(p, key, "must be an array of SQL statements");
	*out = arena_alloc(p->l->mem, json_array_size(list) * sizeof(**out) + 1);
	json_array_foreach(list, i, value)
	{
		if (!json_is_string(value))
			return wrong(p, key, "must be an array of SQL statements");
		(*out)[(*n)++] = keep(p, json_string_value(value));
	}
	return 0;
}

static int
parse_store(struct parser *p, json_t *root)
{
	size_t i;

	if (get_string(p, "the file", root, "store", true, &p->l->store) < 0)
		return -1;
	for (i = 0; i < sizeof(stores) / sizeof(*stores) && !p->store; i++)
		if (strcmp(p->l->store, stores[i].name) == 0)
			p->store = stores[i].bit;
	return p->store ? 0 : wrong(p, "the file", "\"store\": \"%s\" is unknown", p->l->store);
}

static int
parse_root(struct parser *p, json_t *root)
{
	static const char *const allowed[] = {"$schema",     "layout", "name",    "store",
	                                      "description", "events", "streams", "schema",
	                                      "indexes",     NULL};
	json_t *streams = json_object_get(root, "streams");

	if (!json_is_object(root))
		return wrong(p, "the file", "must be one object");
	if (only_keys(p, "the file", root, allowed) < 0)
		return -1;
	if (json_integer_value(json_object_get(root, "layout")) != 1)
		return wrong(p, "the file", "\"layout\" must be 1, the version of this language");
	if (get_string(p, "the file", root, "name", true, &p->l->name) < 0 ||
	    get_string(p, "the file", root, "description", false, &p->l->description) < 0 ||
	    parse_store(p, root) < 0)
		return -1;
	if (parse_events(p, json_object_get(root, "events")) < 0)
		return -1;
	if (streams && parse_streams(p, streams) < 0)
		return -1;
	if (get_statements(p, root, "schema", &p->l->schema, &p->l->n_schema) < 0)
		return -1;
	return get_statements(p, root, "indexes", &p->l->indexes, &p->l->n_indexes);
}

int
layout_parse(struct layout **out, struct slice text, const char *name, struct err *err)
{
	struct parser p = {.l = xcalloc(1, sizeof(*p.l)), .file = name, .err = err};
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
