#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "common/log.h"
#include "common/natsfree.h"
#include "common/natslogin.h"
#include "common/natsstate.h"
#include "common/retry.h"
#include "common/stop.h"
#include "common/timestamp.h"

#define NS_PER_MS UINT64_C(1000000)
#define SLICE_MS 50 /* how long a stop, or a word of the server, may go unseen */
#define PING_MS 5000
#define PINGS_MOST 3
#define DENIED_BYTES 256
#define SIGNATURES 5 /* that are tried */
#define IO_BUFFER_BYTES (128 << 10)
#define READY_MS 2000 /* how long a server that has just been met may be without JetStream */

/* The library keeps the last error of a connection, and we ask for that: a handler may run when all
 * that it could tell is gone.  Its own would write to standard error. */
static void
hear_nothing(natsConnection *conn, natsSubscription *sub, natsStatus status, void *ctx)
{
	(void)conn;
	(void)sub;
	(void)status;
	(void)ctx;
}

/* The server drops what is not permitted, and says so by itself.  A consumer that we may not delete
 * goes without that. */
static bool
was_denied(struct natsdb *db, char out[DENIED_BYTES])
{
	const char *text = NULL;

	if (!db->conn || natsConnection_GetLastError(db->conn, &text) != NATS_NOT_PERMITTED ||
	    (text && strstr(text, "CONSUMER.DELETE")))
		return false;
	snprintf(out, DENIED_BYTES, "%s", text && *text ? text : "not permitted");
	return true;
}

static int
stopped(struct natsdb *db, struct err *err)
{
	db->trouble = NATSDB_FATAL;
	db->code = 0;
	return err_set(err, ERR_STOPPED, "stopped by a signal");
}

int
natsdb_check_stop(struct natsdb *db, struct err *err)
{
	return db->stoppable && stop_asked() ? stopped(db, err) : 0;
}

/* What the library says, without where in its code: "(conn.c:1905): Authorization Violation". */
static const char *
last_error(natsStatus status)
{
	const char *text = nats_GetLastError(NULL), *end = NULL;

	if (text && *text == '(')
		end = strstr(text, "): ");
	if (end)
		text = end + 3;
	if (!text || !*text || strstr(text, "(null)"))
		return NULL;
	return strcmp(text, natsStatus_GetText(status)) != 0 ? text : NULL;
}

int
natsdb_fail(struct natsdb *db, natsStatus status, const char *doing, struct err *err)
{
	const char *text = last_error(status);
	const char *hint = db->conn ? NULL : natslogin_hint(&db->address->nats, status);
	char denied[DENIED_BYTES];

	if (status == NATS_NO_MEMORY)
		mem_exhausted();
	if (db->stoppable && stop_asked())
		return stopped(db, err);
	db->code = 0;
	db->trouble = natsstate_trouble(status);
	db->unheard = status == NATS_NO_RESPONDERS;
	if (was_denied(db, denied)) {
		db->trouble = NATSDB_FATAL;
		return err_set(err, ERR_STORE, "%s: %s", doing, denied);
	}
	if (db->conn && natsConnection_IsClosed(db->conn) && db->trouble == NATSDB_AGAIN)
		db->trouble = NATSDB_LOST;
	if (db->unheard)
		return err_set(err, ERR_STORE, "%s: JetStream does not answer", doing);
	/* The name of that one is "Error". */
	if (status == NATS_ERR && text)
		err_set(err, ERR_STORE, "%s: %s", doing, text);
	else
		err_set(err, ERR_STORE, "%s: %s%s%s", doing, natsStatus_GetText(status),
		        text ? ": " : "", text ? text : "");
	return hint ? err_hint(err, "%s", hint) : -1;
}

