#include <inttypes.h>
#include <string.h>

#include "common/log.h"
#include "common/natsrow.h"
#include "export/merge_nats.h"
#include "export/ranks.h"
#include "export/source_nats.h"

/*
 * Many streams of JetStream as one source.  No number in them tells which message
 * of two streams came first, so a position is the place in what one look has found
 * (merge_nats.h), and the origin is what tells that from what another look finds:
 * who goes on with these positions has the same messages before them.
 */
struct nats_many {
	struct natsdb db;
	struct merge_nats merge;
	struct layout *layout;
	struct natsrow row;
	struct ranks *ranks;
	struct batch *passed; /* for messages that are only counted */
	const struct selection *select;
	uint64_t position; /* of the message that was moved to */
	bool ended;
};

/* That of the first stream, which the others must have as well. */
static int
choose_layout(struct nats_many *self, const char *asked, struct err *err)
{
	const char *name = self->merge.lanes[0].stream->name;
	struct natsstream first = {0};
	int rc;

	if (self->layout)
		return 0;
	self->db.stream = name;
	rc = natsstream_look(&first, &self->db, err);
	if (rc == 0)
		rc = natsstream_choose(&self->layout, &self->db, &first, asked, err);
	natsstream_release(&first);
	if (rc < 0)
		return -1;
	self->db.trouble = NATSDB_FATAL;
	return natsrow_open(&self->row, self->layout, name, err);
}

static int
prepare(struct nats_many *self, const struct source_options *options, struct source_info *info,
        struct err *err)
{
	const char *shown = self->db.address->shown;

	if (merge_nats_look(&self->merge, &self->db, self->db.address->nats.stream, err) < 0)
		return -1;
	self->db.trouble = NATSDB_FATAL;
	if (self->merge.n_lanes == 0)
		return err_set(err, ERR_STORE, "%s: there is no such stream with a message", shown);
	if (choose_layout(self, options->layout, err) < 0)
		return -1;
	info->origin = merge_nats_identity(&self->merge);
	info->has_origin = true;
	info->events = self->merge.messages;
	self->db.trouble = NATSDB_FATAL;
	return source_settle(options, info, err);
}

static int
many_open(void *me, const struct address *from, const struct source_options *options,
          struct source_info *info, struct err *err)
{
	struct nats_many *self = me;

	self->select = options->select;
	self->ranks = ranks_new();
	self->passed = batch_new();
	if (natsdb_open(&self->db, from, err) < 0)
		return -1;
	self->db.stoppable = true;
	while (prepare(self, options, info, err) < 0)
		if (natsdb_recover(&self->db, err) < 0)
			return -1;
	natsdb_progress(&self->db);
	source_nats_describe(self->layout, info);
	if (!options->quiet)
		log_note("%s: %zu streams with messages, as they are now; positions count what "
		         "this look has found, and hold for no other",
		         from->shown, self->merge.n_lanes);
	return 0;
}

/* 1, 0 at the end, where the streams are still those that were looked at, -1. */
static int
move(struct nats_many *self, struct err *err)
{
	int rc;

	while ((rc = merge_nats_next(&self->merge, err)) < 0 ||
	       (rc == 0 && merge_nats_check(&self->merge, err) < 0))
		if (natsdb_recover(&self->db, err) < 0)
			return -1;
	natsdb_progress(&self->db);
	self->position += rc > 0;
	return rc;
}

static int
read_event(struct nats_many *self, struct batch *into, struct err *err)
{
	const struct merge_lane *lane = self->merge.current;
	struct natsrow_told told;
	struct event *e;

	if (natsrow_turn(&self->row, lane->stream->name, err) < 0 ||
	    natsrow_read(&self->row, &lane->m.msg, self->position, into, &told, err) < 0)
		return -1;
	e = &into->events[into->len - 1];
	if (told.version)
		ranks_set(self->ranks, e->stream, e->version);
	else
		e->version = ranks_next(self->ranks, e->stream);
	return 0;
}

static int
many_next(void *me, size_t *weight_bytes, struct err *err)
{
	struct nats_many *self = me;
	const struct selection *s = self->select;
	int rc = 0;

	while (!self->ended && (rc = move(self, err)) > 0 && s->after.set &&
	       self->position <= s->after.position) {
		batch_reset(self->passed);
		if (read_event(self, self->passed, err) < 0)
			return -1;
	}
	if (rc < 0)
		return -1;
	self->ended = self->ended || rc == 0 || (s->upto.set && self->position > s->upto.position);
	if (self->ended)
		return 0;
	*weight_bytes = SOURCE_NATS_OVERHEAD_BYTES + natsmsg_bytes(&self->merge.current->m.msg);
	return 1;
}

static int
many_take(void *me, struct batch *into, struct err *err)
{
	return read_event(me, into, err);
}

static void
many_close(void *me)
{
	struct nats_many *self = me;

	merge_nats_release(&self->merge);
	natsrow_close(&self->row);
	layout_free(self->layout);
	natsdb_close(&self->db);
	ranks_free(self->ranks);
	batch_free(self->passed);
}

const struct source_driver source_nats_many = {
    .size = sizeof(struct nats_many),
    .open = many_open,
    .next = many_next,
    .take = many_take,
    .close = many_close,
};
