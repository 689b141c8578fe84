#include <stdlib.h>

#include "common/sqlitedb.h"
#include "common/sqliterow.h"
#include "import/clash_sqlite.h"

#define SCRATCH_BYTES ((size_t)16 << 10)
#define MOST_FIELDS 2

/* By what an event is looked for, in this order: position, stream and version, id. */
static const struct {
	const char *what;
	enum field fields[MOST_FIELDS];
	int n_fields;
} keys[] = {
    {"position", {FIELD_POSITION}, 1},
    {"stream and version", {FIELD_STREAM, FIELD_VERSION}, 2},
    {"id", {FIELD_ID}, 1},
};
#define N_KEYS (sizeof(keys) / sizeof(*keys))

struct clash_sqlite {
	sqlite3 *db;
	const struct layout *layout;
	sqlite3_stmt *lookups[N_KEYS]; /* NULL: the layout has no such field */
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

	if (!layout_column_of(c->layout, keys[key].fields[0]))
		return 0;
	sqliterow_select(c->layout, &sql);
	for (i = 0; i < keys[key].n_fields; i++) {
		buf_add_str(&sql, i ? " AND " : " WHERE ");
		sqliterow_column(c->layout, keys[key].fields[i], &sql);
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
	for (key = 0; key < N_KEYS; key++)
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
	for (key = 0; key < N_KEYS; key++)
		sqlite3_finalize(c->lookups[key]);
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
	for (i = 0; i < keys[key].n_fields; i++)
		sqliterow_bind_field(c->layout, keys[key].fields[i], lookup, i + 1, e, c->scratch);
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
	const char *difference;
	char which[256];
	size_t key;
	int rc = 0;

	for (key = renumber ? 1 : 0; key < N_KEYS && rc == 0; key++)
		rc = look_up(c, key, e, err);
	if (rc <= 0)
		return rc;
	difference = event_difference(e, &c->found->events[0], !renumber);
	if (!difference)
		return 1;
	event_describe(e, which, sizeof(which));
	return err_set(err, ERR_CONFLICT,
	               "%s: the target holds another event of this %s; their %s differs", which,
	               keys[key - 1].what, difference);
}

int
clash_sqlite_holds(struct clash_sqlite *c, uint64_t position, struct err *err)
{
	struct event e = {.position = position};

	return look_up(c, 0, &e, err);
}
