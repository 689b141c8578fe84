#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "import/clash.h"
#include "import/stage_postgres.h"

#define STAGE_NAME "esimport_stage"
#define STAGE "pg_temp." STAGE_NAME

static int
make_stage(const struct stage_postgres *s, struct err *err)
{
	struct buf sql = BUF_INIT;
	int rc;

	buf_add_str(&sql, "CREATE TEMP TABLE " STAGE " ON COMMIT DROP AS SELECT ");
	pgtable_put_names(s->table->layout, &sql);
	buf_add_str(&sql, " FROM ");
	pgtable_put_rows(s->table->layout, NULL, &sql);
	buf_add_str(&sql, " WITH NO DATA");
	rc = pgdb_exec(s->db, buf_cstr(&sql), err);
	buf_release(&sql);
	return rc;
}

static int
fill_stage(const struct stage_postgres *s, struct slice rows, struct pgcopy_place *place,
           struct err *err)
{
	struct buf sql = BUF_INIT;
	uint64_t stored;
	int rc;

	buf_add_str(&sql, "COPY " STAGE " (");
	pgtable_put_names(s->table->layout, &sql);
	buf_add_str(&sql, ") FROM STDIN (FORMAT binary)");
	place->table = STAGE_NAME;
	rc = pgdb_exec(s->db, PGTABLE_USUAL, err); /* domains may have functions */
	if (rc == 0)
		rc = pgcopy_send(s->db, buf_cstr(&sql), rows, &stored, place, err);
	buf_release(&sql);
	if (rc < 0 || pgdb_exec(s->db, PGTABLE_SETTLED, err) < 0)
		return -1;
	return pgdb_exec(s->db, "ANALYZE " STAGE, err);
}

/* " a, b WHERE ...": rows s of the batch beside rows e of the table with the same key.  `twin`:
 * beside an earlier row of the batch. */
static void
put_pairs(const struct stage_postgres *s, const struct clash_key *key, bool twin, struct buf *sql)
{
	const struct layout *l = s->table->layout;
	int i;

	if (twin)
		buf_add_str(sql, STAGE " AS e");
	else
		pgtable_put_rows(l, "e", sql);
	buf_add_str(sql, " WHERE ");
	for (i = 0; i < key->n_fields; i++) {
		buf_add_str(sql, i ? " AND e." : "e.");
		pgtable_put_field(l, key->fields[i], sql);
		buf_add_str(sql, " = s.");
		pgtable_put_field(l, key->fields[i], sql);
	}
	if (twin) {
		buf_add_str(sql, " AND e.");
		pgtable_put_field(l, FIELD_POSITION, sql);
		buf_add_str(sql, " < s.");
		pgtable_put_field(l, FIELD_POSITION, sql);
	}
}

/* One pair must be one event; without a key it is what was sent and what was stored. */
static int
compare_pair(const struct stage_postgres *s, const struct clash_key *key, struct batch *b,
             struct err *err)
{
	const char *difference;
	char which[256];

	if (event_check(&b->events[0], b->mem, err) < 0 ||
	    event_check(&b->events[1], b->mem, err) < 0)
		return -1;
	/* What the user knows it by; positions do not count.  Those of rows that a layout's
	 * statements have written are new. */
	if (s->renumber && (key || !s->table->layout->query))
		b->events[0].position = s->origins[b->events[0].position - 1];
	if (key)
		return clash_compare(&b->events[0], &b->events[1], key, s->renumber, err);
	difference = event_difference(&b->events[0], &b->events[1], !s->renumber);
	if (!difference)
		return 0;
	event_describe(&b->events[0], which, sizeof(which));
	return err_set(err, ERR_DATA, "%s: field %s: %s another value of it", which, difference,
	               s->table->layout->query ? "the layout's statements make"
	                                       : "a trigger of the table makes");
}

