#include <float.h>
#include <math.h>
#include <string.h>

#include "common/jscan.h"
#include "common/pgvalue_impl.h"
#include "common/uuid.h"

#define SHIFT_US INT64_C(946684800000000)       /* from 1970 to 2000, where theirs begin */
#define TIME_FIRST INT64_C(-211813488000000000) /* 4714-11-24 BC; both from 2000 on */
#define TIME_END INT64_C(9223371331200000000)   /* 294277-01-01 */
#define NAME_LIMIT 63                           /* bytes, of which the server has the last word */

static bool
read_integer(const struct pgvalue_field *f, struct value *out)
{
	out->type = VALUE_INTEGER;
	out->integer = pgvalue_get_signed(f->wire);
	return true;
}

static const char *
write_integer(const struct pgvalue_field *f, const struct value *v, struct buf *out)
{
	size_t len = f->column->type == PGTYPE_INT2 ? 2 : f->column->type == PGTYPE_INT4 ? 4 : 8;
	int64_t most = (int64_t)(UINT64_MAX >> (65 - 8 * len));

	if (v->type != VALUE_INTEGER)
		return "is not an integer, which the column needs";
	if (v->integer > most || v->integer < -most - 1)
		return "is out of the range of the column";
	pgvalue_put(out, (uint64_t)v->integer, len);
	return NULL;
}

static bool
read_bool(const struct pgvalue_field *f, struct value *out)
{
	out->type = VALUE_BOOL;
	out->integer = f->wire.p[0];
	return f->wire.p[0] <= 1;
}

static const char *
write_bool(const struct pgvalue_field *f, const struct value *v, struct buf *out)
{
	(void)f;
	if (v->type != VALUE_BOOL)
		return "is not true or false, which the column needs";
	buf_add_byte(out, v->integer != 0);
	return NULL;
}

static bool
read_float(const struct pgvalue_field *f, struct value *out)
{
	uint64_t bits = pgvalue_get(f->wire.p, f->wire.len);
	uint32_t few = (uint32_t)bits;
	float single;

	out->type = VALUE_REAL;
	if (f->wire.len == sizeof(single)) {
		memcpy(&single, &few, sizeof(single));
		out->real = (double)single;
	} else {
		memcpy(&out->real, &bits, sizeof(bits));
	}
	if (isnan(out->real))
		*out = (struct value){.type = VALUE_TEXT, .bytes = SLICE_LIT("NaN")};
	return true;
}

/* The number that a float column should hold. */
static const char *
number_of(const struct value *v, double *real)
{
	if (v->type == VALUE_TEXT && slice_is(v->bytes, "NaN")) {
		*real = (double)NAN;
	} else if (v->type == VALUE_REAL) {
		*real = v->real;
	} else if (v->type == VALUE_INTEGER) {
		*real = (double)v->integer;
		/* 2^63 is no int64_t any more. */
		if (*real >= 0x1p63 || (int64_t)*real != v->integer)
			return "is an integer that the column cannot hold exactly";
	} else {
		return "is not a number, which the column needs";
	}
	return NULL;
}

static const char *
write_float(const struct pgvalue_field *f, const struct value *v, struct buf *out)
{
	double real = 0;
	const char *why = number_of(v, &real);
	uint64_t bits;
	uint32_t few;
	float single;

	if (why)
		return why;
	if (f->column->type == PGTYPE_FLOAT8) {
		memcpy(&bits, &real, sizeof(bits));
		pgvalue_put(out, isnan(real) ? UINT64_C(0x7ff8) << 48 : bits, sizeof(bits));
		return NULL;
	}
	if (isfinite(real) && (fabs(real) > (double)FLT_MAX || (double)(float)real != real))
		return "is a number that the column cannot hold exactly";
	single = (float)real;
	memcpy(&few, &single, sizeof(few));
	pgvalue_put(out, isnan(real) ? UINT32_C(0x7fc0) << 16 : few, sizeof(few));
	return NULL;
}

bool
pgvalue_is_text(struct slice s)
{
	return !memchr(s.p, '\0', s.len) && jscan_utf8(s);
}

static bool
read_text(const struct pgvalue_field *f, struct value *out)
{
	out->type = VALUE_TEXT;
	out->bytes = f->wire;
	return pgvalue_is_text(f->wire);
}

/* Whether the database can hold this text, in a column of any length. */
static const char *
check_holds(const struct pgcharset *charset, struct slice utf8)
{
	if (pgcharset_holds(charset, utf8))
		return NULL;
	return memchr(utf8.p, '\0', utf8.len)
	           ? "holds a NUL character, which PostgreSQL cannot"
	           : "holds a character that the encoding of the database lacks";
}

static const char *
check_text(const struct pgcharset *charset, struct slice text)
{
	return jscan_utf8(text) ? check_holds(charset, text) : "is not UTF-8";
}

