#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base64.h"
#include "common/log.h"
#include "common/natspull.h"
#include "import/sink_nats.h"

/* "esimport: KEY up to N", in the description of the stream. */
#define REACH "esimport: "
#define UP_TO " up to "

/* An import is known by both together. */
static void
make_key(const struct sink_key *key, uint8_t out[NATSMARK_DIGEST_BYTES])
{
	struct digest both = digest_chain(&key->origin, &key->selection);

	memcpy(out, both.bytes, NATSMARK_DIGEST_BYTES);
}

static void
put_reach(const struct nats_sink *self, struct buf *out)
{
	buf_add_str(out, REACH);
	base64_encode((struct slice){self->mark.key, sizeof(self->mark.key)}, out);
	buf_add_str(out, UP_TO);
}

static const char *
description_of(const struct nats_sink *self)
{
	const char *text = json_string_value(json_object_get(self->stream.config, "description"));

	return text ? text : "";
}

/* 0: it says nothing of this import. */
static uint64_t
read_reach(const struct nats_sink *self)
{
	const char *text = description_of(self);
	struct buf begin = BUF_INIT;
	uint64_t upto = 0;

	put_reach(self, &begin);
	if (strncmp(text, buf_cstr(&begin), begin.len) == 0)
		upto = strtoull(text + begin.len, NULL, 10);
	buf_release(&begin);
	return upto;
}

static bool
is_ours(const struct nats_sink *self, const struct natsmsg *m, struct natsmark *mark)
{
	return natsmark_read(m, mark) && memcmp(mark->key, self->mark.key, sizeof(mark->key)) == 0;
}

/* The last message of this import, and its sequence; 0: there is none. */
struct found {
	struct natsmark mark;
	uint64_t sequence;
	uint64_t behind; /* messages that are there behind it */
};

/* The last message of all. */
static int
look_at_last(struct nats_sink *self, struct found *out, struct err *err)
{
	struct natsstream_message m = {0};
	int rc = natsstream_get(&m, &self->db, self->stream.last, err);

	if (rc > 0 && is_ours(self, &m.msg, &out->mark))
		out->sequence = m.msg.sequence;
	natsstream_message_release(&m);
	return rc < 0 ? -1 : 0;
}

/* Others have written behind it, if it is there: all headers are looked at. */
static int
look_through(struct nats_sink *self, struct found *out, struct err *err)
{
	struct natspull pull = {0};
	const struct natsmsg *m = NULL;
	struct natsmark mark;
	uint64_t pending = 0;
	int rc = natspull_start(&pull, &self->db, self->stream.first, true, &pending, err);

	while (rc >= 0 && pending > 0) {
		rc = natspull_next(&pull, &m, &pending, err);
		if (rc <= 0 || m->sequence > self->stream.last)
			break;
		out->behind++;
		if (is_ours(self, m, &mark))
			*out = (struct found){mark, m->sequence, 0};
	}
	natspull_release(&pull);
	return rc < 0 ? -1 : 0;
}

static void
take_mark(struct nats_sink *self, const struct natsmark *mark, struct sink_tail *out)
{
	uint64_t reach = read_reach(self);

	out->found = true;
	out->position = mark->position;
	out->upto = reach > mark->position ? reach : mark->position;
	out->events = mark->events;
	memcpy(out->event.bytes, mark->event, sizeof(mark->event));
	out->after = (struct selection_bound){mark->has_after, mark->after};
	out->appended = mark->appended;
}

int
checkpoint_nats_read(struct nats_sink *self, const struct sink_key *key, struct sink_tail *out,
                     struct err *err)
{
	struct found found = {0};

	make_key(key, self->mark.key);
	self->others = 0;
	if (self->stream.messages == 0)
		return 0;
	if (look_at_last(self, &found, err) < 0 ||
	    (found.sequence == 0 && look_through(self, &found, err) < 0))
		return -1;
	if (found.sequence == 0)
		return 0;
	take_mark(self, &found.mark, out);
	self->others = found.behind;
	/* Behind messages of others positions of the source would not rise. */
	if (self->others > 0 && self->append)
		out->appended = true;
	self->events = out->events;
	return 0;
}

static int
save_reach(struct nats_sink *self, uint64_t upto, struct err *err)
{
	struct buf text = BUF_INIT;
	char what[400];
	json_t *reply;
	int rc;

	put_reach(self, &text);
	buf_printf(&text, "%" PRIu64, upto);
	json_object_set_new(self->stream.config, "description", json_string(buf_cstr(&text)));
	buf_release(&text);
	snprintf(what, sizeof(what), "STREAM.UPDATE.%s", self->to->nats.stream);
	/* As the server gave it: what a newer one has more stays as it is. */
	rc = natsdb_ask(&self->db, what, json_incref(self->stream.config), &reply, err);
	if (rc == 0)
		json_decref(reply);
	return rc;
}

void
checkpoint_nats_reach(struct nats_sink *self, uint64_t upto)
{
	struct err err = ERR_INIT;
	const char *text;
	int rc;

	do
		rc = natsstream_look(&self->stream, &self->db, &err);
	while (rc < 0 && natsdb_recover(&self->db, &err) == 0);
	text = description_of(self);
	if (rc == 0 && *text && strncmp(text, REACH, strlen(REACH)) != 0)
		rc = err_set(&err, ERR_STORE, "its description is not ours to change");
	while (rc == 0 && save_reach(self, upto, &err) < 0)
		rc = natsdb_recover(&self->db, &err);
	if (rc < 0)
		log_warning(
		    "%s: cannot note that everything up to position %" PRIu64
		    " is there, which filters left out (%s); the next increment must begin at "
		    "or before the last event that was written",
		    self->to->shown, upto, err.msg);
}
