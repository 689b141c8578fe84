#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/natsfree.h"
#include "common/natspull.h"
#include "common/natsstate.h"
#include "common/natsstream.h"
#include "common/timestamp.h"

#define NS_PER_S UINT64_C(1000000000)
#define REQUEST_MESSAGES 500
#define REQUESTS 4 /* on their way at a time */
#define REQUEST_BYTES ((uint64_t)4 << 20)
#define EXPIRES_S 30
#define HEARTBEAT_S 5
#define SILENT_S 12   /* after which a consumer is given up */
#define INACTIVE_S 30 /* after which the server takes a consumer away that nobody asks */
#define WAIT_MS 250
#define PULL_ARENA_BYTES ((size_t)16 << 10)

static const char *
stream_of(const struct natspull *p)
{
	return p->db->stream;
}

void
natspull_stop(struct natspull *p)
{
	struct err ignored = ERR_INIT;
	enum natsdb_trouble trouble;
	char what[400];
	int code;

	natsfree_message(p->current);
	p->current = NULL;
	if (!p->sub)
		return;
	trouble = p->db->trouble;
	code = p->db->code;
	natsdb_unsubscribe(p->db, p->sub);
	p->sub = NULL;
	/* What does not come to the server is done by its inactivity threshold. */
	snprintf(what, sizeof(what), "CONSUMER.DELETE.%s.%s", stream_of(p), p->consumer);
	if (p->db->conn && natsdb_send(p->db, what, "", p->reply, &ignored) < 0) {
		p->db->trouble = trouble;
		p->db->code = code;
	}
}

void
natspull_release(struct natspull *p)
{
	natspull_stop(p);
	arena_free(p->mem);
	*p = (struct natspull){0};
}

static json_t *
make_config(const struct natspull *p, uint64_t first)
{
	return json_pack("{s:s, s:{s:s, s:I, s:s, s:s, s:I, s:b, s:i, s:b}}", "stream_name",
	                 stream_of(p), "config", "deliver_policy", "by_start_sequence",
	                 "opt_start_seq", (json_int_t)(first ? first : 1), "ack_policy", "none",
	                 "replay_policy", "instant", "inactive_threshold",
	                 (json_int_t)(INACTIVE_S * NS_PER_S), "mem_storage", 1, "num_replicas", 1,
	                 "headers_only", p->headers_only);
}

int
natspull_start(struct natspull *p, struct natsdb *db, uint64_t first, uint64_t last,
               bool headers_only, struct err *err)
{
	const char *name;
	char what[400], inbox[32];
	json_t *reply;
	int rc;

	natspull_stop(p);
	p->db = db;
	p->headers_only = headers_only;
	p->at = first > 0 ? first - 1 : 0;
	p->last = last;
	p->delivered = p->asked = 0;
	p->large = false;
	if (!p->mem)
		p->mem = arena_new(PULL_ARENA_BYTES);
	if (p->at >= p->last)
		return 0;
	snprintf(what, sizeof(what), "CONSUMER.CREATE.%s", stream_of(p));
	if (natsdb_ask(db, what, make_config(p, first), &reply, err) < 0)
		return -1;
	name = json_string_value(json_object_get(reply, "name"));
	snprintf(p->consumer, sizeof(p->consumer), "%s", name ? name : "");
	p->pending = natsdb_number(reply, "num_pending");
	json_decref(reply);
	/* An own name for each run: what a run before had asked for must not come into this one. */
	snprintf(inbox, sizeof(inbox), "m.%" PRIu64, ++db->n_requests);
	snprintf(p->reply, sizeof(p->reply), "%s%s", db->inbox, inbox);
	rc = natsdb_subscribe(db, inbox, &p->sub, err);
	p->heard_ns = timestamp_monotonic_ns();
	return rc;
}