/* The server would cut spaces off a varchar, and put some behind a bpchar. */
const char *
pgvalue_check_text(const struct pgvalue_field *f, struct slice text)
{
	const char *why = check_text(f->charset, text);
	size_t len, limit = (size_t)f->column->limit;

	if (why || f->column->limit < 0)
		return why;
	len = pgcharset_length(f->charset, text);
	if (len > limit)
		return "is longer than the column";
	if (len < limit && f->column->type == PGTYPE_BPCHAR)
		return "is shorter than the column, which is always filled up with spaces";
	return NULL;
}

static const char *
write_text(const struct pgvalue_field *f, const struct value *v, struct buf *out)
{
	const char *why = v->type == VALUE_TEXT ? pgvalue_check_text(f, v->bytes)
	                                        : "is not text, which the column needs";

	if (!why)
		buf_add_slice(out, v->bytes);
	return why;
}

static bool
read_bytes(const struct pgvalue_field *f, struct value *out)
{
	out->type = VALUE_BYTES;
	out->bytes = f->wire;
	return true;
}

static const char *
write_bytes(const struct pgvalue_field *f, const struct value *v, struct buf *out)
{
	(void)f;
	if (v->type != VALUE_BYTES)
		return "is not a string of bytes, which the column needs";
	buf_add_slice(out, v->bytes);
	return NULL;
}

static bool
read_uuid(const struct pgvalue_field *f, struct value *out)
{
	char *text = arena_alloc(f->mem, UUID_TEXT_BYTES + 1);

	uuid_format(f->wire.p, text);
	out->type = VALUE_TEXT;
	out->bytes = (struct slice){(const uint8_t *)text, UUID_TEXT_BYTES};
	return true;
}

static const char *
write_uuid(const struct pgvalue_field *f, const struct value *v, struct buf *out)
{
	uint8_t uuid[UUID_BYTES];

	(void)f;
	if (v->type != VALUE_TEXT || uuid_parse(v->bytes, uuid) < 0)
		return "is not a UUID in its canonical form";
	buf_add(out, uuid, sizeof(uuid));
	return NULL;
}

static bool
read_jsonb(const struct pgvalue_field *f, struct value *out)
{
	if (f->wire.len == 0 || f->wire.p[0] != 1) /* the version of its binary form */
		return false;
	out->type = VALUE_TEXT;
	out->bytes = (struct slice){f->wire.p + 1, f->wire.len - 1};
	return pgvalue_is_text(out->bytes);
}

static const char *
write_json(const struct pgvalue_field *f, const struct value *v, struct buf *out)
{
	bool jsonb = f->column->type == PGTYPE_JSONB;
	const char *why;

	if (v->type != VALUE_TEXT || !(v->is_json || jscan_valid(v->bytes, NULL, NULL)))
		return "is not JSON, or nested too deeply";
	why = jsonb ? pgvalue_check_jsonb(v->bytes, f->charset) : check_holds(f->charset, v->bytes);
	if (why)
		return why;
	if (jsonb)
		buf_add_byte(out, 1);
	buf_add_slice(out, v->bytes);
	return NULL;
}

static bool
read_timestamp(const struct pgvalue_field *f, struct value *out)
{
	int64_t us = pgvalue_get_signed(f->wire);

	out->type = VALUE_INTEGER;
	out->integer = us;
	if (us == INT64_MAX || us == INT64_MIN)
		return true;
	/* The last 30 years of PostgreSQL are beyond what counts from 1970. */
	if (us < TIME_FIRST || us >= INT64_MAX - SHIFT_US)
		return false;
	out->integer += SHIFT_US;
	return true;
}

static const char *
write_timestamp(const struct pgvalue_field *f, const struct value *v, struct buf *out)
{
	int64_t us = v->integer, unit = 1;
	int32_t digits = f->column->limit;

	_Static_assert(TIME_END > INT64_MAX - SHIFT_US, "no time from 1970 on is too late");
	if (v->type != VALUE_INTEGER)
		return "is not a time, which the column needs";
	if (us != INT64_MAX && us != INT64_MIN) {
		if (us < TIME_FIRST + SHIFT_US)
			return "is before 4713 BC, where the times of PostgreSQL begin";
		us -= SHIFT_US;
		for (; digits >= 0 && digits < 6; digits++)
			unit *= 10;
		if (us % unit != 0)
			return "has more digits of a second than the column";
	}
	pgvalue_put(out, (uint64_t)us, sizeof(us));
	return NULL;
}

static const char *
write_other(const struct pgvalue_field *f, const struct value *v, struct buf *out)
{
	(void)f;
	(void)v;
	(void)out;
	return "is of a type that can only be read; a query of the layout may cast it to text";
}

struct type {
	bool (*read)(const struct pgvalue_field *f, struct value *out);
	const char *(*write)(const struct pgvalue_field *f, const struct value *v, struct buf *out);
	size_t len; /* on the wire; 0: any */
};

