#include "export/place_nats.h"
#include "common/natsmark.h"

/* False: the message has no position of its own. */
static bool
own_position(const struct natsmsg *m, uint64_t *position)
{
	struct natsmark mark;

	if (!natsmark_read(m, &mark) || mark.appended)
		return false;
	*position = mark.position;
	return true;
}

uint64_t
place_nats_of(struct place_nats *p, const struct natsmsg *m)
{
	uint64_t position;

	if (own_position(m, &position))
		*p = (struct place_nats){m->sequence, position};
	return p->position + (m->sequence - p->sequence);
}

/* Whether the message at `sequence`, or the next one, is behind: 1, 0 with its place, -1. */
static int
is_behind(struct natsdb *db, uint64_t sequence, uint64_t after, struct place_nats *below,
          struct err *err)
{
	struct natsstream_message m = {0};
	uint64_t position;
	int rc = natsstream_get(&m, db, sequence, err);

	/* Imported ones come first: what has no position of its own is behind them all. */
	if (rc >= 0)
		rc = rc == 0 || !own_position(&m.msg, &position) || position > after;
	if (rc == 0)
		*below = (struct place_nats){m.msg.sequence, position};
	natsstream_message_release(&m);
	return rc;
}

int
place_nats_find(struct place_nats *p, uint64_t *start, struct natsdb *db,
                const struct natsstream *s, uint64_t after, struct err *err)
{
	uint64_t low = s->first, high = s->last + 1, middle, beyond;
	int rc;

	*p = (struct place_nats){0};
	/* The first one at which is_behind() says so; it says it of all that follow. */
	while (low < high) {
		middle = low + (high - low) / 2;
		rc = is_behind(db, middle, after, p, err);
		if (rc < 0)
			return -1;
		if (rc > 0)
			high = middle;
		else
			low = p->sequence >= middle ? p->sequence + 1 : middle + 1;
	}
	/* Where those of imports end below `after`, the rest of the way is counted. */
	*start = low;
	beyond = p->sequence + (after - p->position);
	if (after >= p->position && beyond >= low && beyond < s->last + 1)
		*start = beyond + 1;
	else if (after >= p->position && beyond >= low)
		*start = s->last + 1;
	return 0;
}
