#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/natslist.h"
#include "common/natsstate.h"
#include "common/timestamp.h"

#define WHAT "STREAM.LIST"
#define LOOKS_MOST 100

void
natslist_release(struct natslist *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		free(l->streams[i].name);
	free(l->streams);
	*l = (struct natslist){0};
}

/* Pages are numbers of streams in the order of their names.  So each begins with the last one of
 * the page before: where that is another one, streams before it have come or gone. */
struct look {
	struct natsdb *db;
	const char *prefix;
	struct natslist *list;
	uint64_t offset;
	char last[256]; /* the name that came last; empty: none did */
};

enum page { PAGE_LAST, PAGE_MORE, PAGE_MOVED };

static int
fail(struct natsdb *db, const char *what, struct err *err)
{
	db->trouble = NATSDB_FATAL;
	return err_set(err, ERR_STORE, "%s: " WHAT ": %s", db->address->shown, what);
}

static bool
read_stream(struct natslist_stream *out, const json_t *stream, const char *name)
{
	const json_t *state = json_object_get(stream, "state");
	const char *created = json_string_value(json_object_get(stream, "created"));
	const char *last = json_string_value(json_object_get(state, "last_ts"));

	*out = (struct natslist_stream){.messages = natsdb_number(state, "messages"),
	                                .first = natsdb_number(state, "first_seq"),
	                                .last = natsdb_number(state, "last_seq")};
	snprintf(out->created, sizeof(out->created), "%s", created ? created : "");
	if (!state)
		return false;
	if (out->messages > 0 && (!last || timestamp_parse(slice_str(last), &out->last_ns) < 0 ||
	                          out->first == 0 || out->last < out->first))
		return false;
	out->name = xstrdup(name);
	return true;
}

static int
take_stream(struct look *k, const json_t *stream, struct err *err)
{
	const char *name =
	    json_string_value(json_object_get(json_object_get(stream, "config"), "name"));
	struct natslist *l = k->list;

	if (!name || strlen(name) >= sizeof(k->last) || strcmp(name, k->last) <= 0)
		return fail(k->db, "the names of the streams do not rise", err);
	snprintf(k->last, sizeof(k->last), "%s", name);
	if (strncmp(name, k->prefix, strlen(k->prefix)) != 0)
		return 0;
	l->streams = xgrow(l->streams, &l->cap, l->n + 1, sizeof(*l->streams));
	if (!read_stream(&l->streams[l->n], stream, name))
		return fail(k->db, "the answer is none", err);
	l->n++;
	return 0;
}

static int
take_page(struct look *k, const json_t *reply, enum page *out, struct err *err)
{
	const json_t *streams = json_object_get(reply, "streams");
	const char *first = json_string_value(
	    json_object_get(json_object_get(json_array_get(streams, 0), "config"), "name"));
	size_t n = json_array_size(streams), i;

	if (json_array_size(json_object_get(reply, "missing")) > 0) {
		k->db->trouble = NATSDB_AGAIN;
		k->db->code = NATSSTATE_UNAVAILABLE;
		return err_set(err, ERR_STORE, "%s: " WHAT ": some streams do not answer",
		               k->db->address->shown);
	}
	if (k->offset > 0 && (n == 0 || !first || strcmp(first, k->last) != 0)) {
		*out = PAGE_MOVED;
		return 0;
	}
	for (i = k->offset > 0; i < n; i++)
		if (take_stream(k, json_array_get(streams, i), err) < 0)
			return -1;
	*out = k->offset + n >= natsdb_number(reply, "total") ? PAGE_LAST : PAGE_MORE;
	if (*out == PAGE_LAST)
		return 0;
	if (n < 2)
		return fail(k->db, "the answer is none", err);
	k->offset += n - 1;
	return 0;
}

/* From the first page to the last: 1, 0 where streams were made or deleted meanwhile, -1. */
static int
look(struct look *k, struct err *err)
{
	enum page page = PAGE_MORE;
	json_t *reply;
	int rc = 0;

	while (rc == 0 && page == PAGE_MORE) {
		rc = natsdb_ask(k->db, WHAT, json_pack("{s:I}", "offset", (json_int_t)k->offset),
		                &reply, err);
		if (rc < 0)
			break;
		rc = take_page(k, reply, &page, err);
		json_decref(reply);
	}
	return rc < 0 ? -1 : page == PAGE_LAST;
}

int
natslist_read(struct natslist *out, struct natsdb *db, const char *prefix, struct err *err)
{
	int tries, rc;

	for (tries = 0; tries < LOOKS_MOST; tries++) {
		struct look k = {.db = db, .prefix = prefix, .list = out};

		natslist_release(out);
		rc = look(&k, err);
		if (rc != 0)
			return rc < 0 ? -1 : 0;
	}
	return fail(db, "streams come and go faster than they can be listed", err);
}
