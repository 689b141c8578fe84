#include <inttypes.h>
#include <string.h>

#include "common/jscan.h"
#include "format/follows.h"

#define HINT "$follows"

static bool
is_hint(const struct attr *a)
{
	return slice_is(a->name, HINT);
}

static void
write_hint(const struct follows *f, struct buf *out)
{
	if (f->first && !f->bounded) {
		buf_add_str(out, "null");
		return;
	}
	buf_printf(out, "{\"position\":%" PRIu64, f->position);
	if (!f->first) {
		buf_add_str(out, ",\"stream\":");
		jscan_quote(f->stream, out);
		buf_printf(out, ",\"version\":%" PRIu64, f->version);
	}
	buf_add_byte(out, '}');
}

void
follows_put(struct event *out, const struct event *e, const struct follows *f, struct arena *mem)
{
	struct buf text = arena_take_buf(mem);
	uint32_t i;

	*out = *e;
	out->attrs = NULL;
	out->n_attrs = 0;
	for (i = 0; i < e->n_attrs; i++)
		if (!is_hint(&e->attrs[i]))
			event_add_attr(out, mem, e->attrs[i].name, e->attrs[i].value);
	write_hint(f, &text);
	event_add_attr(out, mem, SLICE_LIT(HINT), arena_dup(mem, buf_slice(&text)));
	arena_give_buf(mem, &text);
}

static bool
read_stream(struct slice quoted, struct arena *mem, struct slice *out)
{
	struct buf decoded = arena_take_buf(mem);
	bool good = quoted.p[0] == '"' && jscan_string(quoted, &decoded) == 0;

	if (good)
		*out = arena_dup(mem, buf_slice(&decoded));
	arena_give_buf(mem, &decoded);
	return good;
}

static bool
read_number(struct slice text, uint64_t *out)
{
	return jscan_uint(text, out) && *out != UINT64_MAX;
}

/* One member; others than ours are passed over. */
static bool
read_member(struct slice key, struct slice value, struct arena *mem, struct follows *out,
            unsigned *seen)
{
	if (jscan_key_is(key, "position")) {
		*seen |= 1;
		return read_number(value, &out->position);
	}
	if (jscan_key_is(key, "stream")) {
		*seen |= 2;
		return read_stream(value, mem, &out->stream);
	}
	if (jscan_key_is(key, "version")) {
		*seen |= 4;
		return read_number(value, &out->version);
	}
	return true;
}

static bool
read_hint(struct slice json, struct arena *mem, struct follows *out)
{
	struct jscan_iter it;
	struct slice key, value;
	unsigned seen = 0;
	int rc;

	*out = (struct follows){.first = true};
	if (slice_is(json, "null"))
		return true;
	jscan_object(&it, json);
	while ((rc = jscan_member(&it, &key, &value)) > 0)
		if (!read_member(key, value, mem, out, &seen))
			return false;
	out->bounded = seen == 1;
	out->first = out->bounded;
	return rc == 0 && (seen == 1 || seen == 7);
}

bool
follows_says(const struct event *e)
{
	return event_attr(e, HINT).p;
}

int
follows_take(struct event *e, struct arena *mem, struct follows *out, struct err *err)
{
	char which[256];
	uint32_t i = 0;

	while (!is_hint(&e->attrs[i]))
		i++;
	if (!read_hint(e->attrs[i].value, mem, out) ||
	    (out->position >= e->position && !(out->first && !out->bounded))) {
		event_describe(e, which, sizeof(which));
		err_set(err, ERR_FORMAT,
		        "%s: its hint " HINT
		        ", which names the event before it, is none that can be",
		        which);
		return err_hint(err, "make the repair archive anew, with esverify --missing-to");
	}
	e->n_attrs--;
	memmove(&e->attrs[i], &e->attrs[i + 1], (e->n_attrs - i) * sizeof(*e->attrs));
	return 0;
}
