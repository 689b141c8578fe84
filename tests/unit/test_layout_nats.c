#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/layout.h"
#include "tests/tap.h"
#include "tests/unit/layouts.h"

#define HEAD "{\"layout\":1,\"name\":\"x\",\"store\":\"nats\","
#define TYPE "\"T\":{\"field\":\"type\"}"
/* A layout whose events have these members besides a subject. */
#define EVENTS(more) HEAD "\"events\":{\"subject\":\"{stream}\"," more "}}"
/* And with this header besides that of the type. */
#define HEADER(name, more) EVENTS("\"headers\":{" TYPE ",\"" name "\":" more "}")

static bool
parse(struct layout **l, const char *text)
{
	struct err err = ERR_INIT;

	if (eq_int(layout_parse(l, slice_str(text), "f.json", NULL, &err), 0))
		return true;
	eq_str(err.msg, text);
	return false;
}

void
test_the_built_in_layouts_are_there(void)
{
	static const struct {
		const char *name, *stream, *subject;
	} rows[] = {
	    {"native", "{store}", "{store}.{stream}"},
	    {"rita", "ES_{store}", "$ES.{store}.{stream:2}.{type}"},
	    {"chronicle", "chronicle_events_{store}", "chronicle.events.{stream}"},
	    {"rita-2023", NULL, "{stream:*}"},
	    {"cloudevents", NULL, "{stream:*}"},
	};
	struct err err = ERR_INIT;
	struct layout *l;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (!eq_int(layout_load(&l, rows[i].name, "nats", &err), 0))
			continue;
		eq_str(l->name, rows[i].name);
		eq_str(l->store, "nats");
		ok(l->messages && l->description);
		eq_str(l->table, rows[i].subject);
		eq_str(l->messages->subject, rows[i].subject);
		ok(slice_eq(slice_str(l->messages->stream), slice_str(rows[i].stream)));
		eq_uint(l->messages->n_drop, 17);
		layout_free(l);
	}
}

static void
check_column(const struct layout *l, const char *name, enum field f, enum layout_conv conv,
             enum layout_at at)
{
	size_t i;

	for (i = 0; i < l->n_columns; i++)
		if (strcmp(l->columns[i].name, name) == 0 && l->columns[i].field == f &&
		    l->columns[i].conv == conv && l->columns[i].at == at)
			return;
	eq_str("(no such column)", name);
}

void
test_what_a_message_tells_without_headers_has_columns_as_well(void)
{
	struct layout *l;

	if (!parse(&l, HEAD "\"events\":{\"subject\":\"{stream}.{type}\",\"headers\":{}}}"))
		return;
	eq_uint(l->n_columns, 6);
	check_column(l, "sequence", FIELD_POSITION, LAYOUT_INT, LAYOUT_AT_SEQUENCE);
	check_column(l, "subject", FIELD_STREAM, LAYOUT_TEXT, LAYOUT_AT_SUBJECT);
	check_column(l, "subject", FIELD_TYPE, LAYOUT_TEXT, LAYOUT_AT_SUBJECT);
	check_column(l, "rank", FIELD_VERSION, LAYOUT_INT, LAYOUT_AT_RANK);
	check_column(l, "body", FIELD_DATA, LAYOUT_JSON, LAYOUT_AT_BODY);
	check_column(l, "body", FIELD_DATA, LAYOUT_BYTES, LAYOUT_AT_BODY);
	ok(!l->messages->kind_header && !l->messages->stream);
	ok(l->messages->tokens == LAYOUT_RAW && l->messages->values == LAYOUT_RAW);
	layout_free(l);
}

void
test_a_header_takes_the_place_of_what_is_implied(void)
{
	struct layout *l;

	if (!parse(&l, EVENTS("\"headers\":{\"S\":{\"field\":\"stream\",\"if_changed\":true},"
	                      "\"V\":{\"field\":\"version\",\"base\":1}," TYPE "}")))
		return;
	eq_uint(l->n_columns, 6);
	check_column(l, "S", FIELD_STREAM, LAYOUT_TEXT, LAYOUT_AT_HEADER);
	check_column(l, "V", FIELD_VERSION, LAYOUT_INT, LAYOUT_AT_HEADER);
	check_column(l, "T", FIELD_TYPE, LAYOUT_TEXT, LAYOUT_AT_HEADER);
	ok(l->columns[0].if_changed && !l->columns[1].if_changed);
	eq_int(l->columns[1].base, 1);
	layout_free(l);
}

