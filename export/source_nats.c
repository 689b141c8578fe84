#include <inttypes.h>
#include <string.h>

#include "common/log.h"
#include "common/natspull.h"
#include "common/natsstream.h"
#include "common/progress.h"
#include "export/place_nats.h"
#include "export/ranks.h"
#include "export/source.h"
#include "export/source_nats.h"

struct nats_source {
	struct natsdb db;
	struct natsstream stream; /* as it was at the beginning */
	struct layout *layout;
	struct natsrow row;
	struct place_nats place;
	struct natspull pull;
	struct ranks *ranks; /* NULL: each message has said its version */
	const struct selection *select;
	const struct natsmsg *msg; /* that next() has moved to */
	uint64_t position;         /* of it */
	uint64_t start;            /* sequence at which the range begins */
	uint64_t last;             /* sequence of the message that was moved to */
	uint64_t holes;            /* sequences between them that are not there */
	bool ended;
	bool quiet;
};

static const char *
shown(const struct nats_source *self)
{
	return self->db.address->shown;
}

/* The digest of the first event that is there, whatever was selected. */
static int
find_origin(struct nats_source *self, struct source_info *info, struct err *err)
{
	struct natsstream_message m = {0};
	struct natsrow_told told;
	struct batch *b = batch_new();
	struct place_nats place;
	int rc = 0;

	place_nats_init(&place, &self->stream);
	if (self->stream.messages > 0)
		rc = natsstream_get(&m, &self->db, self->stream.first, err);
	if (rc > 0) {
		self->db.trouble = NATSDB_FATAL;
		rc = natsrow_read(&self->row, &m.msg, place_nats_of(&place, &m.msg), b, &told, err);
		if (rc == 0)
			rc = event_check(&b->events[0], b->mem, err);
		if (rc == 0)
			rc = digest_of_event(&b->events[0], &info->origin, err);
		info->has_origin = rc == 0;
	}
	natsstream_message_release(&m);
	batch_free(b);
	return rc < 0 ? -1 : 0;
}

static int
open_row(struct nats_source *self, const char *asked, struct err *err)
{
	if (self->layout)
		return 0;
	if (natsstream_choose(&self->layout, &self->db, &self->stream, asked, err) < 0)
		return -1;
	self->db.trouble = NATSDB_FATAL;
	return natsrow_open(&self->row, self->layout, self->db.address->nats.stream, err);
}

static int
look(struct nats_source *self, struct err *err)
{
	if (natsstream_look(&self->stream, &self->db, err) < 0)
		return -1;
	if (self->stream.config)
		return 0;
	self->db.trouble = NATSDB_FATAL;
	return err_set(err, ERR_STORE, "%s: there is no such stream", shown(self));
}

/* What was read so far must be of the stream that is there now. */
static int
check_same(struct nats_source *self, struct err *err)
{
	struct natsstream now = {0};
	int rc = natsstream_look(&now, &self->db, err);

	if (rc == 0 && (!now.config || strcmp(now.created, self->stream.created) != 0)) {
		self->db.trouble = NATSDB_FATAL;
		rc = err_set(err, ERR_STORE, "%s: the stream was deleted while it was read",
		             shown(self));
	}
	natsstream_release(&now);
	return rc;
}

/* All that comes before the first message; again from its beginning after trouble. */
static int
prepare(struct nats_source *self, const struct source_options *options, struct source_info *info,
        struct err *err)
{
	if (look(self, err) < 0 || open_row(self, options->layout, err) < 0 ||
	    find_origin(self, info, err) < 0)
		return -1;
	self->db.trouble = NATSDB_FATAL; /* what comes now is no trouble of this connection */
	if (source_settle(options, info, err) < 0)
		return -1;
	self->start = self->stream.first;
	place_nats_init(&self->place, &self->stream);
	if (options->select->after.set &&
	    place_nats_find(&self->place, &self->start, &self->db, &self->stream,
	                    options->select->after.position, err) < 0)
		return -1;
	self->last = self->start > 0 ? self->start - 1 : 0;
	self->ended = self->stream.messages == 0 || self->start > self->stream.last;
	if (self->ended)
		return 0;
	/* About: what was deleted in the range counts, too. */
	info->events = self->stream.last - self->last;
	if (info->events > self->stream.messages)
		info->events = self->stream.messages;
	if (natspull_start(&self->pull, &self->db, self->start, self->stream.last, false, err) < 0)
		return -1;
	return check_same(self, err);
}

static void
note_holes(const struct nats_source *self)
{
	uint64_t begin = self->stream.first;

	if (begin > 1 && self->stream.messages > 0 && !self->quiet)
		log_note("%s: its first message is number %" PRIu64
		         "; what was before it is gone from the stream",
		         shown(self), begin);
}

/* Headers have no order, and their values are strings. */
void
source_nats_describe(const struct layout *l, struct source_info *info)
{
	const struct layout_column *version = layout_column_of(l, FIELD_VERSION);
	const struct layout_column *metadata = layout_column_of(l, FIELD_METADATA);

	info->kind = "nats";
	info->layout = l->name;
	info->time_step_ns = layout_time_step_ns(l);
	info->counts_versions = version && version->at == LAYOUT_AT_RANK;
	if (metadata && metadata->conv == LAYOUT_MEMBERS)
		info->by_value = 1U << FIELD_METADATA;
}

