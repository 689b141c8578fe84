#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/jscan.h"
#include "common/log.h"
#include "common/pgdb.h"
#include "common/pgstate.h"
#include "common/retry.h"
#include "common/stop.h"
#include "common/timestamp.h"

#define OLDEST_SERVER 130000 /* pg_current_snapshot(), generated columns */
#define NS_PER_S UINT64_C(1000000000)
#define CONNECT_TIMEOUT_S 10
#define CONNECT_TIMEOUT_MOST_S 1000000 /* more is none */
#define SLICE_MS 50                    /* how long a stop may go unseen */

/* What would make the meaning of a text, or the time that work may take, depend on the role. */
static const struct {
	const char *set;
	int since; /* version of the server */
} session[] = {
    {"SET TimeZone = 'UTC'", 0},
    {"SET DateStyle = 'ISO'", 0},
    {"SET IntervalStyle = 'postgres'", 0},
    {"SET bytea_output = 'hex'", 0},
    {"SET standard_conforming_strings = on", 0},
    {"SET client_min_messages = warning", 0},
    {"SET statement_timeout = 0", 0},
    {"SET lock_timeout = 0", 0},
    {"SET idle_in_transaction_session_timeout = 0", 90600},
    {"SET jit = off", 110000},
    {"SET extra_float_digits = 3", 0},
    {"SET idle_session_timeout = 0", 140000},
    {"SET transaction_timeout = 0", 170000},
};

/* Errors come with the result; what else the server says is about its own settings. */
static void
drop_notice(void *self, const PGresult *notice)
{
	(void)self;
	(void)notice;
}

static void
disconnect(struct pgdb *db)
{
	PQfinish(db->conn);
	db->conn = NULL;
}

void
pgdb_close(struct pgdb *db)
{
	disconnect(db);
}

/* The meaning of db->sqlstate goes to the caller: always -1. */
static int
report(struct pgdb *db, bool gone, const char *doing, struct buf *text, struct err *err)
{
	const struct pgstate *state = pgstate_find(db->sqlstate);

	db->trouble = gone ? PGDB_LOST : state->trouble;
	err_set(err, gone ? ERR_STORE : state->kind, "%s: %s", doing, buf_cstr(text));
	return state->hint ? err_hint(err, "%s", state->hint) : -1;
}

static void
set_sqlstate(struct pgdb *db, const char *code)
{
	snprintf(db->sqlstate, sizeof(db->sqlstate), "%s", code ? code : "");
}

static int
stopped(struct pgdb *db, struct err *err)
{
	db->trouble = PGDB_FATAL;
	return err_set(err, ERR_STOPPED, "stopped by a signal");
}

/* Where libpq cannot write, and reads what the server said before it went, it reports the one
 * without having met the end behind the other. */
static bool
is_gone(struct pgdb *db)
{
	struct pollfd p = {.events = POLLIN};
	int tries = 0;

	while (*db->sqlstate == '\0' && PQstatus(db->conn) != CONNECTION_BAD && tries++ < 100) {
		p.fd = PQsocket(db->conn);
		if (poll(&p, 1, 0) <= 0)
			break;
		(void)PQconsumeInput(db->conn);
	}
	return PQstatus(db->conn) == CONNECTION_BAD;
}

int
pgdb_fail(struct pgdb *db, PGresult *failed, const char *doing, struct err *err)
{
	const char *message = PQresultErrorField(failed, PG_DIAG_MESSAGE_PRIMARY);
	const char *detail = PQresultErrorField(failed, PG_DIAG_MESSAGE_DETAIL);
	struct buf text = BUF_INIT;
	char ignored[6];
	int rc;

	set_sqlstate(db, PQresultErrorField(failed, PG_DIAG_SQLSTATE));
	if (db->stoppable && stop_asked()) { /* it was cancelled, or given up */
		PQclear(failed);
		return stopped(db, err);
	}
	if (message)
		pgstate_squeeze(&text, message, " ");
	else
		pgstate_read(&text, ignored,
		             failed ? PQresultErrorMessage(failed) : PQerrorMessage(db->conn));
	if (text.len == 0)
		buf_add_str(&text, "the server answers something else than was asked for");
	if (detail) {
		buf_add_str(&text, " (");
		pgstate_squeeze(&text, detail, " ");
		buf_add_str(&text, ")");
	}
	rc = report(db, is_gone(db), doing, &text, err);
	buf_release(&text);
	PQclear(failed);
	return rc;
}

