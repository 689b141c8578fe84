#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/pgtable.h"
#include "import/schema_postgres.h"

#define PENDING "esimport_pending"

/* The name of a table of ours, with the schema of the layout's table. */
static void
name_beside(const struct layout *l, const char *name, struct buf *out)
{
	const char *dot = strchr(l->place, '.');

	buf_add(out, l->place, (size_t)(dot - l->place) + 1);
	buf_add_str(out, name);
}

void
schema_postgres_put_beside(const struct layout *l, const char *name, struct buf *sql)
{
	struct buf full = BUF_INIT;

	name_beside(l, name, &full);
	pgquote_table(sql, buf_cstr(&full));
	buf_release(&full);
}

int
schema_postgres_has(struct pgdb *db, const struct layout *l, const char *name, bool *out,
                    struct err *err)
{
	struct buf full = BUF_INIT;
	int rc;

	name_beside(l, name, &full);
	rc = pgtable_exists(db, buf_cstr(&full), out, err);
	buf_release(&full);
	return rc;
}

int
schema_postgres_pending(struct pgdb *db, const struct layout *l, bool *out, struct err *err)
{
	return schema_postgres_has(db, l, PENDING, out, err);
}

int
schema_postgres_blank(struct pgdb *db, bool *out, struct err *err)
{
	int64_t tables = 0;

	if (pgdb_number(
		db,
		"SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = "
		"c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT "
		"IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%' "
		"AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass "
		"AND d.objid = c.oid AND d.deptype = 'e')",
		&tables, err) < 0)
		return -1;
	*out = tables == 0;
	return 0;
}

static int
note_indexes(struct pgdb *db, const struct layout *l, struct err *err)
{
	struct buf sql = BUF_INIT;
	size_t i;
	int rc;

	buf_add_str(&sql, "CREATE TABLE ");
	schema_postgres_put_beside(l, PENDING, &sql);
	buf_add_str(&sql, " (number bigint PRIMARY KEY, statement text NOT NULL); INSERT INTO ");
	schema_postgres_put_beside(l, PENDING, &sql);
	for (i = 0; i < l->n_indexes; i++) {
		buf_printf(&sql, "%s (%zu, ", i ? "," : " VALUES", i + 1);
		pgquote_text(&sql, l->indexes[i]);
		buf_add_str(&sql, ")");
	}
	rc = pgdb_exec(db, buf_cstr(&sql), err);
	buf_release(&sql);
	return rc;
}

int
schema_postgres_make(struct pgdb *db, const struct layout *l, struct err *err)
{
	if (pgdb_exec(db, PGTABLE_USUAL, err) < 0 ||
	    pgtable_run(db, l, "schema", l->schema, l->n_schema, err) < 0)
		return -1;
	if (pgdb_exec(db, PGTABLE_SETTLED, err) < 0)
		return -1;
	if (PQtransactionStatus(db->conn) != PQTRANS_INTRANS)
		return err_set(err, ERR_LAYOUT,
		               "layout %s: a statement of its schema ends the transaction",
		               l->name);
	return l->n_indexes ? note_indexes(db, l, err) : 0;
}

/* Only what the layout says is run: anybody may have made a table of that name. */
static int
make_index(struct pgdb *db, const struct layout *l, const char *statement, struct err *err)
{
	size_t i;

	for (i = 0; i < l->n_indexes; i++)
		if (strcmp(l->indexes[i], statement) == 0)
			return pgdb_exec(db, statement, err);
	err_set(err, ERR_STORE, "table " PENDING ": layout %s has no index \"%s\"", l->name,
	        statement);
	return err_hint(err, "make it, if it is wanted, and drop the table");
}

int
schema_postgres_finish(struct pgdb *db, const struct layout *l, struct err *err)
{
	struct buf sql = BUF_INIT;
	PGresult *r;
	int rc, i;

	buf_add_str(&sql, "SELECT statement FROM ");
	schema_postgres_put_beside(l, PENDING, &sql);
	buf_add_str(&sql, " ORDER BY number");
	rc = pgdb_query(db, buf_cstr(&sql), 0, NULL, &r, err);
	if (rc == 0) {
		rc = pgdb_exec(db, PGTABLE_USUAL, err);
		for (i = 0; i < PQntuples(r) && rc == 0; i++)
			rc = make_index(db, l, PQgetvalue(r, i, 0), err);
		PQclear(r);
	}
	if (rc == 0) {
		sql.len = 0;
		buf_add_str(&sql, PGTABLE_SETTLED);
		rc = pgdb_exec(db, buf_cstr(&sql), err);
	}
	if (rc == 0) {
		sql.len = 0;
		buf_add_str(&sql, "DROP TABLE ");
		schema_postgres_put_beside(l, PENDING, &sql);
		rc = pgdb_exec(db, buf_cstr(&sql), err);
	}
	buf_release(&sql);
	return rc;
}

