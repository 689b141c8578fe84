#include <inttypes.h>
#include <stdlib.h>

#include "export/ranges_postgres.h"

/* A policy that hides rows must be an error. */
static const char settings[] = "SET row_security = off";

/* The range that was asked for, and that is final; false: no event can be in it. */
static bool
limits(const struct ranges_postgres *r, struct rangesum_range *out)
{
	const struct selection *select = r->select;

	*out = (struct rangesum_range){0, r->bound.upto.position};
	if (select->after.set && select->after.position == UINT64_MAX)
		return false;
	if (select->after.set)
		out->first = select->after.position + 1;
	if (select->upto.set && select->upto.position < out->last)
		out->last = select->upto.position;
	return r->bound.upto.set && out->first <= out->last;
}

static void
put_position(const struct ranges_postgres *r, struct buf *sql)
{
	pgtable_put_field(r->layout, FIELD_POSITION, sql);
}

static void
put_within(const struct ranges_postgres *r, const struct rangesum_range *range, struct buf *sql)
{
	put_position(r, sql);
	buf_printf(sql, " >= %" PRIu64 " AND ", range->first);
	put_position(r, sql);
	buf_printf(sql, " <= %" PRIu64, range->last);
}

/* A row whose position is no number would be in no range, and be missed on both sides. */
static int
refuse_strange(const struct ranges_postgres *r, const char *rows, struct err *err)
{
	return err_set(err, ERR_DATA,
	               "table %s: column %s holds no number in %s rows, and is the position",
	               r->layout->table, layout_column_of(r->layout, FIELD_POSITION)->name, rows);
}

static int
take_all(struct ranges_postgres *r, PGresult *rows, struct err *err)
{
	if (*PQgetvalue(rows, 0, 3) != '0')
		return refuse_strange(r, PQgetvalue(rows, 0, 3), err);
	r->all = RANGESUM_INIT;
	r->all.events = strtoull(PQgetvalue(rows, 0, 0), NULL, 10);
	if (r->all.events) {
		r->all.least = strtoull(PQgetvalue(rows, 0, 1), NULL, 10);
		r->all.greatest = strtoull(PQgetvalue(rows, 0, 2), NULL, 10);
	}
	return 0;
}

static int
look_at_all(struct ranges_postgres *r, struct err *err)
{
	struct rangesum_range range;
	struct buf sql = BUF_INIT;
	PGresult *rows;
	int rc;

	if (!limits(r, &range))
		range = (struct rangesum_range){1, 0};
	buf_add_str(&sql,
	            "SELECT pg_catalog.count(q.p) FILTER (WHERE q.held), pg_catalog.min(q.p) "
	            "FILTER (WHERE q.held), pg_catalog.max(q.p) FILTER (WHERE q.held), "
	            "pg_catalog.count(*) FILTER (WHERE q.p IS NULL OR q.p < 0) FROM (SELECT ");
	put_position(r, &sql);
	buf_add_str(&sql, " AS p, ");
	put_within(r, &range, &sql);
	buf_add_str(&sql, " AS held FROM ");
	pgtable_put_rows(r->layout, NULL, &sql);
	buf_add_str(&sql, ") q");
	rc = pgdb_query(&r->db, buf_cstr(&sql), 0, NULL, &rows, err);
	buf_release(&sql);
	if (rc < 0)
		return -1;
	rc = take_all(r, rows, err);
	PQclear(rows);
	return rc;
}

/* Again from its beginning where the connection is lost. */
static int
prepare(struct ranges_postgres *r, const char *layout, struct err *err)
{
	layout_free(r->layout);
	r->layout = NULL;
	if (pgdb_exec(&r->db, settings, err) < 0 ||
	    pgtable_choose(&r->layout, &r->db, layout, r->db.address->shown, err) < 0 ||
	    pgtable_settle(&r->db, r->layout, err) < 0 ||
	    pgtable_open(&r->table, &r->db, r->layout, err) < 0 ||
	    bound_postgres_begin(&r->bound, &r->db, r->layout, false, err) < 0 ||
	    pgdb_exec(&r->db, PGTABLE_USUAL, err) < 0)
		return -1;
	return look_at_all(r, err) < 0 ? err_wrap(err, "%s", r->db.address->shown) : 0;
}

int
ranges_postgres_open(struct ranges_postgres *r, const struct address *from, const char *layout,
                     const struct selection *select, struct err *err)
{
	*r = (struct ranges_postgres){.select = select};
	if (pgdb_open(&r->db, from, err) < 0)
		return -1;
	r->db.stoppable = true;
	while (prepare(r, layout, err) < 0)
		if (r->db.trouble == PGDB_FATAL || pgdb_reconnect(&r->db, err) < 0)
			return -1;
	pgdb_progress(&r->db);
	return 0;
}