static PGconn *
start(const struct address *address)
{
	/* Of one name the last counts: the address may say otherwise, but for the encoding. */
	const char *const names[] = {"fallback_application_name", "keepalives_idle",
	                             "keepalives_interval",       "keepalives_count",
	                             "tcp_user_timeout",          "dbname",
	                             "client_encoding",           NULL};
	const char *const values[] = {log_program(),        "30",   "10", "3", "60000",
	                              address->pg.conninfo, "UTF8", NULL};

	return PQconnectStartParams(names, values, 1);
}

struct limits {
	uint64_t connect_s; /* 0: none */
	int user_ms;        /* TCP_USER_TIMEOUT once there is a connection */
};

static long
number_of(PQconninfoOption *options, const char *name, long missing)
{
	for (; options && options->keyword; options++)
		if (strcmp(options->keyword, name) == 0 && options->val && *options->val)
			return strtol(options->val, NULL, 10);
	return missing;
}

/* As the address, a service and the environment have it. */
static struct limits
limits_of(PGconn *conn)
{
	PQconninfoOption *options = PQconninfo(conn);
	long s = number_of(options, "connect_timeout", CONNECT_TIMEOUT_S);
	long ms = number_of(options, "tcp_user_timeout", 0);

	PQconninfoFree(options);
	return (struct limits){
	    .connect_s = s <= 0 || s > CONNECT_TIMEOUT_MOST_S ? 0
	                 : s == 1                             ? 2
	                                                      : (uint64_t)s,
	    .user_ms = ms <= 0 || ms > INT_MAX ? 0 : (int)ms,
	};
}

/*
 * Of several hosts or addresses libpq tries the next where one cannot be reached, but when it is
 * polled it knows no timeout.  So the kernel is told to give up on one that is silent.
 */
static void
limit_socket(int fd, int ms)
{
	(void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof(ms));
}

enum outcome { OUTCOME_DONE, OUTCOME_FAILED, OUTCOME_SILENT, OUTCOME_STOPPED };

static enum outcome
wait_for_socket(PGconn *conn, PostgresPollingStatusType want, uint64_t deadline_ns)
{
	struct pollfd p = {.events = want == PGRES_POLLING_READING ? POLLIN : POLLOUT};
	int n = 0;

	while (n == 0 || (n < 0 && errno == EINTR)) {
		if (stop_asked())
			return OUTCOME_STOPPED;
		if (deadline_ns > 0 && timestamp_monotonic_ns() >= deadline_ns)
			return OUTCOME_SILENT;
		p.fd = PQsocket(conn);
		n = poll(&p, 1, SLICE_MS);
	}
	return OUTCOME_DONE; /* where poll fails, libpq finds the same */
}