/* `max_bytes` 0: whatever they are. */
static int
ask_for(struct natspull *p, uint64_t messages, uint64_t max_bytes, struct err *err)
{
	char what[400], body[200], limit[48] = "";

	if (max_bytes > 0)
		snprintf(limit, sizeof(limit), ",\"max_bytes\":%" PRIu64, max_bytes);
	snprintf(what, sizeof(what), "CONSUMER.MSG.NEXT.%s.%s", stream_of(p), p->consumer);
	snprintf(body, sizeof(body),
	         "{\"batch\":%" PRIu64 ",\"expires\":%" PRIu64 "%s,\"idle_heartbeat\":%" PRIu64 "}",
	         messages, EXPIRES_S * NS_PER_S, limit, HEARTBEAT_S * NS_PER_S);
	if (natsdb_send(p->db, what, body, p->reply, err) < 0)
		return -1;
	p->asked += messages;
	return 0;
}

/* A large message is asked for alone, when nothing else is. */
static int
ask_for_more(struct natspull *p, struct err *err)
{
	if (p->large) {
		if (p->asked > 0)
			return 0;
		p->large = false;
		return ask_for(p, 1, 0, err);
	}
	while (p->asked <= (uint64_t)REQUEST_MESSAGES * (REQUESTS - 1))
		if (ask_for(p, REQUEST_MESSAGES, REQUEST_BYTES, err) < 0)
			return -1;
	return 0;
}

static uint64_t
header_number(natsMsg *m, const char *name)
{
	const char *text = NULL;

	return natsMsgHeader_Get(m, name, &text) == NATS_OK ? strtoull(text, NULL, 10) : 0;
}

static int
give_up(struct natspull *p, const char *why, struct err *err)
{
	p->db->trouble = NATSDB_AGAIN;
	p->db->code = NATSSTATE_NO_CONSUMER; /* the connection is not what is wrong */
	return err_set(err, ERR_STORE, "stream %s: %s", stream_of(p), why);
}

/* A message that carries no event: 0 to go on, -1. */
static int
take_status(struct natspull *p, natsMsg *m, const char *status, const char *text, struct err *err)
{
	uint64_t left = header_number(m, "Nats-Pending-Messages");

	if (strcmp(status, "100") == 0)
		return 0;
	if (strcmp(status, "408") == 0 || strcmp(status, "404") == 0) {
		p->asked -= left < p->asked ? left : p->asked;
		return 0;
	}
	if (strcmp(status, "409") == 0 && strstr(text, "MaxBytes")) {
		p->asked -= left < p->asked ? left : p->asked;
		/* Where nothing came the next message is larger than that. */
		p->large |= left == REQUEST_MESSAGES;
		return 0;
	}
	return give_up(p, *text ? text : "its consumer is gone", err);
}

/* A part of a reply, up to its dot: digits and nothing else. */
static bool
read_number(const char *text, uint64_t *out)
{
	const char *p;

	*out = 0;
	for (p = text; *p >= '0' && *p <= '9'; p++)
		if (__builtin_mul_overflow(*out, 10, out) ||
		    __builtin_add_overflow(*out, (uint64_t)(*p - '0'), out))
			return false;
	return p > text && (*p == '\0' || *p == '.');
}

/* "$JS.ACK.STREAM.CONSUMER.TRIES.SEQUENCE.DELIVERED.TIME.PENDING", or with a domain and an account
 * behind ACK and perhaps more at the end: which of its parts are numbers for us. */
static bool
read_place(const char *reply, struct natsmsg *m, uint64_t *delivered, uint64_t *pending)
{
	const char *part[16];
	uint64_t time_ns;
	size_t n = 0, at;

	if (!reply || strncmp(reply, "$JS.ACK.", 8) != 0)
		return false;
	for (; reply && n < 16; n++) {
		part[n] = reply;
		reply = strchr(reply, '.');
		reply = reply ? reply + 1 : NULL;
	}
	if (n != 9 && n < 11)
		return false;
	at = n == 9 ? 5 : 7;
	if (!read_number(part[at], &m->sequence) || !read_number(part[at + 1], delivered) ||
	    !read_number(part[at + 2], &time_ns) || time_ns > INT64_MAX ||
	    !read_number(part[at + 3], pending))
		return false;
	m->time_ns = (int64_t)time_ns;
	return true;
}

/* Whether the stream has a message behind the one that came last and before sequence `before`:
 * 1, 0, -1. */
