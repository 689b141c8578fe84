#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/log.h"
#include "common/natsnote.h"
#include "common/natspull.h"
#include "import/sink_nats.h"

/* An import is known by both together. */
static void
make_key(const struct sink_key *key, uint8_t out[NATSMARK_DIGEST_BYTES])
{
	struct digest both = digest_chain(&key->origin, &key->selection);

	memcpy(out, both.bytes, NATSMARK_DIGEST_BYTES);
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
	int rc = natspull_start(&pull, &self->db, self->stream.first, self->stream.last, true, err);

	while (rc >= 0 && (rc = natspull_next(&pull, &m, err)) > 0) {
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
	struct natsnote note;

	out->found = true;
	out->position = out->upto = mark->position;
	/* A note stands on the last message: where that is gone, so is what came behind it. */
	if (natsnote_read(&self->stream, &note) && note.position == mark->position &&
	    memcmp(note.key, mark->key, sizeof(note.key)) == 0 && note.upto > out->upto)
		out->upto = note.upto;
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
	self->ours = found.sequence;
	/* Behind messages of others positions of the source would not rise. */
	if (self->others > 0 && self->append)
		out->appended = true;
	self->events = out->events;
	/* A run that was killed at its end may not have come to that. */
	self->info->unfinished = checkpoint_nats_needs_note(self, out);
	return 0;
}

static int
save_note(struct nats_sink *self, const struct natsnote *note, struct err *err)
{
	struct buf text = BUF_INIT;
	char what[400];
	json_t *reply;
	int rc;

	natsnote_write(note, &text);
	json_object_set_new(self->stream.config, "description", json_string(buf_cstr(&text)));
	buf_release(&text);
	snprintf(what, sizeof(what), "STREAM.UPDATE.%s", self->to->nats.stream);
	/* As the server gave it: what a newer one has more stays as it is. */
	rc = natsdb_ask(&self->db, what, json_incref(self->stream.config), &reply, err);
	if (rc == 0)
		json_decref(reply);
	return rc;
}

static struct natsnote
note_of(const struct nats_sink *self, const struct sink_tail *tail)
{
	struct natsnote note = {.upto = tail->upto,
	                        .sequence = self->ours,
	                        .position = tail->position};

	memcpy(note.key, self->mark.key, sizeof(note.key));
	return note;
}

bool
checkpoint_nats_needs_note(const struct nats_sink *self, const struct sink_tail *tail)
{
	struct natsnote wanted = note_of(self, tail), there;
	bool noted = natsnote_read(&self->stream, &there);

	if (tail->appended || self->ours == 0)
		return false;
	if (noted && memcmp(there.key, wanted.key, sizeof(there.key)) == 0 &&
	    there.upto == wanted.upto && there.sequence == wanted.sequence &&
	    there.position == wanted.position)
		return false;
	return noted || tail->upto > tail->position || tail->position != self->ours;
}

void
checkpoint_nats_note(struct nats_sink *self, const struct sink_tail *tail)
{
	const struct natsnote note = note_of(self, tail);
	struct err err = ERR_INIT;
	int rc;

	do
		rc = natsstream_look(&self->stream, &self->db, &err);
	while (rc < 0 && natsdb_recover(&self->db, &err) == 0);
	if (rc == 0 && !natsnote_may_write(&self->stream))
		rc = err_set(&err, ERR_STORE, "its description is not ours to change");
	while (rc == 0 && save_note(self, &note, &err) < 0)
		rc = natsdb_recover(&self->db, &err);
	if (rc < 0 && tail->upto > tail->position)
		log_warning(
		    "%s: cannot note that everything up to position %" PRIu64
		    " is there, which filters left out (%s); the next increment must begin at "
		    "or before the last event that was written",
		    self->to->shown, tail->upto, err.msg);
	else if (rc < 0)
		log_warning(
		    "%s: cannot note that its message %" PRIu64 " is position %" PRIu64
		    " (%s); where that message is deleted, those of applications behind it get "
		    "other positions",
		    self->to->shown, note.sequence, note.position, err.msg);
}
