#include <stdlib.h>

#include "common/sqlitedb.h"
#include "common/sqliterow.h"
#include "import/clash.h"
#include "import/clash_sqlite.h"

#define SCRATCH_BYTES ((size_t)16 << 10)
struct clash_sqlite {
	sqlite3 *db;
	const struct layout *layout;
	sqlite3_stmt *lookups[CLASH_KEYS]; /* NULL: the layout has no such field */
	sqlite3_stmt *neighbours;          /* NULL until it is needed */
	sqlite3_stmt *between;             /* the same */
	struct sqliterow row;
	struct batch *found;
	struct arena *scratch;
};

/* A query for the row that has the values of a key. */
static int
prepare(struct clash_sqlite *c, size_t key, struct err *err)
{
	struct buf sql = BUF_INIT;
	int i, rc;

	if (!layout_column_of(c->layout, clash_keys[key].fields[0]))
		return 0;
	sqliterow_select(c->layout, &sql);
	for (i = 0; i < clash_keys[key].n_fields; i++) {
		buf_add_str(&sql, i ? " AND " : " WHERE ");
		sqliterow_column(c->layout, clash_keys[key].fields[i], &sql);
		buf_printf(&sql, " = ?%d", i + 1);
	}
	buf_add_str(&sql, " LIMIT 1");
	rc = sqlitedb_prepare(c->db, &sql, &c->lookups[key], err);
	buf_release(&sql);
	return rc;
}

int
clash_sqlite_open(struct clash_sqlite **out, sqlite3 *db, const struct layout *l, struct err *err)
{
	struct clash_sqlite *c = xcalloc(1, sizeof(*c));
	size_t key;

	c->db = db;
	c->layout = l;
	sqliterow_open(&c->row, l);
	sqliterow_look(&c->row, db);
	c->found = batch_new();
	c->scratch = arena_new(SCRATCH_BYTES);
	for (key = 0; key < CLASH_KEYS; key++)
		if (prepare(c, key, err) < 0) {
			clash_sqlite_close(c);
			return -1;
		}
	*out = c;
	return 0;
}

void
clash_sqlite_close(struct clash_sqlite *c)
{
	size_t key;

	if (!c)
		return;
	for (key = 0; key < CLASH_KEYS; key++)
		sqlite3_finalize(c->lookups[key]);
	sqlite3_finalize(c->neighbours);
	sqlite3_finalize(c->between);
	sqliterow_close(&c->row);
	batch_free(c->found);
	arena_free(c->scratch);
	free(c);
}

/* The row with the event's values of a key, into `found`: 1, 0 when there is none, -1. */
static int
look_up(struct clash_sqlite *c, size_t key, const struct event *e, struct err *err)
{
	sqlite3_stmt *lookup = c->lookups[key];
	int i, rc, found = 0;

	if (!lookup)
		return 0;
	arena_reset(c->scratch);
	for (i = 0; i < clash_keys[key].n_fields; i++)
		sqliterow_bind_field(c->layout, clash_keys[key].fields[i], lookup, i + 1, e,
		                     c->scratch);
	rc = sqlite3_step(lookup);
	batch_reset(c->found);
	if (rc == SQLITE_ROW) {
		found = 1;
		if (sqliterow_read(&c->row, lookup, c->found, err) < 0 ||
		    event_check(&c->found->events[0], c->found->mem, err) < 0)
			found = -1;
	} else if (rc != SQLITE_DONE) {
		found = sqlitedb_fail(c->db, "look for the event", err);
	}
	sqlite3_reset(lookup);
	return found;
}

int
clash_sqlite_find(struct clash_sqlite *c, const struct event *e, bool renumber, struct err *err)
{
	size_t key;
	int rc = 0;

	for (key = renumber ? 1 : 0; key < CLASH_KEYS && rc == 0; key++)
		rc = look_up(c, key, e, err);
	if (rc <= 0)
		return rc;
	return clash_compare(e, &c->found->events[0], &clash_keys[key - 1], renumber, err) < 0 ? -1
	                                                                                       : 1;
}

int
clash_sqlite_get(struct clash_sqlite *c, uint64_t position, const struct event **out,
                 struct err *err)
{
	int rc = clash_sqlite_holds(c, position, err);

	*out = rc > 0 ? &c->found->events[0] : NULL;
	return rc < 0 ? -1 : 0;
}

int
clash_sqlite_holds(struct clash_sqlite *c, uint64_t position, struct err *err)
{
	struct event e = {.position = position};

	return look_up(c, 0, &e, err);
}

/* The position of the nearest event of the stream ?1 whose version is `side` of ?2. */
static void
put_neighbour(const struct layout *l, const char *side, const char *order, struct buf *sql)
{
	buf_add_str(sql, "(SELECT ");
	sqliterow_column(l, FIELD_POSITION, sql);
	buf_add_str(sql, " FROM ");
	sqlitedb_quote(sql, l->place);
	buf_add_str(sql, " WHERE ");
	sqliterow_column(l, FIELD_STREAM, sql);
	buf_add_str(sql, " = ?1 AND ");
	sqliterow_column(l, FIELD_VERSION, sql);
	buf_printf(sql, " %s ?2 ORDER BY ", side);
	sqliterow_column(l, FIELD_VERSION, sql);
	buf_printf(sql, " %s LIMIT 1)", order);
}

