#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "common/layoutfit.h"
#include "common/log.h"
#include "common/retry.h"
#include "common/sqlitedb.h"
#include "common/sqliteview.h"
#include "common/stop.h"

#define SOURCE_CACHE_KIB 8192
#define TARGET_CACHE_KIB 65536
/* A lock is held for milliseconds, and nobody tells when it goes. */
#define LOCK_LEAST_MS 2
#define LOCK_MOST_MS 250

/* What the codes of SQLite mean, and what the user can do about them. */
static const struct {
	int code;
	enum err_kind kind;
	const char *meaning, *hint;
	bool of_file;
} failures[] = {
    {SQLITE_NOTADB, ERR_STORE, "is not an SQLite database", NULL, true},
    {SQLITE_CORRUPT, ERR_STORE, "the database is damaged",
     "PRAGMA integrity_check says more; restore it from a backup", true},
    {SQLITE_BUSY, ERR_STORE, "another program has locked the database",
     "start again when it has finished", false},
    {SQLITE_LOCKED, ERR_STORE, "a table is locked", "start again when it is free", false},
    {SQLITE_CANTOPEN, ERR_STORE, "cannot be opened", NULL, true},
    {SQLITE_READONLY, ERR_STORE, "the database is read-only", NULL, true},
    {SQLITE_PERM, ERR_STORE, "permission denied", NULL, false},
    {SQLITE_AUTH, ERR_STORE, "permission denied", NULL, false},
    {SQLITE_FULL, ERR_IO, "the disk is full", "make room and start again: it goes on from there",
     true},
    {SQLITE_IOERR, ERR_IO, "reading or writing the file failed", NULL, true},
    {SQLITE_CONSTRAINT, ERR_DATA, "a constraint of the database does not hold", NULL, false},
    {SQLITE_NOMEM, ERR_STORE, "SQLite has no memory left", NULL, false},
};

/* What the last call of the system for the database's file met, and 0 where that is not known. */
static int
last_errno(sqlite3 *db)
{
	int last = 0;

	(void)sqlite3_file_control(db, "main", SQLITE_FCNTL_LAST_ERRNO, &last);
	return last;
}

/* SQLite calls a database damaged of which the disk did not give a page. */
static bool
was_not_read(sqlite3 *db)
{
	return (sqlite3_errcode(db) & 0xFF) == SQLITE_CORRUPT && last_errno(db) == EIO;
}

/* The file, where `doing` is a statement: a user must know which of the disks it is. */
static const char *
file_of(sqlite3 *db, const char *doing)
{
	const char *name =
	    strncmp(doing, "sqlite", 6) == 0 ? NULL : sqlite3_db_filename(db, "main");

	return name ? name : "";
}

/* What the system says of it, and 0 where that is nothing, or of another call. */
static int
errno_of(sqlite3 *db, int code)
{
	int sys = sqlite3_system_errno(db);

	switch (code) {
	case SQLITE_CANTOPEN: /* tried again without making it, so that it is not there */
		return sys == ENOENT ? 0 : sys;
	case SQLITE_IOERR:
		return sys && !was_not_read(db) ? sys : last_errno(db);
	default:
		return 0;
	}
}

/* A failure of the file or its disk: what the system says of it is more than SQLite does. */
static void
fail_file(sqlite3 *db, int code, const char *doing, const char *meaning, struct err *err)
{
	const char *name = file_of(db, doing);
	int sys = errno_of(db, code);

	err_set(err, err->kind, "%s: %s%s%s (%s%s%s)", doing, name, *name ? ": " : "", meaning,
	        was_not_read(db) ? "disk I/O error" : sqlite3_errmsg(db), sys ? ": " : "",
	        sys ? strerror(sys) : "");
	err_hint_sys(err, sys);
}

