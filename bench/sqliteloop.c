/*
 * What SQLite needs by itself to read a table in its order, and to fill one: the floor of the rows
 * of SQLite in the benchmark.
 *
 *	sqliteloop scan whole/events.db
 *	sqliteloop dump whole/events.db whole/sqlite.rows
 *	sqliteloop insert whole/sqlite.rows out.db 50000 indexed.sql none.sql
 *
 * `dump` writes the values of the rows to a file: for each its type as SQLite numbers them and its
 * length (four bytes each, of this machine), and its bytes.  `insert` runs the first file of SQL,
 * settings and the table; inserts so many rows in a transaction; and runs the second one: indexes
 * that are made at the end.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "bench/floor.h"

#define COLUMNS 13
#define INSERT "INSERT INTO events VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)"

struct head {
	int32_t type;
	uint32_t len;
};

struct loop {
	sqlite3 *db;
	FILE *out; /* NULL: nothing is kept */
	uint64_t rows, bytes;
};

static void
check(struct loop *l, int rc)
{
	if (rc != SQLITE_OK)
		floor_fail("%s", sqlite3_errmsg(l->db));
}

static void
open_db(struct loop *l, const char *path, int flags)
{
	check(l, sqlite3_open_v2(path, &l->db, flags, NULL));
}

static sqlite3_stmt *
prepare(struct loop *l, const char *sql)
{
	sqlite3_stmt *stmt;

	check(l, sqlite3_prepare_v2(l->db, sql, -1, &stmt, NULL));
	return stmt;
}

static void
put(struct loop *l, const void *bytes, size_t len)
{
	if (fwrite(bytes, 1, len, l->out) != len)
		floor_fail("a write failed: %s", strerror(errno));
}

static void
read_value(struct loop *l, sqlite3_stmt *stmt, int column)
{
	struct head head = {sqlite3_column_type(stmt, column), 0};
	const void *bytes = NULL;
	int64_t number;

	if (head.type == SQLITE_INTEGER) {
		number = sqlite3_column_int64(stmt, column);
		bytes = &number;
		head.len = sizeof(number);
	} else if (head.type != SQLITE_NULL) {
		bytes = sqlite3_column_blob(stmt, column);
		head.len = (uint32_t)sqlite3_column_bytes(stmt, column);
	}
	l->bytes += head.len;
	if (!l->out)
		return;
	put(l, &head, sizeof(head));
	if (head.len)
		put(l, bytes, head.len);
}

static void
scan(struct loop *l, char **words)
{
	sqlite3_stmt *stmt;
	int rc, i;

	open_db(l, words[0], SQLITE_OPEN_READONLY);
	stmt = prepare(l, "SELECT * FROM events ORDER BY position");
	if (sqlite3_column_count(stmt) != COLUMNS)
		floor_fail("%s: is not of the native layout", words[0]);
	for (; (rc = sqlite3_step(stmt)) == SQLITE_ROW; l->rows++)
		for (i = 0; i < COLUMNS; i++)
			read_value(l, stmt, i);
	check(l, rc == SQLITE_DONE ? SQLITE_OK : rc);
	sqlite3_finalize(stmt);
}

static void
dump(struct loop *l, char **words)
{
	l->out = fopen(words[1], "wb");
	if (!l->out)
		floor_fail("%s: %s", words[1], strerror(errno));
	scan(l, words);
	if (fclose(l->out) != 0)
		floor_fail("%s: %s", words[1], strerror(errno));
}

static void
run_sql(struct loop *l, const char *sql)
{
	check(l, sqlite3_exec(l->db, sql, NULL, NULL, NULL));
}

static void
run_file(struct loop *l, const char *path)
{
	char *sql = floor_text(path);

	run_sql(l, sql);
	free(sql);
}

static void
bind(struct loop *l, sqlite3_stmt *stmt, int column, struct floor_bytes *from)
{
	struct head head;
	const char *bytes;
	int64_t number;

	memcpy(&head, floor_take(from, sizeof(head)), sizeof(head));
	bytes = floor_take(from, head.len);
	l->bytes += head.len;
	switch (head.type) {
	case SQLITE_INTEGER:
		memcpy(&number, bytes, sizeof(number));
		check(l, sqlite3_bind_int64(stmt, column, number));
		break;
	case SQLITE_TEXT:
		check(l, sqlite3_bind_text(stmt, column, bytes, (int)head.len, SQLITE_STATIC));
		break;
	case SQLITE_BLOB:
		check(l, sqlite3_bind_blob(stmt, column, bytes, (int)head.len, SQLITE_STATIC));
		break;
	default:
		check(l, sqlite3_bind_null(stmt, column));
	}
}

static void
insert(struct loop *l, char **words)
{
	struct floor_bytes from = floor_map(words[0]);
	uint64_t batch = floor_number(words[2]);
	sqlite3_stmt *stmt;
	int i;

	open_db(l, words[1], SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
	run_file(l, words[3]);
	stmt = prepare(l, INSERT);
	run_sql(l, "BEGIN IMMEDIATE");
	while (from.left) {
		if (l->rows && l->rows % batch == 0)
			run_sql(l, "COMMIT; BEGIN IMMEDIATE");
		for (i = 1; i <= COLUMNS; i++)
			bind(l, stmt, i, &from);
		sqlite3_step(stmt);
		check(l, sqlite3_reset(stmt));
		l->rows++;
	}
	run_sql(l, "COMMIT");
	sqlite3_finalize(stmt);
	run_file(l, words[4]);
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int argc;
		void (*run)(struct loop *l, char **words);
	} commands[] = {{"scan", 3, scan}, {"dump", 4, dump}, {"insert", 7, insert}};
	struct loop l = {0};
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (argc == commands[i].argc && strcmp(argv[1], commands[i].name) == 0)
			break;
	if (i == sizeof(commands) / sizeof(*commands)) {
		fprintf(stderr, "usage: sqliteloop scan DB\n"
		                "       sqliteloop dump DB FILE\n"
		                "       sqliteloop insert FILE DB BATCH BEFORE.sql BEHIND.sql\n");
		return 2;
	}
	commands[i].run(&l, argv + 2);
	check(&l, sqlite3_close(l.db));
	floor_say(l.rows, "rows", l.bytes);
	return 0;
}