static const struct type types[PGTYPES] = {
    [PGTYPE_INT2] = {read_integer, write_integer, 2},
    [PGTYPE_INT4] = {read_integer, write_integer, 4},
    [PGTYPE_INT8] = {read_integer, write_integer, 8},
    [PGTYPE_BOOL] = {read_bool, write_bool, 1},
    [PGTYPE_FLOAT4] = {read_float, write_float, 4},
    [PGTYPE_FLOAT8] = {read_float, write_float, 8},
    [PGTYPE_TEXT] = {read_text, write_text, 0},
    [PGTYPE_BPCHAR] = {read_text, write_text, 0},
    [PGTYPE_BYTEA] = {read_bytes, write_bytes, 0},
    [PGTYPE_UUID] = {read_uuid, write_uuid, UUID_BYTES},
    [PGTYPE_JSON] = {read_text, write_json, 0},
    [PGTYPE_JSONB] = {read_jsonb, write_json, 0},
    [PGTYPE_TIMESTAMP] = {read_timestamp, write_timestamp, 8},
    [PGTYPE_TEXT_ARRAY] = {pgvalue_read_array, pgvalue_write_array, 0},
    [PGTYPE_OTHER] = {read_text, write_other, 0},
};

/* By src/include/catalog/pg_type.dat. */
static const struct {
	uint32_t oid;
	enum pgtype type;
	int32_t head;     /* what a modifier counts besides the limit; -1: it is no limit */
	uint32_t element; /* of an array */
} oids[] = {
    {16, PGTYPE_BOOL, -1, 0},           {17, PGTYPE_BYTEA, -1, 0},
    {19, PGTYPE_TEXT, -1, 0}, /* name */
    {20, PGTYPE_INT8, -1, 0},           {21, PGTYPE_INT2, -1, 0},
    {23, PGTYPE_INT4, -1, 0},           {25, PGTYPE_TEXT, -1, 0},
    {114, PGTYPE_JSON, -1, 0},          {700, PGTYPE_FLOAT4, -1, 0},
    {701, PGTYPE_FLOAT8, -1, 0},        {1009, PGTYPE_TEXT_ARRAY, -1, 25},
    {1015, PGTYPE_TEXT_ARRAY, 4, 1043},                            /* varchar[] */
    {1042, PGTYPE_BPCHAR, 4, 0},        {1043, PGTYPE_TEXT, 4, 0}, /* varchar */
    {1114, PGTYPE_TIMESTAMP, 0, 0},                                /* without time zone */
    {1184, PGTYPE_TIMESTAMP, 0, 0},     {2950, PGTYPE_UUID, -1, 0},
    {3802, PGTYPE_JSONB, -1, 0},
};

#define OID_NAME 19

void
pgvalue_type(uint32_t oid, int32_t modifier, struct pgcolumn *c)
{
	c->type = PGTYPE_OTHER;
	c->limit = oid == OID_NAME ? NAME_LIMIT : -1;
	c->element = 0;
	for (size_t i = 0; i < sizeof(oids) / sizeof(oids[0]); i++) {
		if (oids[i].oid != oid)
			continue;
		c->type = oids[i].type;
		c->element = oids[i].element;
		if (oids[i].head >= 0 && modifier >= oids[i].head)
			c->limit = modifier - oids[i].head;
	}
}

bool
pgvalue_read(const struct pgcolumn *c, struct slice wire, struct arena *mem, struct value *out)
{
	struct pgvalue_field f = {.column = c, .wire = wire, .mem = mem};
	const struct type *type = &types[c->type];

	*out = VALUE_INIT;
	if (!wire.p)
		return true;
	if (type->len != 0 && wire.len != type->len)
		return false;
	return type->read(&f, out);
}

const char *
pgvalue_write(const struct pgcolumn *c, const struct pgcharset *charset, const struct value *v,
              struct buf *out)
{
	struct pgvalue_field f = {.column = c, .charset = charset};
	const struct type *type = &types[c->type];
	size_t start = out->len;
	const char *why;

	if (v->type == VALUE_NULL) {
		if (c->needed)
			return "is missing, and the column is NOT NULL";
		pgvalue_put(out, UINT32_MAX, 4);
		return NULL;
	}
	if ((v->type == VALUE_TEXT || v->type == VALUE_BYTES) && v->bytes.len > PGVALUE_MAX_BYTES)
		return "is too large for PostgreSQL, which takes up to 1 GB";
	pgvalue_put(out, 0, 4);
	/* Without the star, cppcheck takes this for an initializer that holds &f. */
	why = (*type->write)(&f, v, out);
	if (!why && out->len - start - 4 > PGVALUE_MAX_BYTES)
		why = "is too large for PostgreSQL, which takes up to 1 GB";
	if (why)
		out->len = start;
	else
		pgvalue_set(out, start, out->len - start - 4);
	return why;
}
