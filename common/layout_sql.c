#include <stdio.h>
#include <string.h>

#include "common/layout_impl.h"

static const char of_columns[] = " with a member for each column";

static int
parse_column(struct layout_parser *p, const char *name, json_t *object)
{
	static const char *const allowed[] = {"field",   "attribute", "as", "base",
	                                      "default", "optional",  NULL};
	char where[160];

	snprintf(where, sizeof(where), "events.columns.%.100s", name);
	if (layout_check_object(p, where, object, 0, "") < 0 ||
	    layout_only_keys(p, where, object, allowed) < 0)
		return -1;
	return layout_parse_column(p, where, name, object);
}

static int
parse_events(struct layout_parser *p, json_t *events)
{
	static const char *const allowed[] = {"table", "query", "columns", "write", NULL};
	json_t *columns = json_object_get(events, "columns"), *value;
	const char *key;
	size_t i;

	if (layout_check_object(p, "events", events, 0, "") < 0 ||
	    layout_only_keys(p, "events", events, allowed) < 0 ||
	    layout_get_string(p, "events", events, "table", true, &p->l->table) < 0)
		return -1;
	p->l->place = p->l->table;
	if (layout_check_object(p, "events.columns", columns, 1, of_columns) < 0)
		return -1;
	layout_reserve_columns(p, json_object_size(columns));
	json_object_foreach(columns, key, value)
	{
		if (parse_column(p, key, value) < 0)
			return -1;
	}
	for (i = 0; i < p->l->n_columns; i++)
		if (p->l->columns[i].conv == LAYOUT_NANOSECONDS && !p->l->columns[i].split)
			return layout_wrong(
			    p, "events.columns",
			    "\"nanoseconds\" needs a column of microseconds beside it");
	return layout_check_needed(p, "events.columns");
}

static int
parse_from(struct layout_parser *p, const char *where, json_t *object,
           struct layout_stream_column *c)
{
	static const struct {
		const char *name;
		enum layout_from from;
	} sources[] = {{"stream", LAYOUT_FROM_STREAM},
	               {"category", LAYOUT_FROM_CATEGORY},
	               {"version", LAYOUT_FROM_VERSION}};
	const char *names[sizeof(sources) / sizeof(*sources) + 1] = {NULL};
	json_t *constant = json_object_get(object, "constant");
	const char *from;
	size_t i;

	if (layout_get_string(p, where, object, "from", false, &from) < 0)
		return -1;
	if (!from == !constant)
		return layout_wrong(p, where, "needs either \"from\" or \"constant\"");
	c->from = LAYOUT_FROM_CONSTANT;
	if (constant)
		return layout_get_scalar(p, where, object, "constant", &c->constant);
	for (i = 0; i < sizeof(sources) / sizeof(*sources); i++) {
		if (strcmp(from, sources[i].name) == 0) {
			c->from = sources[i].from;
			return 0;
		}
		names[i] = sources[i].name;
	}
	return layout_wrong_key(p, where, "from", "\"from\": \"%s\" is unknown; expected %s", from,
	                        layout_choices(p, names));
}

static int
parse_stream_column(struct layout_parser *p, const char *name, json_t *object)
{
	static const char *const allowed[] = {"from",      "constant", "key", "base",
	                                      "separator", "else",     NULL};
	struct layout_stream_column *c = &p->l->stream_columns[p->l->n_stream_columns];
	char where[160];

	snprintf(where, sizeof(where), "streams.columns.%.100s", name);
	if (layout_check_object(p, where, object, 0, "") < 0 ||
	    layout_only_keys(p, where, object, allowed) < 0 ||
	    parse_from(p, where, object, c) < 0 ||
	    layout_get_integer(p, where, object, "base", &c->base) < 0 ||
	    layout_get_string(p, where, object, "separator", c->from == LAYOUT_FROM_CATEGORY,
	                      &c->separator) < 0)
		return -1;
	if (c->from == LAYOUT_FROM_CATEGORY && !json_object_get(object, "else"))
		return layout_wrong(p, where, "a category needs \"else\"");
	if ((c->from == LAYOUT_FROM_CATEGORY &&
	     layout_get_scalar(p, where, object, "else", &c->constant) < 0) ||
	    layout_get_flag(p, where, object, "key", &c->key) < 0)
		return -1;
	c->name = layout_keep(p, name);
	p->l->n_stream_columns++;
	return 0;
}

static int
parse_streams(struct layout_parser *p, json_t *streams)
{
	static const char *const allowed[] = {"table", "columns", NULL};
	json_t *columns = json_object_get(streams, "columns"), *value;
	const char *key;
	size_t i, keys = 0;

	if (layout_check_object(p, "streams", streams, 0, "") < 0 ||
	    layout_only_keys(p, "streams", streams, allowed) < 0 ||
	    layout_get_string(p, "streams", streams, "table", true, &p->l->streams_table) < 0)
		return -1;
	if (layout_check_object(p, "streams.columns", columns, 1, of_columns) < 0)
		return -1;
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
	return keys ? 0 : layout_wrong(p, "streams.columns", "no column says \"key\": true");
}

int
layout_parse_sql(struct layout_parser *p, json_t *root)
{
	static const char *const what = "SQL statements";
	json_t *streams = json_object_get(root, "streams");

	if (parse_events(p, json_object_get(root, "events")) < 0 ||
	    layout_parse_query(p, root) < 0 || (streams && parse_streams(p, streams) < 0) ||
	    layout_get_texts(p, "schema", root, "schema", what, &p->l->schema, &p->l->n_schema) < 0)
		return -1;
	return layout_get_texts(p, "indexes", root, "indexes", what, &p->l->indexes,
	                        &p->l->n_indexes);
}
