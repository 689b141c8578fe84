#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/jscan.h"
#include "common/natsfree.h"
#include "common/natspull.h"
#include "common/natsstate.h"
#include "common/timestamp.h"
#include "import/sink_nats.h"

/*
 * Each message says after which sequence it must come, and after the id of which
 * message, so the server refuses all that comes behind one that it has not stored:
 * the sequence alone would be right again where another's message has taken it.
 * Behind a message without an id nothing is sent before it is answered, and so is
 * the first one of a try, for the server may have started anew and not know the id
 * of its last message.
 */
#define CAREFUL_MESSAGES 64  /* how many go one by one behind one that was refused */
#define WINDOW_MESSAGES 4096 /* sent, and not known to be there */
#define WINDOW_BYTES ((size_t)32 << 20)
#define EXPECTED_SEQUENCE "Nats-Expected-Last-Sequence"
#define EXPECTED_ID "Nats-Expected-Last-Msg-Id"
#define LAG_MS 10000 /* how long a leader that is new may not yet know what is there */
#define NS_PER_MS UINT64_C(1000000)

/* One try: from a message of the batch on, until all are there or something goes wrong. */
struct sending {
	struct nats_sink *self;
	natsSubscription *answers;
	char inbox[300];
	size_t first;          /* message of the batch with which this try began */
	size_t sent, answered; /* messages of the batch, all before these */
	size_t careful;        /* messages before this one go one by one */
	struct err *err;
};

/* Whether a message of the stream is number i of the batch, written by this run. */
static bool
is_message(const struct nats_sink *self, const struct natsmsg *m, size_t i)
{
	struct natsmark mark;

	return m->sequence == self->base + i + 1 && natsmark_read(m, &mark) &&
	       memcmp(mark.run, self->mark.run, sizeof(mark.run)) == 0 &&
	       mark.position == self->batch.entries[i].position;
}

static int
fail_at(struct sending *g, size_t i)
{
	return err_wrap(g->err, "event %" PRIu64, g->self->batch.entries[i].position);
}

/* The server knows the id: good where it is of this message, which was sent twice. */
static int
take_duplicate(struct sending *g, size_t i, uint64_t sequence)
{
	struct nats_sink *self = g->self;
	struct natsstream_message m = {0};
	int rc = 0;

	if (sequence == self->base + i + 1)
		rc = natsstream_get(&m, &self->db, sequence, g->err);
	if (rc >= 0) {
		rc = rc > 0 && is_message(self, &m.msg, i) ? 0 : -1;
		self->db.trouble = NATSDB_FATAL;
		if (rc < 0)
			err_set(g->err, ERR_CONFLICT,
			        "%s: its id is there already, as message %" PRIu64, self->to->shown,
			        sequence);
		rc = rc < 0 ? fail_at(g, i) : 0;
	}
	natsstream_message_release(&m);
	return rc;
}

/* Whether the answer to message i says that it was stored as it should be, and no more: nearly all
 * do, and need no tree of JSON. */
static bool
says_stored(const struct sending *g, size_t i, struct slice answer)
{
	const struct nats_sink *self = g->self;
	bool stream = false, sequence = false;
	struct slice key, value;
	struct jscan_iter it;
	uint64_t n;
	int rc;

	jscan_object(&it, answer);
	while ((rc = jscan_member(&it, &key, &value)) > 0) {
		if (jscan_key_is(key, "stream") && value.p[0] == '"' &&
		    slice_is(jscan_plain(value), self->to->nats.stream))
			stream = true;
		else if (jscan_key_is(key, "seq") && jscan_uint(value, &n) &&
		         n == self->base + i + 1)
			sequence = true;
		else
			return false;
	}
	return rc == 0 && stream && sequence;
}

/* Another answer to message i: an error, or a message that was there. */
static int
take_other_answer(struct sending *g, size_t i, struct slice text)
{
	struct nats_sink *self = g->self;
	json_t *answer = json_loadb((const char *)text.p, text.len, 0, NULL);
	json_t *error = json_object_get(answer, "error");
	const char *stream = json_string_value(json_object_get(answer, "stream"));
	uint64_t sequence = natsdb_number(answer, "seq");
	int rc = 0;

	self->db.trouble = NATSDB_FATAL;
	self->db.code = 0;
	if (error) {
		natsdb_fail_answer(&self->db, error, self->to->shown, g->err);
		rc = fail_at(g, i);
	} else if (!stream || strcmp(stream, self->to->nats.stream) != 0) {
		rc = err_set(g->err, ERR_STORE, "%s: the server answers for another stream",
		             self->to->shown);
	} else if (json_is_true(json_object_get(answer, "duplicate"))) {
		rc = take_duplicate(g, i, sequence);
	} else if (sequence != self->base + i + 1) {
		rc = err_set(g->err, ERR_STORE, "%s: message %" PRIu64 " was stored as %" PRIu64,
		             self->to->shown, self->base + i + 1, sequence);
	}
	json_decref(answer);
	return rc;
}

