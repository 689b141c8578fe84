#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "common/rowmap.h"
#include "import/renumber.h"
#include "import/sink_nats.h"

#define SCRATCH_BYTES ((size_t)64 << 10)
/* What publish_nats.c adds: the mark of the import, and the sequence and the id to come after. */
#define OWN_HEADERS_BYTES (310 + BATCH_NATS_ID_MOST_BYTES)

static int
look(struct nats_sink *self, struct err *err)
{
	if (natsstream_look(&self->stream, &self->db, err) < 0)
		return -1;
	if (!self->layout &&
	    natsstream_choose(&self->layout, &self->db, &self->stream, self->asked, err) < 0)
		return -1;
	self->db.trouble = NATSDB_FATAL;
	if (layout_check_writes(self->layout, err) < 0)
		return -1;
	if (!self->row.layout &&
	    natsrow_open(&self->row, self->layout, self->to->nats.stream, err) < 0)
		return -1;
	natsstream_release(&self->plan);
	if (self->stream.config)
		self->plan.config = json_incref(self->stream.config);
	else if (natsstream_plan(&self->plan, &self->db, &self->row, err) < 0)
		return -1;
	return natsstream_check(&self->plan, &self->db, &self->row, err);
}

/* The least of what the server and the stream take of a message. */
static void
find_limit(struct nats_sink *self)
{
	int64_t server = natsConnection_GetMaxPayload(self->db.conn);
	uint64_t stream = natsdb_number(self->plan.config, "max_msg_size");

	self->max_message_bytes = server > 0 ? (uint64_t)server : UINT64_MAX;
	self->max_setting = "max_payload of the server";
	if (stream > 0 && stream < self->max_message_bytes) {
		self->max_message_bytes = stream;
		self->max_setting = "max_msg_size of the stream";
	}
}

static int
nats_open(void *me, const struct address *to, const struct sink_options *options,
          struct sink_info *info, struct err *err)
{
	struct nats_sink *self = me;

	self->to = to;
	self->info = info;
	self->asked = options->layout;
	self->dry = options->dry;
	self->append = options->append;
	self->scratch = arena_new(SCRATCH_BYTES);
	if (getrandom(self->mark.run, sizeof(self->mark.run), 0) != sizeof(self->mark.run))
		return err_sys(err, ERR_IO, "random numbers");
	if (natsdb_open(&self->db, to, err) < 0)
		return -1;
	while (look(self, err) < 0 || lock_nats_take(self, err) < 0)
		if (natsdb_recover(&self->db, err) < 0)
			return -1;
	natsdb_progress(&self->db);
	find_limit(self);
	info->kind = "nats";
	info->layout = self->layout->name;
	info->creates = self->stream.config == NULL;
	info->empty = self->stream.messages == 0;
	info->picky = !layout_takes_all(self->layout);
	self->base = self->stream.last;
	return 0;
}

static int
nats_tail(void *me, const struct sink_key *key, struct sink_tail *out, struct err *err)
{
	struct nats_sink *self = me;

	while (checkpoint_nats_read(self, key, out, err) < 0)
		if (natsdb_recover(&self->db, err) < 0)
			return -1;
	return 0;
}

/* It must be this import that is gone on with: the last message says how far that is. */
static int
nats_fill(void *me, const struct sink_key *key, struct sink_tail *out, struct err *err)
{
	struct nats_sink *self = me;

	if (nats_tail(me, key, out, err) < 0)
		return -1;
	self->end = self->behind = (struct selection_bound){out->found, out->position};
	if (out->found || self->stream.messages == 0)
		return 0;
	err_set(err, ERR_CONFLICT,
	        "%s: no import of this source, with the filters of the repair archive, wrote its "
	        "messages",
	        self->to->shown);
	return err_hint(err, "import all of the source into a new stream");
}

/* What a stream lacks between its messages no message can bring: they are numbered as they come. */
static int
take_held(struct nats_sink *self, const struct event *e, struct err *err)
{
	int rc = held_nats_find(self, e, err);
	char which[256];

	self->present += rc > 0;
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	event_describe(e, which, sizeof(which));
	err_set(err, ERR_CONFLICT,
	        "%s: is missing between messages of stream %s, and JetStream takes none between "
	        "others",
	        which, self->to->nats.stream);
	return err_hint(err, "import all of the source into a new stream");
}

/* Of the last event of the import, with those that wait for their commit. */
static struct selection_bound
last_position(const struct nats_sink *self)
{
	const struct batch_nats *b = &self->batch;

	return b->n > 0 ? (struct selection_bound){true, b->entries[b->n - 1].position}
	                : self->behind;
}

/* What goes to the end must follow what is there: else the last message would say that the
 * stream has what it lacks. */
static int
check_follows(const struct nats_sink *self, const struct event *e, const struct follows *f,
              struct err *err)
{
	const struct selection_bound last = last_position(self);
	char which[256], before[256];
	bool fits;

	if (f->first)
		fits = !last.set || (f->bounded && last.position <= f->position);
	else
		fits = last.set && last.position == f->position;
	if (fits)
		return 0;
	event_describe(e, which, sizeof(which));
	if (f->first)
		snprintf(before, sizeof(before), "is the first event of the source");
	else
		snprintf(before, sizeof(before), "follows event %" PRIu64 " in the source",
		         f->position);
	if (last.set)
		err_set(err, ERR_CONFLICT, "%s: %s, and stream %s ends with event %" PRIu64, which,
		        before, self->to->nats.stream, last.position);
	else
		err_set(err, ERR_CONFLICT, "%s: %s, and stream %s holds no event", which, before,
		        self->to->nats.stream);
	return err_hint(err, "make a repair archive for this stream, with esverify --missing-to");
}

