#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/log.h"
#include "common/stop.h"
#include "common/timestamp.h"
#include "export/bound_postgres.h"

#define POLL_MS 20
#define FIRST_LOCK_MS 1000 /* how long the lock may keep writers waiting; doubled each time */

#define BEGIN_READ "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

/* The table with its partitions and children. */
#define RELATIONS                                                                                  \
	"WITH RECURSIVE r(oid) AS (SELECT to_regclass(%s::text)::oid UNION "                       \
	"SELECT i.inhrelid FROM r JOIN pg_inherits i ON i.inhparent = r.oid) "

struct search {
	struct bound_postgres *bound;
	struct pgdb *db;
	const struct layout *layout;
	struct buf table;   /* its quoted name */
	struct buf literal; /* the same as a literal */
	bool is_table;      /* else a view, of tables that are not known here */
	bool quiet;
	uint64_t until_ns;
};

static int
number(struct search *s, const char *before, const char *behind, int64_t *out, struct err *err)
{
	struct buf sql = BUF_INIT;
	int rc;

	buf_printf(&sql, "%s%s%s", before, buf_cstr(&s->literal), behind);
	rc = pgdb_number(s->db, buf_cstr(&sql), out, err);
	buf_release(&sql);
	return rc;
}

static int
find_greatest(struct pgdb *db, const struct layout *l, struct selection_bound *out, struct err *err)
{
	struct buf sql = BUF_INIT;
	int64_t greatest = 0;
	int rc;

	buf_add_str(&sql, "SELECT max(");
	pgtable_put_field(l, FIELD_POSITION, &sql);
	buf_add_str(&sql, ") FROM ");
	pgtable_put_rows(l, NULL, &sql);
	rc = pgdb_exec(db, PGTABLE_USUAL, err); /* a view may have functions */
	if (rc == 0)
		rc = pgdb_number(db, buf_cstr(&sql), &greatest, err);
	buf_release(&sql);
	if (rc < 0 || pgdb_exec(db, PGTABLE_SETTLED, err) < 0)
		return -1;
	if (rc > 0 && greatest < 0)
		return err_set(err, ERR_DATA, "table %s: a position is negative", l->table);
	*out = (struct selection_bound){rc > 0, (uint64_t)greatest};
	return 0;
}

/* Sleep a little, unless the time is over or a stop was asked for. */
static int
wait_a_little(struct search *s, const char *what, struct err *err)
{
	struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};

	if (stop_asked())
		return err_set(err, ERR_STOPPED, "stopped while waiting for %s", what);
	if (timestamp_monotonic_ns() < s->until_ns) {
		nanosleep(&pause, NULL);
		return 0;
	}
	err_set(err, ERR_STORE, "%s: %s did not end in %" PRIu64 " s", s->db->address->shown, what,
	        s->db->address->pg.bound_timeout_s);
	return err_hint(err,
	                "pg_stat_activity shows them; wait longer with es_bound_timeout=SECONDS "
	                "in the address");
}

/* The export of a snapshot lives as long as the transaction that holds the lock. */
static int
share_snapshot(struct search *s, struct pgdb *locker, struct err *err)
{
	struct buf sql = BUF_INIT;
	PGresult *r;
	int rc;

	if (pgdb_query(locker, "SELECT pg_export_snapshot()", 0, NULL, &r, err) < 0)
		return -1;
	buf_add_str(&sql, BEGIN_READ "; SET TRANSACTION SNAPSHOT ");
	pgquote_text(&sql, PQgetvalue(r, 0, 0));
	PQclear(r);
	rc = pgdb_exec(s->db, buf_cstr(&sql), err);
	buf_release(&sql);
	return rc;
}

/* 1: the lock is there, 0: not within this time, -1. */
static int
try_lock(struct search *s, struct pgdb *locker, uint64_t ms, struct err *err)
{
	struct buf sql = BUF_INIT;
	struct err busy = ERR_INIT;
	int rc;

	buf_printf(&sql, "BEGIN; SET LOCAL lock_timeout = %" PRIu64 "; LOCK TABLE %s IN SHARE MODE",
	           ms, buf_cstr(&s->table));
	rc = pgdb_exec(locker, buf_cstr(&sql), &busy);
	buf_release(&sql);
	if (rc == 0)
		return 1;
	if (strcmp(locker->sqlstate, "55P03") != 0 && locker->trouble != PGDB_AGAIN) {
		*err = busy;
		return -1;
	}
	locker->trouble = PGDB_FATAL; /* this one is over: the time decides about the next */
	return pgdb_exec(locker, "ROLLBACK", err);
}

