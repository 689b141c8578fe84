#include <stdio.h>
#include <string.h>

#include "common/layout.h"
#include "tests/tap.h"
#include "tests/unit/layouts.h"

/* The rest of what may be wrong is in tests/cli/sqlite.bats, by the programs. */
#define HEAD "{\"layout\":1,\"name\":\"x\",\"store\":\"sqlite\","
#define USUAL                                                                                      \
	"\"p\":{\"field\":\"position\"},\"s\":{\"field\":\"stream\"},\"v\":{\"field\":"            \
	"\"version\"},\"t\":{\"field\":\"type\"}"
#define EVENTS(columns) "\"events\":{\"table\":\"e\",\"columns\":{" columns "}}"
/* With one column more. */
#define COLUMN(more) HEAD EVENTS(USUAL ",\"c\":" more) "}"
/* And with a table of streams. */
#define STREAMS(more) HEAD EVENTS(USUAL) ",\"streams\":" more "}"
#define STREAM_COLUMN(more) STREAMS("{\"table\":\"s\",\"columns\":{\"c\":" more "}}")

#define ATTRIBUTE ",\"a\":{\"attribute\":\"x\",\"default\":true}"
#define TABLE                                                                                      \
	",\"streams\":{\"table\":\"s\",\"columns\":{"                                              \
	"\"id\":{\"from\":\"stream\",\"key\":true},\"n\":{\"from\":\"version\",\"base\":1},"       \
	"\"k\":{\"from\":\"category\",\"separator\":\"-\",\"else\":null},"                         \
	"\"o\":{\"constant\":false}}}"
#define STATEMENTS ",\"schema\":[\"A\",\"B\"],\"indexes\":[\"C\"]"

void
test_everything_that_can_be_said(void)
{
	static const char text[] = HEAD EVENTS(USUAL ATTRIBUTE) TABLE STATEMENTS "}";
	const struct layout_stream_column *c;
	struct err err = ERR_INIT;
	struct layout *l;

	if (!eq_int(layout_parse(&l, slice_str(text), "f.json", NULL, &err), 0)) {
		eq_str(err.msg, "");
		return;
	}
	eq_str(l->table, "e");
	eq_uint(l->n_columns, 5);
	ok(slice_is(l->columns[4].default_value, "true"));
	eq_str(l->streams_table, "s");
	eq_uint(l->n_stream_columns, 4);
	c = l->stream_columns;
	ok(c[0].from == LAYOUT_FROM_STREAM && c[0].key && !c[1].key);
	ok(c[1].from == LAYOUT_FROM_VERSION && c[1].base == 1);
	ok(c[2].from == LAYOUT_FROM_CATEGORY && slice_is(c[2].constant, "null"));
	eq_str(c[2].separator, "-");
	ok(c[3].from == LAYOUT_FROM_CONSTANT && slice_is(c[3].constant, "false"));
	ok(l->n_schema == 2 && l->n_indexes == 1);
	layout_free(l);
}

void
test_wrong_columns(void)
{
	refuses(COLUMN("{\"field\":1}"),
	        "events.columns.c: \"field\" must be a string that is not empty");
	refuses(COLUMN("{\"attribute\":\"\"}"),
	        "events.columns.c: \"attribute\" must be a string that is not empty");
	refuses(COLUMN("{\"field\":\"id\",\"attribute\":\"a\"}"),
	        "events.columns.c: needs either \"field\" or \"attribute\"");
	refuses(COLUMN("{\"field\":\"id\",\"as\":1}"),
	        "events.columns.c: \"as\" must be a string that is not empty");
	refuses(COLUMN("{\"field\":\"id\",\"as\":\"timestamp\"}"),
	        "events.columns.c: \"as\": \"timestamp\" does not fit this field; expected "
	        "\"text\", \"uuid-hex\" or \"uuid-blob\"");
	refuses(COLUMN("{\"field\":\"time\",\"as\":\"timestamp\"}"),
	        "events.columns.c: \"as\": \"timestamp\" is not for this kind of store; expected "
	        "\"unix-s\", \"unix-ms\", \"unix-us\", "
	        "\"unix-ns\", \"rfc3339\", \"datetime\" or \"nanoseconds\"");
	refuses(COLUMN("{\"field\":\"time\",\"as\":\"nanoseconds\"}"),
	        "events.columns: \"nanoseconds\" needs a column of microseconds beside it");
	refuses(COLUMN("{\"field\":\"id\",\"base\":\"1\"}"),
	        "events.columns.c: \"base\" must be an integer");
	refuses(COLUMN("{\"field\":\"id\",\"default\":1}"),
	        "events.columns.c: \"default\" is for attributes");
	refuses(COLUMN("{\"attribute\":\"a\",\"default\":1.5}"),
	        "events.columns.c: \"default\" must be a string, an integer, a boolean or null");
	refuses(
	    COLUMN("{\"attribute\":\"a\",\"as\":\"json-object\"}"),
	    "events.columns.c: \"as\": \"json-object\" does not fit this field; expected \"value\"");
}