static int
refuse(const struct event *e, uint64_t bytes, uint64_t most, const char *setting, struct err *err)
{
	char which[256];

	event_describe(e, which, sizeof(which));
	err_set(err, ERR_DATA, "%s: its message has %" PRIu64 " bytes, and %" PRIu64 " is the most",
	        which, bytes, most);
	return err_hint(err, "raise %s", setting);
}

static int
check_size(struct nats_sink *self, const struct event *e, const struct natsmsg *m, struct err *err)
{
	size_t headers = natsmsg_header_bytes(m) + OWN_HEADERS_BYTES;
	size_t all = headers + m->body.len;
	char which[256];

	if (headers > NATSMSG_HEADERS_MOST) {
		event_describe(e, which, sizeof(which));
		return err_set(err, ERR_DATA,
		               "%s: its headers have %zu bytes, and NATS takes %d of all together",
		               which, headers, NATSMSG_HEADERS_MOST);
	}
	return all > self->max_message_bytes
	           ? refuse(e, all, self->max_message_bytes, self->max_setting, err)
	           : 0;
}

/* A message that no stream takes gets no answer. */
static int
check_subject(const struct nats_sink *self, const struct event *e, struct slice subject,
              struct err *err)
{
	char which[256];

	if (natsstream_takes(&self->plan, subject))
		return 0;
	event_describe(e, which, sizeof(which));
	return err_set(err, ERR_DATA, "%s: stream %s does not take its subject %.*s", which,
	               self->to->nats.stream, (int)subject.len, (const char *)subject.p);
}

static int
check_behind(const struct nats_sink *self, const struct event *e, bool renumber, struct err *err)
{
	char which[256];

	if (self->others == 0 || renumber)
		return 0;
	event_describe(e, which, sizeof(which));
	err_set(err, ERR_CONFLICT,
	        "%s: stream %s has %" PRIu64
	        " messages of others behind the last one of this import",
	        which, self->to->nats.stream, self->others);
	return err_hint(err, "to go on behind them, under new positions, say --append");
}

static int
nats_write(void *me, const struct event *e, const struct place *place, bool renumber,
           struct err *err)
{
	struct batch_nats_entry entry = {.position = e->position};
	struct nats_sink *self = me;
	struct event placed = *e;
	struct natsmsg m;

	arena_reset(self->scratch);
	if (self->end.set && e->position <= self->end.position)
		return take_held(self, e, err);
	if (check_behind(self, e, renumber, err) < 0 ||
	    (place && check_follows(self, e, &place->follows, err) < 0))
		return -1;
	if (renumber)
		placed = renumber_event(e, e->position, self->scratch);
	if (natsrow_write(&self->row, &placed, self->scratch, &m, err) < 0 ||
	    check_subject(self, e, m.subject, err) < 0 || check_size(self, e, &m, err) < 0 ||
	    digest_of_event(e, &entry.event, err) < 0)
		return -1;
	entry.events = ++self->events;
	self->mark.appended = renumber;
	if (self->dry)
		self->behind = (struct selection_bound){true, e->position};
	else
		batch_nats_add(&self->batch, &m, &entry);
	return 0;
}

static void
nats_misfits(void *me, const struct event *e, struct arena *scratch, rowmap_tell *tell, void *ctx)
{
	struct nats_sink *self = me;

	natsrow_misfits(&self->row, e, scratch, tell, ctx);
}

static int
make(struct nats_sink *self, struct err *err)
{
	for (;;) {
		if (natsstream_make(&self->db, &self->row, err) == 0 &&
		    natsstream_look(&self->stream, &self->db, err) == 0 && self->stream.config)
			return 0;
		if (natsdb_recover(&self->db, err) < 0)
			return -1;
	}
}

static int
nats_commit(void *me, const struct sink_key *key, struct sink_tail *upto, bool last,
            uint64_t *present, struct err *err)
{
	struct nats_sink *self = me;

	(void)key; /* the tail has asked with it */
	*present = self->present;
	self->present = 0;
	if (self->dry)
		return 0;
	if (!self->stream.config && make(self, err) < 0)
		return -1;
	if (!upto)
		return 0;
	while (lock_nats_take(self, err) < 0)
		if (natsdb_recover(&self->db, err) < 0)
			return -1;
	self->mark.has_after = upto->after.set;
	self->mark.after = upto->after.position;
	self->behind = last_position(self);
	if (publish_nats(self, err) < 0) {
		self->info->stored = self->done;
		if (self->done > 0)
			self->info->stored_upto = self->batch.entries[self->done - 1].position;
		return -1;
	}
	self->info->unfinished = checkpoint_nats_needs_note(self, upto);
	if (last && self->info->unfinished) {
		checkpoint_nats_note(self, upto);
		self->info->unfinished = false;
	}
	return 0;
}

/* What is in the stream stays: messages are checked before they are sent, so this is not expected.
 */
static int
nats_rollback(void *me, struct err *err)
{
	struct nats_sink *self = me;

	(void)err;
	if (self->done > 0)
		return -1;
	self->events -= self->batch.n;
	batch_nats_reset(&self->batch);
	return 0;
}

static void
nats_close(void *me)
{
	struct nats_sink *self = me;

	lock_nats_release(self);
	batch_nats_release(&self->batch);
	natsrow_close(&self->row);
	layout_free(self->layout);
	natsstream_release(&self->stream);
	natsstream_release(&self->plan);
	natsdb_close(&self->db);
	arena_free(self->scratch);
}

const struct sink_driver sink_nats = {
    .size = sizeof(struct nats_sink),
    .open = nats_open,
    .tail = nats_tail,
    .fill = nats_fill,
    .write = nats_write,
    .misfits = nats_misfits,
    .commit = nats_commit,
    .rollback = nats_rollback,
    .close = nats_close,
};
