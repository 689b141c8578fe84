#include "common/pgdigest.h"
#include "common/pgvalue_impl.h"

#define SCRATCH_BYTES ((size_t)64 << 10)
#define OID_TEXT 25

/* Every type is cast to one that has the same name and oid in every database: domains,
 * enumerations, and what has its own name for the same bytes.  In UTC, which sessions are
 * in, the two kinds of timestamp are the same. */
static const struct {
	const char *name;
	uint32_t oid;
	bool told;
} types[PGTYPES] = {
    [PGTYPE_INT2] = {"pg_catalog.int2", 21, true},
    [PGTYPE_INT4] = {"pg_catalog.int4", 23, true},
    [PGTYPE_INT8] = {"pg_catalog.int8", 20, true},
    [PGTYPE_BOOL] = {"pg_catalog.bool", 16, true},
    [PGTYPE_FLOAT4] = {"pg_catalog.float4", 700, true},
    [PGTYPE_FLOAT8] = {"pg_catalog.float8", 701, true},
    [PGTYPE_TEXT] = {"pg_catalog.text", OID_TEXT, true},
    [PGTYPE_BPCHAR] = {"pg_catalog.bpchar", 1042, true},
    [PGTYPE_BYTEA] = {"pg_catalog.bytea", 17, true},
    [PGTYPE_UUID] = {"pg_catalog.uuid", 2950, true},
    [PGTYPE_JSON] = {"pg_catalog.json", 114, true},
    [PGTYPE_JSONB] = {"pg_catalog.jsonb", 3802, false},
    [PGTYPE_TIMESTAMP] = {"pg_catalog.timestamptz", 1184, true},
    [PGTYPE_TEXT_ARRAY] = {"pg_catalog._text", 1009, true},
    [PGTYPE_OTHER] = {"pg_catalog.text", OID_TEXT, false},
};

void
pgdigest_put(const struct pgtable *t, struct buf *sql)
{
	size_t i;

	buf_add_str(sql, "pg_catalog.sha256(pg_catalog.record_send(ROW(");
	for (i = 0; i < t->layout->n_columns; i++) {
		buf_add_str(sql, i ? ", " : "");
		pgquote_name(sql, t->layout->columns[i].name);
		buf_printf(sql, "::%s", types[t->columns[i].type].name);
	}
	buf_add_str(sql, ")))");
}

static bool
same_column(const struct layout_column *a, const struct layout_column *b)
{
	return a->field == b->field && slice_eq(slice_str(a->attr), slice_str(b->attr)) &&
	       a->conv == b->conv && a->split == b->split && a->base == b->base &&
	       slice_eq(a->default_value, b->default_value);
}

bool
pgdigest_comparable(const struct pgtable *a, const struct pgtable *b)
{
	size_t i;

	if (a->layout->n_columns != b->layout->n_columns)
		return false;
	for (i = 0; i < a->layout->n_columns; i++)
		if (!same_column(&a->layout->columns[i], &b->layout->columns[i]) ||
		    a->columns[i].type != b->columns[i].type)
			return false;
	return true;
}

const struct pgcolumn *
pgdigest_untold(const struct pgtable *t)
{
	size_t i;

	for (i = 0; i < t->layout->n_columns; i++)
		if (!types[t->columns[i].type].told)
			return &t->columns[i];
	return NULL;
}

void
pgdigest_open(struct pgdigest *d, struct pgtable *table)
{
	size_t i;

	*d = (struct pgdigest){.table = table};
	d->scratch = arena_new(SCRATCH_BYTES);
	d->back = batch_new();
	for (i = 0; i < table->layout->n_columns; i++)
		if (table->columns[i].type == PGTYPE_TEXT_ARRAY)
			table->columns[i].element = OID_TEXT; /* as it is cast */
}

void
pgdigest_close(struct pgdigest *d)
{
	arena_free(d->scratch);
	batch_free(d->back);
	buf_release(&d->row);
	buf_release(&d->record);
	*d = (struct pgdigest){0};
}

/* From the form of COPY, which pgtable_write() has made, to that of record_send(). */
static void
make_record(struct pgdigest *d)
{
	const struct pgtable *t = d->table;
	const uint8_t *p = d->row.p + 2;
	uint32_t len;
	size_t i;

	d->record.len = 0;
	pgvalue_put(&d->record, t->layout->n_columns, 4);
	for (i = 0; i < t->layout->n_columns; i++) {
		pgvalue_put(&d->record, types[t->columns[i].type].oid, 4);
		len = (uint32_t)pgvalue_get(p, 4);
		len = len == UINT32_MAX ? 4 : 4 + len;
		buf_add(&d->record, p, len);
		p += len;
	}
}

bool
pgdigest_of_event(struct pgdigest *d, const struct event *e, uint8_t out[SHA256_BYTES])
{
	struct err why = ERR_INIT;

	arena_reset(d->scratch);
	batch_reset(d->back);
	d->row.len = 0;
	if (pgtable_write(d->table, e, d->scratch, &d->row, &why) < 0 ||
	    pgtable_read(d->table, buf_slice(&d->row), d->back, &why) < 0 ||
	    event_check(&d->back->events[0], d->back->mem, &why) < 0 ||
	    event_difference(e, &d->back->events[0], true))
		return false;
	make_record(d);
	sha256_of(buf_slice(&d->record), out);
	return true;
}
