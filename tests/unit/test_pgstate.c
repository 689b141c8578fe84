#include <string.h>

#include "common/pgstate.h"
#include "tests/tap.h"

static const struct {
	const char *code;
	enum err_kind kind;
	enum pgdb_trouble trouble;
} means[] = {
    {"", ERR_STORE, PGDB_FATAL},         {"ZZ999", ERR_STORE, PGDB_FATAL},
    {"08006", ERR_STORE, PGDB_LOST},     {"22P02", ERR_DATA, PGDB_FATAL},
    {"23505", ERR_CONFLICT, PGDB_FATAL}, {"23502", ERR_DATA, PGDB_FATAL},
    {"25006", ERR_STORE, PGDB_FATAL},    {"28000", ERR_STORE, PGDB_FATAL},
    {"28P01", ERR_STORE, PGDB_FATAL},    {"3D000", ERR_STORE, PGDB_FATAL},
    {"40001", ERR_STORE, PGDB_AGAIN},    {"40P01", ERR_STORE, PGDB_AGAIN},
    {"40002", ERR_DATA, PGDB_FATAL},     {"42501", ERR_STORE, PGDB_FATAL},
    {"42P01", ERR_LAYOUT, PGDB_FATAL},   {"53100", ERR_STORE, PGDB_FATAL},
    {"53300", ERR_STORE, PGDB_LOST},     {"55P03", ERR_STORE, PGDB_AGAIN},
    {"57014", ERR_STORE, PGDB_FATAL},    {"57P01", ERR_STORE, PGDB_LOST},
    {"57P03", ERR_STORE, PGDB_LOST},     {"57P04", ERR_STORE, PGDB_FATAL},
};

void
test_codes_come_before_their_class(void)
{
	const struct pgstate *s;
	size_t i;

	for (i = 0; i < sizeof(means) / sizeof(*means); i++) {
		s = pgstate_find(means[i].code);
		if (!eq_int(s->kind, means[i].kind) || !eq_int(s->trouble, means[i].trouble))
			eq_str(s->code, means[i].code);
	}
}

static const struct {
	const char *text, *code, *line;
} messages[] = {
    {"", "", ""},
    {"no such thing\n", "", "no such thing"},
    {"connection to server at \"h\", port 1 failed: Connection refused\n"
     "\tIs the server running on that host and accepting TCP/IP connections?\n",
     "", "connection to server at \"h\", port 1 failed: Connection refused"},
    {"connection to server at \"h\", port 1 failed: FATAL:  57P03: the database system is "
     "starting up\nLOCATION:  ProcessStartupPacket, postmaster.c:2350\n",
     "57P03",
     "connection to server at \"h\", port 1 failed: FATAL: the database system is starting up"},
    {"failed: KATASTROPHAL:  28P01: falsch\nORT:  auth_failed, auth.c:326\n", "28P01",
     "failed: KATASTROPHAL: falsch"},
    {"a failed: FATAL:  57P03: down\nLOCATION:  x, y.c:1\nb failed: FATAL:  53300: full\n"
     "DETAIL:  really\nLOCATION:  x, y.c:1\n",
     "53300", "a failed: FATAL: down; b failed: FATAL: full; DETAIL:  really"},
    {"FATAL:  57p03: no code", "", "FATAL:  57p03: no code"},
    {"FATAL:  57P03:", "", "FATAL:  57P03:"},
    {"see README.c:1", "", "see README.c:1"},
};

void
test_a_failed_connection_tells_its_code(void)
{
	struct buf line = BUF_INIT;
	char code[6];
	size_t i;

	for (i = 0; i < sizeof(messages) / sizeof(*messages); i++) {
		line.len = 0;
		pgstate_read(&line, code, messages[i].text);
		eq_str(buf_cstr(&line), messages[i].line);
		eq_str(code, messages[i].code);
	}
	buf_release(&line);
}

void
test_lines_are_squeezed_into_one(void)
{
	struct buf line = BUF_INIT;

	pgstate_squeeze(&line, "\n  a b \r\n\n\t c\n", "; ");
	eq_str(buf_cstr(&line), "a b; c");
	pgstate_squeeze(&line, " \n", "; ");
	pgstate_squeeze(&line, "d", "; ");
	eq_str(buf_cstr(&line), "a b; cd");
	buf_release(&line);
}