void
test_everything_that_can_be_said(void)
{
	const struct layout_messages *m;
	struct layout *l;

	if (!parse(&l, HEAD
	           "\"$schema\":\"s\",\"description\":\"d\",\"stream\":{\"name\":\"a{store}b\","
	           "\"subjects\":[\"{store}.>\",\"x\"],\"settings\":{\"deny_purge\":true,"
	           "\"allow_direct\":false}},\"events\":{\"subject\":\"{stream}\","
	           "\"tokens\":\"percent\",\"values\":\"cloudevents\",\"kind_header\":\"K\","
	           "\"drop\":[\"A-*\",\"B\"],\"copies\":{\"I\":\"id\",\"J\":\"type\"},"
	           "\"headers\":{\"T\":{\"field\":\"type\",\"words\":{\"a\":\"b\",\"c\":null}},"
	           "\"Z\":{\"field\":\"time\",\"none\":\"-\"},"
	           "\"M-*\":{\"field\":\"metadata\",\"as\":\"members\"},"
	           "\"X\":{\"attribute\":\"x\",\"default\":5}}}}"))
		return;
	m = l->messages;
	eq_str(m->stream, "a{store}b");
	eq_uint(m->n_subjects, 2);
	eq_str(m->subjects[0], "{store}.>");
	eq_uint(m->n_settings, 2);
	eq_str(m->settings[0].name, "deny_purge");
	ok(m->settings[0].on);
	eq_str(m->settings[1].name, "allow_direct");
	ok(!m->settings[1].on);
	ok(m->tokens == LAYOUT_PERCENT && m->values == LAYOUT_CLOUDEVENTS);
	eq_str(m->kind_header, "K");
	eq_uint(m->n_drop, 2);
	eq_str(m->drop[1], "B");
	eq_uint(m->n_copies, 2);
	eq_str(m->copies[1].header, "J");
	ok(m->copies[0].field == FIELD_ID && m->copies[1].field == FIELD_TYPE);
	eq_uint(l->columns[0].n_words, 2);
	eq_str(l->columns[0].words[0].header, "a");
	eq_str(l->columns[0].words[0].text, "b");
	ok(!l->columns[0].words[1].text);
	eq_str(l->columns[1].none, "-");
	ok(slice_is(l->columns[3].default_value, "5"));
	layout_free(l);
}

void
test_a_layout_that_is_read_only_takes_no_events(void)
{
	struct err err = ERR_INIT;
	struct layout *l;

	if (!parse(&l, EVENTS("\"read_only\":false,\"headers\":{" TYPE "}")))
		return;
	eq_int(layout_check_writes(l, &err), 0);
	layout_free(l);
	if (!parse(&l, EVENTS("\"read_only\":true,\"headers\":{" TYPE "}")))
		return;
	eq_int(layout_check_writes(l, &err), -1);
	eq_int(err.kind, ERR_LAYOUT);
	eq_str(err.msg, "layout x: is for exports: no import can write what its library needs");
	layout_free(l);
}