/* Compare the pairs that a query gives, and count them. */
static int
compare_pairs(const struct stage_postgres *s, const struct clash_key *key, const char *query,
              uint64_t *pairs, struct err *err)
{
	struct batch *b = batch_new();
	struct pgcopy copy;
	struct slice row;
	int rc = pgcopy_start(&copy, s->db, query, err);

	while (rc >= 0 && (rc = pgcopy_next(&copy, &row, err)) > 0) {
		batch_reset(b);
		rc = pgtable_read_two(s->table, row, b, err);
		if (rc == 0)
			rc = compare_pair(s, key, b, err);
		++*pairs;
	}
	pgcopy_stop(&copy);
	batch_free(b);
	return rc;
}

static void
put_pair_columns(const struct stage_postgres *s, struct buf *sql)
{
	buf_add_str(sql, "SELECT ");
	pgtable_put_columns(s->table, "s", sql);
	buf_add_str(sql, ", ");
	pgtable_put_columns(s->table, "e", sql);
	buf_add_str(sql, " FROM " STAGE " AS s, ");
}

/* Take the rows out of the batch that are there already; all of them must be equal. */
static int
take_out(const struct stage_postgres *s, const struct clash_key *key, bool twin, uint64_t *present,
         struct err *err)
{
	struct buf sql = BUF_INIT;
	uint64_t pairs = 0;
	PGresult *r;
	int rc;

	put_pair_columns(s, &sql);
	put_pairs(s, key, twin, &sql);
	rc = compare_pairs(s, key, buf_cstr(&sql), &pairs, err);
	if (rc == 0 && pairs) {
		sql.len = 0;
		buf_add_str(&sql, "DELETE FROM " STAGE " AS s USING ");
		put_pairs(s, key, twin, &sql);
		rc = pgdb_query(s->db, buf_cstr(&sql), 0, NULL, &r, err);
		if (rc == 0) {
			*present += strtoull(PQcmdTuples(r), NULL, 10);
			PQclear(r);
		}
	}
	buf_release(&sql);
	return rc;
}

static int
take_out_all(const struct stage_postgres *s, uint64_t *present, struct err *err)
{
	size_t i;

	for (i = s->renumber ? 1 : 0; i < CLASH_KEYS; i++) {
		if (!layout_column_of(s->table->layout, clash_keys[i].fields[0]))
			continue;
		if (take_out(s, &clash_keys[i], false, present, err) < 0)
			return -1;
		/* Under new positions an event may come twice in one batch; and of two that clash
		 * in it the server would not say which they are. */
		if (i > 0 && take_out(s, &clash_keys[i], true, present, err) < 0)
			return -1;
	}
	return 0;
}

/* What is not there and lies before the end has no place: the first such row is named. */
static int
check_behind(const struct stage_postgres *s, struct pgcopy_place *place, struct err *err)
{
	struct buf sql = BUF_INIT;
	int64_t row = 0;
	int rc;

	buf_add_str(&sql, "SELECT min(");
	pgtable_put_field(s->table->layout, FIELD_POSITION, &sql);
	buf_add_str(&sql, ") FROM " STAGE);
	rc = pgdb_number(s->db, buf_cstr(&sql), &row, err);
	buf_release(&sql);
	if (rc <= 0 || s->origins[row - 1] > s->end.position)
		return rc < 0 ? -1 : 0;
	place->line = (uint64_t)row;
	return clash_between(err);
}

/* The position of the nearest event of the stream of row s whose version is `side` of its. */
static void
put_neighbour(const struct layout *l, const char *side, const char *order, struct buf *sql)
{
	buf_add_str(sql, "(SELECT e.");
	pgtable_put_field(l, FIELD_POSITION, sql);
	buf_add_str(sql, " FROM ");
	pgtable_put_rows(l, "e", sql);
	buf_add_str(sql, " WHERE e.");
	pgtable_put_field(l, FIELD_STREAM, sql);
	buf_add_str(sql, " = s.");
	pgtable_put_field(l, FIELD_STREAM, sql);
	buf_add_str(sql, " AND e.");
	pgtable_put_field(l, FIELD_VERSION, sql);
	buf_printf(sql, " %s s.", side);
	pgtable_put_field(l, FIELD_VERSION, sql);
	buf_add_str(sql, " ORDER BY e.");
	pgtable_put_field(l, FIELD_VERSION, sql);
	buf_printf(sql, " %s LIMIT 1) ", order);
}