/* Of identity columns, of serial ones, and of those whose default asks one. */
static const char sequences_query[] =
    "SELECT format('%I.%I', n.nspname, s.relname) "
    "FROM pg_attribute a "
    "LEFT JOIN pg_attrdef def ON def.adrelid = a.attrelid AND def.adnum = a.attnum "
    "JOIN pg_depend d ON (d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass "
    "AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum AND d.deptype IN ('a', 'i')) "
    "OR (d.classid = 'pg_attrdef'::regclass AND d.objid = def.oid AND d.refclassid = "
    "'pg_class'::regclass) "
    "JOIN pg_class s ON s.relkind = 'S' AND s.oid IN (d.objid, d.refobjid) "
    "JOIN pg_namespace n ON n.oid = s.relnamespace "
    "WHERE a.attrelid = to_regclass($1::text) AND a.attname = $2 GROUP BY 1";

static int
advance_one(struct pgdb *db, const char *sequence, uint64_t last, struct err *err)
{
	struct buf sql = BUF_INIT;
	PGresult *r;
	int rc;

	buf_add_str(&sql, "SELECT pg_catalog.setval(");
	pgquote_text(&sql, sequence);
	buf_printf(&sql,
	           "::regclass, %" PRIu64 "::bigint) FROM %s WHERE last_value < %" PRIu64
	           " OR (last_value = %" PRIu64 " AND NOT is_called)",
	           last, sequence, last, last);
	rc = pgdb_query(db, buf_cstr(&sql), 0, NULL, &r, err);
	buf_release(&sql);
	if (rc == 0)
		PQclear(r);
	return rc;
}

int
schema_postgres_advance(struct pgdb *db, const struct layout *l, uint64_t last, struct err *err)
{
	struct buf table = BUF_INIT;
	const char *parameters[2];
	PGresult *r;
	int rc, i;

	pgquote_table(&table, l->place);
	parameters[0] = buf_cstr(&table);
	parameters[1] = layout_column_of(l, FIELD_POSITION)->name;
	rc = pgdb_query(db, sequences_query, 2, parameters, &r, err);
	buf_release(&table);
	if (rc < 0)
		return -1;
	for (i = 0; i < PQntuples(r) && rc == 0; i++)
		rc = advance_one(db, PQgetvalue(r, i, 0), last, err);
	PQclear(r);
	return rc;
}

int
schema_postgres_look(struct pgdb *db, const struct layout *l, struct schema_postgres *out,
                     struct err *err)
{
	struct buf table = BUF_INIT;
	const char *parameter;
	PGresult *r;
	int rc;

	pgquote_table(&table, l->place);
	parameter = buf_cstr(&table);
	/* A row meets the triggers of its partition, too.  The bits of tgtype: row, insert
	 * (pg_trigger.h); behind the insert a trigger may still update the row. */
	rc =
	    pgdb_query(db,
	               "WITH RECURSIVE parts AS (SELECT to_regclass($1::text)::oid AS oid UNION "
	               "SELECT i.inhrelid FROM pg_inherits i JOIN parts p ON p.oid = i.inhparent) "
	               "SELECT c.relkind IN ('r', 'p'), "
	               "has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE'), "
	               "EXISTS (SELECT 1 FROM pg_trigger t JOIN parts p ON t.tgrelid = p.oid "
	               "WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND t.tgtype::int & 5 = 5) "
	               "FROM pg_class c WHERE c.oid = to_regclass($1::text)",
	               1, &parameter, &r, err);
	buf_release(&table);
	if (rc < 0)
		return -1;
	if (PQntuples(r) == 0 || *PQgetvalue(r, 0, 0) != 't')
		rc = err_set(err, ERR_LAYOUT, "%s: is not a table, and nothing goes into it",
		             l->table);
	else
		*out = (struct schema_postgres){
		    .may_lock = *PQgetvalue(r, 0, 1) == 't',
		    .changes = *PQgetvalue(r, 0, 2) == 't',
		};
	PQclear(r);
	return rc;
}
