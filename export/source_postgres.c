#include <inttypes.h>

#include "common/pgcopy.h"
#include "common/progress.h"
#include "export/bound_postgres.h"
#include "export/source.h"

#define ROW_OVERHEAD_BYTES 160

/* An index on the position gives rows at once, where sorting them would take disk and time first; a
 * policy that hides rows must be an error. */
static const char settings[] = "SET enable_sort = off; SET row_security = off";

struct postgres_source {
	struct pgdb db;
	struct layout *layout;
	struct pgtable table;
	struct bound_postgres bound;
	struct pgcopy copy;
	struct slice row;               /* that next() has moved to */
	struct selection_bound given;   /* position of the event that was taken last */
	uint64_t counted, taken;        /* events of the range: in the first snapshot, and so far */
	const struct selection *select; /* of the options */
};

/* What is left of the range.  False: nothing can be. */
static bool
where_range(const struct postgres_source *self, bool all, struct buf *sql)
{
	const struct selection *select = self->select;
	struct selection_bound after = {0};
	uint64_t upto = self->bound.upto.position;

	if (!all)
		after = select->after;
	if (!all && select->upto.set && select->upto.position < upto)
		upto = select->upto.position;
	if (self->given.set)
		after = self->given;
	if (!self->bound.upto.set || (after.set && after.position >= upto))
		return false;
	buf_add_str(sql, " WHERE ");
	pgtable_put_field(self->layout, FIELD_POSITION, sql);
	buf_printf(sql, " <= %" PRIu64, upto);
	if (after.set) {
		buf_add_str(sql, " AND ");
		pgtable_put_field(self->layout, FIELD_POSITION, sql);
		buf_printf(sql, " > %" PRIu64, after.position);
	}
	return true;
}

static void
put_query(struct postgres_source *self, const char *what, struct buf *sql)
{
	buf_add_str(sql, "SELECT ");
	if (what)
		buf_add_str(sql, what);
	else
		pgtable_put_columns(&self->table, NULL, sql);
	buf_add_str(sql, " FROM ");
	pgtable_put_rows(self->layout, NULL, sql);
}

static void
put_order(struct postgres_source *self, struct buf *sql)
{
	buf_add_str(sql, " ORDER BY ");
	pgtable_put_field(self->layout, FIELD_POSITION, sql);
}

/* 1: rows will come, 0: there are none in the range, -1. */
static int
start_copy(struct postgres_source *self, struct err *err)
{
	struct buf sql = BUF_INIT;
	int rc = 0;

	put_query(self, NULL, &sql);
	if (where_range(self, false, &sql)) {
		put_order(self, &sql);
		rc = pgcopy_start(&self->copy, &self->db, buf_cstr(&sql), err) < 0 ? -1 : 1;
	}
	buf_release(&sql);
	return rc;
}

static int
count_events(struct postgres_source *self, uint64_t *out, struct err *err)
{
	struct buf sql = BUF_INIT;
	int64_t n = 0;
	int rc = 0;

	put_query(self, "count(*)", &sql);
	if (where_range(self, false, &sql))
		rc = pgdb_number(&self->db, buf_cstr(&sql), &n, err);
	buf_release(&sql);
	*out = (uint64_t)n;
	return rc < 0 ? -1 : 0;
}

/* A comparison passes over NULL: a row without a number would be lost. */
static int
check_positions(struct postgres_source *self, struct err *err)
{
	const struct layout_column *c = layout_column_of(self->layout, FIELD_POSITION);
	struct buf sql = BUF_INIT;
	int64_t strange = 0;
	int rc;

	put_query(self, "count(*)", &sql);
	buf_add_str(&sql, " WHERE ");
	pgquote_name(&sql, c->name);
	buf_add_str(&sql, " IS NULL OR ");
	pgquote_name(&sql, c->name);
	buf_add_str(&sql, " < 0");
	/* Since version 18 NOT NULL may be NOT VALID: said, but not of every row. */
	rc = self->table.columns[c - self->layout->columns].needed && self->db.server < 180000
	         ? 0
	         : pgdb_number(&self->db, buf_cstr(&sql), &strange, err);
	buf_release(&sql);
	if (rc < 0 || strange == 0)
		return rc < 0 ? -1 : 0;
	return err_set(err, ERR_DATA,
	               "table %s: column %s holds no number in %" PRId64
	               " rows, and is the position",
	               self->layout->table, c->name, strange);
}