static int
has_before(struct natspull *p, uint64_t before, struct err *err)
{
	struct natsstream_message m = {0};
	int rc = natsstream_get(&m, p->db, p->at + 1, err);

	if (rc > 0)
		rc = m.msg.sequence < before;
	natsstream_message_release(&m);
	return rc;
}

/*
 * The stream must not have what the consumer passed over.  Over a message that is
 * not there it goes without counting it; only where it counts more than one less
 * than before, or nothing at all, has it perhaps jumped.
 */
static int
check_gap(struct natspull *p, uint64_t before, uint64_t pending, struct err *err)
{
	bool jumped = pending == 0 || pending + 1 < p->pending;
	int rc = before > p->at + 1 && jumped ? has_before(p, before, err) : 0;

	return rc > 0 ? give_up(p, "its consumer has passed over messages", err) : rc;
}

/* Nothing came for a while: 1 to wait on, 0 where there is nothing more, -1. */
static int
wait_more(struct natspull *p, struct err *err)
{
	int rc = has_before(p, p->last + 1, err);

	if (rc > 0 && timestamp_monotonic_ns() - p->heard_ns > SILENT_S * NS_PER_S)
		return give_up(p, "its consumer is silent", err);
	return rc;
}

/* The library has not told the headers as they are. */
static int
read_exactly(struct natspull *p, struct err *err)
{
	struct natsstream_message again = {0};
	struct natsmsg *m = &again.msg;
	size_t i;
	int rc = natsstream_get(&again, p->db, p->msg.sequence, err);

	if (rc > 0 && m->sequence != p->msg.sequence)
		rc = 0;
	if (rc == 0)
		rc = give_up(p, "a message was deleted while it was read", err);
	if (rc > 0) {
		p->msg.headers = arena_alloc(p->mem, (m->n_headers + 1) * sizeof(*m->headers));
		p->msg.n_headers = m->n_headers;
		for (i = 0; i < m->n_headers; i++)
			p->msg.headers[i] =
			    (struct natsheader){arena_dup(p->mem, m->headers[i].name),
			                        arena_dup(p->mem, m->headers[i].value)};
	}
	natsstream_message_release(&again);
	return rc < 0 ? -1 : 0;
}

/* 1, 0 where it is behind the end, -1. */
static int
take_message(struct natspull *p, struct err *err)
{
	uint64_t delivered, pending;
	bool within;

	p->heard_ns = timestamp_monotonic_ns();
	if (!read_place(natsMsg_GetReply(p->current), &p->msg, &delivered, &pending))
		return give_up(p, "a message came that is none of its consumer", err);
	if (delivered != p->delivered + 1 || p->msg.sequence <= p->at)
		return give_up(p, "a message did not come", err);
	within = p->msg.sequence <= p->last;
	if (check_gap(p, within ? p->msg.sequence : p->last + 1, within ? pending : 0, err) < 0)
		return -1;
	if (!within)
		return 0;
	p->delivered = delivered;
	p->pending = pending;
	p->asked -= p->asked > 0;
	arena_reset(p->mem);
	if (!natsdb_view(p->current, &p->msg, p->mem) && read_exactly(p, err) < 0)
		return -1;
	p->at = p->msg.sequence;
	return 1;
}

int
natspull_next(struct natspull *p, const struct natsmsg **out, struct err *err)
{
	const char *status, *text;
	int rc;

	*out = &p->msg;
	while (p->at < p->last) {
		natsfree_message(p->current);
		p->current = NULL;
		if (natsdb_check_stop(p->db, err) < 0 || ask_for_more(p, err) < 0)
			return -1;
		rc = natsdb_next(p->db, p->sub, WAIT_MS, &p->current, err);
		if (rc == 0)
			rc = wait_more(p, err);
		if (rc <= 0)
			return rc;
		status = p->current ? natsdb_status(p->current, &text) : NULL;
		if (p->current && (!status || natsMsg_GetReply(p->current)))
			return take_message(p, err);
		if (status && take_status(p, p->current, status, text, err) < 0)
			return -1;
	}
	return 0;
}
