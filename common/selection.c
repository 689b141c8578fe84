#include <stdlib.h>
#include <string.h>

#include "common/cborbuf.h"
#include "common/glob.h"
#include "common/selection.h"

void
selection_release(struct selection *s)
{
	free(s->streams.items);
	free(s->types.items);
	*s = (struct selection)SELECTION_INIT;
}

bool
selection_in_range(const struct selection *s, uint64_t position)
{
	return (!s->after.set || position > s->after.position) &&
	       (!s->upto.set || position <= s->upto.position);
}

bool
selection_filters(const struct selection *s)
{
	return s->since_ns != EVENT_NO_TIME || s->until_ns != EVENT_NO_TIME || s->streams.len ||
	       s->types.len;
}

bool
selection_list_has(const struct selection_list *list, struct slice text)
{
	size_t i;

	for (i = 0; i < list->len; i++)
		if (glob_match(list->items[i], text))
			return true;
	return false;
}

static bool
any_match(const struct selection_list *list, struct slice text)
{
	return list->len == 0 || selection_list_has(list, text);
}

bool
selection_passes(const struct selection *s, const struct event *e)
{
	bool dated = e->time_ns != EVENT_NO_TIME;

	if (s->since_ns != EVENT_NO_TIME && (!dated || e->time_ns < s->since_ns))
		return false;
	if (s->until_ns != EVENT_NO_TIME && (!dated || e->time_ns >= s->until_ns))
		return false;
	return any_match(&s->streams, e->stream) && any_match(&s->types, e->type);
}

static int
compare_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void
selection_encode_list(const struct selection_list *list, struct buf *out)
{
	const char **sorted = xcalloc(list->len, sizeof(*sorted));
	size_t i, n = list->len > 0;

	if (list->len)
		memcpy(sorted, list->items, list->len * sizeof(*sorted));
	qsort(sorted, list->len, sizeof(*sorted), compare_text);
	for (i = 1; i < list->len; i++)
		if (strcmp(sorted[i], sorted[n - 1]) != 0)
			sorted[n++] = sorted[i];
	cborbuf_array(out, n);
	for (i = 0; i < n; i++)
		cborbuf_str(out, sorted[i]);
	free(sorted);
}

static void
encode_list(const char *key, const struct selection_list *list, struct buf *out)
{
	cborbuf_str(out, key);
	selection_encode_list(list, out);
}

/* Keys in the order of their encoded bytes: shorter ones first. */
void
selection_encode(const struct selection *s, struct slice before, struct buf *out)
{
	bool since = s->since_ns != EVENT_NO_TIME, until = s->until_ns != EVENT_NO_TIME;
	bool within = before.len > 1; /* more than an empty map */

	if (within && !selection_filters(s)) {
		buf_add_slice(out, before);
		return;
	}
	cborbuf_map(out,
	            (size_t)since + until + within + (s->types.len > 0) + (s->streams.len > 0));
	if (since) {
		cborbuf_str(out, "since");
		cborbuf_int(out, s->since_ns);
	}
	if (s->types.len)
		encode_list("types", &s->types, out);
	if (until) {
		cborbuf_str(out, "until");
		cborbuf_int(out, s->until_ns);
	}
	if (within) {
		cborbuf_str(out, "within");
		buf_add_slice(out, before);
	}
	if (s->streams.len)
		encode_list("streams", &s->streams, out);
}