static uint64_t
milliseconds_left(const struct search *s)
{
	uint64_t now_ns = timestamp_monotonic_ns();

	return now_ns < s->until_ns ? (s->until_ns - now_ns) / 1000000 + 1 : 1;
}

static int
lock_and_begin(struct search *s, struct pgdb *locker, struct err *err)
{
	uint64_t ms = FIRST_LOCK_MS, left_ms;
	int rc;

	for (;;) {
		left_ms = milliseconds_left(s);
		rc = try_lock(s, locker, ms < left_ms ? ms : left_ms, err);
		if (rc < 0)
			return -1;
		if (rc > 0)
			break;
		if (wait_a_little(s, "transactions that write to the table", err) < 0)
			return -1;
		ms *= 2;
	}
	rc = share_snapshot(s, locker, err);
	/* The lock is not needed any longer than that: writers wait behind it. */
	return pgdb_exec(locker, "ROLLBACK", err) < 0 ? -1 : rc;
}

/* The virtual transactions that hold a lock for writing, as a literal of an array.  One that is
 * prepared has no process. */
static int
list_writers(struct search *s, const char *which, struct buf *out, struct err *err)
{
	struct buf sql = BUF_INIT;
	PGresult *r;
	int rc;

	buf_printf(&sql,
	           RELATIONS "SELECT array_agg(DISTINCT l.virtualtransaction) FROM pg_locks l "
	                     "WHERE l.locktype = 'relation' AND l.granted AND l.pid IS DISTINCT "
	                     "FROM pg_backend_pid() AND (l.relation IN (SELECT oid FROM r) "
	                     "OR %s) "
	                     "AND l.database = (SELECT oid FROM pg_database WHERE datname = "
	                     "current_database()) AND l.mode IN ('RowExclusiveLock', "
	                     "'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')%s",
	           buf_cstr(&s->literal), s->is_table ? "false" : "true", which);
	rc = pgdb_query(s->db, buf_cstr(&sql), 0, NULL, &r, err);
	buf_release(&sql);
	if (rc < 0)
		return -1;
	if (PQgetisnull(r, 0, 0))
		buf_add_str(out, "'{}'");
	else
		pgquote_text(out, PQgetvalue(r, 0, 0));
	PQclear(r);
	return 0;
}

static int
wait_for_listed(struct search *s, const char *which, struct err *err)
{
	struct buf writers = BUF_INIT, sql = BUF_INIT;
	int64_t running = 1;
	int rc = list_writers(s, which, &writers, err);

	buf_printf(&sql,
	           "SELECT count(*) FROM pg_locks WHERE locktype = 'relation' AND "
	           "virtualtransaction = ANY (%s::text[])",
	           buf_cstr(&writers));
	while (rc >= 0) {
		rc = pgdb_number(s->db, buf_cstr(&sql), &running, err);
		if (rc < 0 || running == 0)
			break;
		rc = wait_a_little(s, "transactions that write to the table", err);
	}
	buf_release(&writers);
	buf_release(&sql);
	return rc < 0 ? -1 : 0;
}

/* Who takes a position holds the lock of the table before: when those that hold it now have ended,
 * every position up to the greatest one that is seen now is final.  PREPARE TRANSACTION ends a
 * virtual transaction, too, and hands its locks to another one. */
static int
wait_for_writers(struct search *s, struct err *err)
{
	if (wait_for_listed(s, "", err) < 0)
		return -1;
	return wait_for_listed(s, " AND l.pid IS NULL", err);
}

/* Between its position and its first row a transaction has no number: there only its lock tells. */
static int
wait_for_all(struct search *s, struct err *err)
{
	int64_t over = 0;
	struct buf sql = BUF_INIT;
	PGresult *r;
	int rc = 0;

	if (wait_for_writers(s, err) < 0 ||
	    pgdb_query(s->db, "SELECT pg_snapshot_xmax(pg_current_snapshot())", 0, NULL, &r, err) <
	        0)
		return -1;
	buf_printf(&sql, "SELECT (pg_snapshot_xmin(pg_current_snapshot()) >= '%s'::xid8)::int",
	           PQgetvalue(r, 0, 0));
	PQclear(r);
	while (rc >= 0) {
		rc = pgdb_number(s->db, buf_cstr(&sql), &over, err);
		if (rc < 0 || over)
			break;
		rc = wait_a_little(s, "transactions that were running", err);
	}
	buf_release(&sql);
	return rc < 0 ? -1 : 0;
}

