#ifndef COMMON_SQLITEVALUE_H
#define COMMON_SQLITEVALUE_H

#include <sqlite3.h>

#include "common/mem.h"

/*
 * One value of SQLite, apart from any statement, and as JSON: what attributes
 * and hints hold.  JSON has fewer kinds of values, so what it or a common
 * reader of it would change is wrapped:
 *
 *	NULL null        TEXT "..."                        or {"$text":"base64"}, not UTF-8
 *	BLOB {"$blob":"base64"}                            INTEGER 7 or {"$integer":"..."} past 2^53
 *	REAL 0.5 or {"$real":"..."}, with no fraction or not finite
 */
struct sqlitevalue {
	int type; /* SQLITE_NULL, SQLITE_INTEGER, SQLITE_FLOAT, SQLITE_TEXT, SQLITE_BLOB */
	int64_t integer;
	double real;
	struct slice bytes; /* of TEXT and BLOB; never absent */
};

#define SQLITEVALUE_NULL ((struct sqlitevalue){.type = SQLITE_NULL})

/* Bytes are good until the statement moves on. */
struct sqlitevalue sqlitevalue_column(sqlite3_stmt *stmt, int column);
/* Bytes must live until the statement has run.  SQLITE_OK or SQLite's error. */
int sqlitevalue_bind(sqlite3_stmt *stmt, int parameter, const struct sqlitevalue *v);

bool sqlitevalue_eq(const struct sqlitevalue *a, const struct sqlitevalue *b);

void sqlitevalue_to_json(const struct sqlitevalue *v, struct buf *out);
/* From one compact JSON text; bytes go to the arena.  A list or an object that is no wrapping
 * becomes TEXT that holds it. */
struct sqlitevalue sqlitevalue_of_json(struct slice json, struct arena *mem);

/* Append the shortest decimal that reads back as the same number; 9e999 for infinity. */
void sqlitevalue_print_real(double real, struct buf *out);

#endif
