#include <inttypes.h>
#include <string.h>

#include "format/digest.h"
#include "import/sink_nats.h"

/* The message at `sequence`, or the first one behind it, which is there: 0 or -1.  *below: it is
 * one of others, or of an event before `position`. */
static int
look(struct nats_sink *self, uint64_t sequence, uint64_t position, struct natsmark *mark,
     uint64_t *at, bool *below, struct err *err)
{
	struct natsstream_message m = {0};
	int rc = natsstream_get(&m, &self->db, sequence, err);

	*at = sequence;
	*below = true;
	if (rc == 0) {
		self->db.trouble = NATSDB_FATAL;
		rc = err_set(err, ERR_CONFLICT, "%s: messages were deleted while the import ran",
		             self->to->shown);
	}
	if (rc > 0) {
		*at = m.msg.sequence;
		*below = !natsmark_read(&m.msg, mark) ||
		         memcmp(mark->key, self->mark.key, sizeof(mark->key)) != 0 ||
		         mark->position < position;
		rc = 0;
	}
	natsstream_message_release(&m);
	return rc;
}

/* The first message of the import that is of an event at `position` or behind: the last one is.
 * *below: it is gone. */
static int
search(struct nats_sink *self, uint64_t position, struct natsmark *mark, uint64_t *at, bool *below,
       struct err *err)
{
	uint64_t low = self->stream.first, high = self->ours, middle;

	/* Most often it is the one behind that which was looked for before. */
	if (self->held > 0 && self->held < self->ours) {
		if (look(self, self->held + 1, position, mark, at, below, err) < 0)
			return -1;
		if (!*below && mark->position == position)
			return 0;
	}
	while (low < high) {
		middle = low + (high - low) / 2;
		if (look(self, middle, position, mark, at, below, err) < 0)
			return -1;
		if (*below)
			low = *at + 1;
		else
			high = middle;
	}
	return look(self, low, position, mark, at, below, err);
}

int
held_nats_find(struct nats_sink *self, const struct event *e, struct err *err)
{
	struct natsmark mark = {0};
	struct digest digest;
	char which[256];
	bool below;

	while (search(self, e->position, &mark, &self->held, &below, err) < 0)
		if (natsdb_recover(&self->db, err) < 0)
			return -1;
	natsdb_progress(&self->db);
	if (below || mark.position != e->position)
		return 0;
	if (digest_of_event(e, &digest, err) < 0)
		return -1;
	if (memcmp(digest.bytes, mark.event, sizeof(mark.event)) == 0)
		return 1;
	event_describe(e, which, sizeof(which));
	return err_set(err, ERR_CONFLICT,
	               "%s: stream %s holds another event of this position, as message %" PRIu64,
	               which, self->to->nats.stream, self->held);
}