int
natsdb_fail_answer(struct natsdb *db, json_t *error, const char *doing, struct err *err)
{
	const char *text = json_string_value(json_object_get(error, "description"));
	const struct natsstate *state;

	db->code = (int)json_integer_value(json_object_get(error, "err_code"));
	state = natsstate_find(db->code);
	db->trouble = state->trouble;
	/* Without a leader for the moment. */
	if (db->code == 0 && json_integer_value(json_object_get(error, "code")) == 503)
		db->trouble = NATSDB_AGAIN;
	err_set(err, state->kind, "%s: %s", doing, text ? text : "failed");
	return state->hint ? err_hint(err, "%s", state->hint) : -1;
}

/*
 * libnats before 3.6 may still look at a subscription that is destroyed while a
 * message for it comes in (nats.c, issue 637).  So nothing may come any more: the
 * server has answered behind the last message, or the connection is closed.
 */
void
natsdb_unsubscribe(struct natsdb *db, natsSubscription *sub)
{
	int64_t ms = (int64_t)db->address->nats.timeout_ms;

	if (sub && natsSubscription_Unsubscribe(sub) == NATS_OK && db->conn &&
	    ((db->stoppable && stop_asked()) ||
	     natsConnection_FlushTimeout(db->conn, ms) != NATS_OK))
		natsConnection_Close(db->conn);
	natsSubscription_Destroy(sub);
}

static void
disconnect(struct natsdb *db)
{
	if (db->conn)
		natsConnection_Close(db->conn);
	natsSubscription_Destroy(db->answers);
	natsConnection_Destroy(db->conn);
	db->answers = NULL;
	db->conn = NULL;
}

/* Servers that the address names, and those that were told of. */
static void
learn_servers(struct natsdb *db)
{
	char **known = NULL;
	size_t i;
	int n = 0, k;

	if (natsConnection_GetServers(db->conn, &known, &n) != NATS_OK)
		return;
	for (k = 0; k < n; k++) {
		for (i = 0; i < db->n_servers && strcmp(db->servers[i], known[k]) != 0; i++)
			;
		if (i == db->n_servers) {
			db->servers = xrealloc(db->servers, (i + 1) * sizeof(*db->servers));
			db->servers[db->n_servers++] = xstrdup(known[k]);
		}
		free(known[k]);
	}
	free(known);
}

static natsStatus
set_options(struct natsdb *db, natsOptions *o)
{
	const struct natsaddress *a = &db->address->nats;
	natsStatus s =
	    natsOptions_SetServers(o, (const char **)(void *)db->servers, (int)db->n_servers);

	if (s == NATS_OK)
		s = natsOptions_SetName(o, log_program());
	if (s == NATS_OK)
		s = natsOptions_SetTimeout(o, (int64_t)a->timeout_ms);
	/* We know what is on its way when a connection goes, the library does not. */
	if (s == NATS_OK)
		s = natsOptions_SetAllowReconnect(o, false);
	if (s == NATS_OK)
		s = natsOptions_SetPingInterval(o, PING_MS);
	if (s == NATS_OK)
		s = natsOptions_SetMaxPingsOut(o, PINGS_MOST);
	if (s == NATS_OK)
		s = natsOptions_SetIOBufSize(o, IO_BUFFER_BYTES);
	if (s == NATS_OK)
		s = natsOptions_SetErrorHandler(o, hear_nothing, NULL);
	if (s == NATS_OK && a->inbox_prefix)
		s = natsOptions_SetCustomInboxPrefix(o, a->inbox_prefix);
	return s == NATS_OK ? natslogin_set(o, a) : s;
}

int
natsdb_subscribe(struct natsdb *db, const char *name, natsSubscription **out, struct err *err)
{
	struct buf subject = BUF_INIT;
	natsStatus s;

	buf_printf(&subject, "%s%s", db->inbox, name);
	s = natsConnection_SubscribeSync(out, db->conn, buf_cstr(&subject));
	if (s == NATS_OK)
		s = natsSubscription_SetPendingLimits(*out, -1, -1);
	buf_release(&subject);
	return s == NATS_OK ? 0 : natsdb_fail(db, s, db->address->shown, err);
}

/* Of the signatures that libnats 3.4 makes, one in some hundred is not good, by chance: who logs in
 * with one is not turned away for the first. */
