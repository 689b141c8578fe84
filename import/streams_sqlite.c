#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/sqlitedb.h"
#include "common/sqlitevalue.h"
#include "format/digest.h"
#include "import/streams_sqlite.h"

#define NAME_ARENA_BYTES ((size_t)64 << 10)
#define FIRST_SLOTS ((size_t)1024) /* a power of two */

struct stream {
	struct slice name; /* absent: a free slot */
	uint64_t version;  /* the greatest of the batch */
};

/* A hash table with open addressing, at most half full. */
struct streams_sqlite {
	sqlite3 *db;
	const struct layout *layout;
	sqlite3_stmt *upsert;
	struct stream *slots;
	size_t n_slots, used;
	struct arena *names;
};

static void
put_columns(const struct layout *l, bool keys_only, struct buf *sql)
{
	bool any = false;
	size_t i;

	for (i = 0; i < l->n_stream_columns; i++) {
		if (keys_only && !l->stream_columns[i].key)
			continue;
		buf_add_str(sql, any ? ", " : "");
		sqlitedb_quote(sql, l->stream_columns[i].name);
		any = true;
	}
}

/* An existing row is only moved on: its version rises, the rest stays as it is. */
static void
put_update(const struct layout *l, struct buf *sql)
{
	const struct layout_stream_column *c;
	bool any = false;
	size_t i;

	for (i = 0; i < l->n_stream_columns; i++) {
		c = &l->stream_columns[i];
		if (c->from != LAYOUT_FROM_VERSION || c->key)
			continue;
		buf_add_str(sql, any ? ", " : " DO UPDATE SET ");
		sqlitedb_quote(sql, c->name);
		buf_add_str(sql, " = max(");
		sqlitedb_quote(sql, c->name);
		buf_add_str(sql, ", excluded.");
		sqlitedb_quote(sql, c->name);
		buf_add_str(sql, ")");
		any = true;
	}
	if (!any)
		buf_add_str(sql, " DO NOTHING");
}

static int
prepare(struct streams_sqlite *s, struct err *err)
{
	const struct layout *l = s->layout;
	struct buf sql = BUF_INIT;
	size_t i;
	int rc;

	buf_add_str(&sql, "INSERT INTO ");
	sqlitedb_quote(&sql, l->streams_table);
	buf_add_str(&sql, " (");
	put_columns(l, false, &sql);
	buf_add_str(&sql, ") VALUES (");
	for (i = 0; i < l->n_stream_columns; i++)
		buf_printf(&sql, "%s?%zu", i ? ", " : "", i + 1);
	buf_add_str(&sql, ") ON CONFLICT (");
	put_columns(l, true, &sql);
	buf_add_str(&sql, ")");
	put_update(l, &sql);
	rc = sqlitedb_prepare(s->db, &sql, &s->upsert, err);
	buf_release(&sql);
	return rc;
}

int
streams_sqlite_open(struct streams_sqlite **out, sqlite3 *db, const struct layout *l,
                    struct err *err)
{
	struct streams_sqlite *s = xcalloc(1, sizeof(*s));

	s->db = db;
	s->layout = l;
	s->n_slots = FIRST_SLOTS;
	s->slots = xcalloc(s->n_slots, sizeof(*s->slots));
	s->names = arena_new(NAME_ARENA_BYTES);
	if (prepare(s, err) < 0) {
		streams_sqlite_close(s);
		return -1;
	}
	*out = s;
	return 0;
}

void
streams_sqlite_close(struct streams_sqlite *s)
{
	if (!s)
		return;
	sqlite3_finalize(s->upsert);
	free(s->slots);
	arena_free(s->names);
	free(s);
}

static struct stream *
find_slot(struct stream *slots, size_t n_slots, struct slice name)
{
	size_t at = digest_of_64(name) & (n_slots - 1);

	while (slots[at].name.p && !slice_eq(slots[at].name, name))
		at = (at + 1) & (n_slots - 1);
	return &slots[at];
}

static void
grow(struct streams_sqlite *s)
{
	size_t n = s->n_slots * 2, i;
	struct stream *slots = xcalloc(n, sizeof(*slots));

	for (i = 0; i < s->n_slots; i++)
		if (s->slots[i].name.p)
			*find_slot(slots, n, s->slots[i].name) = s->slots[i];
	free(s->slots);
	s->slots = slots;
	s->n_slots = n;
}

void
streams_sqlite_add(struct streams_sqlite *s, const struct event *e)
{
	struct stream *stream;

	if (s->used * 2 >= s->n_slots)
		grow(s);
	stream = find_slot(s->slots, s->n_slots, e->stream);
	if (!stream->name.p) {
		*stream = (struct stream){arena_dup(s->names, e->stream), e->version};
		s->used++;
	} else if (e->version > stream->version) {
		stream->version = e->version;
	}
}

static struct sqlitevalue
value_of(const struct layout_stream_column *c, const struct stream *stream, struct arena *mem)
{
	const uint8_t *found;
	size_t n;

	switch (c->from) {
	case LAYOUT_FROM_STREAM:
		return (struct sqlitevalue){.type = SQLITE_TEXT, .bytes = stream->name};
	case LAYOUT_FROM_VERSION:
		return (struct sqlitevalue){.type = SQLITE_INTEGER,
		                            .integer = (int64_t)stream->version + c->base};
	case LAYOUT_FROM_CATEGORY:
		n = strlen(c->separator);
		found = memmem(stream->name.p, stream->name.len, c->separator, n);
		if (found && found > stream->name.p)
			return (struct sqlitevalue){.type = SQLITE_TEXT,
			                            .bytes = {stream->name.p,
			                                      (size_t)(found - stream->name.p)}};
		return sqlitevalue_of_json(c->constant, mem);
	case LAYOUT_FROM_CONSTANT:
		break;
	}
	return sqlitevalue_of_json(c->constant, mem);
}

static bool
is_too_large(const struct layout_stream_column *c, const struct stream *stream)
{
	int64_t n;

	return c->from == LAYOUT_FROM_VERSION &&
	       (stream->version > INT64_MAX ||
	        __builtin_add_overflow((int64_t)stream->version, c->base, &n));
}

static int
flush_one(struct streams_sqlite *s, const struct stream *stream, struct err *err)
{
	struct sqlitevalue v;
	size_t i;
	int rc;

	for (i = 0; i < s->layout->n_stream_columns; i++) {
		if (is_too_large(&s->layout->stream_columns[i], stream))
			return err_set(err, ERR_DATA,
			               "version %" PRIu64 " of a stream is larger than column %s "
			               "of table %s can hold",
			               stream->version, s->layout->stream_columns[i].name,
			               s->layout->streams_table);
		v = value_of(&s->layout->stream_columns[i], stream, s->names);
		if (sqlitevalue_bind(s->upsert, (int)i + 1, &v) != SQLITE_OK)
			return sqlitedb_fail(s->db, "write a stream", err);
	}
	rc = sqlite3_step(s->upsert);
	sqlite3_reset(s->upsert);
	return rc == SQLITE_DONE ? 0 : sqlitedb_fail(s->db, "write a stream", err);
}

int
streams_sqlite_flush(struct streams_sqlite *s, struct err *err)
{
	size_t i;

	for (i = 0; i < s->n_slots; i++) {
		if (s->slots[i].name.p && flush_one(s, &s->slots[i], err) < 0)
			return -1;
		s->slots[i].name = SLICE_ABSENT;
	}
	s->used = 0;
	arena_reset(s->names);
	return 0;
}