/* PQconnectdb(), but it ends when the user asks for that.  The timeout is for each address. */
static enum outcome
establish(PGconn *conn, const struct limits *limits)
{
	uint64_t limit_ns = limits->connect_s * NS_PER_S;
	PostgresPollingStatusType next = PGRES_POLLING_WRITING;
	enum outcome outcome;
	uint64_t began_ns = 0;
	char at[64] = "", now[64];
	const char *host = NULL;

	if (PQstatus(conn) == CONNECTION_BAD)
		return OUTCOME_FAILED;
	while (next != PGRES_POLLING_OK) {
		snprintf(now, sizeof(now), "%s", PQhostaddr(conn) ? PQhostaddr(conn) : "");
		if (began_ns == 0 || PQhost(conn) != host || strcmp(at, now) != 0) {
			began_ns = timestamp_monotonic_ns();
			host = PQhost(conn);
			memcpy(at, now, sizeof(at));
		}
		if (PQstatus(conn) == CONNECTION_STARTED && limit_ns > 0)
			limit_socket(PQsocket(conn), (int)(limits->connect_s * 1000 - 500));
		outcome = wait_for_socket(conn, next, limit_ns ? began_ns + limit_ns : 0);
		if (outcome != OUTCOME_DONE)
			return outcome;
		next = PQconnectPoll(conn);
		if (next == PGRES_POLLING_FAILED)
			return OUTCOME_FAILED;
	}
	limit_socket(PQsocket(conn), limits->user_ms);
	return OUTCOME_DONE;
}

/* What no server answers may pass, but not a password that is missing. */
static int
fail_to_connect(struct pgdb *db, struct err *err)
{
	bool no_password = PQconnectionNeedsPassword(db->conn);
	struct buf text = BUF_INIT;
	int rc;

	pgstate_read(&text, db->sqlstate, PQerrorMessage(db->conn));
	rc = report(db, *db->sqlstate == '\0', db->address->shown, &text, err);
	if (no_password && *db->sqlstate == '\0') {
		db->trouble = PGDB_FATAL;
		err_hint(err, "give the password with PGPASSWORD, in ~/.pgpass, or in the address");
	}
	buf_release(&text);
	return rc;
}

static int
set_session(struct pgdb *db, struct err *err)
{
	struct buf sql = BUF_INIT;
	size_t i;
	int rc;

	for (i = 0; i < sizeof(session) / sizeof(*session); i++)
		if (db->server >= session[i].since)
			buf_printf(&sql, "%s;", session[i].set);
	rc = pgdb_exec(db, buf_cstr(&sql), err);
	buf_release(&sql);
	return rc;
}

static int
refuse_server(struct pgdb *db, struct err *err)
{
	db->trouble = PGDB_FATAL;
	return err_set(err, ERR_STORE,
	               "%s: is version %d of PostgreSQL, and 13 is the oldest that will do",
	               db->address->shown, db->server / 10000);
}

static int
connect_once(struct pgdb *db, struct err *err)
{
	struct limits limits;
	int rc = 0;

	disconnect(db);
	set_sqlstate(db, "");
	db->trouble = PGDB_FATAL;
	db->conn = start(db->address);
	if (!db->conn)
		mem_exhausted();
	PQsetErrorVerbosity(db->conn, PQERRORS_VERBOSE); /* see pgstate_read() */
	PQsetNoticeReceiver(db->conn, drop_notice, NULL);
	limits = limits_of(db->conn);
	switch (establish(db->conn, &limits)) {
	case OUTCOME_DONE:
		PQsetErrorVerbosity(db->conn, PQERRORS_DEFAULT);
		db->server = PQserverVersion(db->conn);
		rc = db->server < OLDEST_SERVER ? refuse_server(db, err) : set_session(db, err);
		break;
	case OUTCOME_FAILED:
		rc = fail_to_connect(db, err);
		break;
	case OUTCOME_SILENT:
		db->trouble = PGDB_LOST;
		rc = err_set(err, ERR_STORE, "%s: no answer within %" PRIu64 " s",
		             db->address->shown, limits.connect_s);
		break;
	case OUTCOME_STOPPED:
		rc = stopped(db, err);
		break;
	}
	if (rc < 0)
		disconnect(db);
	else
		db->trouble = PGDB_FATAL;
	return rc;
}

/* The server answers, and says that it cannot just now. */
static bool
is_busy(const struct pgdb *db)
{
	return db->trouble == PGDB_LOST &&
	       (strncmp(db->sqlstate, "57", 2) == 0 || strncmp(db->sqlstate, "53", 2) == 0);
}

