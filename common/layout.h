#ifndef COMMON_LAYOUT_H
#define COMMON_LAYOUT_H

#include "common/event.h"

/*
 * Where one kind of event store keeps what an event is made of, as data
 * (spec/LAYOUTS.md).  No driver knows the name of any store.  A layout is made
 * once and not changed; strings are NUL-terminated and live as long as it.
 */

/* How a column spells a value; `as` in a layout file. */
enum layout_conv {
	LAYOUT_TEXT,
	LAYOUT_INT,
	LAYOUT_UUID_HEX,  /* 32 digits without dashes */
	LAYOUT_UUID_BLOB, /* 16 bytes */
	LAYOUT_JSON,      /* a payload: JSON as text */
	LAYOUT_JSON_BLOB, /* a payload: JSON as bytes */
	LAYOUT_BYTES,     /* a payload: bytes, whatever they are */
	LAYOUT_PAYLOAD,   /* a payload: by the type of the value, in PostgreSQL of the column */
	LAYOUT_UNIX_S,
	LAYOUT_UNIX_MS,
	LAYOUT_UNIX_US,
	LAYOUT_UNIX_NS,
	LAYOUT_RFC3339,     /* 2026-01-31T12:00:00Z */
	LAYOUT_DATETIME,    /* 2026-01-31 12:00:00, UTC */
	LAYOUT_TIMESTAMP,   /* PostgreSQL's timestamp and timestamptz: microseconds */
	LAYOUT_NANOSECONDS, /* of a time: beside a column of microseconds, what that cannot hold */
	LAYOUT_JSON_ARRAY,  /* tags */
	LAYOUT_JSON_OBJECT, /* attributes */
	LAYOUT_MEMBERS,     /* metadata: an object of strings, a header a member */
	LAYOUT_VALUE,       /* an attribute: any value of the store */
	LAYOUT_CONVS
};

/* Where in a message of JetStream a column is. */
enum layout_at {
	LAYOUT_AT_COLUMN,   /* in none: it is one of a table */
	LAYOUT_AT_HEADER,   /* `name` is that of the header, or how those of LAYOUT_MEMBERS begin */
	LAYOUT_AT_SUBJECT,  /* the stream, the type */
	LAYOUT_AT_SEQUENCE, /* the position */
	LAYOUT_AT_RANK,     /* the version: how many of its stream come before */
	LAYOUT_AT_BODY,     /* the data: one column for JSON, one for bytes */
};

/* What a header says and what that is in the event; NULL: absent. */
struct layout_word {
	const char *header, *text;
};

struct layout_column {
	const char *name;
	enum field field;
	const char *attr; /* FIELD_ATTRIBUTES: the one that the column holds; NULL: all others */
	enum layout_conv conv;
	bool split;                 /* a second column holds the rest of the field */
	int64_t base;               /* FIELD_VERSION: number of the first event of a stream */
	struct slice default_value; /* of an attribute: one compact JSON text */
	enum layout_at at;
	bool optional;    /* the table may lack it; layoutfit.h takes it out then */
	const char *none; /* a header that says this says that the field is absent; or NULL */
	bool if_changed;  /* a header for the stream: only where the subject does not tell it */
	struct layout_word *words;
	size_t n_words;
};

/* Where the value of a column of the table of streams comes from. */
enum layout_from {
	LAYOUT_FROM_STREAM,
	LAYOUT_FROM_CATEGORY,
	LAYOUT_FROM_VERSION,
	LAYOUT_FROM_CONSTANT
};

struct layout_stream_column {
	const char *name;
	enum layout_from from;
	bool key;              /* part of what makes a row the stream's */
	int64_t base;          /* LAYOUT_FROM_VERSION */
	const char *separator; /* LAYOUT_FROM_CATEGORY: the name up to its first occurrence */
	struct slice constant; /* JSON text; LAYOUT_FROM_CATEGORY: where there is no separator */
};