static natsStatus
log_in(struct natsdb *db, natsOptions *o)
{
	const struct natsaddress *a = &db->address->nats;
	int tries = a->nkey || a->creds ? SIGNATURES : 1;
	natsStatus s;

	do
		s = natsConnection_Connect(&db->conn, o);
	while (s == NATS_CONNECTION_AUTH_FAILED && --tries > 0);
	return s;
}

static int
connect_once(struct natsdb *db, struct err *err)
{
	natsOptions *o = NULL;
	natsStatus s;

	disconnect(db);
	db->code = 0;
	s = natsOptions_Create(&o);
	if (s == NATS_OK)
		s = set_options(db, o);
	if (s == NATS_OK)
		s = log_in(db, o);
	natsOptions_Destroy(o);
	if (s != NATS_OK) {
		natsdb_fail(db, s, db->address->shown, err);
		disconnect(db);
		return -1;
	}
	learn_servers(db);
	if (natsdb_subscribe(db, "r.*", &db->answers, err) == 0)
		return 0;
	disconnect(db);
	return -1;
}

static char *
make_inbox(const char *prefix)
{
	struct buf text = BUF_INIT;
	uint64_t random[2];

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		random[0] = random[1] = timestamp_monotonic_ns();
	buf_printf(&text, "%s.%016" PRIx64 "%016" PRIx64 ".", prefix ? prefix : "_INBOX", random[0],
	           random[1]);
	return buf_cstr(&text); /* the caller frees what was the buf's */
}

static int
spent(struct natsdb *db, struct err *err)
{
	if (stop_asked())
		return stopped(db, err);
	db->trouble = NATSDB_FATAL;
	err->kind = ERR_STORE;
	return retry_spent(&db->backoff, "retry", err);
}

/* JetStream does not answer, or says that it cannot: what is to be said of that. */
static int
miss_jetstream(struct natsdb *db, struct err *err)
{
	if (stop_asked())
		return stopped(db, err);
	if (db->unheard)
		return err_hint(err, "%s", natsstate_find(10076)->hint);
	return db->trouble == NATSDB_AGAIN ? spent(db, err) : -1;
}

/* Where there is no JetStream nobody takes requests for it, and where it has no leader they get an
 * error, or no answer.  The second passes, the first only where the server has just begun. */
static int
meet_jetstream(struct natsdb *db, struct err *err)
{
	uint64_t until_ns = timestamp_monotonic_ns() + READY_MS * NS_PER_MS;
	bool passes, warned = false;
	char bounds[RETRY_TEXT_BYTES];
	json_t *reply;

	while (natsdb_ask(db, "INFO", NULL, &reply, err) < 0) {
		passes = db->trouble == NATSDB_AGAIN && !db->unheard;
		if (passes && !warned && backoff_allows(&db->backoff))
			log_warning("%s; %s", err->msg, retry_bounds(&db->backoff, bounds));
		warned |= passes;
		passes |= db->unheard && timestamp_monotonic_ns() <= until_ns;
		if (!passes || !backoff_wait(&db->backoff))
			return miss_jetstream(db, err);
	}
	json_decref(reply);
	backoff_rest(&db->backoff);
	return 0;
}

int
natsdb_open(struct natsdb *db, const struct address *address, struct err *err)
{
	const struct natsaddress *a = &address->nats;
	size_t i;

	*db = (struct natsdb){.address = address, .stream = a->stream};
	db->inbox = make_inbox(a->inbox_prefix);
	db->servers = xcalloc(a->n_servers, sizeof(*db->servers));
	for (i = 0; i < a->n_servers; i++)
		db->servers[db->n_servers++] = xstrdup(a->servers[i]);
	backoff_start(&db->backoff, a->retry_s * 1000, address->retries);
	if (natslogin_check(a, address->shown, err) < 0)
		return -1;
	if (connect_once(db, err) < 0)
		return stop_asked() ? stopped(db, err) : -1;
	return meet_jetstream(db, err);
}

