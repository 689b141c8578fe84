#include <stdlib.h>
#include <string.h>

#include "common/pgtable.h"
#include "export/target.h"

#define TABLE "esimport_checkpoint"

/* The table stands in the schema of the layout's. */
static void
name_table(const struct layout *l, struct buf *out)
{
	buf_add(out, l->place, (size_t)(strchr(l->place, '.') - l->place) + 1);
	buf_add_str(out, TABLE);
}

/* Without the table of events, or a layout that fits, there was no import: what else is wrong with
 * it esimport says. */
static int
choose_layout(struct layout **out, struct pgdb *db, const char *asked, struct err *err)
{
	struct err why = ERR_INIT;

	*out = NULL;
	if (pgtable_choose(out, db, asked, db->address->shown, &why) < 0) {
		if (why.kind == ERR_LAYOUT)
			return 0;
		*err = why;
		return -1;
	}
	return pgtable_settle(db, *out, err);
}

static int
read_row(struct selection_bound *out, struct pgdb *db, const struct layout *l, const char *table,
         const struct digest *origin, const struct digest *selection, struct err *err)
{
	char first[2 * WIRE_DIGEST_BYTES + 1], second[2 * WIRE_DIGEST_BYTES + 1];
	const char *parameters[] = {first, second, strchr(l->place, '.') + 1};
	struct buf sql = BUF_INIT;
	uint64_t upto;
	PGresult *r;
	int rc;

	digest_hex(origin, first);
	digest_hex(selection, second);
	buf_add_str(&sql, "SELECT upto FROM ");
	pgquote_table(&sql, table);
	buf_add_str(&sql, " WHERE origin = $1 AND selection = $2 AND target = $3");
	rc = pgdb_query(db, buf_cstr(&sql), 3, parameters, &r, err);
	buf_release(&sql);
	if (rc < 0)
		return -1;
	if (PQntuples(r) > 0 && pgdb_unsigned(r, 0, 0, &upto))
		target_take(out, upto);
	else if (PQntuples(r) > 0)
		rc = err_set(err, ERR_STORE, "the target's " TABLE " is damaged");
	PQclear(r);
	return rc;
}

static int
ask(struct selection_bound *out, struct pgdb *db, const char *asked, const struct target_key *key,
    struct err *err)
{
	struct buf table = BUF_INIT;
	struct layout *l;
	bool there = false;
	int rc = choose_layout(&l, db, asked, err), i;

	*out = (struct selection_bound){0};
	if (rc == 0 && l) {
		name_table(l, &table);
		rc = pgtable_exists(db, buf_cstr(&table), &there, err);
	}
	for (i = 0; rc == 0 && there && i < TARGET_CONVERSIONS; i++)
		rc = read_row(out, db, l, buf_cstr(&table), &key->origin, &key->selections[i], err);
	buf_release(&table);
	layout_free(l);
	return rc;
}

int
target_postgres(struct selection_bound *out, const struct address *to, const char *layout,
                const struct target_key *key, struct err *err)
{
	struct pgdb db = {0};
	int rc = pgdb_open(&db, to, err);

	db.stoppable = true;
	if (rc == 0)
		while ((rc = ask(out, &db, layout, key, err)) < 0)
			if (db.trouble == PGDB_FATAL || pgdb_reconnect(&db, err) < 0)
				break;
	pgdb_close(&db);
	return rc;
}