/* How a text is spelt where not every byte may stand (natstext.h). */
enum layout_escape { LAYOUT_RAW, LAYOUT_PERCENT, LAYOUT_CLOUDEVENTS };

/* A header that repeats the text of a field, for others to read. */
struct layout_copy {
	const char *header;
	enum field field;
};

/* A setting of a stream that is made, as the server's API calls it. */
struct layout_setting {
	const char *name;
	bool on;
};

/* Of a layout of JetStream. */
struct layout_messages {
	const char *stream;    /* "ES_{store}": name of the stream; NULL: any */
	const char *subject;   /* pattern of subjects (natssubject.h) */
	const char **subjects; /* those that a stream takes that is made; patterns with {store} */
	size_t n_subjects;
	struct layout_setting *settings;
	size_t n_settings;
	enum layout_escape tokens, values; /* of subjects, of headers */
	const char *kind_header;           /* says "json" or "bytes" of the body where that is no
	                                      JSON by itself; or NULL */
	const char *
	    *drop; /* headers that no event takes along; with * at the end: all that begin so */
	size_t n_drop;
	struct layout_copy *copies;
	size_t n_copies;
	bool read_only; /* no message that is written would be what the library needs */
};

/* A table that a query reads, and all its columns. */
struct layout_table {
	const char *name;
	const char **columns;
	bool *optional; /* of each column: the table may lack it */
	size_t n_columns;
};

struct layout {
	const char *name, *store, *description;
	const char *table; /* of messages: the pattern of their subjects */
	/* Where they are once a store was looked at: `schema.table`, or a view (sqliteview.h). */
	const char *place, *streams_place;
	const char
	    *query; /* what reads the columns, where they are not those of the table; or NULL */
	const char **write; /* with a query: statements that take events in; none: nothing can be */
	size_t n_write;
	const char **after; /* statements behind the events of a batch, in its transaction */
	size_t n_after;
	struct layout_table *tables; /* of a query */
	size_t n_tables;
	struct layout_column *columns;
	size_t n_columns;
	const char *streams_table; /* NULL: the store has none */
	struct layout_stream_column *stream_columns;
	size_t n_stream_columns;
	const char **schema; /* statements that make an empty store */
	size_t n_schema;
	const char **indexes; /* and those that may wait until it is loaded */
	size_t n_indexes;
	struct layout_messages *messages; /* NULL: it has tables */
	struct arena *mem;
};

/* `text`: the whole file; `name` is for messages; `parameters`: "NAME=VALUE,...", or NULL: the
 * defaults.  -1: ERR_LAYOUT that says where. */
MUST_USE int layout_parse(struct layout **out, struct slice text, const char *name,
                          const char *parameters, struct err *err);
/* For a kind of store ("sqlite"): a built-in by its name, or a file by its path (with a '/' or
 * ending in ".json"); behind it ":NAME=VALUE,NAME=VALUE" for parameters of the layout. */
MUST_USE int layout_load(struct layout **out, const char *asked, const char *store,
                         struct err *err);
/* A column that the query gives is not in the layout: -1, ERR_LAYOUT. */
int layout_wrong_query(const struct layout *l, const char *column, struct err *err);

void layout_free(struct layout *l); /* NULL is fine */

/* The layouts that are built in. */
size_t layout_builtin_count(void);
MUST_USE int layout_builtin(struct layout **out, size_t i, struct err *err);

/* The column of a field that is no attribute, or NULL; of a field with two, the one that holds most
 * of it. */
const struct layout_column *layout_column_of(const struct layout *l, enum field f);

/* Whether the table of events tells the greatest position itself, with that of rows that a query
 * leaves out. */
bool layout_numbers_table(const struct layout *l);

/* Whether there is a place for every field, and for every attribute. */
bool layout_takes_all(const struct layout *l);

/* -1, ERR_LAYOUT: it is for exports only. */
MUST_USE int layout_check_writes(const struct layout *l, struct err *err);

/* Times in the store are multiples of so many nanoseconds; 1 where it has no place for them. */
int64_t layout_time_step_ns(const struct layout *l);

#endif
