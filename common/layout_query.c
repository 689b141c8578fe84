#include <stdio.h>
#include <string.h>

#include "common/layout_impl.h"

static const char what[] = "SQL statements";

/* "name?" is a column that the table may lack. */
static void
find_optional(struct layout_parser *p, struct layout_table *t)
{
	char *name;
	size_t i, len;

	t->optional = arena_alloc(p->l->mem, t->n_columns * sizeof(*t->optional) + 1);
	for (i = 0; i < t->n_columns; i++) {
		len = strlen(t->columns[i]);
		t->optional[i] = len > 1 && t->columns[i][len - 1] == '?';
		if (!t->optional[i])
			continue;
		name = arena_alloc(p->l->mem, len);
		memcpy(name, t->columns[i], len - 1);
		name[len - 1] = '\0';
		t->columns[i] = name;
	}
}

static int
parse_table(struct layout_parser *p, const char *name, json_t *columns)
{
	struct layout_table *t = &p->l->tables[p->l->n_tables++];
	json_t *one = json_pack("{sO}", "columns", columns);
	char where[160];
	int rc;

	snprintf(where, sizeof(where), "tables.%.100s", name);
	t->name = layout_keep(p, name);
	rc = layout_get_texts(p, where, one, "columns", "names of columns", &t->columns,
	                      &t->n_columns);
	json_decref(one);
	find_optional(p, t);
	return rc < 0 || t->n_columns ? rc : layout_wrong(p, where, "must name its columns");
}

static int
parse_tables(struct layout_parser *p, json_t *tables)
{
	bool has_events = false;
	const char *name;
	json_t *columns;

	if (layout_check_object(p, "tables", tables, 0, ": the columns of each table") < 0)
		return -1;
	p->l->tables = arena_alloc(p->l->mem, json_object_size(tables) * sizeof(*p->l->tables) + 1);
	memset(p->l->tables, 0, json_object_size(tables) * sizeof(*p->l->tables));
	json_object_foreach(tables, name, columns)
	{
		if (parse_table(p, name, columns) < 0)
			return -1;
		has_events |= strcmp(name, p->l->table) == 0;
	}
	return has_events
	           ? 0
	           : layout_wrong(p, "tables", "lacks that of the events, \"%s\"", p->l->table);
}

/* What is said of a table does not hold of a query, and the other way. */
static int
check_keys(struct layout_parser *p, json_t *root, json_t *events)
{
	static const char *const of_tables[] = {"streams", "schema", "indexes"};
	size_t i;

	if (!p->l->query && json_object_get(root, "tables"))
		return layout_wrong(p, "tables", "are for a layout with a query");
	if (!p->l->query && json_object_get(events, "write"))
		return layout_wrong(p, "events.write", "is for a layout with a query");
	for (i = 0; p->l->query && i < sizeof(of_tables) / sizeof(*of_tables); i++)
		if (json_object_get(root, of_tables[i]))
			return layout_wrong(p, of_tables[i], "is for a layout without a query");
	return 0;
}

int
layout_parse_query(struct layout_parser *p, json_t *root)
{
	json_t *events = json_object_get(root, "events");
	struct layout *l = p->l;

	if (layout_get_string(p, "events", events, "query", false, &l->query) < 0 ||
	    check_keys(p, root, events) < 0 ||
	    layout_get_texts(p, "events.write", events, "write", what, &l->write, &l->n_write) <
	        0 ||
	    layout_get_texts(p, "after", root, "after", what, &l->after, &l->n_after) < 0)
		return -1;
	return l->query ? parse_tables(p, json_object_get(root, "tables")) : 0;
}
