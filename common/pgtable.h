#ifndef COMMON_PGTABLE_H
#define COMMON_PGTABLE_H

#include "common/pgdb.h"
#include "common/pgvalue.h"
#include "common/rowmap.h"

/*
 * A layout's table of events in PostgreSQL: the types of its columns, and its
 * rows in the form of COPY ... (FORMAT binary), which is that of results in
 * binary, too: a row is the number of fields in two bytes, and of each its length
 * in four bytes and its bytes.
 *
 *	pgtable_choose(&layout, db, NULL, "postgres://db", err);
 *	pgtable_open(&t, db, layout, err);
 *	... pgtable_read(&t, row, batch, err);
 *	pgtable_close(&t);
 */
struct pgtable {
	const struct layout *layout;
	struct pgcolumn *columns; /* as layout->columns */
	struct value *values;     /* one row */
	struct pgcharset *charset;
	struct arena *mem; /* of one row that is read */
};

/* The layout for a database: the one asked for, or the only built-in one that fits its schema
 * ("auto" or NULL). */
MUST_USE int pgtable_choose(struct layout **out, struct pgdb *db, const char *asked,
                            const char *shown, struct err *err);

/*
 * Say in the layout in which schema its tables are, or would be made, and look for
 * no other name from now on: a function or table that anybody made in a schema of
 * the search_path must not stand for one of ours.  -1: ERR_LAYOUT.
 */
MUST_USE int pgtable_settle(struct pgdb *db, struct layout *l, struct err *err);
/* The search_path of pgtable_settle(), for a connection that was made again. */
#define PGTABLE_SETTLED "SET search_path = pg_catalog, pg_temp"
/* The role's own again, for what runs functions of the user: rows of views, triggers, statements of
 * a layout. */
#define PGTABLE_USUAL "SET search_path TO DEFAULT"

/* Run statements of the layout, which stand under `key` in its file.  -1: ERR_LAYOUT where one of
 * them is wrong, with its number. */
MUST_USE int pgtable_run(struct pgdb *db, const struct layout *l, const char *key,
                         const char *const *statements, size_t n, struct err *err);

/* *out: whether there is such a table or view; its name is one of a layout. */
MUST_USE int pgtable_exists(struct pgdb *db, const char *table, bool *out, struct err *err);

/* Ask for the types, and say in the layout what LAYOUT_PAYLOAD is by them.  -1: ERR_LAYOUT where a
 * column is of a type that the layout cannot read. */
MUST_USE int pgtable_open(struct pgtable *t, struct pgdb *db, struct layout *l, struct err *err);
void pgtable_close(struct pgtable *t); /* also zeroed */

/* How exact it keeps an event: times are multiples of *time_step_ns, and of the fields in the mask
 * (1 << enum field) JSON is kept by its value, not by its bytes. */
void pgtable_exactness(const struct pgtable *t, int64_t *time_step_ns, unsigned *by_value);

/* Append what the rows of events are read from, for a FROM: the table, or the layout's query.
 * `alias`: its name there, or NULL. */
void pgtable_put_rows(const struct layout *l, const char *alias, struct buf *sql);
/* Append "c1, c2, ..." as a query reads them, or as COPY ... FROM takes them. */
void pgtable_put_columns(const struct pgtable *t, const char *alias, struct buf *sql);
void pgtable_put_names(const struct layout *l, struct buf *sql);
/* Append the quoted name of the column of a field that has one. */
void pgtable_put_field(const struct layout *l, enum field f, struct buf *sql);

/* Add the event of a row, which `row` is whole; it owns its bytes.  -1: ERR_DATA, ERR_STORE. */
MUST_USE int pgtable_read(struct pgtable *t, struct slice row, struct batch *into, struct err *err);
/* The same for a row that has the columns twice: two events. */
MUST_USE int pgtable_read_two(struct pgtable *t, struct slice row, struct batch *into,
                              struct err *err);

/* Append the row of an event.  -1: ERR_DATA that names the event and what a column cannot hold. */
MUST_USE int pgtable_write(struct pgtable *t, const struct event *e, struct arena *scratch,
                           struct buf *out, struct err *err);

#endif
