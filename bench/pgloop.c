/*
 * What libpq needs by itself to copy a table out, and rows into one: the floor of the rows of
 * PostgreSQL in the benchmark.
 *
 *	pgloop out postgres:///whole
 *	pgloop in postgres:///target whole/events.pgcopy 50000 indexes.sql
 *
 * `in` sends what COPY wrote in binary, so many rows in a transaction, and runs SQL at the end, in
 * one more.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "bench/floor.h"

#define OUT "COPY (SELECT * FROM events ORDER BY position) TO STDOUT (FORMAT binary)"
#define IN "COPY events FROM STDIN (FORMAT binary)"
#define SIGNATURE_BYTES 11
#define SEND_BYTES ((size_t)1 << 16)

struct loop {
	PGconn *conn;
	uint64_t rows, bytes;
};

static void
run(struct loop *l, const char *sql, ExecStatusType wanted)
{
	PGresult *result = PQexec(l->conn, sql);

	if (PQresultStatus(result) != wanted)
		floor_fail("%s", PQerrorMessage(l->conn));
	PQclear(result);
}

/* What the COPY that is over came to. */
static void
finish(struct loop *l)
{
	PGresult *result;

	while ((result = PQgetResult(l->conn))) {
		if (PQresultStatus(result) != PGRES_COMMAND_OK)
			floor_fail("%s", PQerrorMessage(l->conn));
		PQclear(result);
	}
}

static void
copy_out(struct loop *l, char **words)
{
	char *row;
	int len;

	(void)words;
	run(l, OUT, PGRES_COPY_OUT);
	for (; (len = PQgetCopyData(l->conn, &row, 0)) > 0; l->rows++) {
		l->bytes += (uint64_t)len;
		PQfreemem(row);
	}
	if (len != -1)
		floor_fail("%s", PQerrorMessage(l->conn));
	l->rows--; /* the end comes as one */
	finish(l);
}

static uint16_t
take_u16(struct floor_bytes *from)
{
	uint16_t n;

	memcpy(&n, floor_take(from, sizeof(n)), sizeof(n));
	return ntohs(n);
}

static uint32_t
take_u32(struct floor_bytes *from)
{
	uint32_t n;

	memcpy(&n, floor_take(from, sizeof(n)), sizeof(n));
	return ntohl(n);
}

/* The signature, flags, and an extension that is empty until now. */
static struct floor_bytes
take_header(struct floor_bytes *from)
{
	struct floor_bytes header = *from;

	floor_take(from, SIGNATURE_BYTES + sizeof(uint32_t));
	floor_take(from, take_u32(from));
	header.left -= from->left;
	return header;
}

/* Whether there was one: the number of fields is -1 behind the last. */
static int
take_row(struct floor_bytes *from)
{
	struct floor_bytes start = *from;
	uint16_t fields = take_u16(from);
	uint32_t len;

	if (fields == UINT16_MAX) {
		*from = start;
		return 0;
	}
	for (; fields; fields--) {
		len = take_u32(from);
		floor_take(from, len == UINT32_MAX ? 0 : len);
	}
	return 1;
}

static void
put(struct loop *l, const char *bytes, size_t len)
{
	if (PQputCopyData(l->conn, bytes, (int)len) != 1)
		floor_fail("%s", PQerrorMessage(l->conn));
	l->bytes += len;
}

/* A COPY of as many rows as a batch has. */
static void
send_batch(struct loop *l, struct floor_bytes header, struct floor_bytes *from, uint64_t batch)
{
	const char *start = from->at;
	uint64_t until = l->rows + batch;

	run(l, IN, PGRES_COPY_IN);
	put(l, header.at, header.left);
	for (; l->rows < until && take_row(from); l->rows++)
		if ((size_t)(from->at - start) >= SEND_BYTES) {
			put(l, start, (size_t)(from->at - start));
			start = from->at;
		}
	put(l, start, (size_t)(from->at - start));
	put(l, "\xff\xff", sizeof(uint16_t));
	if (PQputCopyEnd(l->conn, NULL) != 1)
		floor_fail("%s", PQerrorMessage(l->conn));
	finish(l);
}

static void
copy_in(struct loop *l, char **words)
{
	struct floor_bytes from = floor_map(words[0]), header = take_header(&from);
	uint64_t batch = floor_number(words[1]);
	char *behind = floor_text(words[2]);

	while (from.left > sizeof(uint16_t))
		send_batch(l, header, &from, batch);
	if (*behind)
		run(l, behind, PGRES_COMMAND_OK);
	free(behind);
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int argc;
		void (*run)(struct loop *l, char **words);
	} commands[] = {{"out", 3, copy_out}, {"in", 6, copy_in}};
	struct loop l = {0};
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (argc == commands[i].argc && strcmp(argv[1], commands[i].name) == 0)
			break;
	if (i == sizeof(commands) / sizeof(*commands)) {
		fprintf(stderr, "usage: pgloop out DATABASE\n"
		                "       pgloop in DATABASE FILE BATCH BEHIND.sql\n");
		return 2;
	}
	l.conn = PQconnectdb(argv[2]);
	if (PQstatus(l.conn) != CONNECTION_OK)
		floor_fail("%s", PQerrorMessage(l.conn));
	commands[i].run(&l, argv + 3);
	PQfinish(l.conn);
	floor_say(l.rows, "rows", l.bytes);
	return 0;
}