void
test_wrong_tables_of_streams(void)
{
	refuses(STREAMS("[]"), "streams: must be an object");
	refuses(STREAMS("{\"table\":\"s\",\"x\":1}"),
	        "streams: key \"x\" is unknown; expected \"table\" or \"columns\"");
	refuses(STREAMS("{\"columns\":{}}"),
	        "streams: \"table\" is missing; expected a string that is not empty");
	refuses(STREAMS("{\"table\":\"s\",\"columns\":{}}"),
	        "streams.columns: must be an object with a member for each column");
	refuses(STREAM_COLUMN("1"), "streams.columns.c: must be an object");
	refuses(STREAM_COLUMN("{\"x\":1}"),
	        "streams.columns.c: key \"x\" is unknown; "
	        "expected \"from\", \"constant\", \"key\", \"base\", \"separator\" or \"else\"");
	refuses(STREAM_COLUMN("{}"), "streams.columns.c: needs either \"from\" or \"constant\"");
	refuses(STREAM_COLUMN("{\"from\":\"stream\",\"constant\":1}"),
	        "streams.columns.c: needs either \"from\" or \"constant\"");
	refuses(STREAM_COLUMN("{\"from\":1}"),
	        "streams.columns.c: \"from\" must be a string that is not empty");
	refuses(
	    STREAM_COLUMN("{\"from\":\"x\"}"),
	    "streams.columns.c: \"from\": \"x\" is unknown; expected \"stream\", \"category\" or \"version\"");
	refuses(STREAM_COLUMN("{\"constant\":[]}"),
	        "streams.columns.c: \"constant\" must be a string, an integer, a boolean or null");
	refuses(STREAM_COLUMN("{\"from\":\"version\",\"base\":null}"),
	        "streams.columns.c: \"base\" must be an integer");
	refuses(STREAM_COLUMN("{\"from\":\"category\",\"else\":1}"),
	        "streams.columns.c: \"separator\" is missing; expected a string that is not empty");
	refuses(STREAM_COLUMN("{\"from\":\"category\",\"separator\":\"-\"}"),
	        "streams.columns.c: a category needs \"else\"");
	refuses(STREAM_COLUMN("{\"from\":\"stream\"}"),
	        "streams.columns: no column says \"key\": true");
}

void
test_wrong_statements(void)
{
	refuses(HEAD EVENTS(USUAL) ",\"schema\":1}", "schema: must be an array of SQL statements");
	refuses(HEAD EVENTS(USUAL) ",\"indexes\":[1]}",
	        "indexes: must be an array of SQL statements");
}

/* With a query: of which columns is its table, which is the second one here. */
static bool
numbers(const char *columns)
{
	struct buf text = BUF_INIT;
	struct err err = ERR_INIT;
	struct layout *l = NULL;
	bool it_does = false;

	buf_printf(&text,
	           HEAD "\"events\":{\"table\":\"e\",\"query\":\"SELECT\",\"columns\":{" USUAL
	                "}},\"tables\":{\"n\":[\"p\"],\"e\":%s}}",
	           columns);
	if (ok(layout_parse(&l, buf_slice(&text), "f.json", NULL, &err) == 0))
		it_does = layout_numbers_table(l);
	layout_free(l);
	buf_release(&text);
	return it_does;
}

void
test_positions_are_numbers_of_the_table_where_it_has_their_column(void)
{
	ok(numbers("[\"s\",\"p\"]"));
	ok(!numbers("[\"s\",\"v\"]"));
}