/* The greatest position first, then the wait, then the snapshot: what comes in between is behind
 * the bound. */
static int
bound_by_wait(struct search *s, int (*wait)(struct search *, struct err *), struct err *err)
{
	if (find_greatest(s->db, s->layout, &s->bound->upto, err) < 0 || wait(s, err) < 0)
		return -1;
	return pgdb_exec(s->db, BEGIN_READ, err);
}

/* Without a second connection to this server the writers are waited for. */
static int
wait_instead(struct search *s, const struct err *why, struct err *err)
{
	if (why->kind == ERR_STOPPED) {
		*err = *why;
		return -1;
	}
	if (PQtransactionStatus(s->db->conn) != PQTRANS_IDLE &&
	    pgdb_exec(s->db, "ROLLBACK", err) < 0)
		return -1;
	if (!s->quiet)
		log_note("no second connection for the lock: %s", why->msg);
	s->bound->method = PGADDRESS_BOUND_WAIT;
	return bound_by_wait(s, wait_for_writers, err);
}

static int
bound_by_lock(struct search *s, struct err *err)
{
	struct address once = *s->db->address; /* a second try would be another's turn */
	struct err why = ERR_INIT;
	struct pgdb locker = {0};
	int rc;

	once.pg.retry_s = 0;
	if (pgdb_open(&locker, &once, &why) < 0)
		return wait_instead(s, &why, err);
	locker.stoppable = true;
	s->db->trouble = PGDB_FATAL;
	rc = lock_and_begin(s, &locker, err);
	if (rc < 0 && s->db->trouble == PGDB_FATAL) /* else it was our own connection that failed */
		s->db->trouble = locker.trouble;
	pgdb_close(&locker);
	if (rc < 0 &&
	    strcmp(s->db->sqlstate, "22023") == 0) /* the lock was taken on another server */
		return wait_instead(s, err, err);
	return rc < 0 ? -1 : find_greatest(s->db, s->layout, &s->bound->upto, err);
}

static int
bound_by_nothing(struct search *s, struct err *err)
{
	if (pgdb_exec(s->db, BEGIN_READ, err) < 0)
		return -1;
	return find_greatest(s->db, s->layout, &s->bound->upto, err);
}

/* What the role may do, and what there is to wait for. */
static int
choose(struct search *s, enum pgaddress_bound *out, struct err *err)
{
	int64_t standby = 0, table = 0, may = 0;

	if (pgdb_number(s->db, "SELECT pg_is_in_recovery()::int", &standby, err) < 0 ||
	    number(s, "SELECT (relkind IN ('r', 'p'))::int FROM pg_class WHERE oid = to_regclass(",
	           ")", &table, err) < 0 ||
	    number(s, "SELECT has_table_privilege(to_regclass(",
	           "), 'UPDATE, DELETE, TRUNCATE')::int", &may, err) < 0)
		return -1;
	s->is_table = table;
	*out = s->db->address->pg.bound;
	if (standby && *out != PGADDRESS_BOUND_NONE && !s->quiet)
		log_warning(
		    "%s is a standby, where a transaction may have taken a position and not "
		    "be known yet: an increment behind this export may miss it",
		    s->db->address->shown);
	if (*out != PGADDRESS_BOUND_AUTO)
		return 0;
	if (standby || !table)
		*out = PGADDRESS_BOUND_XMIN;
	else
		*out = may ? PGADDRESS_BOUND_LOCK : PGADDRESS_BOUND_WAIT;
	return 0;
}

/* Each session takes some positions at once, and uses them when it likes.  Of identity and serial
 * columns, and of those whose default asks a sequence. */
