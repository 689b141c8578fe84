#include <stdlib.h>
#include <string.h>

#include "common/layoutfit.h"

/* A table as a layout has it: the columns are those of a table, or of the events. */
struct wanted {
	const char *table;
	const char *const *columns;
	size_t n_columns;
};

/* The number of the column, or n_columns: it is not among them. */
static size_t
find_column(const struct layoutfit_store *store, const struct wanted *w, const char *name)
{
	size_t i;

	for (i = 0; i < w->n_columns; i++)
		if (store->compare(w->columns[i], name) == 0)
			break;
	return i;
}

/* "table T: what". */
static void
note_difference(struct buf *why, const char *table, const char *text, const char *column)
{
	buf_printf(why, "%stable %s: %s%s", why->len ? ", " : "", table, text, column);
}

/* Whether all columns are wanted; those that were found are noted. */
static bool
knows_all(const struct layoutfit_store *store, const struct wanted *w, const struct buf *names,
          bool *found, struct buf *why)
{
	const char *name = (const char *)names->p;
	const char *end = name + names->len;
	bool all = true;
	size_t i;

	for (; name < end; name += strlen(name) + 1) {
		i = find_column(store, w, name);
		found[i] = true;
		if (i < w->n_columns)
			continue;
		all = false;
		note_difference(why, w->table, "a column is not in the layout: ", name);
	}
	return all;
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

/* Whether the table of a query is there, with its columns and no other but optional ones. */
static int
fits_table(const struct layoutfit_store *store, const struct layout_table *t, bool *out,
           struct buf *why, struct err *err)
{
	const struct wanted w = {t->name, t->columns, t->n_columns};
	bool *found = xcalloc(t->n_columns + 1, sizeof(*found));
	struct buf names = BUF_INIT;
	int rc = list(store, t->name, out, &names, why, err);
	size_t i;

	if (rc == 0 && *out)
		*out = knows_all(store, &w, &names, found, why);
	for (i = 0; *out && i < t->n_columns; i++)
		if (!found[i] && !t->optional[i]) {
			*out = false;
			note_difference(why, t->name, "lacks the column ", t->columns[i]);
		}
	buf_release(&names);
	free(found);
	return rc;
}

/* Take out the optional columns that are not there.  False: another one is not, either. */
static bool
drop_missing(const struct layoutfit_store *store, struct layout *l, const bool *found,
             struct buf *why)
{
	struct layout_column *c;
	size_t i, kept = 0;
	bool all = true;

	for (i = 0; i < l->n_columns; i++) {
		c = &l->columns[i];
		if (found[i] || (store->hidden && store->compare(c->name, store->hidden) == 0)) {
			l->columns[kept++] = *c;
		} else if (!c->optional) {
			all = false;
			note_difference(why, l->table, "lacks the column ", c->name);
			l->columns[kept++] = *c;
		}
	}
	l->n_columns = kept;
	return all;
}

/* The same of the table of events; the layout loses optional columns that it does not have. */
static int
fits_events(const struct layoutfit_store *store, struct layout *l, bool *out, struct buf *why,
            struct err *err)
{
	const char **columns = xcalloc(l->n_columns + 1, sizeof(*columns));
	const struct wanted w = {l->table, columns, l->n_columns};
	bool *found = xcalloc(l->n_columns + 1, sizeof(*found)), known;
	struct buf names = BUF_INIT;
	size_t i;
	int rc;

	for (i = 0; i < l->n_columns; i++)
		columns[i] = l->columns[i].name;
	rc = list(store, l->table, out, &names, why, err);
	if (rc == 0 && *out) {
		known = knows_all(store, &w, &names, found, why);
		*out = drop_missing(store, l, found, why) && known;
	}
	buf_release(&names);
	free(columns);
	free(found);
	return rc;
}

/* Whether the layout's tables are in the database.  When not, *why says what is different. */
static int
fits(const struct layoutfit_store *store, struct layout *l, bool *out, struct buf *why,
     struct err *err)
{
	struct buf names = BUF_INIT;
	bool streams = true, one;
	size_t i;
	int rc = 0;

	*out = true;
	for (i = 0; i < l->n_tables && rc == 0; i++) {
		rc = fits_table(store, &l->tables[i], &one, why, err);
		*out &= one;
	}
	if (l->query)
		return rc;
	if (l->streams_table)
		rc = list(store, l->streams_table, &streams, &names, why, err);
	buf_release(&names);
	if (rc == 0)
		rc = fits_events(store, l, out, why, err);
	*out &= streams;
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
