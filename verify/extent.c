#include <inttypes.h>

#include "common/sqlitedb.h"
#include "common/sqliterow.h"
#include "common/stop.h"
#include "export/ranges_postgres.h"
#include "export/source.h"
#include "format/reader.h"
#include "verify/extent.h"

#define BATCH_BYTES ((size_t)1 << 20)

static int
find_postgres(const struct extent_place *p, struct extent *out, struct err *err)
{
	struct ranges_postgres r;
	int rc = ranges_postgres_open(&r, p->address, p->layout, p->select, err);

	*out =
	    (struct extent){.events = r.all.events, .first = r.all.least, .last = r.all.greatest};
	ranges_postgres_close(&r);
	return rc;
}

static int
ask_sqlite(sqlite3 *db, const struct layout *l, const struct selection *select, const char *what,
           uint64_t *out, struct err *err)
{
	struct buf sql = BUF_INIT;
	int64_t n = 0;
	int rc;

	buf_printf(&sql, "SELECT coalesce(%s(", what);
	sqliterow_column(l, FIELD_POSITION, &sql);
	buf_add_str(&sql, "), 0) FROM ");
	sqlitedb_quote(&sql, l->place);
	buf_add_str(&sql, " WHERE ");
	sqliterow_column(l, FIELD_POSITION, &sql);
	buf_printf(&sql, " > %" PRId64 " AND ",
	           select->after.set ? (int64_t)select->after.position : INT64_C(-1));
	sqliterow_column(l, FIELD_POSITION, &sql);
	buf_printf(&sql, " <= %" PRId64,
	           select->upto.set && select->upto.position < INT64_MAX
	               ? (int64_t)select->upto.position
	               : INT64_MAX);
	rc = sqlitedb_number(db, buf_cstr(&sql), &n, err);
	buf_release(&sql);
	*out = (uint64_t)n;
	return rc < 0 ? -1 : 0;
}

static int
find_sqlite(const struct extent_place *p, struct extent *out, struct err *err)
{
	struct layout *l = NULL;
	struct sqlitedb_wait wait;
	sqlite3 *db = NULL;
	int rc = -1;

	if (p->select->after.set && p->select->after.position >= INT64_MAX)
		return 0;
	if (sqlitedb_open_source(&db, p->address, &wait, err) == 0 &&
	    sqlitedb_choose_layout(&l, db, p->layout, p->address->shown, err) == 0 &&
	    ask_sqlite(db, l, p->select, "count", &out->events, err) == 0 &&
	    ask_sqlite(db, l, p->select, "min", &out->first, err) == 0)
		rc = ask_sqlite(db, l, p->select, "max", &out->last, err);
	sqlitedb_close(db);
	layout_free(l);
	return rc;
}

/* The range that was asked for, without the filters. */
static struct selection
range_of(const struct extent_place *p)
{
	struct selection range = SELECTION_INIT;

	range.after = p->select->after;
	range.upto = p->select->upto;
	return range;
}

/* The events of a range, one by one: the first, the last, how many; of `limit` at most.  `said`:
 * NULL, or how many there are by what the place says. */
static int
read_range(const struct extent_place *p, const struct selection *range, uint64_t limit,
           struct extent *out, uint64_t *said, struct err *err)
{
	struct source_options options = {.layout = p->layout,
	                                 .select = range,
	                                 .plain = p->plain,
	                                 .quiet = true,
	                                 .batch_bytes = BATCH_BYTES,
	                                 .batch_events = limit < 4096 ? (size_t)limit : 4096};
	struct batch *batch = batch_new();
	struct source *source = NULL;
	int rc = source_open(&source, p->address, &options, err);

	*out = (struct extent){0};
	if (rc == 0 && said)
		*said = source_info(source)->events;
	while (rc == 0 && out->events < limit && (rc = source_read(source, batch, err)) > 0) {
		if (out->events == 0)
			out->first = batch->events[0].position;
		out->events += batch->len;
		out->last = batch->events[batch->len - 1].position;
		rc = stop_asked() ? err_set(err, ERR_STOPPED, "stopped by a signal") : 0;
	}
	source_close(source);
	batch_free(batch);
	return rc < 0 ? -1 : 0;
}

