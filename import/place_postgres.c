#include <stdlib.h>

#include "common/pgcopy.h"
#include "import/place_postgres.h"

#define PLACES_NAME "esimport_places"
#define PLACES "pg_temp." PLACES_NAME
#define SCRATCH_BYTES ((size_t)16 << 10)
#define PLACE_COLUMNS 6

void
place_postgres_add(struct place_postgres *p, const struct place *place)
{
	static const struct place unknown = {.follows = {.first = true}};
	struct place *copy;

	if (!p->mem)
		p->mem = arena_new(SCRATCH_BYTES);
	p->items = xgrow(p->items, &p->cap, p->len + 1, sizeof(*p->items));
	copy = &p->items[p->len++];
	*copy = place ? *place : unknown;
	copy->follows.stream = arena_dup(p->mem, copy->follows.stream);
}

void
place_postgres_reset(struct place_postgres *p)
{
	p->len = 0;
	if (p->mem)
		arena_reset(p->mem);
}

void
place_postgres_release(struct place_postgres *p)
{
	free(p->items);
	arena_free(p->mem);
}

static int
make_table(struct pgdb *db, const struct layout *l, struct err *err)
{
	struct buf sql = BUF_INIT;
	int rc;

	buf_add_str(&sql, "CREATE TEMP TABLE " PLACES " ON COMMIT DROP AS SELECT 0::bigint AS n, ");
	pgtable_put_field(l, FIELD_POSITION, &sql);
	buf_add_str(&sql, " AS place, ");
	pgtable_put_field(l, FIELD_POSITION, &sql);
	buf_add_str(&sql, " AS behind, ");
	pgtable_put_field(l, FIELD_STREAM, &sql);
	buf_add_str(&sql, " AS stream, ");
	pgtable_put_field(l, FIELD_VERSION, &sql);
	buf_add_str(&sql, " AS version, true AS first FROM ");
	pgtable_put_rows(l, NULL, &sql);
	buf_add_str(&sql, " WITH NO DATA");
	rc = pgdb_exec(db, buf_cstr(&sql), err);
	buf_release(&sql);
	return rc;
}

/* The `n` low bytes of a number, most significant first. */
static void
put_number(uint64_t number, size_t n, struct buf *out)
{
	while (n-- > 0)
		buf_add_byte(out, (uint8_t)(number >> 8 * n));
}

/* A field as its column has it.  What that cannot hold is in no row: it is NULL, and not found. */
static void
put_field(const struct pgtable *t, enum field f, const struct event *e, struct arena *scratch,
          struct buf *out)
{
	const struct layout_column *column = layout_column_of(t->layout, f);
	size_t begin = out->len;
	struct value v;

	rowmap_write_field(column, e, scratch, &v);
	if (!pgvalue_write(&t->columns[column - t->layout->columns], t->charset, &v, out))
		return;
	out->len = begin;
	put_number(UINT32_MAX, 4, out);
}

static void
put_row(const struct place_postgres *p, const struct pgtable *t, const struct place_batch *b,
        size_t i, struct arena *scratch, struct buf *out)
{
	const struct follows *f = &p->items[i].follows;
	const struct event place = {.position = b->renumber ? i + 1 : b->origins[i]};
	const struct event before = {.position = f->position,
	                             .stream = f->stream,
	                             .version = f->version};
	/* What the target has up to its end may be all that comes before; what a dry run took is
	 * there. */
	bool gap = b->renumber && f->bounded && f->position > b->end.position;
	bool first = !gap && (f->first || (p->taken.set && f->position == p->taken.position));

	put_number(PLACE_COLUMNS, 2, out);
	put_number(8, 4, out);
	put_number(i, 8, out);
	put_field(t, FIELD_POSITION, &place, scratch, out);
	if (f->first && !f->bounded)
		put_number(UINT32_MAX, 4, out);
	else
		put_field(t, FIELD_POSITION, &before, scratch, out);
	put_field(t, FIELD_STREAM, &before, scratch, out);
	put_field(t, FIELD_VERSION, &before, scratch, out);
	put_number(1, 4, out);
	buf_add_byte(out, first);
}