static int
nats_open(void *me, const struct address *from, const struct source_options *options,
          struct source_info *info, struct err *err)
{
	struct nats_source *self = me;

	self->select = options->select;
	self->quiet = options->quiet;
	if (natsdb_open(&self->db, from, err) < 0)
		return -1;
	self->db.stoppable = true;
	while (prepare(self, options, info, err) < 0)
		if (natsdb_recover(&self->db, err) < 0)
			return -1;
	natsdb_progress(&self->db);
	source_nats_describe(self->layout, info);
	note_holes(self);
	return 0;
}

/* Go on behind the message that was moved to last, with a new consumer. */
static int
resume(struct nats_source *self, struct err *err)
{
	do {
		natspull_stop(&self->pull);
		if (natsdb_recover(&self->db, err) < 0)
			return -1;
	} while (natspull_start(&self->pull, &self->db, self->last + 1, self->stream.last, false,
	                        err) < 0 ||
	         check_same(self, err) < 0);
	return 0;
}

/* The next message of the stream as it was at the beginning: 1, 0, -1. */
static int
move(struct nats_source *self, struct err *err)
{
	int rc;

	if (self->ended)
		return 0;
	/* That there is nothing more before the last one is worth what the stream is that says it.
	 */
	while ((rc = natspull_next(&self->pull, &self->msg, err)) < 0 ||
	       (rc == 0 && self->last < self->stream.last && check_same(self, err) < 0))
		if (resume(self, err) < 0)
			return -1;
	if (rc == 0)
		return 0;
	natsdb_progress(&self->db);
	self->holes += self->msg->sequence - self->last - 1;
	self->last = self->msg->sequence;
	return 1;
}

/* Also at the end, where all was asked for. */
static void
note_end(const struct nats_source *self, bool upto)
{
	uint64_t holes = self->holes;
	char n[PROGRESS_TEXT_BYTES];

	if (!upto && self->stream.messages > 0 && self->last < self->stream.last)
		holes += self->stream.last - self->last;
	if (holes > 0 && !self->quiet)
		log_note("%s: %s of those that were asked for %s gone from the stream", shown(self),
		         progress_things(holes, "message", n), holes == 1 ? "is" : "are");
}

static int
nats_next(void *me, size_t *weight_bytes, struct err *err)
{
	struct nats_source *self = me;
	bool beyond = false;
	int rc = move(self, err);

	if (rc > 0) {
		self->position = place_nats_of(&self->place, self->msg);
		beyond = self->select->upto.set && self->position > self->select->upto.position;
		rc = !beyond;
	}
	if (rc > 0)
		*weight_bytes = SOURCE_NATS_OVERHEAD_BYTES + natsmsg_bytes(self->msg);
	if (rc == 0) {
		self->ended = true;
		note_end(self, beyond);
	}
	return rc;
}

/* Add what comes before the message that was moved to: some of it has not said its version. */
static int
count_message(struct nats_source *self, const struct natsmsg *m, struct batch *scratch,
              struct err *err)
{
	struct natsrow_told told;
	const struct event *e;

	batch_reset(scratch);
	if (natsrow_read(&self->row, m, 0, scratch, &told, err) < 0)
		return -1;
	e = &scratch->events[0];
	if (told.version)
		ranks_set(self->ranks, e->stream, e->version);
	else
		(void)ranks_next(self->ranks, e->stream);
	return 0;
}

static int
count_versions(struct nats_source *self, struct err *err)
{
	struct natspull pull = {0};
	struct batch *scratch = batch_new();
	const struct natsmsg *m = NULL;
	uint64_t at = 0;
	int rc = -1;

	self->ranks = ranks_new();
	while (rc < 0) {
		rc = natspull_start(&pull, &self->db, at + 1, self->last - 1, true, err);
		while (rc >= 0 && (rc = natspull_next(&pull, &m, err)) > 0) {
			rc = count_message(self, m, scratch, err);
			if (rc < 0)
				self->db.trouble = NATSDB_FATAL;
			else
				at = m->sequence;
		}
		natspull_stop(&pull);
		if (rc < 0 && natsdb_recover(&self->db, err) < 0)
			break;
	}
	natspull_release(&pull);
	batch_free(scratch);
	return rc;
}

static int
settle_version(struct nats_source *self, struct event *e, bool told, struct err *err)
{
	if (told) {
		if (self->ranks)
			ranks_set(self->ranks, e->stream, e->version);
		return 0;
	}
	if (!self->ranks && count_versions(self, err) < 0)
		return -1;
	e->version = ranks_next(self->ranks, e->stream);
	return 0;
}

static int
nats_take(void *me, struct batch *into, struct err *err)
{
	struct nats_source *self = me;
	struct natsrow_told told;

	if (natsrow_read(&self->row, self->msg, self->position, into, &told, err) < 0)
		return -1;
	return settle_version(self, &into->events[into->len - 1], told.version, err);
}

static void
nats_close(void *me)
{
	struct nats_source *self = me;

	natspull_release(&self->pull);
	natsrow_close(&self->row);
	layout_free(self->layout);
	natsstream_release(&self->stream);
	natsdb_close(&self->db);
	ranks_free(self->ranks);
}

const struct source_driver source_nats = {
    .size = sizeof(struct nats_source),
    .open = nats_open,
    .next = nats_next,
    .take = nats_take,
    .close = nats_close,
};
