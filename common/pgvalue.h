#ifndef COMMON_PGVALUE_H
#define COMMON_PGVALUE_H

#include "common/pgcharset.h"
#include "common/value.h"

/*
 * One column's value in the binary form of PostgreSQL (COPY ... FORMAT binary,
 * and results in binary) and back, by the type of the column.  Integers on the
 * wire are big-endian.
 *
 *	type                     value
 *	int2, int4, int8         INTEGER
 *	bool                     BOOL
 *	float4, float8           REAL; not a number is TEXT "NaN"
 *	text, varchar, bpchar    TEXT
 *	bytea                    BYTES
 *	uuid                     TEXT, the canonical form
 *	json, jsonb              TEXT
 *	timestamp, timestamptz   INTEGER: microseconds since 1970-01-01T00:00:00Z;
 *	                         INT64_MAX and INT64_MIN are infinity and -infinity
 *	text[], varchar[]        TEXT: a JSON array of strings and nulls
 *	others                   TEXT: as the server casts them to text; not to be written
 *
 *	pgvalue_type(oid, modifier, &column);
 *	if (!pgvalue_read(&column, field, mem, &value))
 *		...
 *	if ((why = pgvalue_write(&column, charset, &value, &row)))
 *		return err_set(err, ERR_DATA, "column %s: it %s", name, why);
 *
 * What is read is what is written again, but for the bits of a NaN.
 */
enum pgtype {
	PGTYPE_INT2,
	PGTYPE_INT4,
	PGTYPE_INT8,
	PGTYPE_BOOL,
	PGTYPE_FLOAT4,
	PGTYPE_FLOAT8,
	PGTYPE_TEXT, /* varchar and name, too; enumerations are the same on the wire */
	PGTYPE_BPCHAR,
	PGTYPE_BYTEA,
	PGTYPE_UUID,
	PGTYPE_JSON,
	PGTYPE_JSONB,
	PGTYPE_TIMESTAMP, /* without and with a time zone: UTC both */
	PGTYPE_TEXT_ARRAY,
	PGTYPE_OTHER,
	PGTYPES
};

struct pgcolumn {
	enum pgtype type;
	int32_t limit;    /* -1: none; characters of a text, fraction digits of a timestamp */
	uint32_t element; /* of an array: the oid of its elements */
	bool needed;      /* NOT NULL */
	char shown[64];   /* the type as the server prints it, for messages */
};

/* The most that one field takes here.  In the server a value, and in COPY a row, must stay below
 * 1 GB together with what it needs besides. */
#define PGVALUE_MAX_BYTES ((size_t)(1 << 30) - (1 << 16))

/* Type and limit of a type's oid and modifier as pg_attribute has them (of a domain: its base
 * type).  `type`, `limit` and `element` are set. */
void pgvalue_type(uint32_t oid, int32_t modifier, struct pgcolumn *c);

/*
 * Read one field.  `wire`: the bytes behind its length, absent: NULL.  False:
 * the bytes are not what this type looks like, or the value has no place in the
 * table above (arrays of several dimensions or that do not start at 1, years
 * past 294246).  Texts are views of `wire`, or of static memory; what has to be
 * made goes to the arena.  Whether JSON is JSON is not looked at.
 */
bool pgvalue_read(const struct pgcolumn *c, struct slice wire, struct arena *mem,
                  struct value *out);

/*
 * Append one field with its length.  NULL, or why the column cannot hold the
 * value (static text such as "is not a UUID in its canonical form", then nothing
 * was appended): what the server would refuse, or change.  Only an INTEGER that a
 * float holds exactly, and spaces and escapes in JSON, may come back in another form.
 */
const char *pgvalue_write(const struct pgcolumn *c, const struct pgcharset *charset,
                          const struct value *v, struct buf *out);

/*
 * Whether jsonb holds this valid JSON: every character in the encoding of the
 * database, no \u0000, no lone surrogate, no name twice in an object, numbers
 * within numeric, strings within their length.  NULL, or why not.
 *
 * How deep json and jsonb may be is left to the server, whose stack decides
 * (SQLSTATE 54001): with the usual 2 MB at 6,800 objects in arrays in turn, or
 * 13,000 of one kind.  So is the size of a jsonb with many elements (54000).
 */
const char *pgvalue_check_jsonb(struct slice json, const struct pgcharset *charset);

#endif