/* All of the blocks, past the payloads. */
static int
find_archive(struct reader *reader, const struct selection *select, struct extent *out,
             struct err *err)
{
	struct reader_chunk chunk = {0};
	const struct totals *said;
	int rc;

	while ((rc = reader_next(reader, &chunk, err)) > 0)
		if (reader_is_plain(reader))
			break;
	if (rc == 0 && (said = reader_said(reader))) {
		*out = (struct extent){said->events, said->first, said->last, said->events == 0};
		if (select->upto.set && out->last > select->upto.position)
			out->last = select->upto.position;
		if (select->after.set && out->last <= select->after.position)
			out->empty = true;
		else if (select->after.set && out->first <= select->after.position)
			out->first = select->after.position + 1;
		out->empty |= out->first > out->last;
	}
	reader_chunk_release(&chunk);
	return rc;
}

static int
find_file(const struct extent_place *p, struct extent *out, struct err *err)
{
	const struct selection range = range_of(p);
	struct reader *reader = NULL;
	int rc = reader_open(&reader, p->address->path, p->plain, err);

	if (rc == 0)
		rc = find_archive(reader, p->select, out, err);
	if (rc > 0)
		rc = read_range(p, &range, UINT64_MAX, out, NULL, err);
	reader_free(reader);
	return rc;
}

/* Moves the end to the first event that is `stride` or more behind it: 1, 0: there is none, -1. */
static int
go_on(const struct extent_place *p, uint64_t stride, struct extent *out, struct err *err)
{
	struct selection range = range_of(p);
	struct extent next;

	if (out->last > UINT64_MAX - stride)
		return 0;
	range.after = (struct selection_bound){true, out->last + stride - 1};
	if (read_range(p, &range, 1, &next, NULL, err) < 0)
		return -1;
	if (next.events == 0)
		return 0;
	out->last = next.last;
	return 1;
}

/* A stream does not say the position of its last event: where that would be without gaps, then
 * strides that double, then halve. */
static int
find_stream(const struct extent_place *p, struct extent *out, struct err *err)
{
	const struct selection range = range_of(p);
	uint64_t stride = 1, said = 0;
	bool grows = true;
	int rc = 0;

	if (read_range(p, &range, 1, out, &said, err) < 0)
		return -1;
	if (out->events == 0)
		return 0;
	if (said > 1)
		rc = go_on(p, said - 1, out, err);
	while (rc >= 0 && stride) {
		rc = go_on(p, stride, out, err);
		grows = grows && rc > 0;
		stride = grows && stride <= UINT64_MAX / 2 ? stride * 2 : stride / 2;
	}
	/* About: of what was deleted some counts. */
	out->events = out->last - out->first < said ? out->last - out->first + 1 : said;
	return rc < 0 ? -1 : 0;
}

int
extent_find(const struct extent_place *place, struct extent *out, struct err *err)
{
	int (*const find[])(const struct extent_place *, struct extent *, struct err *) = {
	    [ADDRESS_FILE] = find_file,         [ADDRESS_SQLITE] = find_sqlite,
	    [ADDRESS_POSTGRES] = find_postgres, [ADDRESS_NATS] = find_stream,
	    [ADDRESS_NATS_MANY] = find_stream,
	};

	*out = (struct extent){0};
	if (place->address->kind == ADDRESS_STREAM)
		return err_set(err, ERR_USAGE, "standard input can be read once only");
	if (find[place->address->kind](place, out, err) < 0)
		return -1;
	out->empty |= out->events == 0;
	return 0;
}

int
extent_walk(const struct extent_place *place, uint64_t first, uint64_t last, uint64_t step,
            uint64_t n, uint64_t *out, struct err *err)
{
	struct selection range = SELECTION_INIT;
	struct extent seen;

	if (first > 0)
		range.after = (struct selection_bound){true, first - 1};
	for (;;) {
		range.upto =
		    (struct selection_bound){true, last - first < step ? last : first + step};
		if (read_range(place, &range, n, &seen, NULL, err) < 0)
			return -1;
		*out = seen.events >= n ? seen.last : last;
		if (seen.events >= n || range.upto.position == last)
			return 0;
		step = step <= UINT64_MAX / 4 ? step * 4 : UINT64_MAX;
	}
}