void
natsdb_close(struct natsdb *db)
{
	size_t i;

	disconnect(db);
	for (i = 0; i < db->n_servers; i++)
		free(db->servers[i]);
	free(db->servers);
	free(db->inbox);
	*db = (struct natsdb){0};
}

static int
attempt(void *db, struct err *err)
{
	return connect_once(db, err);
}

static bool
is_final(const void *db)
{
	return ((const struct natsdb *)db)->trouble == NATSDB_FATAL;
}

/* A connection that is half dead is not told from a server that is busy: it is made anew. */
int
natsdb_recover(struct natsdb *db, struct err *err)
{
	static const struct retry_ops ops = {attempt, is_final};
	bool good = db->trouble == NATSDB_AGAIN && db->code != 0;
	bool closed = natsConnection_IsClosed(db->conn);
	char bounds[RETRY_TEXT_BYTES];
	uint64_t tries;
	int rc;

	if (db->trouble == NATSDB_FATAL)
		return -1;
	good = good && !closed;
	if (backoff_allows(&db->backoff) && !(good && db->backoff.row > 0))
		log_warning("%s (%s); %s",
		            good     ? "the server cannot just now"
		            : closed ? "the connection is lost"
		                     : "there was no answer",
		            err->msg, retry_bounds(&db->backoff, bounds));
	if (good)
		return backoff_wait(&db->backoff) ? 0 : spent(db, err);
	rc = retry(&db->backoff, &ops, db, &tries, err);
	if (rc == 0)
		return spent(db, err);
	if (rc > 0)
		log_note("%s: connected again (try %" PRIu64 ")", db->address->shown, tries);
	return rc > 0 ? 0 : -1;
}

void
natsdb_progress(struct natsdb *db)
{
	backoff_rest(&db->backoff);
}

int
natsdb_send(struct natsdb *db, const char *what, const char *body, const char *reply,
            struct err *err)
{
	struct buf subject = BUF_INIT;
	natsStatus s;

	buf_printf(&subject, "%s.%s", db->address->nats.api_prefix, what);
	s = natsConnection_PublishRequestString(db->conn, buf_cstr(&subject), reply, body);
	buf_release(&subject);
	return s == NATS_OK ? 0 : natsdb_fail(db, s, what, err);
}

int
natsdb_next(struct natsdb *db, natsSubscription *sub, uint64_t ms, natsMsg **out, struct err *err)
{
	uint64_t until_ns = timestamp_monotonic_ns() + ms * NS_PER_MS;
	char denied[DENIED_BYTES];
	natsStatus s;

	for (;;) {
		s = natsSubscription_NextMsg(out, sub, ms < SLICE_MS ? (int64_t)ms + 1 : SLICE_MS);
		if (s == NATS_OK)
			return 1;
		if (s != NATS_TIMEOUT)
			return natsdb_fail(db, s, db->address->shown, err);
		if ((db->stoppable && stop_asked()) || was_denied(db, denied))
			return natsdb_fail(db, NATS_NOT_PERMITTED, db->address->shown, err);
		if (timestamp_monotonic_ns() >= until_ns)
			return 0;
	}
}

/* The answer to the request whose number is at the end of its subject; late ones to others are
 * dropped. */
static int
await_answer(struct natsdb *db, const char *subject, const char *doing, natsMsg **out,
             struct err *err)
{
	int rc;

	for (;;) {
		rc = natsdb_next(db, db->answers, db->address->nats.timeout_ms, out, err);
		if (rc < 0)
			return -1;
		if (rc == 0)
			return natsdb_fail(db, NATS_TIMEOUT, doing, err);
		if (strcmp(natsMsg_GetSubject(*out), subject) == 0)
			return 0;
		natsfree_message(*out);
	}
}