static int
fill_table(const struct place_postgres *p, struct pgdb *db, const struct pgtable *t,
           const struct place_batch *b, struct err *err)
{
	struct arena *scratch = arena_new(SCRATCH_BYTES);
	struct pgcopy_place where = {.table = PLACES_NAME};
	struct buf rows = BUF_INIT;
	uint64_t stored;
	size_t i;
	int rc;

	for (i = 0; i < p->len; i++) {
		arena_reset(scratch);
		put_row(p, t, b, i, scratch, &rows);
	}
	rc = pgdb_exec(db, PGTABLE_USUAL, err); /* domains may have functions */
	if (rc == 0)
		rc = pgcopy_send(db, "COPY " PLACES " FROM STDIN (FORMAT binary)", buf_slice(&rows),
		                 &stored, &where, err);
	if (rc == 0)
		rc = pgdb_exec(db, PGTABLE_SETTLED, err);
	buf_release(&rows);
	arena_free(scratch);
	return rc;
}

/* "NOT EXISTS (...)": the event before row p is not in a table. */
static void
put_lacks(const struct layout *l, const char *rows, bool renumber, struct buf *sql)
{
	buf_add_str(sql, " AND NOT EXISTS (SELECT 1 FROM ");
	buf_add_str(sql, rows);
	buf_add_str(sql, " WHERE e.");
	pgtable_put_field(l, FIELD_STREAM, sql);
	buf_add_str(sql, " = p.stream AND e.");
	pgtable_put_field(l, FIELD_VERSION, sql);
	buf_add_str(sql, " = p.version");
	if (!renumber) {
		buf_add_str(sql, " AND e.");
		pgtable_put_field(l, FIELD_POSITION, sql);
		buf_add_str(sql, " = p.behind");
	}
	buf_add_str(sql, ")");
}

/* " OR ...": an event stands before row p, and behind the one that it follows (`bounded`). */
static void
put_between(const struct layout *l, const char *rows, bool bounded, struct buf *sql)
{
	buf_add_str(sql, bounded ? " OR (" : " OR (p.behind IS NULL AND ");
	buf_add_str(sql, "EXISTS (SELECT 1 FROM ");
	buf_add_str(sql, rows);
	buf_add_str(sql, " WHERE e.");
	pgtable_put_field(l, FIELD_POSITION, sql);
	buf_add_str(sql, " < p.place");
	if (bounded) {
		buf_add_str(sql, " AND e.");
		pgtable_put_field(l, FIELD_POSITION, sql);
		buf_add_str(sql, " > p.behind");
	}
	buf_add_str(sql, "))");
}

static bool
all_directly(const struct place_postgres *p)
{
	size_t i;

	for (i = 0; i < p->len && p->items[i].directly; i++)
		;
	return i == p->len;
}

int
place_postgres_check(const struct place_postgres *p, struct pgdb *db, struct pgtable *t,
                     const struct place_batch *b, size_t *row, struct err *err)
{
	const struct layout *l = t->layout;
	struct buf sql = BUF_INIT, rows = BUF_INIT, stage = BUF_INIT;
	int64_t n = 0;
	int rc;

	if (p->len == 0)
		return 0;
	if (make_table(db, l, err) < 0 || fill_table(p, db, t, b, err) < 0)
		return -1;
	pgtable_put_rows(l, "e", &rows);
	buf_printf(&stage, "%s AS e", b->stage);
	buf_printf(&sql, "SELECT min(p.n) FROM " PLACES " AS p JOIN %s AS s ON s.", b->stage);
	pgtable_put_field(l, FIELD_POSITION, &sql);
	buf_add_str(&sql, " = p.place WHERE (NOT p.first");
	put_lacks(l, buf_cstr(&rows), b->renumber, &sql);
	put_lacks(l, buf_cstr(&stage), b->renumber, &sql);
	buf_add_str(&sql, ")");
	if (all_directly(p) && !b->renumber) {
		put_between(l, buf_cstr(&rows), false, &sql);
		put_between(l, buf_cstr(&rows), true, &sql);
	}
	rc = pgdb_number(db, buf_cstr(&sql), &n, err);
	buf_release(&sql);
	buf_release(&rows);
	buf_release(&stage);
	*row = (size_t)n;
	return rc;
}