static int
prepare_neighbours(struct clash_sqlite *c, struct err *err)
{
	struct buf sql = BUF_INIT;
	int rc;

	if (c->neighbours)
		return 0;
	buf_add_str(&sql, "SELECT ");
	put_neighbour(c->layout, "<", "DESC", &sql);
	buf_add_str(&sql, " > ?3 OR ");
	put_neighbour(c->layout, ">", "ASC", &sql);
	buf_add_str(&sql, " < ?3");
	rc = sqlitedb_prepare(c->db, &sql, &c->neighbours, err);
	buf_release(&sql);
	return rc;
}

/* Whether the event would stand on the wrong side of the events before and behind it in its
 * stream: 1, 0, -1. */
static int
is_misplaced(struct clash_sqlite *c, const struct event *e, struct err *err)
{
	static const enum field fields[] = {FIELD_STREAM, FIELD_VERSION, FIELD_POSITION};
	int i, rc;

	if (prepare_neighbours(c, err) < 0)
		return -1;
	arena_reset(c->scratch);
	for (i = 0; i < 3; i++)
		sqliterow_bind_field(c->layout, fields[i], c->neighbours, i + 1, e, c->scratch);
	rc = sqlite3_step(c->neighbours);
	rc = rc == SQLITE_ROW ? sqlite3_column_int(c->neighbours, 0) != 0
	                      : sqlitedb_fail(c->db, "look for the event", err);
	sqlite3_reset(c->neighbours);
	return rc;
}

/* Whether an event stands behind ?1 and before ?2: no more than what lies between is looked at. */
static int
prepare_between(struct clash_sqlite *c, struct err *err)
{
	struct buf sql = BUF_INIT;
	int rc;

	if (c->between)
		return 0;
	buf_add_str(&sql, "SELECT EXISTS (SELECT 1 FROM ");
	sqlitedb_quote(&sql, c->layout->place);
	buf_add_str(&sql, " WHERE ");
	sqliterow_column(c->layout, FIELD_POSITION, &sql);
	buf_add_str(&sql, " > ?1 AND ");
	sqliterow_column(c->layout, FIELD_POSITION, &sql);
	buf_add_str(&sql, " < ?2)");
	rc = sqlitedb_prepare(c->db, &sql, &c->between, err);
	buf_release(&sql);
	return rc;
}

/* Whether an event stands between: 1, 0, -1. */
static int
is_between(struct clash_sqlite *c, const struct follows *f, const struct event *e, struct err *err)
{
	const struct event before = {.position = f->position};
	int rc;

	if (prepare_between(c, err) < 0)
		return -1;
	arena_reset(c->scratch);
	if (f->first && !f->bounded)
		sqlite3_bind_int64(c->between, 1, INT64_MIN);
	else
		sqliterow_bind_field(c->layout, FIELD_POSITION, c->between, 1, &before, c->scratch);
	sqliterow_bind_field(c->layout, FIELD_POSITION, c->between, 2, e, c->scratch);
	rc = sqlite3_step(c->between);
	rc = rc == SQLITE_ROW ? sqlite3_column_int(c->between, 0)
	                      : sqlitedb_fail(c->db, "look for the event", err);
	sqlite3_reset(c->between);
	return rc;
}

/* Whether the event would stand elsewhere than behind the one that it follows: 1, 0, -1. */
static int
is_displaced(struct clash_sqlite *c, const struct event *e, const struct place *place,
             const struct clash_sqlite_target *target, struct err *err)
{
	const struct follows *f = &place->follows;
	const struct event before = {.position = f->position,
	                             .stream = f->stream,
	                             .version = f->version};
	/* A dry run has not put it there. */
	bool taken = target->dry && target->taken.set && f->position == target->taken.position;
	const struct event *found = &before;
	int rc = 1;

	if (target->renumber && f->first)
		return f->bounded && f->position > target->end.position;
	if (!f->first && !taken) {
		rc = look_up(c, target->renumber ? 1 : 0, &before, err);
		found = c->found->events; /* NULL where nothing was found */
	}
	if (rc <= 0)
		return rc < 0 ? -1 : 1;
	if (found->version != f->version || !slice_eq(found->stream, f->stream))
		return 1;
	return place->directly && !target->renumber ? is_between(c, f, e, err) : 0;
}

/* As clash_sqlite_place(), but that no error names the event. */
static int
check_place(struct clash_sqlite *c, const struct event *e, const struct place *place,
            const struct clash_sqlite_target *target, struct err *err)
{
	int rc = 0;

	if (target->end.set && e->position <= target->end.position)
		return clash_between(err);
	if (!target->renumber)
		rc = is_misplaced(c, e, err);
	if (rc != 0)
		return rc < 0 ? -1 : clash_misplaced(err);
	if (place)
		rc = is_displaced(c, e, place, target, err);
	return rc > 0 ? clash_displaced(place, err) : rc;
}

int
clash_sqlite_place(struct clash_sqlite *c, const struct event *e, const struct place *place,
                   const struct clash_sqlite_target *target, struct err *err)
{
	char which[256];

	if (check_place(c, e, place, target, err) == 0)
		return 0;
	event_describe(e, which, sizeof(which));
	return err->kind == ERR_CONFLICT ? err_wrap(err, "%s", which) : -1;
}
