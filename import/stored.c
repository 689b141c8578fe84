#include "import/stored.h"

static bool
is_default(const struct layout *l, const struct attr *a)
{
	size_t i;

	for (i = 0; i < l->n_columns; i++)
		if (l->columns[i].attr && slice_is(a->name, l->columns[i].attr))
			return slice_eq(a->value, l->columns[i].default_value);
	return false;
}

static struct event
without_defaults(const struct layout *l, const struct event *e, struct arena *scratch)
{
	struct event bare = *e;
	uint32_t i;

	bare.attrs = NULL;
	bare.n_attrs = 0;
	for (i = 0; i < e->n_attrs; i++)
		if (!is_default(l, &e->attrs[i]))
			event_add_attr(&bare, scratch, e->attrs[i].name, e->attrs[i].value);
	return bare;
}

int
stored_check(const struct layout *l, const struct event *e, const struct event *stored,
             const char *maker, struct arena *scratch, struct err *err)
{
	const struct event bare = without_defaults(l, e, scratch);
	const char *difference = event_difference(&bare, stored, true);
	char which[256];

	if (!difference)
		return 0;
	event_describe(e, which, sizeof(which));
	return err_set(err, ERR_DATA, "%s: field %s: %s another value of it", which, difference,
	               maker);
}