static int
spent(struct pgdb *db, struct err *err)
{
	if (stop_asked())
		return stopped(db, err);
	db->trouble = PGDB_FATAL;
	err->kind = ERR_STORE;
	return retry_spent(&db->backoff, "es_retry", err);
}

int
pgdb_open(struct pgdb *db, const struct address *address, struct err *err)
{
	struct err now = ERR_INIT;
	char bounds[RETRY_TEXT_BYTES];
	bool busy = false;

	*db = (struct pgdb){.address = address};
	backoff_start(&db->backoff, address->pg.retry_s * 1000, address->retries);
	while (connect_once(db, &now) < 0) {
		if (is_busy(db) && !busy && backoff_allows(&db->backoff)) {
			log_warning("%s; %s", now.msg, retry_bounds(&db->backoff, bounds));
			busy = true;
		}
		/* One that has stopped refuses connections until it starts. */
		if (busy && db->trouble != PGDB_FATAL && backoff_wait(&db->backoff))
			continue;
		*err = now;
		if (busy && db->trouble != PGDB_FATAL)
			return spent(db, err);
		return stop_asked() ? stopped(db, err) : -1;
	}
	if (busy)
		log_note("%s: connected", address->shown);
	backoff_rest(&db->backoff);
	return 0;
}

static int
again(struct pgdb *db, struct err *err)
{
	char bounds[RETRY_TEXT_BYTES];
	struct err now = ERR_INIT;

	if (db->backoff.row == 0 && backoff_allows(&db->backoff))
		log_warning("%s; %s", err->msg, retry_bounds(&db->backoff, bounds));
	if (PQtransactionStatus(db->conn) != PQTRANS_IDLE && pgdb_exec(db, "ROLLBACK", &now) < 0) {
		*err = now;
		return -1;
	}
	db->trouble = PGDB_FATAL;
	return backoff_wait(&db->backoff) ? 0 : spent(db, err);
}

static bool
keeps_connection(const struct pgdb *db)
{
	PGTransactionStatusType status = PQtransactionStatus(db->conn);

	return db->trouble == PGDB_AGAIN && status != PQTRANS_UNKNOWN && status != PQTRANS_ACTIVE;
}

static int
attempt(void *db, struct err *err)
{
	return connect_once(db, err);
}

static bool
is_final(const void *db)
{
	return ((const struct pgdb *)db)->trouble == PGDB_FATAL;
}

int
pgdb_reconnect(struct pgdb *db, struct err *err)
{
	static const struct retry_ops ops = {attempt, is_final};
	char bounds[RETRY_TEXT_BYTES];
	uint64_t tries;
	int rc;

	if (keeps_connection(db)) {
		if (again(db, err) == 0) {
			db->trouble = PGDB_FATAL;
			return 0;
		}
		if (db->trouble != PGDB_LOST)
			return -1;
	}
	disconnect(db);
	if (backoff_allows(&db->backoff))
		log_warning("%s: the connection is lost (%s); %s", db->address->shown, err->msg,
		            retry_bounds(&db->backoff, bounds));
	rc = retry(&db->backoff, &ops, db, &tries, err);
	if (rc == 0)
		return spent(db, err);
	if (rc > 0)
		log_note("%s: connected again (try %" PRIu64 ")", db->address->shown, tries);
	return rc > 0 ? 0 : -1;
}

void
pgdb_progress(struct pgdb *db)
{
	backoff_rest(&db->backoff);
}

/* As much of a statement as a message needs. */
static int
fail_in(struct pgdb *db, PGresult *failed, const char *sql, struct err *err)
{
	char doing[160];
	int n = snprintf(doing, sizeof(doing), "%s", sql);

	if (n < 0 || (size_t)n >= sizeof(doing))
		memcpy(doing + sizeof(doing) - 4, "...", 4);
	return pgdb_fail(db, failed, doing, err);
}

