#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "common/pgcopy.h"
#include "common/stop.h"

#define SLICE_MS 50                    /* how long a stop may go unseen */
#define SEND_BYTES ((size_t)256 << 10) /* at a time */

/* The signature, no flags, no extension. */
static const uint8_t header[] = {'P', 'G', 'C', 'O', 'P', 'Y', '\n', 0xFF, '\r', '\n',
                                 0,   0,   0,   0,   0,   0,   0,    0,    0};
static const uint8_t trailer[] = {0xFF, 0xFF};

int
pgcopy_start(struct pgcopy *c, struct pgdb *db, const char *query, struct err *err)
{
	struct buf sql = BUF_INIT;
	PGresult *r;

	*c = (struct pgcopy){.db = db};
	buf_printf(&sql, "COPY (%s) TO STDOUT (FORMAT binary)", query);
	r = pgdb_run(db, buf_cstr(&sql), -1, NULL);
	buf_release(&sql);
	if (PQresultStatus(r) != PGRES_COPY_OUT)
		return pgdb_fail(db, r, "read events", err);
	PQclear(r);
	c->running = true;
	return 0;
}

static int
end(struct pgcopy *c, struct err *err)
{
	PGresult *r = PQgetResult(c->db->conn);

	c->running = false;
	if (PQresultStatus(r) != PGRES_COMMAND_OK)
		return pgdb_fail(c->db, r, "read events", err);
	PQclear(r);
	while ((r = PQgetResult(c->db->conn)))
		PQclear(r);
	return 0;
}

/* Whether the message is the end of the data; what is read of it is taken off its front. */
static int
take_frame(struct pgcopy *c, struct slice *message, struct err *err)
{
	if (!c->begun) {
		if (message->len < sizeof(header) ||
		    memcmp(message->p, header, sizeof(header)) != 0)
			return err_set(err, ERR_STORE,
			               "read events: the server sends another form of COPY");
		message->p += sizeof(header);
		message->len -= sizeof(header);
		c->begun = true;
	}
	return message->len == sizeof(trailer) && memcmp(message->p, trailer, sizeof(trailer)) == 0;
}

/* There is no row at hand. */
static int
await_more(struct pgdb *db, struct err *err)
{
	struct pollfd p = {.fd = PQsocket(db->conn), .events = POLLIN};

	if (!stop_asked()) {
		(void)poll(&p, 1, SLICE_MS);
		if (PQconsumeInput(db->conn))
			return 0;
	}
	return pgdb_fail(db, NULL, "read events", err);
}

int
pgcopy_next(struct pgcopy *c, struct slice *row, struct err *err)
{
	bool ended = false;
	int n, rc;

	for (;;) {
		PQfreemem(c->message);
		c->message = NULL;
		while ((n = PQgetCopyData(c->db->conn, &c->message, c->db->stoppable)) == 0)
			if (await_more(c->db, err) < 0)
				return -1;
		if (n == -2) {
			c->running = false;
			return pgdb_fail(c->db, NULL, "read events", err);
		}
		if (n < 0)
			break;
		*row = (struct slice){(uint8_t *)c->message, (size_t)n};
		rc = take_frame(c, row, err);
		if (rc < 0 || ended)
			return rc < 0 ? -1
			              : err_set(err, ERR_STORE, "read events: rows behind the end");
		ended = rc > 0;
		if (!ended && row->len)
			return 1;
	}
	rc = end(c, err);
	if (rc == 0 && !ended)
		return err_set(err, ERR_STORE, "read events: the server ended without an end");
	return rc;
}

void
pgcopy_stop(struct pgcopy *c)
{
	PQfreemem(c->message);
	if (c->running)
		pgdb_close(c->db);
	*c = (struct pgcopy){0};
}

/* The words behind the name of the table are in the language of the server. */
static bool
read_place(const char *text, const char *end, struct pgcopy_place *out)
{
	const char *p = text, *column;
	size_t len;

	p += strcspn(p, "0123456789");
	if (p >= end)
		return false;
	out->line = strtoull(p, (char **)(uintptr_t)&p, 10);
	if (p + 2 >= end || p[0] != ',' || p[1] != ' ')
		return true;
	column = memchr(p + 2, ' ', (size_t)(end - p - 2));
	if (!column)
		return true;
	len = (size_t)(end - column - 1);
	if (len < sizeof(out->column)) {
		memcpy(out->column, column + 1, len);
		out->column[len] = '\0';
	}
	return true;
}

/* Of the lines of a context, `COPY TABLE, line 1, column NAME` is the one. */
static void
find_place(const PGresult *r, struct pgcopy_place *out)
{
	const char *context = PQresultErrorField(r, PG_DIAG_CONTEXT);
	size_t len = strlen(out->table);
	const char *line, *end;

	for (line = context; line && *line; line = *end ? end + 1 : end) {
		end = line + strcspn(line, "\n");
		if (strncmp(line, "COPY ", 5) == 0 && strncmp(line + 5, out->table, len) == 0 &&
		    line[5 + len] == ',' && read_place(line + 5 + len, end, out))
			return;
	}
}

static int
put(struct pgdb *db, const uint8_t *p, size_t len, struct err *err)
{
	size_t n;

	for (; len; p += n, len -= n) {
		n = len < SEND_BYTES ? len : SEND_BYTES;
		if (PQputCopyData(db->conn, (const char *)p, (int)n) != 1)
			return pgdb_fail(db, NULL, "send events", err);
	}
	return 0;
}

int
pgcopy_send(struct pgdb *db, const char *copy, struct slice rows, uint64_t *stored,
            struct pgcopy_place *place, struct err *err)
{
	PGresult *r = pgdb_run(db, copy, -1, NULL);

	place->line = 0;
	place->column[0] = '\0';
	if (PQresultStatus(r) != PGRES_COPY_IN)
		return pgdb_fail(db, r, "send events", err);
	PQclear(r);
	if (put(db, header, sizeof(header), err) < 0 || put(db, rows.p, rows.len, err) < 0 ||
	    put(db, trailer, sizeof(trailer), err) < 0)
		return -1;
	if (PQputCopyEnd(db->conn, NULL) != 1)
		return pgdb_fail(db, NULL, "send events", err);
	r = PQgetResult(db->conn);
	if (PQresultStatus(r) != PGRES_COMMAND_OK) {
		find_place(r, place);
		pgdb_fail(db, r, "send events", err);
		while ((r = PQgetResult(db->conn)))
			PQclear(r);
		return -1;
	}
	*stored = strtoull(PQcmdTuples(r), NULL, 10);
	PQclear(r);
	while ((r = PQgetResult(db->conn)))
		PQclear(r);
	return 0;
}
