#include <string.h>

#include "common/pgdb.h"
#include "tests/tap.h"

static const char *
text_of(struct buf *b, void (*append)(struct buf *, const char *), const char *text)
{
	b->len = 0;
	append(b, text);
	return buf_cstr(b);
}

void
test_names_and_texts_never_become_sql(void)
{
	struct buf b = BUF_INIT;

	eq_str(text_of(&b, pgquote_name, "a.b\"; drop"), "\"a.b\"\"; drop\"");
	eq_str(text_of(&b, pgquote_table, "events"), "\"events\"");
	eq_str(text_of(&b, pgquote_table, "s\"x.ev\"ents"), "\"s\"\"x\".\"ev\"\"ents\"");
	eq_str(text_of(&b, pgquote_table, "a.b.c"), "\"a\".\"b.c\"");
	eq_str(text_of(&b, pgquote_text, "it's"), "'it''s'");
	eq_str(text_of(&b, pgquote_text, ""), "''");
	eq_str(text_of(&b, pgquote_text, "\\'"), " E'\\\\'''");
	buf_release(&b);
}

/* No server: the first connection is not tried again. */
void
test_a_server_that_is_not_there_is_an_error_at_once(void)
{
	struct address address;
	struct err err = ERR_INIT;
	struct pgdb db = {0};

	pgdb_close(&db);
	eq_int(address_parse(&address, "postgres://u:secret@%2Fnot%2Fthere:5999/d", &err), 0);
	eq_int(pgdb_open(&db, &address, &err), -1);
	eq_int(err.kind, ERR_STORE);
	eq_int(db.trouble, PGDB_LOST);
	eq_str(db.sqlstate, "");
	eq_uint(db.backoff.row, 0);
	ok(db.conn == NULL);
	ok(strstr(err.msg, "postgres://u@%2Fnot%2Fthere:5999/d: ") == err.msg);
	ok(strstr(err.msg, "secret") == NULL);
	pgdb_close(&db);
	address_release(&address);
}

void
test_a_budget_of_nothing_ends_the_trying(void)
{
	struct address address;
	struct err err = ERR_INIT;
	struct pgdb db = {.trouble = PGDB_LOST};

	eq_int(address_parse(&address, "postgres://%2Fnot%2Fthere:5999/d?es_retry=0", &err), 0);
	db.address = &address;
	backoff_start(&db.backoff, 0, NULL);
	err_set(&err, ERR_DATA, "it broke");
	eq_int(pgdb_reconnect(&db, &err), -1);
	eq_int(err.kind, ERR_STORE);
	eq_str(err.msg, "it broke");
	pgdb_close(&db);
	address_release(&address);
}