static int
take_answer(struct sending *g, size_t i, struct slice text)
{
	if (!says_stored(g, i, text) && take_other_answer(g, i, text) < 0)
		return -1;
	if (i + 1 > g->answered)
		g->answered = i + 1;
	return 0;
}

/* Wait for an answer, as long as one takes. */
static int
await_answer(struct sending *g)
{
	struct nats_sink *self = g->self;
	natsMsg *m = NULL;
	const char *subject;
	size_t i;
	int rc = natsdb_next(&self->db, g->answers, self->to->nats.timeout_ms, &m, g->err);

	if (rc == 0)
		return natsdb_fail(&self->db, NATS_TIMEOUT, "publish", g->err);
	if (rc < 0)
		return -1;
	subject = natsMsg_GetSubject(m);
	i = strtoull(strrchr(subject, '.') + 1, NULL, 10);
	if (natsMsg_IsNoResponders(m))
		rc = natsdb_fail(&self->db, NATS_NO_RESPONDERS, "publish", g->err);
	else if (i >= self->batch.n)
		rc = err_set(g->err, ERR_STORE, "%s: an answer to nothing", self->to->shown);
	else
		rc = take_answer(g, i,
		                 (struct slice){(const uint8_t *)natsMsg_GetData(m),
		                                (size_t)natsMsg_GetDataLength(m)});
	natsfree_message(m);
	return rc < 0 ? -1 : 0;
}

static natsStatus
add_own_headers(struct sending *g, size_t i, natsMsg *m)
{
	struct nats_sink *self = g->self;
	const struct batch_nats_entry *e = &self->batch.entries[i];
	struct buf text = BUF_INIT;
	char expected[24];
	natsStatus s;

	self->mark.position = e->position;
	self->mark.events = e->events;
	memcpy(self->mark.event, e->event.bytes, sizeof(self->mark.event));
	natsmark_write(&self->mark, &text);
	s = natsMsgHeader_Add(m, NATSROW_IMPORT, buf_cstr(&text));
	buf_release(&text);
	snprintf(expected, sizeof(expected), "%" PRIu64, self->base + i);
	if (s == NATS_OK)
		s = natsMsgHeader_Add(m, EXPECTED_SEQUENCE, expected);
	if (s == NATS_OK && i > g->first && batch_nats_id(&self->batch, i - 1))
		s = natsMsgHeader_Add(m, EXPECTED_ID, batch_nats_id(&self->batch, i - 1));
	return s;
}

/* Bytes of the messages from `from` to before `to`, which is not the end of the batch. */
static size_t
bytes_between(const struct sending *g, size_t from, size_t to)
{
	const struct batch_nats_entry *e = g->self->batch.entries;

	return e[to].begin - e[from].begin;
}

static int
send_message(struct sending *g, size_t i)
{
	struct nats_sink *self = g->self;
	char reply[340];
	natsMsg *m = NULL;
	natsStatus s;

	snprintf(reply, sizeof(reply), "%s%zu", g->inbox, i);
	s = batch_nats_message(&self->batch, i, reply, &m);
	if (s == NATS_OK)
		s = add_own_headers(g, i, m);
	if (s == NATS_OK)
		s = natsConnection_PublishMsg(self->db.conn, m);
	natsfree_message(m);
	if (s != NATS_OK)
		return natsdb_fail(&self->db, s, self->to->shown, g->err);
	g->sent = i + 1;
	return 0;
}

/* Whether an answer must come before the next message goes. */
static bool
is_full(const struct sending *g)
{
	if (g->sent == g->answered)
		return false;
	return g->sent - g->answered >= WINDOW_MESSAGES || g->answered < g->careful ||
	       !batch_nats_id(&g->self->batch, g->sent - 1) ||
	       bytes_between(g, g->answered, g->sent) >= WINDOW_BYTES;
}

static int
send_all(struct sending *g)
{
	struct nats_sink *self = g->self;
	char name[32];

	self->db.n_requests++;
	snprintf(g->inbox, sizeof(g->inbox), "%sp.%" PRIu64 ".", self->db.inbox,
	         self->db.n_requests);
	snprintf(name, sizeof(name), "p.%" PRIu64 ".*", self->db.n_requests);
	if (natsdb_subscribe(&self->db, name, &g->answers, g->err) < 0)
		return -1;
	while (g->answered < self->batch.n) {
		while (g->sent < self->batch.n && !is_full(g))
			if (send_message(g, g->sent) < 0)
				return -1;
		if (await_answer(g) < 0)
			return -1;
	}
	return 0;
}

static int
conflict(struct nats_sink *self, const char *what, uint64_t sequence, struct err *err)
{
	self->db.trouble = NATSDB_FATAL;
	err_set(err, ERR_CONFLICT, "%s: message %" PRIu64 " %s", self->to->shown, sequence, what);
	return err_hint(err, "let nobody else write to the stream, and start again");
}

