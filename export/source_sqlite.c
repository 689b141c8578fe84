#include <inttypes.h>

#include "common/sqlitedb.h"
#include "common/sqliterow.h"
#include "export/source.h"

#define ROW_OVERHEAD_BYTES 160

struct sqlite_source {
	sqlite3 *db;
	struct sqlitedb_wait wait;
	struct layout *layout;
	struct sqliterow row;
	sqlite3_stmt *rows;
};

/*
 * Positions are INTEGERs: a bound beyond them selects nothing, or cuts nothing
 * off.  1 with the statement's parameter, 0 when no event can be in the range.
 */
static int
bind_range(sqlite3_stmt *stmt, const struct selection *select)
{
	int64_t after = INT64_MIN, upto = INT64_MAX;

	if (select->after.set && select->after.position >= INT64_MAX)
		return 0;
	if (select->after.set)
		after = (int64_t)select->after.position;
	if (select->upto.set && select->upto.position < INT64_MAX)
		upto = (int64_t)select->upto.position;
	sqlite3_bind_int64(stmt, 1, after);
	sqlite3_bind_int64(stmt, 2, upto);
	return 1;
}

static void
where_range(const struct layout *l, struct buf *sql)
{
	buf_add_str(sql, " WHERE ");
	sqliterow_column(l, FIELD_POSITION, sql);
	buf_add_str(sql, " > ?1 AND ");
	sqliterow_column(l, FIELD_POSITION, sql);
	buf_add_str(sql, " <= ?2");
}

static int
prepare_rows(struct sqlite_source *self, const struct selection *select, struct err *err)
{
	struct buf sql = BUF_INIT;
	int rc;

	sqliterow_select(self->layout, &sql);
	where_range(self->layout, &sql);
	buf_add_str(&sql, " ORDER BY ");
	sqliterow_column(self->layout, FIELD_POSITION, &sql);
	rc = sqlitedb_prepare(self->db, &sql, &self->rows, err);
	buf_release(&sql);
	if (rc == 0 && !bind_range(self->rows, select)) {
		sqlite3_finalize(self->rows);
		self->rows = NULL;
	}
	return rc;
}

static int
count_events(struct sqlite_source *self, const struct selection *select, uint64_t *out,
             struct err *err)
{
	struct buf sql = BUF_INIT;
	sqlite3_stmt *stmt = NULL;
	int rc;

	buf_add_str(&sql, "SELECT count(*) FROM ");
	sqlitedb_quote(&sql, self->layout->place);
	/* Without a range SQLite counts in the smallest index. */
	if (select->after.set || select->upto.set)
		where_range(self->layout, &sql);
	rc = sqlitedb_prepare(self->db, &sql, &stmt, err);
	if (rc == 0 && (sqlite3_bind_parameter_count(stmt) == 0 || bind_range(stmt, select))) {
		if (sqlite3_step(stmt) == SQLITE_ROW)
			*out = (uint64_t)sqlite3_column_int64(stmt, 0);
		else
			rc = sqlitedb_fail(self->db, "count events", err);
	}
	sqlite3_finalize(stmt);
	buf_release(&sql);
	return rc;
}

/* The digest of the first event of the whole store, whatever was selected. */
static int
find_origin(struct sqlite_source *self, struct source_info *info, struct err *err)
{
	struct batch *b = batch_new();
	struct buf sql = BUF_INIT;
	sqlite3_stmt *stmt = NULL;
	int rc;

	sqliterow_select(self->layout, &sql);
	buf_add_str(&sql, " ORDER BY ");
	sqliterow_column(self->layout, FIELD_POSITION, &sql);
	buf_add_str(&sql, " LIMIT 1");
	rc = sqlitedb_prepare(self->db, &sql, &stmt, err);
	if (rc == 0)
		rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW) {
		rc = sqliterow_read(&self->row, stmt, b, err);
		if (rc == 0)
			rc = event_check(&b->events[0], b->mem, err);
		if (rc == 0)
			rc = digest_of_event(&b->events[0], &info->origin, err);
		info->has_origin = rc == 0;
	} else if (rc != -1) {
		rc = rc == SQLITE_DONE ? 0 : sqlitedb_fail(self->db, "read the first event", err);
	}
	sqlite3_finalize(stmt);
	buf_release(&sql);
	batch_free(b);
	return rc;
}