/*
 * Without OFFSET the server would pull the inner query up, and compute each digest twice.
 * A digest is 16 of its bytes here, as two numbers with a sign.
 */
static void
put_sums(const struct ranges_postgres *r, const struct rangesum_range *ranges, size_t n,
         const struct rangesum_range *within, struct buf *sql)
{
	static const char half[] =
	    "pg_catalog.sum(('x' || pg_catalog.encode(pg_catalog.substr(q.h, %d, 8), "
	    "'hex'))::bit(64)::bigint)";
	size_t i;

	buf_add_str(sql, "SELECT pg_catalog.width_bucket(q.p, '");
	for (i = 0; i < n; i++)
		buf_printf(sql, "%s%" PRIu64, i ? "," : "{", ranges[i].first);
	buf_add_str(sql, "}'::bigint[]) AS b, pg_catalog.count(*), pg_catalog.min(q.p), "
	                 "pg_catalog.max(q.p), ");
	buf_printf(sql, half, 1);
	buf_add_str(sql, ", ");
	buf_printf(sql, half, 9);
	buf_add_str(sql, " FROM (SELECT ");
	put_position(r, sql);
	buf_add_str(sql, "::bigint AS p, ");
	pgdigest_put(&r->table, sql);
	buf_add_str(sql, " AS h FROM ");
	pgtable_put_rows(r->layout, NULL, sql);
	buf_add_str(sql, " WHERE ");
	put_within(r, within, sql);
	buf_add_str(sql, " OFFSET 0) q GROUP BY 1");
}

/* Buckets count from 1. */
static int
take_sums(struct ranges_postgres *r, PGresult *rows, size_t n, struct rangesum *out,
          struct err *err)
{
	struct rangesum *s;
	unsigned long bucket;
	int i;

	for (i = 0; i < PQntuples(rows); i++) {
		bucket = strtoul(PQgetvalue(rows, i, 0), NULL, 10);
		if (bucket < 1 || bucket > n)
			break;
		s = &out[bucket - 1];
		s->events = strtoull(PQgetvalue(rows, i, 1), NULL, 10);
		s->least = strtoull(PQgetvalue(rows, i, 2), NULL, 10);
		s->greatest = strtoull(PQgetvalue(rows, i, 3), NULL, 10);
		if (rangesum_parse(PQgetvalue(rows, i, 4), &s->halves[0]) < 0 ||
		    rangesum_parse(PQgetvalue(rows, i, 5), &s->halves[1]) < 0)
			break;
	}
	if (i == PQntuples(rows))
		return 0;
	return err_set(err, ERR_STORE,
	               "%s: the sums of ranges came in a form that is not known here",
	               r->db.address->shown);
}

static int
sum_run(struct ranges_postgres *r, const struct rangesum_range *ranges, size_t n,
        struct rangesum *out, struct err *err)
{
	struct rangesum_range within, all;
	struct buf sql = BUF_INIT;
	PGresult *rows;
	size_t i;
	int rc;

	for (i = 0; i < n; i++)
		out[i] = RANGESUM_INIT;
	if (!limits(r, &all))
		return 0;
	within.first = ranges[0].first > all.first ? ranges[0].first : all.first;
	within.last = ranges[n - 1].last < all.last ? ranges[n - 1].last : all.last;
	/* Positions and so the bound have 63 bits; a range that begins behind it is empty. */
	while (n > 1 && ranges[n - 1].first > within.last)
		n--;
	if (within.first > within.last)
		return 0;
	put_sums(r, ranges, n, &within, &sql);
	rc = pgdb_query(&r->db, buf_cstr(&sql), 0, NULL, &rows, err);
	buf_release(&sql);
	if (rc < 0)
		return -1;
	rc = take_sums(r, rows, n, out, err);
	PQclear(rows);
	return rc;
}

static int
reconnect(struct ranges_postgres *r, struct err *err)
{
	for (;;) {
		if (r->db.trouble == PGDB_FATAL || pgdb_reconnect(&r->db, err) < 0)
			return -1;
		if (pgdb_exec(&r->db, settings, err) == 0 &&
		    bound_postgres_resume(&r->bound, &r->db, r->layout, err) == 0)
			return 0;
	}
}

int
ranges_postgres_sum(struct ranges_postgres *r, const struct rangesum_range *ranges, size_t n,
                    struct rangesum *out, struct err *err)
{
	size_t run;

	for (; n > 0; ranges += run, out += run, n -= run) {
		run = rangesum_run(ranges, n);
		while (sum_run(r, ranges, run, out, err) < 0)
			if (reconnect(r, err) < 0)
				return -1;
		pgdb_progress(&r->db);
		r->queries++;
	}
	return 0;
}

void
ranges_postgres_close(struct ranges_postgres *r)
{
	pgtable_close(&r->table);
	pgdb_close(&r->db);
	layout_free(r->layout);
	*r = (struct ranges_postgres){0};
}