static bool
went_well(const PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

static void *
cancel_main(void *c)
{
	char ignored[256];

	(void)PQcancel(c, ignored, sizeof(ignored));
	PQfreeCancel(c);
	return NULL;
}

/* On a thread of its own: it waits until the server closes the connection that it makes, and one
 * that is silent never does. */
static void
cancel(struct pgdb *db)
{
	PGcancel *c = PQgetCancel(db->conn);
	pthread_t thread;

	if (pthread_create(&thread, NULL, cancel_main, c) == 0)
		pthread_detach(thread);
	else
		PQfreeCancel(c);
}

/* Until PQgetResult() has something to say.  A stop cancels the statement, and what does not even
 * answer to that loses the connection: false. */
static bool
await_result(struct pgdb *db)
{
	struct pollfd p = {.fd = PQsocket(db->conn), .events = POLLIN};
	uint64_t until_ns = 0;

	while (PQisBusy(db->conn)) {
		if (stop_asked() && until_ns == 0) {
			cancel(db);
			until_ns = timestamp_monotonic_ns() + NS_PER_S;
		}
		if (until_ns > 0 && timestamp_monotonic_ns() >= until_ns) {
			disconnect(db);
			return false;
		}
		(void)poll(&p, 1, SLICE_MS);
		if (!PQconsumeInput(db->conn))
			return true;
	}
	return true;
}

/* As PQexec() does it, of several results the last one counts. */
PGresult *
pgdb_run(struct pgdb *db, const char *sql, int n, const char *const *parameters)
{
	PGresult *last = NULL, *next;
	int sent;

	db->trouble = PGDB_FATAL; /* what this one does not say is nobody's to try again */
	set_sqlstate(db, "");
	if (!db->stoppable)
		return n < 0 ? PQexec(db->conn, sql)
		             : PQexecParams(db->conn, sql, n, NULL, parameters, NULL, NULL, 0);
	sent = n < 0 ? PQsendQuery(db->conn, sql)
	             : PQsendQueryParams(db->conn, sql, n, NULL, parameters, NULL, NULL, 0);
	while (sent && await_result(db) && (next = PQgetResult(db->conn))) {
		PQclear(last);
		last = next;
		if (PQresultStatus(last) == PGRES_COPY_OUT)
			break;
	}
	return last;
}

int
pgdb_exec(struct pgdb *db, const char *sql, struct err *err)
{
	PGresult *result = pgdb_run(db, sql, -1, NULL);

	if (!went_well(result))
		return fail_in(db, result, sql, err);
	PQclear(result);
	return 0;
}

int
pgdb_query(struct pgdb *db, const char *sql, int n, const char *const *parameters, PGresult **out,
           struct err *err)
{
	PGresult *result = pgdb_run(db, sql, n, parameters);

	if (!went_well(result))
		return fail_in(db, result, sql, err);
	*out = result;
	return 0;
}

int
pgdb_number(struct pgdb *db, const char *sql, int64_t *out, struct err *err)
{
	PGresult *result = NULL;
	const char *text;
	long long n;
	char *end;
	int rc = 0;

	if (pgdb_query(db, sql, 0, NULL, &result, err) < 0)
		return -1;
	if (PQntuples(result) > 0 && PQnfields(result) > 0 && !PQgetisnull(result, 0, 0)) {
		text = PQgetvalue(result, 0, 0);
		errno = 0;
		n = strtoll(text, &end, 10);
		rc = 1;
		if (errno || end == text || *end) {
			db->trouble = PGDB_FATAL;
			set_sqlstate(db, "");
			rc = err_set(err, ERR_STORE, "%.100s: %.40s: is no number of 64 bits", sql,
			             text);
		} else {
			*out = n;
		}
	}
	PQclear(result);
	return rc;
}

bool
pgdb_unsigned(const PGresult *r, int row, int column, uint64_t *out)
{
	return jscan_uint(slice_str(PQgetvalue(r, row, column)), out);
}
