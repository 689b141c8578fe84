#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/pgtable.h"
#include "import/checkpoint_postgres.h"
#include "import/schema_postgres.h"

#define TABLE "esimport_checkpoint"
#define NUMBER_BYTES 24

/* The table in its schema: another one may take the same events. */
static const char *
target_of(const struct layout *l)
{
	return strchr(l->place, '.') + 1;
}

static int
damaged(struct err *err)
{
	return err_set(err, ERR_STORE, "the target's " TABLE " is damaged");
}

int
checkpoint_postgres_read(struct pgdb *db, const struct layout *l, const struct sink_key *key,
                         struct sink_tail *out, struct err *err)
{
	char origin[2 * WIRE_DIGEST_BYTES + 1], selection[2 * WIRE_DIGEST_BYTES + 1];
	const char *parameters[] = {origin, selection, target_of(l)};
	struct buf sql = BUF_INIT;
	PGresult *r;
	bool there;
	int rc;

	if (schema_postgres_has(db, l, TABLE, &there, err) < 0)
		return -1;
	if (!there)
		return 0;
	digest_hex(&key->origin, origin);
	digest_hex(&key->selection, selection);
	buf_add_str(&sql, "SELECT position, event, events, appended::int, after, upto, EXISTS "
	                  "(SELECT FROM ");
	schema_postgres_put_beside(l, TABLE, &sql);
	buf_add_str(&sql, " WHERE target = $3 AND (origin, selection) <> ($1, $2))::int FROM ");
	schema_postgres_put_beside(l, TABLE, &sql);
	buf_add_str(&sql, " WHERE origin = $1 AND selection = $2 AND target = $3");
	rc = pgdb_query(db, buf_cstr(&sql), 3, parameters, &r, err);
	buf_release(&sql);
	if (rc < 0)
		return -1;
	if (PQntuples(r) > 0) {
		out->found = true;
		out->appended = *PQgetvalue(r, 0, 3) == '1';
		out->after.set = !PQgetisnull(r, 0, 4);
		out->others = *PQgetvalue(r, 0, 6) == '1';
		if (!pgdb_unsigned(r, 0, 0, &out->position) ||
		    !pgdb_unsigned(r, 0, 2, &out->events) ||
		    (out->after.set && !pgdb_unsigned(r, 0, 4, &out->after.position)) ||
		    !pgdb_unsigned(r, 0, 5, &out->upto) ||
		    !digest_of_hex(PQgetvalue(r, 0, 1), &out->event))
			rc = damaged(err);
	}
	PQclear(r);
	return rc;
}

int
checkpoint_postgres_appended(struct pgdb *db, const struct layout *l, const struct digest *origin,
                             struct selection_bound *out, struct err *err)
{
	char hex[2 * WIRE_DIGEST_BYTES + 1];
	const char *parameters[] = {hex, target_of(l)};
	struct buf sql = BUF_INIT;
	PGresult *r;
	bool there;
	int rc;

	*out = (struct selection_bound){0};
	if (schema_postgres_has(db, l, TABLE, &there, err) < 0)
		return -1;
	if (!there)
		return 0;
	digest_hex(origin, hex);
	buf_add_str(&sql, "SELECT max(position) FROM ");
	schema_postgres_put_beside(l, TABLE, &sql);
	buf_add_str(&sql, " WHERE origin = $1 AND target = $2 AND appended");
	rc = pgdb_query(db, buf_cstr(&sql), 2, parameters, &r, err);
	buf_release(&sql);
	if (rc < 0)
		return -1;
	out->set = !PQgetisnull(r, 0, 0);
	rc = out->set && !pgdb_unsigned(r, 0, 0, &out->position) ? damaged(err) : 0;
	PQclear(r);
	return rc;
}

static int
make_table(struct pgdb *db, const struct layout *l, struct err *err)
{
	struct buf sql = BUF_INIT;
	bool there;
	int rc = schema_postgres_has(db, l, TABLE, &there, err);

	if (rc < 0 || there)
		return rc;
	buf_add_str(&sql, "CREATE TABLE ");
	schema_postgres_put_beside(l, TABLE, &sql);
	buf_add_str(
	    &sql, " (origin text, selection text, target text, after bigint, upto bigint NOT NULL, "
		  "position bigint NOT NULL, event text NOT NULL, events bigint NOT NULL, "
		  "appended boolean NOT NULL, updated timestamptz NOT NULL, "
		  "PRIMARY KEY (origin, selection, target))");
	rc = pgdb_exec(db, buf_cstr(&sql), err);
	buf_release(&sql);
	return rc;
}

/* Bounds that no bigint holds are as good as the greatest one: no event lies behind it. */
static void
print_number(uint64_t n, char out[NUMBER_BYTES])
{
	snprintf(out, NUMBER_BYTES, "%" PRIu64, n < INT64_MAX ? n : (uint64_t)INT64_MAX);
}

int
checkpoint_postgres_save(struct pgdb *db, const struct layout *l, const struct sink_key *key,
                         const struct sink_tail *tail, struct err *err)
{
	char origin[2 * WIRE_DIGEST_BYTES + 1], selection[2 * WIRE_DIGEST_BYTES + 1];
	char event[2 * WIRE_DIGEST_BYTES + 1], position[NUMBER_BYTES], events[NUMBER_BYTES];
	char after[NUMBER_BYTES], upto[NUMBER_BYTES];
	const char *parameters[] = {origin, selection, position,
	                            event,  events,    tail->appended ? "true" : "false",
	                            NULL,   upto,      target_of(l)};
	struct buf sql = BUF_INIT;
	PGresult *r;
	int rc;

	if (make_table(db, l, err) < 0)
		return -1;
	digest_hex(&key->origin, origin);
	digest_hex(&key->selection, selection);
	digest_hex(&tail->event, event);
	print_number(tail->position, position);
	print_number(tail->events, events);
	print_number(tail->upto, upto);
	if (tail->after.set) {
		print_number(tail->after.position, after);
		parameters[6] = after;
	}
	buf_add_str(&sql, "INSERT INTO ");
	schema_postgres_put_beside(l, TABLE, &sql);
	buf_add_str(&sql, " (origin, selection, position, event, events, appended, after, upto, "
	                  "target, updated) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, now()) "
	                  "ON CONFLICT (origin, selection, target) DO UPDATE SET position = "
	                  "excluded.position, event = excluded.event, events = excluded.events, "
	                  "appended = excluded.appended, after = excluded.after, "
	                  "upto = excluded.upto, updated = excluded.updated");
	rc = pgdb_query(db, buf_cstr(&sql), sizeof(parameters) / sizeof(*parameters), parameters,
	                &r, err);
	buf_release(&sql);
	if (rc == 0)
		PQclear(r);
	return rc;
}