static int
read_answer(struct natsdb *db, natsMsg *m, const char *doing, json_t **reply, struct err *err)
{
	json_t *error;
	int rc;

	*reply = json_loadb(natsMsg_GetData(m), (size_t)natsMsg_GetDataLength(m), 0, NULL);
	if (!json_is_object(*reply)) {
		json_decref(*reply);
		db->trouble = NATSDB_FATAL;
		db->code = 0;
		return err_set(err, ERR_STORE, "%s: the answer is no JSON object", doing);
	}
	error = json_object_get(*reply, "error");
	if (!error)
		return 0;
	rc = natsdb_fail_answer(db, error, doing, err);
	json_decref(*reply);
	return rc;
}

int
natsdb_ask(struct natsdb *db, const char *what, json_t *request, json_t **reply, struct err *err)
{
	char *body = request ? json_dumps(request, JSON_COMPACT) : NULL;
	struct buf inbox = BUF_INIT, doing = BUF_INIT;
	natsMsg *m = NULL;
	int rc;

	db->code = 0;
	db->unheard = false;
	buf_printf(&doing, "%s: %s", db->address->shown, what);
	buf_printf(&inbox, "%sr.%" PRIu64, db->inbox, ++db->n_requests);
	rc = natsdb_send(db, what, body ? body : "", buf_cstr(&inbox), err);
	if (rc == 0)
		rc = await_answer(db, buf_cstr(&inbox), buf_cstr(&doing), &m, err);
	if (rc == 0) {
		rc = read_answer(db, m, buf_cstr(&doing), reply, err);
		natsfree_message(m);
	}
	buf_release(&doing);
	buf_release(&inbox);
	free(body);
	json_decref(request);
	return rc;
}

const char *
natsdb_status(natsMsg *m, const char **description)
{
	const char *status = NULL;

	*description = "";
	if (natsMsg_GetDataLength(m) > 0 || natsMsgHeader_Get(m, "Status", &status) != NATS_OK)
		return NULL;
	if (natsMsgHeader_Get(m, "Description", description) != NATS_OK)
		*description = "";
	return status;
}

uint64_t
natsdb_number(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_integer_value(value) > 0 ? (uint64_t)json_integer_value(value) : 0;
}

static bool
add_values(natsMsg *m, const char *name, struct natsmsg *out, size_t *room, struct arena *mem)
{
	const char **values = NULL;
	struct natsheader *grown;
	int n = 0, i;

	if (natsMsgHeader_Values(m, name, &values, &n) != NATS_OK)
		return false;
	for (i = 0; i < n; i++) {
		if (out->n_headers == *room) {
			*room = *room ? 2 * *room : 16;
			grown = arena_alloc(mem, *room * sizeof(*grown));
			if (out->n_headers)
				memcpy(grown, out->headers, out->n_headers * sizeof(*grown));
			out->headers = grown;
		}
		out->headers[out->n_headers++] =
		    (struct natsheader){slice_str(name), slice_str(values[i])};
	}
	free((void *)values);
	return true;
}

/* A message without data the library asks for its status when it gives it to us, and fails where
 * the last header is empty.  Asked again it says that all is well, and leaves that header out. */
static bool
failed_before(natsMsg *m)
{
	natsStatus last = NATS_OK;

	(void)nats_GetLastError(&last);
	return natsMsg_GetDataLength(m) == 0 && last == NATS_PROTOCOL_ERROR;
}

bool
natsdb_view(natsMsg *m, struct natsmsg *out, struct arena *mem)
{
	const char **names = NULL;
	size_t room = 0;
	natsStatus s;
	int n = 0, i;
	bool good = true;

	out->subject = slice_str(natsMsg_GetSubject(m));
	out->body =
	    (struct slice){(const uint8_t *)natsMsg_GetData(m), (size_t)natsMsg_GetDataLength(m)};
	if (!out->body.p)
		out->body = SLICE_LIT("");
	out->headers = NULL;
	out->n_headers = 0;
	if (failed_before(m))
		return false;
	s = natsMsgHeader_Keys(m, &names, &n);
	if (s == NATS_NOT_FOUND)
		return true;
	if (s != NATS_OK)
		return false;
	for (i = 0; i < n && good; i++)
		good = add_values(m, names[i], out, &room, mem);
	free((void *)names);
	return good && !natsmsg_looks_mangled(out);
}
