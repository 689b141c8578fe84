#include <jansson.h>
#include <stdlib.h>

#include "common/cborbuf.h"
#include "common/event.h"
#include "common/file.h"
#include "common/typemap.h"

#define FILE_MOST_BYTES ((size_t)16 << 20)
#define ARENA_BYTES ((size_t)8 << 10)

struct entry {
	struct slice from, to;
};

struct typemap {
	struct entry *by_old, *by_new; /* the same ones, in both orders */
	size_t n;
	struct arena *mem;
};

static int
compare_old(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return slice_cmp(x->from, y->from);
}

static int
compare_new(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return slice_cmp(x->to, y->to);
}

static struct slice
keep(struct typemap *m, const char *p, size_t len)
{
	return arena_dup(m->mem, (struct slice){(const uint8_t *)p, len});
}

static int
take_entries(struct typemap *m, json_t *root, const char *name, struct err *err)
{
	const char *key;
	json_t *value;

	if (!json_is_object(root))
		return err_set(err, ERR_USAGE,
		               "type map %s: must be one object of old names and new ones", name);
	m->by_old = xcalloc(json_object_size(root), sizeof(*m->by_old));
	json_object_foreach(root, key, value)
	{
		if (!json_is_string(value) || json_string_length(value) == 0)
			return err_set(
			    err, ERR_USAGE,
			    "type map %s: key \"%.100s\": must be a string that is not empty", name,
			    key);
		m->by_old[m->n++] =
		    (struct entry){keep(m, key, slice_str(key).len),
		                   keep(m, json_string_value(value), json_string_length(value))};
	}
	return 0;
}

/* Both orders; two types must not become one. */
static int
sort_entries(struct typemap *m, const char *name, struct err *err)
{
	char old[2][EVENT_PRINTABLE_BYTES], both[EVENT_PRINTABLE_BYTES];
	size_t i;

	m->by_new = xcalloc(m->n, sizeof(*m->by_new));
	qsort(m->by_old, m->n, sizeof(*m->by_old), compare_old);
	for (i = 0; i < m->n; i++)
		m->by_new[i] = m->by_old[i];
	qsort(m->by_new, m->n, sizeof(*m->by_new), compare_new);
	for (i = 1; i < m->n; i++) {
		const struct entry *e = &m->by_new[i];

		if (!slice_eq(e[-1].to, e->to))
			continue;
		event_printable(e[-1].from, old[0]);
		event_printable(e->from, old[1]);
		event_printable(e->to, both);
		return err_set(err, ERR_USAGE,
		               "type map %s: keys \"%s\" and \"%s\": both become \"%s\"", name,
		               old[0], old[1], both);
	}
	return 0;
}

int
typemap_parse(struct typemap **out, struct slice text, const char *name, struct err *err)
{
	struct typemap *m = xcalloc(1, sizeof(*m));
	json_error_t fault;
	json_t *root = json_loadb((const char *)text.p, text.len, JSON_REJECT_DUPLICATES, &fault);
	int rc;

	m->mem = arena_new(ARENA_BYTES);
	if (!root)
		rc = err_set(err, ERR_USAGE, "type map %s: line %d, column %d: %s", name,
		             fault.line, fault.column, fault.text);
	else
		rc = take_entries(m, root, name, err);
	json_decref(root);
	if (rc == 0)
		rc = sort_entries(m, name, err);
	if (rc < 0)
		typemap_free(m);
	else
		*out = m;
	return rc;
}

int
typemap_open(struct typemap **out, const char *path, struct err *err)
{
	struct buf text = BUF_INIT;
	int rc = file_slurp(path, FILE_MOST_BYTES, &text, err);

	if (rc < 0)
		err->kind = ERR_USAGE;
	else
		rc = typemap_parse(out, buf_slice(&text), path, err);
	buf_release(&text);
	return rc;
}

void
typemap_free(struct typemap *m)
{
	if (!m)
		return;
	arena_free(m->mem);
	free(m->by_old);
	free(m->by_new);
	free(m);
}

static const struct entry *
find_old(const struct typemap *m, struct slice name)
{
	const struct entry key = {.from = name};

	return bsearch(&key, m->by_old, m->n, sizeof(key), compare_old);
}

static const struct entry *
find_new(const struct typemap *m, struct slice name)
{
	const struct entry key = {.to = name};

	return bsearch(&key, m->by_new, m->n, sizeof(key), compare_new);
}

bool
typemap_convert(const struct typemap *m, struct slice *type)
{
	const struct entry *e = find_old(m, *type);

	if (!e)
		return !find_new(m, *type);
	*type = e->to;
	return true;
}

bool
typemap_back(const struct typemap *m, struct slice *type)
{
	const struct entry *e = find_new(m, *type);

	if (!e)
		return !find_old(m, *type);
	*type = e->from;
	return true;
}

void
typemap_encode(const struct typemap *m, struct buf *out)
{
	size_t i;

	cborbuf_array(out, 2 * (uint64_t)m->n);
	for (i = 0; i < m->n; i++) {
		cborbuf_text(out, m->by_old[i].from);
		cborbuf_text(out, m->by_old[i].to);
	}
}