void
test_wrong_streams(void)
{
	static const char once[] = "stream: \"name\" must have {store} in it, once";

	refuses(HEAD "\"stream\":[]}", "stream: must be an object");
	refuses(HEAD "\"stream\":{\"x\":1}}", "stream: key \"x\" is unknown; expected "
	                                      "\"name\", \"subjects\" or \"settings\"");
	refuses(HEAD "\"stream\":{\"name\":1}}",
	        "stream: \"name\" must be a string that is not empty");
	refuses(HEAD "\"stream\":{\"name\":\"\"}}",
	        "stream: \"name\" must be a string that is not empty");
	refuses(HEAD "\"stream\":{\"name\":\"S\"}}", once);
	refuses(HEAD "\"stream\":{\"name\":\"{stream}\"}}", once);
	refuses(HEAD "\"stream\":{\"name\":\"{store}{store}\"}}", once);
	refuses(HEAD "\"stream\":{\"name\":\"{store}_{x}\"}}", once);
	refuses(HEAD "\"stream\":{\"subjects\":\"a\"}}",
	        "stream.subjects: must be an array of subjects");
	refuses(HEAD "\"stream\":{\"subjects\":[1]}}",
	        "stream.subjects: must be an array of subjects");
	refuses(HEAD "\"stream\":{\"settings\":[]}}", "stream.settings: must be an object");
	refuses(HEAD "\"stream\":{\"settings\":{\"sealed\":true}}}",
	        "stream.settings: key \"sealed\" is unknown; expected "
	        "\"allow_atomic\", \"allow_direct\", \"allow_msg_ttl\", "
	        "\"allow_rollup_hdrs\", \"deny_delete\" or \"deny_purge\"");
	refuses(HEAD "\"stream\":{\"settings\":{\"deny_purge\":1}}}",
	        "stream.settings: \"deny_purge\" must be true or false");
}

void
test_wrong_events(void)
{
	refuses(HEAD "\"stream\":{}}", "events: is missing; expected an object");
	refuses(HEAD "\"events\":[]}", "events: must be an object");
	refuses(EVENTS("\"table\":\"t\""),
	        "events: key \"table\" is unknown; expected "
	        "\"subject\", \"tokens\", \"values\", \"headers\", "
	        "\"kind_header\", \"drop\", \"copies\" or \"read_only\"");
	refuses(HEAD "\"events\":{}}",
	        "events: \"subject\" is missing; expected a string that is not empty");
	refuses(EVENTS("\"tokens\":1"), "events: \"tokens\" must be a string that is not empty");
	refuses(EVENTS("\"tokens\":\"base64\""),
	        "events: \"tokens\": \"base64\" is unknown; expected "
	        "\"raw\" or \"percent\"");
	refuses(EVENTS("\"tokens\":\"cloudevents\""),
	        "events: \"tokens\": \"cloudevents\" is unknown; expected "
	        "\"raw\" or \"percent\"");
	refuses(EVENTS("\"values\":\"Raw\""), "events: \"values\": \"Raw\" is unknown; expected "
	                                      "\"raw\", \"percent\" or \"cloudevents\"");
	refuses(EVENTS("\"kind_header\":1"),
	        "events: \"kind_header\" must be a string that is not empty");
	refuses(EVENTS("\"kind_header\":\"a b\""),
	        "events.kind_header: no header can have this name");
	refuses(EVENTS("\"drop\":{}"), "events.drop: must be an array of names of headers");
	refuses(EVENTS("\"drop\":[null]"), "events.drop: must be an array of names of headers");
	refuses(EVENTS("\"drop\":[\"a b\"]"), "events.drop: no header can have this name");
	refuses(EVENTS("\"drop\":[\"es-import\"]"), "events.drop: this header is esimport's own");
	refuses(HEAD "\"events\":{\"subject\":\"{type}\",\"headers\":{}}}",
	        "events: \"subject\": must have the stream once, and the type once at most");
	refuses(HEAD "\"events\":{\"subject\":\"a.\\n.{stream}\",\"headers\":{}}}",
	        "events: \"subject\": has a part that is neither plain text nor {store}, {stream}, "
	        "{stream:N}, {stream:*} or {type}");
	refuses(EVENTS("\"drop\":[]"),
	        "events.headers: is missing; expected an object with a member for each header");
	refuses(EVENTS("\"headers\":[]"),
	        "events.headers: must be an object with a member for each header");
	refuses(EVENTS("\"headers\":{}"), "events.headers: no column has the field \"type\"");
}