bool
sqlitedb_has_moved(sqlite3 *db)
{
	int moved = 0;

	(void)sqlite3_file_control(db, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
	return moved;
}

int
sqlitedb_fail_moved(const char *what, struct err *err)
{
	err_set(err, ERR_IO, "%s: the database was moved or deleted during the import", what);
	return err_hint(err, "run it again: what is not there any more is written anew");
}

/* Seen by SQLite itself, or the reason why it could not take its journal away. */
static bool
lost_its_name(sqlite3 *db, int code)
{
	return sqlite3_extended_errcode(db) == SQLITE_READONLY_DBMOVED ||
	       (code == SQLITE_IOERR && sqlite3_db_readonly(db, "main") == 0 &&
	        sqlitedb_has_moved(db));
}

int
sqlitedb_fail(sqlite3 *db, const char *doing, struct err *err)
{
	int code = db ? sqlite3_errcode(db) & 0xFF : SQLITE_NOMEM;
	size_t i;

	if (code == SQLITE_BUSY && stop_asked())
		return err_set(err, ERR_STOPPED, "stopped by a signal");
	if (db && was_not_read(db))
		code = SQLITE_IOERR;
	if (db && lost_its_name(db, code))
		return sqlitedb_fail_moved(sqlite3_db_filename(db, "main"), err);
	for (i = 0; i < sizeof(failures) / sizeof(*failures); i++) {
		if (failures[i].code != code)
			continue;
		err->kind = failures[i].kind;
		if (db && failures[i].of_file)
			fail_file(db, code, doing, failures[i].meaning, err);
		else
			err_set(err, err->kind, "%s: %s (%s)", doing, failures[i].meaning,
			        db ? sqlite3_errmsg(db) : "no memory");
		return failures[i].hint ? err_hint(err, "%s", failures[i].hint) : -1;
	}
	return err_set(err, ERR_STORE, "%s: %s", doing, sqlite3_errmsg(db));
}

/* A database that cannot even be looked into although it is there: what its files are waiting for.
 */
static int
hint_at_files(sqlite3 *db, struct err *err)
{
	switch (sqlite3_extended_errcode(db)) {
	case SQLITE_READONLY_ROLLBACK:
	case SQLITE_READONLY_RECOVERY:
		return err_hint(
		    err, "a program that writes it ended early: open it once with that program");
	case SQLITE_READONLY_CANTINIT:
	case SQLITE_READONLY_DIRECTORY:
	case SQLITE_CANTOPEN:
		return err_hint(
		    err, "in WAL mode its locks need a place: read it as a user who may write "
			 "in its folder, or read a copy");
	default:
		return -1;
	}
}

int
sqlitedb_exec(sqlite3 *db, const char *sql, struct err *err)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	return sqlitedb_fail(db, sql, err);
}

int
sqlitedb_prepare(sqlite3 *db, struct buf *sql, sqlite3_stmt **out, struct err *err)
{
	if (sqlite3_prepare_v2(db, buf_cstr(sql), -1, out, NULL) == SQLITE_OK)
		return 0;
	return sqlitedb_fail(db, buf_cstr(sql), err);
}

int
sqlitedb_number(sqlite3 *db, const char *sql, int64_t *out, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	int rc, found = 0;

	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
		return sqlitedb_fail(db, sql, err);
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW && sqlite3_column_type(stmt, 0) != SQLITE_NULL) {
		*out = sqlite3_column_int64(stmt, 0);
		found = 1;
	}
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		found = sqlitedb_fail(db, sql, err);
	sqlite3_finalize(stmt);
	return found;
}

void
sqlitedb_quote(struct buf *sql, const char *name)
{
	buf_add_byte(sql, '"');
	for (; *name; name++) {
		if (*name == '"')
			buf_add_byte(sql, '"');
		buf_add_byte(sql, (uint8_t)*name);
	}
	buf_add_byte(sql, '"');
}

static int
check_exists(const char *path, struct err *err)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return err_sys(err, ERR_STORE, "sqlite %s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_STORE, "sqlite %s: is not a file", path);
	return 0;
}

static int
open_as(sqlite3 **out, const char *name, int flags, const char *path, struct err *err)
{
	char doing[600];
	int rc =
	    sqlite3_open_v2(name, out, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);

	if (rc == SQLITE_OK) {
		return 0;
	}
	snprintf(doing, sizeof(doing), "sqlite %s", path);
	sqlitedb_fail(*out, doing, err);
	sqlitedb_close(*out);
	*out = NULL;
	return -1;
}

/* SQLite asks before each try whether there is to be one. */
static int
wait_for_lock(void *ctx, int tries)
{
	struct sqlitedb_wait *w = ctx;
	char bounds[RETRY_TEXT_BYTES];

	if (tries == 0)
		backoff_rest(&w->backoff);
	if (!w->told && backoff_allows(&w->backoff))
		log_warning("%s: another program has locked the database; %s", w->shown,
		            retry_bounds(&w->backoff, bounds));
	w->told = true;
	return backoff_wait(&w->backoff);
}

static void
be_patient(sqlite3 *db, const struct address *a, struct sqlitedb_wait *w)
{
	*w = (struct sqlitedb_wait){.shown = a->shown};
	backoff_start(&w->backoff, SQLITEDB_BUSY_MS, a->retries);
	w->backoff.least_ms = LOCK_LEAST_MS;
	w->backoff.most_ms = LOCK_MOST_MS;
	sqlite3_busy_handler(db, wait_for_lock, w);
}

/* A path is a path: SQLite takes ":memory:" and "file:..." for something else. */
static int
open_path(sqlite3 **out, const char *path, int flags, struct err *err)
{
	char *name = sqlite3_mprintf("%s%s", *path == '/' ? "" : "./", path);
	int rc = open_as(out, name ? name : "", flags, path, err);

	sqlite3_free(name);
	return rc;
}

