#include <stdlib.h>
#include <unistd.h>

#include "common/sqlitedb.h"
#include "export/target.h"

/* Without the table of events, or a layout that fits, there was no import: what else is wrong with
 * it esimport says. */
static int
choose_layout(struct layout **out, sqlite3 *db, const struct address *to, const char *asked,
              struct err *err)
{
	struct err why = ERR_INIT;

	*out = NULL;
	if (sqlitedb_choose_layout(out, db, asked, to->shown, &why) == 0 || why.kind == ERR_LAYOUT)
		return 0;
	*err = why;
	return -1;
}

static void
bind_digest(sqlite3_stmt *stmt, int parameter, const struct digest *d)
{
	char hex[2 * WIRE_DIGEST_BYTES + 1];

	digest_hex(d, hex);
	sqlite3_bind_text(stmt, parameter, hex, -1, SQLITE_TRANSIENT);
}

static int
take_row(struct selection_bound *out, sqlite3 *db, sqlite3_stmt *stmt, struct err *err)
{
	int rc = sqlite3_step(stmt);
	uint64_t upto;

	if (rc == SQLITE_DONE)
		return 0;
	if (rc != SQLITE_ROW)
		return sqlitedb_fail(db, "read the checkpoint", err);
	if (!sqlitedb_unsigned(stmt, 0, &upto))
		return err_set(err, ERR_STORE, "the target's esimport_checkpoint is damaged");
	target_take(out, upto);
	return 0;
}

static int
read_rows(struct selection_bound *out, sqlite3 *db, const struct layout *l,
          const struct target_key *key, struct err *err)
{
	struct buf sql = BUF_INIT;
	sqlite3_stmt *stmt = NULL;
	bool there;
	int rc, i;

	if (sqlitedb_has_table(db, "esimport_checkpoint", &there, err) < 0)
		return -1;
	if (!there)
		return 0;
	buf_add_str(&sql, "SELECT upto FROM esimport_checkpoint "
	                  "WHERE origin = ?1 AND selection = ?2 AND target = ?3");
	rc = sqlitedb_prepare(db, &sql, &stmt, err);
	buf_release(&sql);
	for (i = 0; rc == 0 && i < TARGET_CONVERSIONS; i++) {
		bind_digest(stmt, 1, &key->origin);
		bind_digest(stmt, 2, &key->selections[i]);
		sqlite3_bind_text(stmt, 3, l->table, -1, SQLITE_STATIC);
		rc = take_row(out, db, stmt, err);
		sqlite3_reset(stmt);
	}
	sqlite3_finalize(stmt);
	return rc;
}

int
target_sqlite(struct selection_bound *out, const struct address *to, const char *layout,
              const struct target_key *key, struct err *err)
{
	struct layout *l = NULL;
	struct sqlitedb_wait wait;
	sqlite3 *db = NULL;
	int rc;

	if (access(to->path, F_OK) < 0)
		return 0;
	rc = sqlitedb_open_begun(&db, to, &wait, err);
	if (rc == 0)
		rc = choose_layout(&l, db, to, layout, err);
	if (rc == 0 && l)
		rc = read_rows(out, db, l, key, err);
	layout_free(l);
	sqlitedb_close(db);
	return rc;
}