/* Rows that would stand on the wrong side of their neighbours in their streams: the first one is
 * named. */
static int
check_order(const struct stage_postgres *s, uint64_t n, struct pgcopy_place *place, struct err *err)
{
	const struct layout *l = s->table->layout;
	struct buf sql = BUF_INIT;
	int64_t position = 0;
	uint64_t i;
	int rc;

	buf_add_str(&sql, "SELECT min(s.");
	pgtable_put_field(l, FIELD_POSITION, &sql);
	buf_add_str(&sql, ") FROM " STAGE " AS s WHERE ");
	put_neighbour(l, "<", "DESC", &sql);
	buf_add_str(&sql, "> s.");
	pgtable_put_field(l, FIELD_POSITION, &sql);
	buf_add_str(&sql, " OR ");
	put_neighbour(l, ">", "ASC", &sql);
	buf_add_str(&sql, "< s.");
	pgtable_put_field(l, FIELD_POSITION, &sql);
	rc = pgdb_number(s->db, buf_cstr(&sql), &position, err);
	buf_release(&sql);
	if (rc <= 0)
		return rc;
	for (i = 0; i < n && s->origins[i] < (uint64_t)position; i++)
		;
	place->line = i + 1;
	return clash_misplaced(err);
}

/* Rows that do not follow what they should: the first one is named. */
static int
check_follows(const struct stage_postgres *s, struct pgcopy_place *place, struct err *err)
{
	const struct place_batch b = {STAGE, s->origins, s->renumber, s->end};
	size_t row;
	int rc = place_postgres_check(s->places, s->db, s->table, &b, &row, err);

	if (rc <= 0)
		return rc;
	place->line = row + 1;
	return clash_displaced(&s->places->items[row], err);
}

/* Whether there is a place for the rows of a repair archive that are not there. */
static int
check_places(const struct stage_postgres *s, uint64_t n, struct pgcopy_place *place,
             struct err *err)
{
	int rc;

	if (!s->fill)
		return 0;
	rc = s->renumber ? check_behind(s, place, err) : check_order(s, n, place, err);
	return rc < 0 ? -1 : check_follows(s, place, err);
}

/* The columns as they go into the table: positions may be new. */
static void
put_moved_columns(const struct stage_postgres *s, struct buf *sql)
{
	const struct layout *l = s->table->layout;
	const struct layout_column *position = layout_column_of(l, FIELD_POSITION);
	size_t i;

	for (i = 0; i < l->n_columns; i++) {
		buf_add_str(sql, i ? ", " : "");
		if (s->renumber && &l->columns[i] == position) {
			buf_printf(sql, "%" PRIu64 " + row_number() OVER (ORDER BY ", s->last);
			pgquote_name(sql, position->name);
			buf_add_str(sql, ")");
		} else {
			pgquote_name(sql, l->columns[i].name);
		}
	}
}

static int
move(const struct stage_postgres *s, uint64_t *stored, struct err *err)
{
	const struct layout *l = s->table->layout;
	struct buf sql = BUF_INIT;
	PGresult *r = NULL;
	int rc;

	buf_add_str(&sql, "INSERT INTO ");
	pgquote_table(&sql, l->place);
	buf_add_str(&sql, " (");
	pgtable_put_names(l, &sql);
	buf_add_str(&sql, ") OVERRIDING SYSTEM VALUE SELECT ");
	put_moved_columns(s, &sql);
	buf_add_str(&sql, " FROM " STAGE " ORDER BY ");
	pgtable_put_field(l, FIELD_POSITION, &sql);
	rc = pgdb_exec(s->db, PGTABLE_USUAL, err);
	if (rc == 0)
		rc = pgdb_query(s->db, buf_cstr(&sql), 0, NULL, &r, err);
	buf_release(&sql);
	if (rc < 0)
		return -1;
	*stored = strtoull(PQcmdTuples(r), NULL, 10);
	PQclear(r);
	return pgdb_exec(s->db, PGTABLE_SETTLED, err);
}