static int
warn_of_cache(struct search *s, struct err *err)
{
	static const char query[] =
	    "SELECT format('%I.%I', n.nspname, c.relname), q.seqcache "
	    "FROM pg_attribute a "
	    "LEFT JOIN pg_attrdef def ON def.adrelid = a.attrelid AND def.adnum = a.attnum "
	    "JOIN pg_depend d ON (d.classid = 'pg_class'::regclass AND d.refclassid = "
	    "'pg_class'::regclass AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum AND "
	    "d.deptype IN ('a', 'i')) OR (d.classid = 'pg_attrdef'::regclass AND d.objid = def.oid "
	    "AND d.refclassid = 'pg_class'::regclass) "
	    "JOIN pg_sequence q ON q.seqrelid IN (d.objid, d.refobjid) "
	    "JOIN pg_class c ON c.oid = q.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
	    "WHERE a.attrelid = to_regclass($1::text) AND a.attname = $2 AND q.seqcache > 1 LIMIT 1";
	const char *const parameters[] = {buf_cstr(&s->table),
	                                  layout_column_of(s->layout, FIELD_POSITION)->name};
	PGresult *r;

	if (pgdb_query(s->db, query, 2, parameters, &r, err) < 0)
		return -1;
	if (PQntuples(r) > 0)
		log_warning("sequence %s has CACHE %s: events may get positions below those that "
		            "were read, and be missed later; ALTER SEQUENCE %s CACHE 1 ends that",
		            PQgetvalue(r, 0, 0), PQgetvalue(r, 0, 1), PQgetvalue(r, 0, 0));
	PQclear(r);
	return 0;
}

static int
find(struct search *s, struct err *err)
{
	if (choose(s, &s->bound->method, err) < 0)
		return -1;
	if (s->bound->method != PGADDRESS_BOUND_NONE && !s->quiet && warn_of_cache(s, err) < 0)
		return -1;
	switch (s->bound->method) {
	case PGADDRESS_BOUND_LOCK:
		return bound_by_lock(s, err);
	case PGADDRESS_BOUND_XMIN:
		return bound_by_wait(s, wait_for_all, err);
	case PGADDRESS_BOUND_NONE:
		return bound_by_nothing(s, err);
	default:
		return bound_by_wait(s, wait_for_writers, err);
	}
}

static void
say(const struct bound_postgres *b)
{
	static const char *const means[] = {
	    [PGADDRESS_BOUND_LOCK] = "lock: writers were kept out for a moment",
	    [PGADDRESS_BOUND_WAIT] = "wait: the transactions that were writing have ended",
	    [PGADDRESS_BOUND_XMIN] = "xmin: all transactions that were running have ended",
	    [PGADDRESS_BOUND_NONE] = "none: late commits of others may be missed",
	};

	if (b->upto.set)
		log_note("reading events up to position %" PRIu64 " (%s)", b->upto.position,
		         means[b->method]);
}

int
bound_postgres_begin(struct bound_postgres *out, struct pgdb *db, const struct layout *l,
                     bool quiet, struct err *err)
{
	struct search s = {.bound = out, .db = db, .layout = l, .quiet = quiet};
	int rc;

	*out = (struct bound_postgres){0};
	s.until_ns = timestamp_monotonic_ns() + db->address->pg.bound_timeout_s * 1000000000;
	pgquote_table(&s.table, l->place);
	pgquote_text(&s.literal, buf_cstr(&s.table));
	rc = find(&s, err);
	if (rc == 0 && !quiet)
		say(out);
	buf_release(&s.table);
	buf_release(&s.literal);
	return rc;
}

int
bound_postgres_resume(const struct bound_postgres *bound, struct pgdb *db, const struct layout *l,
                      struct err *err)
{
	struct buf sql = BUF_INIT;
	int64_t there = 0;
	int rc;

	if (pgdb_exec(db, BEGIN_READ, err) < 0)
		return -1;
	if (!bound->upto.set)
		return 0;
	buf_add_str(&sql, "SELECT 1 FROM ");
	pgtable_put_rows(l, NULL, &sql);
	buf_add_str(&sql, " WHERE ");
	pgtable_put_field(l, FIELD_POSITION, &sql);
	buf_printf(&sql, " = %" PRIu64, bound->upto.position);
	rc = pgdb_number(db, buf_cstr(&sql), &there, err);
	buf_release(&sql);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	db->trouble = PGDB_FATAL;
	return err_set(err, ERR_STORE,
	               "%s: event %" PRIu64
	               " is not there any more: after the connection was lost this is another "
	               "state of the store",
	               db->address->shown, bound->upto.position);
}