/* Whether positions are row ids, which are INTEGERs by themselves: 1, 0, -1. */
static int
positions_are_rowids(struct sqlite_source *self, const char *column, struct err *err)
{
	struct buf sql = BUF_INIT;
	sqlite3_stmt *stmt = NULL;
	int rc;

	if (sqlite3_stricmp(column, "rowid") == 0)
		return 1;
	buf_add_str(&sql, "SELECT 1 FROM pragma_table_xinfo(?1) AS c, pragma_table_list(?1) AS t "
	                  "WHERE c.name = ?2 COLLATE NOCASE AND c.pk = 1 AND t.wr = 0 "
	                  "AND upper(c.type) = 'INTEGER' AND t.type = 'table' "
	                  "AND NOT EXISTS (SELECT 1 FROM pragma_table_xinfo(?1) WHERE pk > 1)");
	rc = sqlitedb_prepare(self->db, &sql, &stmt, err);
	buf_release(&sql);
	if (rc < 0)
		return -1;
	sqlite3_bind_text(stmt, 1, self->layout->place, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 2, column, -1, SQLITE_STATIC);
	rc = sqlite3_step(stmt);
	sqlite3_finalize(stmt);
	return rc == SQLITE_ROW;
}

/* A comparison passes over values of other types: a row without a number would be lost. */
static int
check_positions(struct sqlite_source *self, struct err *err)
{
	const char *column = layout_column_of(self->layout, FIELD_POSITION)->name;
	struct buf sql = BUF_INIT;
	int64_t strange = 0;
	int rc = positions_are_rowids(self, column, err);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	buf_add_str(&sql, "SELECT count(*) FROM ");
	sqlitedb_quote(&sql, self->layout->place);
	buf_add_str(&sql, " WHERE typeof(");
	sqlitedb_quote(&sql, column);
	buf_add_str(&sql, ") <> 'integer'");
	rc = sqlitedb_number(self->db, buf_cstr(&sql), &strange, err);
	buf_release(&sql);
	if (rc < 0 || strange == 0)
		return rc < 0 ? -1 : 0;
	return err_set(err, ERR_DATA,
	               "table %s: column %s holds no number in %" PRId64
	               " rows, and is the position",
	               self->layout->table, column, strange);
}

static int
sqlite_open(void *me, const struct address *from, const struct source_options *options,
            struct source_info *info, struct err *err)
{
	struct sqlite_source *self = me;

	if (sqlitedb_open_source(&self->db, from, &self->wait, err) < 0)
		return -1;
	/* One transaction: what is read is one moment of the store, while writers go on. */
	if (sqlitedb_exec(self->db, "BEGIN", err) < 0 ||
	    sqlitedb_choose_layout(&self->layout, self->db, options->layout, from->shown, err) < 0)
		return -1;
	sqliterow_open(&self->row, self->layout);
	sqliterow_look(&self->row, self->db);
	info->kind = "sqlite";
	info->layout = self->layout->name;
	info->time_step_ns = layout_time_step_ns(self->layout);
	if (check_positions(self, err) < 0 || find_origin(self, info, err) < 0)
		return err_wrap(err, "%s", from->shown);
	if (source_settle(options, info, err) < 0)
		return -1;
	if (count_events(self, options->select, &info->events, err) < 0)
		return err_wrap(err, "%s", from->shown);
	return prepare_rows(self, options->select, err);
}

static int
sqlite_next(void *me, size_t *weight_bytes, struct err *err)
{
	struct sqlite_source *self = me;
	size_t weight = ROW_OVERHEAD_BYTES;
	int rc = self->rows ? sqlite3_step(self->rows) : SQLITE_DONE;
	int i, n, type;

	if (rc == SQLITE_DONE)
		return 0;
	if (rc != SQLITE_ROW)
		return sqlitedb_fail(self->db, "read events", err);
	for (i = 0, n = sqlite3_data_count(self->rows); i < n; i++) {
		type = sqlite3_column_type(self->rows, i);
		if (type == SQLITE_TEXT || type == SQLITE_BLOB)
			weight += (size_t)sqlite3_column_bytes(self->rows, i);
	}
	*weight_bytes = weight;
	return 1;
}

static int
sqlite_take(void *me, struct batch *into, struct err *err)
{
	struct sqlite_source *self = me;

	return sqliterow_read(&self->row, self->rows, into, err);
}

static void
sqlite_close(void *me)
{
	struct sqlite_source *self = me;

	sqlite3_finalize(self->rows);
	sqliterow_close(&self->row);
	sqlitedb_close(self->db);
	layout_free(self->layout);
}

const struct source_driver source_sqlite = {
    .size = sizeof(struct sqlite_source),
    .open = sqlite_open,
    .next = sqlite_next,
    .take = sqlite_take,
    .close = sqlite_close,
};