static int
count_stage(const struct stage_postgres *s, uint64_t *out, struct err *err)
{
	int64_t n = 0;
	int rc = pgdb_number(s->db, "SELECT count(*) FROM " STAGE, &n, err);

	*out = (uint64_t)n;
	return rc < 0 ? -1 : 0;
}

/* The rows with the positions that they get. */
static int
renumber_stage(const struct stage_postgres *s, struct err *err)
{
	struct buf sql = BUF_INIT, position = BUF_INIT;
	int rc;

	pgtable_put_field(s->table->layout, FIELD_POSITION, &position);
	buf_printf(&sql,
	           "UPDATE " STAGE " AS s SET %s = n.n FROM (SELECT ctid AS row, %" PRIu64
	           " + row_number() OVER (ORDER BY %s) AS n FROM " STAGE
	           ") AS n WHERE s.ctid = n.row",
	           buf_cstr(&position), s->last, buf_cstr(&position));
	rc = pgdb_exec(s->db, buf_cstr(&sql), err);
	buf_release(&sql);
	buf_release(&position);
	return rc;
}

/* Statements of the layout take the rows from the table beside it. */
static int
run_writes(const struct stage_postgres *s, uint64_t *stored, struct err *err)
{
	const struct layout *l = s->table->layout;

	if (count_stage(s, stored, err) < 0 || (s->renumber && renumber_stage(s, err) < 0) ||
	    pgdb_exec(s->db, PGTABLE_USUAL, err) < 0)
		return -1;
	if (pgtable_run(s->db, l, "events.write", l->write, l->n_write, err) < 0)
		return -1;
	return pgdb_exec(s->db, PGTABLE_SETTLED, err);
}

/* What the table made of the rows must still be the events.  Statements of a layout keep both keys;
 * then the server may take the index of either. */
static int
check_stored(const struct stage_postgres *s, uint64_t stored, struct err *err)
{
	static const struct clash_key both = {"stream, version and position",
	                                      {FIELD_STREAM, FIELD_VERSION, FIELD_POSITION},
	                                      3};
	const struct clash_key *key =
	    s->table->layout->query ? &both : &clash_keys[s->renumber ? 1 : 0];
	struct buf sql = BUF_INIT;
	uint64_t pairs = 0;
	int rc;

	put_pair_columns(s, &sql);
	put_pairs(s, key, false, &sql);
	rc = compare_pairs(s, NULL, buf_cstr(&sql), &pairs, err);
	buf_release(&sql);
	if (rc == 0 && pairs != stored)
		return err_set(err, ERR_STORE,
		               "%" PRIu64 " of %" PRIu64
		               " events are not in the table as they were sent: %s",
		               pairs < stored ? stored - pairs : pairs - stored, stored,
		               s->table->layout->query
		                   ? "the layout's statements did not store them"
		                   : "a trigger may be in the way");
	return rc;
}

int
stage_postgres_check(const struct stage_postgres *s, struct slice rows, uint64_t n, struct err *err)
{
	struct pgcopy_place place = {0};

	if (make_stage(s, err) < 0 || fill_stage(s, rows, &place, err) < 0)
		return -1;
	return check_stored(s, n, err);
}

int
stage_postgres_write(const struct stage_postgres *s, struct slice rows, uint64_t n,
                     uint64_t *present, struct pgcopy_place *place, struct err *err)
{
	uint64_t stored = 0;

	*present = 0;
	if (make_stage(s, err) < 0 || fill_stage(s, rows, place, err) < 0 ||
	    (!s->fresh && take_out_all(s, present, err) < 0) || check_places(s, n, place, err) < 0)
		return -1;
	if (s->dry)
		return 0;
	if ((s->table->layout->query ? run_writes : move)(s, &stored, err) < 0)
		return -1;
	if (stored + *present != n)
		return err_set(err, ERR_STORE,
		               "the table took %" PRIu64 " of %" PRIu64
		               " events: a trigger may be in the way",
		               stored, n - *present);
	return s->check ? check_stored(s, stored, err) : 0;
}