void
test_wrong_copies(void)
{
	static const char texts[] = "events.copies: must name fields that are texts";

	refuses(EVENTS("\"copies\":[]"), "events.copies: must be an object");
	refuses(EVENTS("\"copies\":{\"A\":1}"), texts);
	refuses(EVENTS("\"copies\":{\"A\":\"x\"}"), texts);
	refuses(EVENTS("\"copies\":{\"A\":\"time\"}"), texts);
	refuses(EVENTS("\"copies\":{\"A\":\"data\"}"), texts);
	refuses(EVENTS("\"copies\":{\"A\\r\\nB\":\"id\"}"),
	        "events.copies: no header can have this name");
	refuses(EVENTS("\"copies\":{\"\":\"id\"}"), "events.copies: no header can have this name");
}

void
test_wrong_headers(void)
{
	static const char star[] =
	    "events.headers.%s: a name that ends in * goes with \"as\": \"members\"";
	char says[200];

	refuses(HEADER("A", "1"), "events.headers.A: must be an object");
	refuses(HEADER("A", "{\"x\":1}"),
	        "events.headers.A: key \"x\" is unknown; expected "
	        "\"field\", \"attribute\", \"as\", \"base\", \"default\", "
	        "\"none\", \"if_changed\" or \"words\"");
	refuses(HEADER("A", "{}"), "events.headers.A: needs either \"field\" or \"attribute\"");
	refuses(HEADER("A", "{\"field\":\"type\"}"),
	        "events.headers.A: field \"type\" has a column already: \"T\"");
	refuses(HEADER("A", "{\"field\":\"position\"}"),
	        "events.headers.A: the position is the sequence of the message");
	refuses(HEADER("A", "{\"field\":\"data\"}"),
	        "events.headers.A: data is the body of the message");
	snprintf(says, sizeof(says), star, "A-*");
	refuses(HEADER("A-*", "{\"field\":\"metadata\"}"), says);
	refuses(HEADER("A-*", "{\"field\":\"id\"}"), says);
	snprintf(says, sizeof(says), star, "A");
	refuses(HEADER("A", "{\"field\":\"metadata\",\"as\":\"members\"}"), says);
	snprintf(says, sizeof(says), star, "*");
	refuses(HEADER("*", "{\"field\":\"metadata\",\"as\":\"members\"}"), says);
	refuses(HEADER("A", "{\"field\":\"id\",\"if_changed\":true}"),
	        "events.headers.A: \"if_changed\" is for the stream");
	refuses(HEADER("A", "{\"field\":\"stream\",\"if_changed\":1}"),
	        "events.headers.A: \"if_changed\" must be true or false");
	refuses(HEADER("a b", "{\"field\":\"id\"}"),
	        "events.headers.a b: no header can have this name");
	refuses(HEADER("a:", "{\"field\":\"id\"}"),
	        "events.headers.a:: no header can have this name");
	refuses(HEADER("", "{\"field\":\"id\"}"), "events.headers.: no header can have this name");
	refuses(HEADER("A", "{\"field\":\"time\",\"none\":5}"),
	        "events.headers.A: \"none\" must be a string that is not empty");
	refuses(HEADER("A", "{\"field\":\"time\",\"none\":\"-\\r\\nB: c\"}"),
	        "events.headers.A: \"none\" has bytes that cannot stand in a header");
	refuses(HEADER("A", "{\"field\":\"time\",\"none\":\" \"}"),
	        "events.headers.A: \"none\" has bytes that cannot stand in a header");
}

void
test_wrong_words(void)
{
	static const char for_texts[] =
	    "events.headers.A: \"words\" must be an object, and is for texts";

	refuses(HEADER("A", "{\"field\":\"id\",\"words\":[]}"), for_texts);
	refuses(HEADER("A", "{\"field\":\"time\",\"words\":{}}"), for_texts);
	refuses(HEADER("A", "{\"attribute\":\"a\",\"words\":{}}"), for_texts);
	refuses(HEADER("A", "{\"field\":\"id\",\"words\":{\"a\":1}}"),
	        "events.headers.A: \"words\" must hold strings, or null");
}

#define TIMES "\"unix-s\", \"unix-ms\", \"unix-us\", \"unix-ns\", \"rfc3339\" or \"datetime\""