/* The digest of the first event of the whole store, whatever was selected. */
static int
find_origin(struct postgres_source *self, struct source_info *info, struct err *err)
{
	struct batch *b = batch_new();
	struct buf sql = BUF_INIT;
	struct pgcopy copy = {0};
	struct slice row = SLICE_ABSENT;
	int rc = 0;

	put_query(self, NULL, &sql);
	if (where_range(self, true, &sql)) {
		put_order(self, &sql);
		buf_add_str(&sql, " LIMIT 1");
		rc = pgcopy_start(&copy, &self->db, buf_cstr(&sql), err);
		if (rc == 0)
			rc = pgcopy_next(&copy, &row, err);
	}
	if (rc > 0) {
		rc = pgtable_read(&self->table, row, b, err);
		if (rc == 0)
			rc = event_check(&b->events[0], b->mem, err);
		if (rc == 0)
			rc = digest_of_event(&b->events[0], &info->origin, err);
		info->has_origin = rc == 0;
		if (rc == 0)
			rc = pgcopy_next(&copy, &row, err); /* the end */
	}
	pgcopy_stop(&copy);
	buf_release(&sql);
	batch_free(b);
	return rc < 0 ? -1 : 0;
}

/* All that comes before the first event; again from its beginning where the connection is lost. */
static int
prepare(struct postgres_source *self, const struct source_options *options,
        struct source_info *info, struct err *err)
{
	layout_free(self->layout);
	self->layout = NULL;
	if (pgdb_exec(&self->db, settings, err) < 0 ||
	    pgtable_choose(&self->layout, &self->db, options->layout, self->db.address->shown,
	                   err) < 0 ||
	    pgtable_settle(&self->db, self->layout, err) < 0 ||
	    pgtable_open(&self->table, &self->db, self->layout, err) < 0 ||
	    bound_postgres_begin(&self->bound, &self->db, self->layout, options->quiet, err) < 0 ||
	    pgdb_exec(&self->db, PGTABLE_USUAL, err) < 0)
		return -1;
	if (check_positions(self, err) < 0 || find_origin(self, info, err) < 0)
		return err_wrap(err, "%s", self->db.address->shown);
	self->db.trouble = PGDB_FATAL; /* what comes now is no trouble of this connection */
	if (source_settle(options, info, err) < 0)
		return -1;
	if (count_events(self, &info->events, err) < 0)
		return err_wrap(err, "%s", self->db.address->shown);
	return 0;
}

/* Go on behind the event that was taken last, on a new connection. */
static int
resume(struct postgres_source *self, struct err *err)
{
	pgcopy_stop(&self->copy);
	for (;;) {
		if (self->db.trouble == PGDB_FATAL || pgdb_reconnect(&self->db, err) < 0)
			return -1;
		if (pgdb_exec(&self->db, settings, err) == 0 &&
		    bound_postgres_resume(&self->bound, &self->db, self->layout, err) == 0 &&
		    start_copy(self, err) >= 0)
			return 0;
	}
}

static int
postgres_open(void *me, const struct address *from, const struct source_options *options,
              struct source_info *info, struct err *err)
{
	struct postgres_source *self = me;

	self->select = options->select;
	if (pgdb_open(&self->db, from, err) < 0)
		return -1;
	self->db.stoppable = true;
	while (prepare(self, options, info, err) < 0)
		if (self->db.trouble == PGDB_FATAL || pgdb_reconnect(&self->db, err) < 0)
			return -1;
	pgdb_progress(&self->db);
	self->counted = info->events;
	info->kind = "postgresql";
	info->layout = self->layout->name;
	pgtable_exactness(&self->table, &info->time_step_ns, &info->by_value);
	return start_copy(self, err) < 0 ? resume(self, err) : 0;
}
/* What was there at the beginning must have come, also where the connection was lost between. */
static int
check_count(const struct postgres_source *self, struct err *err)
{
	char n[PROGRESS_TEXT_BYTES];

	if (self->taken == self->counted)
		return 0;
	err_set(err, ERR_STORE,
	        "%s: table %s had %s in the range at the beginning, and %" PRIu64 " came",
	        self->db.address->shown, self->layout->table,
	        progress_things(self->counted, "event", n), self->taken);
	return err_hint(err,
	                "after the connection was lost the store was in another state: is it a "
	                "server that lags behind?");
}

static int
postgres_next(void *me, size_t *weight_bytes, struct err *err)
{
	struct postgres_source *self = me;
	int rc;

	while (self->copy.running) {
		rc = pgcopy_next(&self->copy, &self->row, err);
		if (rc > 0) {
			pgdb_progress(&self->db);
			*weight_bytes = ROW_OVERHEAD_BYTES + self->row.len;
			return 1;
		}
		if (rc < 0 && resume(self, err) < 0)
			return -1;
	}
	return check_count(self, err);
}

static int
postgres_take(void *me, struct batch *into, struct err *err)
{
	struct postgres_source *self = me;

	if (pgtable_read(&self->table, self->row, into, err) < 0)
		return -1;
	self->taken++;
	self->given = (struct selection_bound){true, into->events[into->len - 1].position};
	return 0;
}

static void
postgres_close(void *me)
{
	struct postgres_source *self = me;

	pgcopy_stop(&self->copy);
	pgtable_close(&self->table);
	pgdb_close(&self->db);
	layout_free(self->layout);
}

const struct source_driver source_postgres = {
    .size = sizeof(struct postgres_source),
    .open = postgres_open,
    .next = postgres_next,
    .take = postgres_take,
    .close = postgres_close,
};