/* Bytes 18 and 19 of the file say 2 in WAL mode (SQLite file format, section 1.3). */
static bool
idle_wal_file(const char *path)
{
	uint8_t head[20];
	struct stat st;
	char *wal = sqlite3_mprintf("%s-wal", path);
	FILE *f = fopen(path, "re");
	bool idle = f && wal && fread(head, sizeof(head), 1, f) == 1 && head[18] == 2 &&
	            (stat(wal, &st) < 0 || st.st_size == 0);

	if (f)
		fclose(f);
	sqlite3_free(wal);
	return idle;
}

/* file:PATH?immutable=1, with the path percent-encoded. */
static char *
immutable_name(const char *path)
{
	struct buf name = BUF_INIT;

	buf_add_str(&name, "file:");
	while (path[0] == '/' && path[1] == '/') /* two would begin a host */
		path++;
	for (; *path; path++) {
		if (strchr("?#%", *path))
			buf_printf(&name, "%%%02X", (unsigned char)*path);
		else
			buf_add_byte(&name, (uint8_t)*path);
	}
	buf_add_str(&name, "?immutable=1");
	return buf_cstr(&name); /* the caller frees what was the buf's */
}

/* The first look into the file: this is where a file that is no database shows. */
static int
look_into(sqlite3 *db, const char *path, struct err *err)
{
	char doing[600];

	if (sqlite3_exec(db, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	snprintf(doing, sizeof(doing), "sqlite %s", path);
	sqlitedb_fail(db, doing, err);
	return hint_at_files(db, err);
}

static int
open_immutable(sqlite3 **out, const char *path, struct err *err)
{
	char *name = immutable_name(path);
	int rc = open_as(out, name, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, path, err);

	free(name);
	return rc < 0 ? -1 : look_into(*out, path, err);
}

/* WAL mode makes files beside the database, which a folder may not allow. */
static bool
needs_a_log(sqlite3 *db)
{
	int code = sqlite3_errcode(db) & 0xFF;

	return code == SQLITE_CANTOPEN || code == SQLITE_READONLY;
}

/* Where nobody can write, nothing changes while it is read; elsewhere locks are needed for that. */
static bool
on_read_only_medium(const char *path)
{
	struct statvfs fs;

	return statvfs(path, &fs) == 0 && (fs.f_flag & ST_RDONLY);
}

static int
open_to_read(sqlite3 **out, const struct address *from, int flags, struct sqlitedb_wait *wait,
             struct err *err)
{
	const char *path = from->path;
	char pragma[64];
	int rc;

	*out = NULL;
	if (check_exists(path, err) < 0 || open_path(out, path, flags, err) < 0)
		return -1;
	be_patient(*out, from, wait);
	rc = look_into(*out, path, err);
	if (rc < 0 && needs_a_log(*out) && idle_wal_file(path) && on_read_only_medium(path)) {
		sqlitedb_close(*out);
		rc = open_immutable(out, path, err);
	}
	if (rc == 0) {
		sqlite3_db_config(*out, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
		snprintf(pragma, sizeof(pragma), "PRAGMA cache_size=-%d; PRAGMA query_only=1",
		         SOURCE_CACHE_KIB);
		rc = sqlitedb_exec(*out, pragma, err);
	}
	if (rc < 0) {
		sqlitedb_close(*out);
		*out = NULL;
	}
	return rc;
}

int
sqlitedb_open_source(sqlite3 **out, const struct address *from, struct sqlitedb_wait *wait,
                     struct err *err)
{
	return open_to_read(out, from, SQLITE_OPEN_READONLY, wait, err);
}

int
sqlitedb_open_begun(sqlite3 **out, const struct address *to, struct sqlitedb_wait *wait,
                    struct err *err)
{
	return open_to_read(out, to, SQLITE_OPEN_READWRITE, wait, err);
}

/*
 * A file that is missing is made before SQLite opens it, which would let everybody read it, and
 * would follow a link that leads nowhere.  Its journal gets the mode that the file has.
 */
static int
make_file(const char *path, struct err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600), sys = errno;
	struct stat st;

	if (fd >= 0) {
		(void)!fchmod(fd, 0600); /* whatever the umask takes */
		close(fd);
		return 0;
	}
	if (sys != EEXIST) {
		err_sys(err, ERR_STORE, "sqlite %s: cannot be opened", path);
		return err_hint_sys(err, sys);
	}
	if (stat(path, &st) == 0) /* somebody has made it */
		return 0;
	return err_set(err, ERR_STORE, "sqlite %s: is a symbolic link that leads to no file", path);
}

int
sqlitedb_open_target(sqlite3 **out, const struct address *to, bool create,
                     struct sqlitedb_wait *wait, struct err *err)
{
	const char *path = to->path;
	char pragma[160];

	*out = NULL;
	if ((create ? make_file(path, err) : check_exists(path, err)) < 0 ||
	    open_path(out, path, SQLITE_OPEN_READWRITE, err) < 0)
		return -1;
	be_patient(*out, to, wait);
	/* A page size only matters for a file that is made now; larger pages load faster. */
	snprintf(pragma, sizeof(pragma),
	         "PRAGMA page_size=8192; PRAGMA synchronous=FULL; PRAGMA foreign_keys=1; "
	         "PRAGMA cache_size=-%d",
	         TARGET_CACHE_KIB);
	if (look_into(*out, path, err) == 0 && sqlitedb_exec(*out, pragma, err) == 0)
		return 0;
	sqlitedb_close(*out);
	*out = NULL;
	return -1;
}

int
sqlitedb_open_memory(sqlite3 **out, struct err *err)
{
	return open_as(out, ":memory:", SQLITE_OPEN_READWRITE, "in memory", err);
}

void
sqlitedb_close(sqlite3 *db)
{
	if (db)
		sqlite3_close_v2(db);
}

int
sqlitedb_has_table(sqlite3 *db, const char *table, bool *out, struct err *err)
{
	struct buf sql = BUF_INIT;
	sqlite3_stmt *stmt = NULL;
	int rc;

	buf_add_str(&sql, "SELECT 1 FROM sqlite_schema WHERE type IN ('table', 'view') "
	                  "AND name = ?1 COLLATE NOCASE");
	rc = sqlitedb_prepare(db, &sql, &stmt, err);
	if (rc == 0) {
		sqlite3_bind_text(stmt, 1, table, -1, SQLITE_STATIC);
		rc = sqlite3_step(stmt);
		*out = rc == SQLITE_ROW;
		rc = rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : sqlitedb_fail(db, "schema", err);
	}
	sqlite3_finalize(stmt);
	buf_release(&sql);
	return rc;
}

bool
sqlitedb_is_strict(sqlite3 *db, const char *table)
{
	sqlite3_stmt *stmt = NULL;
	bool strict = false;

	/* Before 3.37 there is neither such a table nor the list. */
	if (sqlite3_prepare_v2(db, "SELECT strict FROM pragma_table_list(?1) WHERE schema = 'main'",
	                       -1, &stmt, NULL) != SQLITE_OK)
		return false;
	sqlite3_bind_text(stmt, 1, table, -1, SQLITE_STATIC);
	strict = sqlite3_step(stmt) == SQLITE_ROW && sqlite3_column_int(stmt, 0) != 0;
	sqlite3_finalize(stmt);
	return strict;
}

static int
list_columns(void *ctx, const char *table, bool *there, struct buf *names, struct err *err)
{
	struct buf sql = BUF_INIT;
	sqlite3_stmt *stmt = NULL;
	int rc;

	if (sqlitedb_has_table(ctx, table, there, err) < 0)
		return -1;
	/* table_xinfo lists generated columns, too: they are computed, and left alone. */
	buf_add_str(&sql, "SELECT name FROM pragma_table_xinfo(?1) WHERE hidden = 0");
	rc = sqlitedb_prepare(ctx, &sql, &stmt, err);
	buf_release(&sql);
	if (rc < 0)
		return -1;
	sqlite3_bind_text(stmt, 1, table, -1, SQLITE_STATIC);
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW)
		buf_add(names, sqlite3_column_text(stmt, 0),
		        (size_t)sqlite3_column_bytes(stmt, 0) + 1);
	rc = rc == SQLITE_DONE ? 0 : sqlitedb_fail(ctx, "schema", err);
	sqlite3_finalize(stmt);
	return rc;
}

int
sqlitedb_choose_layout(struct layout **out, sqlite3 *db, const char *asked, const char *shown,
                       struct err *err)
{
	const struct layoutfit_store store = {
	    .name = "sqlite",
	    .ctx = db,
	    .columns = list_columns,
	    .compare = sqlite3_stricmp,
	    .hidden = "rowid", /* in every table of the usual kind */
	};

	if (layoutfit_choose(out, &store, asked, shown, err) < 0)
		return -1;
	if (sqliteview_make(db, *out, err) == 0)
		return 0;
	layout_free(*out);
	*out = NULL;
	return err_wrap(err, "%s", shown);
}

bool
sqlitedb_unsigned(sqlite3_stmt *stmt, int column, uint64_t *out)
{
	int64_t n = sqlite3_column_int64(stmt, column);

	*out = (uint64_t)n;
	return sqlite3_column_type(stmt, column) == SQLITE_INTEGER && n >= 0;
}
