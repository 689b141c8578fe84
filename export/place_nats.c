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

void
place_nats_init(struct place_nats *p, const struct natsstream *s)
{
	*p = (struct place_nats){0};
	/* One that was copied from another stream, with its configuration, says nothing here. */
	if (!natsnote_read(s, &p->note) || p->note.sequence > s->last ||
	    p->note.position > UINT64_MAX - (s->last - p->note.sequence))
		p->note = (struct natsnote){0};
}

static void
set_last(struct place_nats *p, uint64_t sequence, uint64_t position)
{
	p->sequence = sequence;
	p->position = position;
}

/* A message behind those of an import, whose last one may have been deleted. */
static void
pass_note(struct place_nats *p, uint64_t sequence)
{
	if (p->note.sequence > p->sequence && sequence > p->note.sequence)
		set_last(p, p->note.sequence, p->note.position);
}

uint64_t
place_nats_of(struct place_nats *p, const struct natsmsg *m)
{
	uint64_t position;

	if (own_position(m, &position))
		set_last(p, m->sequence, position);
	else
		pass_note(p, m->sequence);
	return p->position + (m->sequence - p->sequence);
}

/* Where a message is, seen from position `after`. */
enum side { SIDE_BELOW, SIDE_BEHIND, SIDE_COUNTED };

/* The message at `sequence`, or the next one.  Imported ones come first: one without a position of
 * its own, and the end, are behind them all, and their positions are counted. */
static int
look_at(struct natsdb *db, uint64_t sequence, uint64_t after, struct place_nats *below,
        struct err *err)
{
	struct natsstream_message m = {0};
	uint64_t position = 0;
	int rc = natsstream_get(&m, db, sequence, err);

	if (rc == 0 || (rc > 0 && !own_position(&m.msg, &position)))
		rc = SIDE_COUNTED;
	else if (rc > 0)
		rc = position > after ? SIDE_BEHIND : SIDE_BELOW;
	if (rc == SIDE_BELOW)
		set_last(below, m.msg.sequence, position);
	natsstream_message_release(&m);
	return rc;
}

int
place_nats_find(struct place_nats *p, uint64_t *start, struct natsdb *db,
                const struct natsstream *s, uint64_t after, struct err *err)
{
	uint64_t low = s->first, high = s->last + 1, middle, beyond, last;
	int side = SIDE_COUNTED;

	place_nats_init(p, s);
	/* The first one that is not below; none that follows is. */
	while (low < high) {
		middle = low + (high - low) / 2;
		side = look_at(db, middle, after, p, err);
		if (side < 0)
			return -1;
		if (side == SIDE_BELOW)
			low = p->sequence + 1;
		else
			high = middle;
	}
	side = look_at(db, low, after, p, err);
	*start = low;
	if (side != SIDE_COUNTED)
		return side < 0 ? -1 : 0;
	/* Messages behind the last imported one are counted, as far as the note from there, and
	 * else from what it says. */
	if (p->note.sequence > p->sequence && after >= p->note.position)
		pass_note(p, s->last + 1);
	last = p->note.sequence > p->sequence ? p->note.sequence : s->last;
	beyond = after - p->position;
	if (beyond > last - p->sequence)
		beyond = last - p->sequence;
	if (p->sequence + beyond + 1 > low)
		*start = p->sequence + beyond + 1;
	return 0;
}
