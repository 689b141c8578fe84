#include <stdio.h>
#include <string.h>

#include "common/natsfree.h"
#include "common/natsstate.h"
#include "common/stop.h"
#include "common/timestamp.h"
#include "import/sink_nats.h"

#define LOCK "esimport"
#define NS_PER_S INT64_C(1000000000)
#define IDLE_NS NS_PER_S       /* after which the server lets a lock go whose import is gone */
#define WAIT_NS (6 * NS_PER_S) /* for the lock of an import that has just been killed */
#define HELD_NS (24 * 3600 * NS_PER_S)

static void
what_of(const struct nats_sink *self, const char *verb, char out[400])
{
	snprintf(out, 400, "CONSUMER.%s.%s." LOCK, verb, self->to->nats.stream);
}

/* It may have one message at a time, which is never acknowledged. */
static json_t *
make_config(const struct nats_sink *self)
{
	struct buf inbox = BUF_INIT;
	json_t *config;

	buf_printf(&inbox, "%sl", self->db.inbox);
	config = json_pack("{s:s, s:{s:s, s:s, s:s, s:s, s:I, s:i, s:i, s:I, s:b, s:b}}",
	                   "stream_name", self->to->nats.stream, "config", "durable_name", LOCK,
	                   "deliver_subject", buf_cstr(&inbox), "deliver_policy", "new",
	                   "ack_policy", "explicit", "ack_wait", (json_int_t)HELD_NS,
	                   "max_ack_pending", 1, "max_deliver", 1, "inactive_threshold",
	                   (json_int_t)IDLE_NS, "mem_storage", 1, "headers_only", 1);
	buf_release(&inbox);
	return config;
}

/* A stream whose messages go with their consumers is not to be given one more. */
static bool
may_lock(const struct nats_sink *self)
{
	const char *retention =
	    json_string_value(json_object_get(self->stream.config, "retention"));

	return !self->dry && self->stream.config &&
	       (!retention || strcmp(retention, "limits") == 0);
}

static int
ask(struct nats_sink *self, struct err *err)
{
	char what[400];
	json_t *reply;

	what_of(self, "DURABLE.CREATE", what);
	if (natsdb_ask(&self->db, what, make_config(self), &reply, err) < 0)
		return -1;
	json_decref(reply);
	return 0;
}

int
lock_nats_take(struct nats_sink *self, struct err *err)
{
	uint64_t until_ns = timestamp_monotonic_ns() + (uint64_t)WAIT_NS;
	struct err now = ERR_INIT;
	natsMsg *m = NULL;

	if (!may_lock(self) || (self->lock && self->lock_conn == self->db.conn))
		return 0;
	natsdb_unsubscribe(&self->db, self->lock);
	self->lock = NULL;
	if (natsdb_subscribe(&self->db, "l", &self->lock, err) < 0)
		return -1;
	self->lock_conn = self->db.conn;
	while (ask(self, &now) < 0) {
		if (self->db.code == NATSSTATE_CONSUMER_EXISTS &&
		    timestamp_monotonic_ns() < until_ns && !stop_asked()) {
			/* Nothing comes there yet: this waits. */
			if (natsdb_next(&self->db, self->lock, 100, &m, err) < 0)
				return -1;
			natsfree_message(m);
			m = NULL;
			continue;
		}
		*err = now;
		natsdb_unsubscribe(&self->db, self->lock);
		self->lock = NULL;
		if (self->db.code != NATSSTATE_CONSUMER_EXISTS)
			return -1;
		self->db.trouble = NATSDB_FATAL;
		err_set(err, ERR_CONFLICT, "%s: another import is running into it",
		        self->to->shown);
		return err_hint(err, "wait for it to end, and start again");
	}
	return 0;
}

void
lock_nats_release(struct nats_sink *self)
{
	struct err ignored = ERR_INIT;
	char what[400];
	json_t *reply;

	if (!self->lock)
		return;
	what_of(self, "DELETE", what);
	if (self->lock_conn == self->db.conn &&
	    natsdb_ask(&self->db, what, NULL, &reply, &ignored) == 0)
		json_decref(reply);
	natsdb_unsubscribe(&self->db, self->lock);
	self->lock = NULL;
}