/* Whether what came behind the first `done` of the batch is of it, up to sequence `last`. */
static int
check_written(struct nats_sink *self, size_t done, uint64_t last, struct err *err)
{
	struct natspull pull = {0};
	const struct natsmsg *m = NULL;
	size_t i = done;
	int rc = natspull_start(&pull, &self->db, self->base + done + 1, last, true, err);

	while (rc >= 0 && (rc = natspull_next(&pull, &m, err)) > 0) {
		if (is_message(self, m, i)) {
			i++;
			continue;
		}
		rc = conflict(self, "was not written by this import", m->sequence, err);
	}
	natspull_release(&pull);
	if (rc == 0 && self->base + i < last)
		rc = conflict(self, "was deleted while the import ran", self->base + i + 1, err);
	return rc;
}

static int
lost(struct nats_sink *self, size_t before, struct err *err)
{
	self->db.trouble = NATSDB_FATAL;
	err_set(err, ERR_STORE,
	        "%s: the server has lost messages that it had acknowledged: its last is %" PRIu64
	        ", and it had %" PRIu64,
	        self->to->shown, self->stream.last, self->base + before);
	return err_hint(err, "start again, which goes on behind what is there");
}

/* How much of the batch is there. */
static int
find_done(struct nats_sink *self, struct err *err)
{
	uint64_t last;

	if (lock_nats_take(self, err) < 0 || natsstream_look(&self->stream, &self->db, err) < 0)
		return -1;
	self->db.trouble = NATSDB_FATAL;
	last = self->stream.last;
	if (!self->stream.config)
		return err_set(err, ERR_CONFLICT, "%s: the stream was deleted while the import ran",
		               self->to->shown);
	if (last < self->base) /* perhaps it does not know yet */
		return 0;
	if (last - self->base > self->batch.n)
		return conflict(self, "was not written by this import", last, err);
	if (last > self->base + self->done && check_written(self, self->done, last, err) < 0)
		return -1;
	self->done = (size_t)(last - self->base);
	return 0;
}

/* The message does not come behind the one that it says. */
static bool
was_refused(const struct nats_sink *self)
{
	return self->db.code == NATSSTATE_WRONG_SEQUENCE || self->db.code == NATSSTATE_WRONG_ID;
}

/* Find out how much is there; a leader that is new may say less than there is for a while. */
static int
find_progress(struct nats_sink *self, size_t before, bool settled, struct err *err)
{
	uint64_t until_ns = timestamp_monotonic_ns() + LAG_MS * NS_PER_MS;
	bool less;

	for (;;) {
		if (find_done(self, err) == 0) {
			less = self->stream.last < self->base + before;
			if (!less && (settled || self->done > before))
				return 0;
			if (timestamp_monotonic_ns() > until_ns)
				return less ? lost(self, before, err) : 0;
			self->db.trouble = NATSDB_AGAIN;
			self->db.code = NATSSTATE_UNAVAILABLE;
		}
		if (natsdb_recover(&self->db, err) < 0)
			return -1;
	}
}

/* After a try that failed: whether there is another. */
static int
settle(struct sending *g, struct err *err)
{
	struct nats_sink *self = g->self;
	struct err now = *err;
	bool careful = self->done < g->careful;
	bool refused = was_refused(self);
	size_t before = self->done;

	if (self->db.trouble == NATSDB_FATAL && !refused)
		return -1;
	if (self->db.trouble != NATSDB_FATAL && natsdb_recover(&self->db, err) < 0)
		return -1;
	/* Of many on their way one was refused: the next try goes one by one, and says why. */
	if (find_progress(self, before, !careful, err) < 0)
		return -1;
	if (self->done > before) {
		natsdb_progress(&self->db);
		return 0;
	}
	if (!refused || !careful || g->answered > g->first)
		return 0;
	*err = now;
	self->db.trouble = NATSDB_FATAL;
	return -1;
}

int
publish_nats(struct nats_sink *self, struct err *err)
{
	size_t careful = 0;
	struct sending g;
	int rc;

	while (self->done < self->batch.n) {
		g = (struct sending){.self = self, .careful = careful, .err = err};
		g.first = g.sent = g.answered = self->done;
		rc = send_all(&g);
		natsdb_unsubscribe(&self->db, g.answers);
		self->done = g.answered;
		if (rc == 0)
			break;
		careful = 0;
		if (was_refused(self))
			careful = self->done + CAREFUL_MESSAGES;
		if (settle(&g, err) < 0)
			return -1;
	}
	natsdb_progress(&self->db);
	self->base += self->batch.n;
	if (self->batch.n > 0)
		self->ours = self->base;
	self->done = 0;
	batch_nats_reset(&self->batch);
	return 0;
}