void
test_what_is_for_tables_is_not_for_messages(void)
{
	static const struct {
		const char *field, *as, *expected;
	} rows[] = {
	    {"id", "uuid-blob", "\"text\" or \"uuid-hex\""},
	    {"metadata", "json-blob", "\"json\", \"bytes\" or \"members\""},
	    {"metadata", "payload", "\"json\", \"bytes\" or \"members\""},
	    {"time", "timestamp", TIMES},
	    {"time", "nanoseconds", TIMES},
	};
	char text[300], says[300];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		snprintf(text, sizeof(text), HEADER("A", "{\"field\":\"%s\",\"as\":\"%s\"}"),
		         rows[i].field, rows[i].as);
		snprintf(
		    says, sizeof(says),
		    "events.headers.A: \"as\": \"%s\" is not for this kind of store; expected %s",
		    rows[i].as, rows[i].expected);
		refuses(text, says);
	}
	refuses(HEAD "\"parameters\":{\"stream\":\"s\"}}",
	        "parameters: none can have the name stream");
	refuses(EVENTS("\"read_only\":1"), "events: \"read_only\" must be true or false");
	refuses(HEAD "\"streams\":{}}",
	        "the file: key \"streams\" is unknown; expected "
	        "\"$schema\", \"layout\", \"name\", \"store\", "
	        "\"description\", \"events\", \"parameters\" or \"stream\"");
	refuses(HEAD "\"schema\":[]}", "the file: key \"schema\" is unknown; expected "
	                               "\"$schema\", \"layout\", \"name\", \"store\", "
	                               "\"description\", \"events\", \"parameters\" or \"stream\"");
	refuses("{\"layout\":1,\"name\":\"x\",\"store\":\"sqlite\",\"stream\":{}}",
	        "the file: key \"stream\" is unknown; expected "
	        "\"$schema\", \"layout\", \"name\", \"store\", "
	        "\"description\", \"events\", \"parameters\", \"tables\", "
	        "\"streams\", \"after\", \"schema\" or \"indexes\"");
	refuses("{\"layout\":1,\"name\":\"x\",\"store\":\"sqlite\",\"events\":{\"table\":\"t\","
	        "\"columns\":{\"m\":{\"field\":\"metadata\",\"as\":\"members\"}}}}",
	        "events.columns.m: \"as\": \"members\" is not for this kind of store; expected "
	        "\"json\", \"json-blob\", \"bytes\" or \"payload\"");
}

void
test_wrong_files(void)
{
	refuses("[]", "the file: must be one object");
	refuses("{\"layout\":1}",
	        "the file: \"store\" is missing; expected a string that is not empty");
	refuses("{\"layout\":1,\"store\":\"kafka\"}",
	        "the file: \"store\": \"kafka\" is unknown; expected "
	        "\"sqlite\", \"postgresql\" or \"nats\"");
	refuses("{\"layout\":2,\"name\":\"x\",\"store\":\"nats\"}",
	        "the file: \"layout\" must be 1, the version of this language");
	refuses("{\"layout\":1,\"store\":\"nats\"}",
	        "the file: \"name\" is missing; expected a string that is not empty");
	refuses(HEAD "\"x\":1}", "the file: key \"x\" is unknown; expected "
	                         "\"$schema\", \"layout\", \"name\", \"store\", "
	                         "\"description\", \"events\", \"parameters\" or \"stream\"");
}

void
test_a_layout_is_for_one_kind_of_store(void)
{
	char path[] = "/tmp/test_layout_nats.XXXXXX", want[200];
	const char text[] = HEADER("A", "{\"field\":\"id\"}");
	int fd = mkstemp(path);
	struct err err = ERR_INIT;
	struct layout *l = NULL;

	ok(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	eq_int(layout_load(&l, path, "nats", &err), 0);
	layout_free(l);
	eq_int(layout_load(&l, path, "sqlite", &err), -1);
	snprintf(want, sizeof(want), "layout %s: is for nats, not for sqlite", path);
	eq_str(err.msg, want);
	unlink(path);
	eq_int(layout_load(&l, "emmett", "nats", &err), -1);
	eq_int(err.kind, ERR_LAYOUT);
}
