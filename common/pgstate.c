#include <ctype.h>
#include <string.h>

#include "common/pgstate.h"

static const struct pgstate states[] = {
    {"08", ERR_STORE, PGDB_LOST, NULL},
    {"22", ERR_DATA, PGDB_FATAL, NULL},
    {"23505", ERR_CONFLICT, PGDB_FATAL, NULL},
    {"23", ERR_DATA, PGDB_FATAL, NULL},
    {"25006", ERR_STORE, PGDB_FATAL,
     "this server may only be read: connect to the primary, or with a role that may write"},
    {"25P03", ERR_STORE, PGDB_LOST, NULL},
    {"28P01", ERR_STORE, PGDB_FATAL,
     "check user and password: of the address, PGPASSWORD, ~/.pgpass"},
    {"28", ERR_STORE, PGDB_FATAL,
     "check user and password, and what pg_hba.conf of the server allows"},
    {"3D000", ERR_STORE, PGDB_FATAL, "create the database, or correct its name in the address"},
    {"3F000", ERR_LAYOUT, PGDB_FATAL, "check the names in the layout"},
    {"40002", ERR_DATA, PGDB_FATAL, NULL},
    {"40", ERR_STORE, PGDB_AGAIN, NULL},
    {"42501", ERR_STORE, PGDB_FATAL, "grant the role what it lacks, or connect as another one"},
    {"42703", ERR_LAYOUT, PGDB_FATAL, "check the names in the layout"},
    {"42P01", ERR_LAYOUT, PGDB_FATAL,
     "check the names in the layout, and the search_path of the role"},
    {"44000", ERR_DATA, PGDB_FATAL, NULL},
    {"53100", ERR_STORE, PGDB_FATAL, "make room on the disk of the server and start again"},
    {"53200", ERR_STORE, PGDB_FATAL, "the server has no memory left for it"},
    {"53300", ERR_STORE, PGDB_LOST, "end other connections, or raise max_connections"},
    {"54", ERR_DATA, PGDB_FATAL, NULL},
    {"55P03", ERR_STORE, PGDB_AGAIN, "another session holds a lock: start again when it has ended"},
    {"57014", ERR_STORE, PGDB_FATAL, "somebody has cancelled it on the server: start again"},
    {"57P01", ERR_STORE, PGDB_LOST, NULL},
    {"57P02", ERR_STORE, PGDB_LOST, NULL},
    {"57P03", ERR_STORE, PGDB_LOST, NULL},
    {"57P05", ERR_STORE, PGDB_LOST, NULL},
    {"P0001", ERR_DATA, PGDB_FATAL, "a trigger or a function of the database refuses it"},
    {"XX001", ERR_STORE, PGDB_FATAL, "the database is damaged: restore it from a backup"},
    {"XX002", ERR_STORE, PGDB_FATAL, "an index is damaged: REINDEX makes it anew"},
    {"", ERR_STORE, PGDB_FATAL, NULL},
};

/* Codes stand before their class. */
const struct pgstate *
pgstate_find(const char *code)
{
	const struct pgstate *s = states;

	while (strncmp(s->code, code, strlen(s->code)) != 0)
		s++;
	return s;
}

void
pgstate_squeeze(struct buf *out, const char *text, const char *between)
{
	size_t len, began = out->len;

	for (;; text += len) {
		text += strspn(text, " \t\r\n");
		len = strcspn(text, "\r\n");
		if (len == 0)
			return;
		if (out->len > began)
			buf_add_str(out, between);
		buf_add(out, text, len);
		while (isspace(out->p[out->len - 1]))
			out->len--;
	}
}

/* `FATAL:  28P01: password ...`, with the first word in the language of the server. */
static const char *
find_code(const char *line, size_t len, char code[6])
{
	const char *p = line;

	for (; p + 10 <= line + len; p++) {
		if (memcmp(p, ":  ", 3) != 0 || memcmp(p + 8, ": ", 2) != 0)
			continue;
		memcpy(code, p + 3, 5);
		code[5] = '\0';
		if (strspn(code, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 5)
			return p;
	}
	return NULL;
}

/* `LOCATION:  auth_failed, auth.c:326`, likewise. */
static bool
is_location(const char *line, size_t len)
{
	const char *end = line + len;

	while (end > line && isdigit((unsigned char)end[-1]))
		end--;
	return end < line + len && end - line > 3 && memcmp(end - 3, ".c:", 3) == 0 &&
	       memchr(line, ',', (size_t)(end - line));
}

void
pgstate_read(struct buf *out, char code[6], const char *text)
{
	struct buf kept = BUF_INIT;
	const char *found;
	char seen[6];
	size_t len;

	code[0] = '\0';
	for (; *text; text += len + (text[len] == '\n')) {
		len = strcspn(text, "\n");
		found = find_code(text, len, seen);
		if (found) {
			memcpy(code, seen, sizeof(seen));
			buf_add(&kept, text, (size_t)(found - text));
			buf_add(&kept, found + 8, len - (size_t)(found + 8 - text));
		} else if (*text != '\t' && !is_location(text, len)) { /* a tab: libpq explains */
			buf_add(&kept, text, len);
		}
		buf_add_byte(&kept, '\n');
	}
	pgstate_squeeze(out, buf_cstr(&kept), "; ");
	buf_release(&kept);
}
