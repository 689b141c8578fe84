#include <assert.h>
#include <string.h>

#include "common/jscan.h"
#include "common/layout.h"
#include "common/natsmsg.h"
#include "common/natssubject.h"

/* A layout that is accepted is one that a driver can use without looking again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_columns(const struct layout *l)
{
	static const enum field needed[] = {FIELD_POSITION, FIELD_STREAM, FIELD_VERSION,
	                                    FIELD_TYPE};
	const struct layout_column *c;
	size_t i;

	for (i = 0; i < sizeof(needed) / sizeof(*needed); i++)
		assert(layout_column_of(l, needed[i]));
	for (i = 0; i < l->n_columns; i++) {
		c = &l->columns[i];
		assert(c->name && c->field < FIELDS && c->conv < LAYOUT_CONVS);
		assert(!c->attr || (*c->attr && c->field == FIELD_ATTRIBUTES));
		assert(c->attr || c->split || layout_column_of(l, c->field) == c);
		assert(jscan_valid(c->default_value, NULL, NULL));
		assert(c->base == 0 || c->field == FIELD_VERSION);
	}
}

static void
check_streams(const struct layout *l)
{
	const struct layout_stream_column *c;
	size_t i, keys = 0;

	for (i = 0; i < l->n_stream_columns; i++) {
		c = &l->stream_columns[i];
		keys += c->key;
		assert(c->name && c->from <= LAYOUT_FROM_CONSTANT);
		assert(c->from != LAYOUT_FROM_CATEGORY || *c->separator);
		if (c->from == LAYOUT_FROM_CONSTANT || c->from == LAYOUT_FROM_CATEGORY)
			assert(jscan_valid(c->constant, NULL, NULL));
	}
	assert(!l->streams_table == !keys);
}

static bool
is_line(const char *text)
{
	return !strpbrk(text, "\r\n");
}

static bool
ends_in_star(const char *name)
{
	return strlen(name) > 1 && name[strlen(name) - 1] == '*';
}

static void
check_headers(const struct layout *l)
{
	const struct layout_column *c;
	size_t i;

	for (i = 0; i < l->n_columns; i++) {
		c = &l->columns[i];
		assert((c->at == LAYOUT_AT_COLUMN) == !l->messages);
		if (c->at != LAYOUT_AT_HEADER)
			continue;
		assert(natsmsg_is_name(slice_str(c->name)) && (!c->none || is_line(c->none)));
		assert(c->field != FIELD_DATA && c->field != FIELD_POSITION);
		assert((c->conv == LAYOUT_MEMBERS) == ends_in_star(c->name));
		assert(!c->if_changed || c->field == FIELD_STREAM);
	}
}

/* Names and subjects that go to a server as they are have nothing in them that ends a line. */
static void
check_messages(const struct layout_messages *m)
{
	struct slice store = SLICE_LIT("S"), wild, found;
	struct buf out = BUF_INIT;
	struct event e = {0};
	size_t i;

	assert(!natssubject_check(m->subject) && natssubject_has(m->subject, FIELD_STREAM));
	assert(is_line(m->subject) && (!m->stream || strstr(m->stream, "{store}")));
	assert(!m->kind_header || natsmsg_is_name(slice_str(m->kind_header)));
	for (i = 0; i < m->n_copies; i++)
		assert(natsmsg_is_name(slice_str(m->copies[i].header)) &&
		       event_text(&e, m->copies[i].field));
	natssubject_wild(m->subject, store, &out);
	wild = buf_slice(&out);
	assert(natssubject_within(wild, wild) && natssubject_within(wild, SLICE_LIT(">")));
	out.len = 0;
	for (i = 0; i < m->n_subjects; i++)
		natssubject_wild(m->subjects[i], store, &out);
	assert(natssubject_store(m, slice_str(m->stream ? m->stream : "S"), &found));
	buf_release(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = {data, size};
	struct err err = ERR_INIT;
	struct layout *l;
	size_t i;

	if (layout_parse(&l, text, "fuzz.json", NULL, &err) < 0) {
		assert(err.kind == ERR_LAYOUT && err.msg[0]);
		return 0;
	}
	assert(l->name && *l->name && l->table && *l->table);
	assert(!l->messages == (strcmp(l->store, "nats") != 0));
	check_columns(l);
	check_headers(l);
	if (l->messages)
		check_messages(l->messages);
	check_streams(l);
	for (i = 0; i < l->n_schema; i++)
		assert(l->schema[i]);
	layout_free(l);
	return 0;
}
