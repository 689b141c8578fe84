#include <stdlib.h>
#include <string.h>

#include "common/layoutfit.h"

/* The number of the column, or n_columns: the layout does not have it. */
static size_t
find_column(const struct layoutfit_store *store, const struct layout *l, const char *name)
{
	size_t i;

	for (i = 0; i < l->n_columns; i++)
		if (store->compare(l->columns[i].name, name) == 0)
			break;
	return i;
}

/* "table T: what". */
static void
note_difference(struct buf *why, const char *table, const char *what, const char *column)
{
	buf_printf(why, "%stable %s: %s%s", why->len ? ", " : "", table, what, column);
}

/* What each side lacks. */
static bool
compare_columns(const struct layoutfit_store *store, const struct layout *l,
                const struct buf *names, struct buf *why)
{
	bool *found = xcalloc(l->n_columns + 1, sizeof(*found)), same = true;
	const char *name = (const char *)names->p;
	const char *end = name + names->len;
	size_t i;

	for (; name < end; name += strlen(name) + 1) {
		i = find_column(store, l, name);
		found[i] = true;
		if (i < l->n_columns)
			continue;
		same = false;
		note_difference(why, l->table, "a column is not in the layout: ", name);
	}
	for (i = 0; i < l->n_columns; i++) {
		if (found[i] ||
		    (store->hidden && store->compare(l->columns[i].name, store->hidden) == 0))
			continue;
		same = false;
		note_difference(why, l->table, "lacks the column ", l->columns[i].name);
	}
	free(found);
	return same;
}

/* The columns of a table; where there is none, that is noted. */
static int
list(const struct layoutfit_store *store, const char *table, bool *there, struct buf *names,
     struct buf *why, struct err *err)
{
	names->len = 0;
	if (store->columns(store->ctx, table, there, names, err) < 0)
		return -1;
	if (!*there)
		note_difference(why, table, "is not there", "");
	return 0;
}

/* Whether the layout's tables are in the database.  When not, *why says what is different. */
static int
fits(const struct layoutfit_store *store, const struct layout *l, bool *out, struct buf *why,
     struct err *err)
{
	struct buf names = BUF_INIT;
	bool streams = true;
	int rc = 0;

	*out = false;
	if (l->streams_table)
		rc = list(store, l->streams_table, &streams, &names, why, err);
	if (rc == 0)
		rc = list(store, l->table, out, &names, why, err);
	if (rc == 0 && *out)
		*out = compare_columns(store, l, &names, why) && streams;
	buf_release(&names);
	return rc;
}

/* The built-in layouts that fit: the first of them, and all their names. */
static int
find_fitting(const struct layoutfit_store *store, struct layout **found, struct buf *names,
             size_t *n, struct err *err)
{
	struct buf why = BUF_INIT;
	struct layout *l;
	bool good;
	size_t i;
	int rc = 0;

	for (i = 0; i < layout_builtin_count() && rc == 0; i++) {
		rc = layout_builtin(&l, i, err);
		if (rc < 0)
			break;
		good = false;
		if (strcmp(l->store, store->name) == 0)
			rc = fits(store, l, &good, &why, err);
		if (good) {
			buf_printf(names, "%s%s", names->len ? ", " : "", l->name);
			++*n;
		}
		if (good && !*found)
			*found = l;
		else
			layout_free(l);
	}
	buf_release(&why);
	return rc;
}

static int
detect(struct layout **out, const struct layoutfit_store *store, const char *shown, struct err *err)
{
	struct layout *found = NULL;
	struct buf names = BUF_INIT;
	size_t n = 0;
	int rc = find_fitting(store, &found, &names, &n, err);

	if (rc == 0 && n != 1) {
		if (n == 0)
			rc = err_set(err, ERR_LAYOUT,
			             "%s: has no table of events that a built-in layout knows",
			             shown);
		else
			rc = err_set(err, ERR_LAYOUT, "%s: several layouts fit: %s", shown,
			             buf_cstr(&names));
		err_hint(err, n ? "name one with --layout"
		                : "name a layout file with --layout, see spec/LAYOUTS.md");
	}
	if (rc < 0) {
		layout_free(found);
		found = NULL;
	}
	buf_release(&names);
	*out = found;
	return rc;
}

int
layoutfit_choose(struct layout **out, const struct layoutfit_store *store, const char *asked,
                 const char *shown, struct err *err)
{
	struct buf why = BUF_INIT;
	bool good;
	int rc;

	*out = NULL;
	if (!asked || strcmp(asked, "auto") == 0)
		return detect(out, store, shown, err);
	if (layout_load(out, asked, store->name, err) < 0)
		return -1;
	rc = fits(store, *out, &good, &why, err);
	if (rc == 0 && !good)
		rc = err_set(err, ERR_LAYOUT, "%s: does not fit the layout %s: %s", shown, asked,
		             buf_cstr(&why));
	if (rc < 0) {
		layout_free(*out);
		*out = NULL;
	}
	buf_release(&why);
	return rc;
}
