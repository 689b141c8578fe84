#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "export/merge_nats.h"

#define HELD_MOST_BYTES ((size_t)64 << 20)
#define MESSAGE_ARENA_BYTES ((size_t)1 << 10)

void
merge_nats_release(struct merge_nats *m)
{
	size_t i;

	for (i = 0; i < m->n_lanes; i++)
		natsstream_message_release(&m->lanes[i].m);
	free(m->lanes);
	free(m->heap);
	natslist_release(&m->list);
	*m = (struct merge_nats){0};
}

static void
make_lanes(struct merge_nats *m)
{
	size_t i;

	m->lanes = xcalloc(m->list.n + 1, sizeof(*m->lanes));
	m->heap = xcalloc(m->list.n + 1, sizeof(*m->heap));
	for (i = 0; i < m->list.n; i++) {
		if (m->list.streams[i].messages == 0)
			continue;
		m->messages += m->list.streams[i].messages;
		m->lanes[m->n_lanes++].stream = &m->list.streams[i];
	}
}

int
merge_nats_look(struct merge_nats *m, struct natsdb *db, const char *prefix, struct err *err)
{
	struct natslist first = {0};
	int64_t cut_ns = INT64_MIN;
	size_t i;
	int rc;

	merge_nats_release(m);
	rc = natslist_read(&first, db, prefix, err);
	for (i = 0; i < first.n; i++)
		if (first.streams[i].messages > 0 && first.streams[i].last_ns > cut_ns)
			cut_ns = first.streams[i].last_ns;
	natslist_release(&first);
	if (rc < 0 || natslist_read(&m->list, db, prefix, err) < 0)
		return -1;
	m->db = db;
	m->cut_ns = cut_ns;
	make_lanes(m);
	return 0;
}

struct digest
merge_nats_identity(const struct merge_nats *m)
{
	const struct natslist_stream *s;
	struct buf all = BUF_INIT;
	struct digest out;
	size_t i;

	buf_printf(&all, "%" PRId64 "\n", m->cut_ns);
	for (i = 0; i < m->n_lanes; i++) {
		s = m->lanes[i].stream;
		buf_printf(&all, "%s %s %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", s->name, s->created,
		           s->messages, s->first, s->last);
	}
	out = digest_of(buf_slice(&all));
	buf_release(&all);
	return out;
}

static bool
comes_before(const struct merge_lane *a, const struct merge_lane *z)
{
	/* Lanes are in the order of the names. */
	return a->time_ns != z->time_ns ? a->time_ns < z->time_ns : a < z;
}

static void
push(struct merge_nats *m, struct merge_lane *lane)
{
	size_t i = m->n_heap++;

	for (; i > 0 && comes_before(lane, m->heap[(i - 1) / 2]); i = (i - 1) / 2)
		m->heap[i] = m->heap[(i - 1) / 2];
	m->heap[i] = lane;
}

static void
pop(struct merge_nats *m)
{
	struct merge_lane *last = m->heap[--m->n_heap];
	size_t i = 0, child;

	for (; (child = 2 * i + 1) < m->n_heap; i = child) {
		if (child + 1 < m->n_heap && comes_before(m->heap[child + 1], m->heap[child]))
			child++;
		if (!comes_before(m->heap[child], last))
			break;
		m->heap[i] = m->heap[child];
	}
	m->heap[i] = last;
}

/* The message at this sequence of the lane's stream, or the first one behind it. */
static int
get(struct merge_nats *m, struct merge_lane *lane, uint64_t sequence, struct err *err)
{
	natsstream_message_release(&lane->m);
	lane->m.mem = arena_new(MESSAGE_ARENA_BYTES);
	m->db->stream = lane->stream->name;
	return natsstream_get(&lane->m, m->db, sequence, err);
}

static int
fail(struct merge_nats *m, const struct merge_lane *lane, const char *what, struct err *err)
{
	m->db->trouble = NATSDB_FATAL;
	return err_set(err, ERR_STORE, "%s: stream %s %s", m->db->address->shown,
	               lane->stream->name, what);
}

/* A lane at its end.  What was looked at must have come, or it was not what the identity says. */
static int
end_lane(struct merge_nats *m, struct merge_lane *lane, bool cut, struct err *err)
{
	natsstream_message_release(&lane->m);
	return cut || lane->read == lane->stream->messages
	           ? 0
	           : fail(m, lane, "lost messages while it was read", err);
}

/* To the lane's next message: into the heap, if there is one. */
static int
go_on(struct merge_nats *m, struct merge_lane *lane, uint64_t sequence, struct err *err)
{
	int rc = get(m, lane, sequence, err);
	bool cut = rc > 0 && lane->m.msg.time_ns > m->cut_ns;

	if (rc < 0)
		return -1;
	if (rc == 0 || cut || lane->m.msg.sequence > lane->stream->last)
		return end_lane(m, lane, cut, err);
	if (lane->read++ == 0 || lane->m.msg.time_ns > lane->time_ns)
		lane->time_ns = lane->m.msg.time_ns;
	lane->sequence = lane->m.msg.sequence;
	/* Of very many streams not all next messages are kept. */
	if (m->held_bytes + natsmsg_bytes(&lane->m.msg) > HELD_MOST_BYTES)
		natsstream_message_release(&lane->m);
	else
		m->held_bytes += natsmsg_bytes(&lane->m.msg);
	push(m, lane);
	return 0;
}

/* Where the least lane has not kept its message: again, and it must be there. */
static int
fill(struct merge_nats *m, struct merge_lane *lane, struct err *err)
{
	int rc;

	if (lane->m.mem) {
		m->held_bytes -= natsmsg_bytes(&lane->m.msg);
		return 0;
	}
	rc = get(m, lane, lane->sequence, err);
	if (rc > 0 && lane->m.msg.sequence == lane->sequence)
		return 0;
	natsstream_message_release(&lane->m);
	return rc < 0 ? -1 : fail(m, lane, "lost messages while it was read", err);
}

int
merge_nats_next(struct merge_nats *m, struct err *err)
{
	for (; m->n_begun < m->n_lanes; m->n_begun++)
		if (go_on(m, &m->lanes[m->n_begun], m->lanes[m->n_begun].stream->first, err) < 0)
			return -1;
	if (m->current && go_on(m, m->current, m->current->sequence + 1, err) < 0)
		return -1;
	m->current = NULL;
	if (m->n_heap == 0)
		return 0;
	if (fill(m, m->heap[0], err) < 0)
		return -1;
	m->current = m->heap[0];
	pop(m);
	return 1;
}

int
merge_nats_check(struct merge_nats *m, struct err *err)
{
	struct natslist now = {0};
	size_t i, j = 0;
	int rc = natslist_read(&now, m->db, m->db->address->nats.stream, err);

	for (i = 0; i < m->n_lanes && rc == 0; i++) {
		while (j < now.n && strcmp(now.streams[j].name, m->lanes[i].stream->name) < 0)
			j++;
		if (j == now.n || strcmp(now.streams[j].name, m->lanes[i].stream->name) != 0 ||
		    strcmp(now.streams[j].created, m->lanes[i].stream->created) != 0)
			rc = fail(m, &m->lanes[i], "was deleted while it was read", err);
	}
	natslist_release(&now);
	return rc;
}
