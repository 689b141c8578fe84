#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/layout_impl.h"
#include "common/natsrow.h"
#include "common/natssubject.h"
#include "common/natstext.h"

#define IMPLIED_COLUMNS                                                                            \
	6 /* that no header has: position, stream, version, type, and two of data                  \
	   */

static int
get_escape(struct layout_parser *p, json_t *events, const char *key, unsigned least_of_values,
           enum layout_escape *out)
{
	static const char *const names[] = {[LAYOUT_RAW] = "raw",
	                                    [LAYOUT_PERCENT] = "percent",
	                                    [LAYOUT_CLOUDEVENTS] = "cloudevents"};
	const char *choices[sizeof(names) / sizeof(*names) + 1] = {NULL};
	const char *name;
	unsigned i;

	if (layout_get_string(p, "events", events, key, false, &name) < 0)
		return -1;
	*out = LAYOUT_RAW;
	if (!name)
		return 0;
	for (i = 0; i < least_of_values; i++) {
		if (strcmp(name, names[i]) == 0) {
			*out = (enum layout_escape)i;
			return 0;
		}
		choices[i] = names[i];
	}
	return layout_wrong_key(p, "events", key, "\"%s\": \"%s\" is unknown; expected %s", key,
	                        name, layout_choices(p, choices));
}

/* {"json": "application/json", "none": null} */
static int
parse_words(struct layout_parser *p, const char *where, json_t *object, struct layout_column *c)
{
	json_t *words = json_object_get(object, "words"), *value;
	const char *key;

	if (!words)
		return 0;
	if (!json_is_object(words) || (c->conv != LAYOUT_TEXT))
		return layout_wrong_key(p, where, "words",
		                        "\"words\" must be an object, and is for texts");
	c->words = arena_alloc(p->l->mem, (json_object_size(words) + 1) * sizeof(*c->words));
	json_object_foreach(words, key, value)
	{
		if (!json_is_string(value) && !json_is_null(value))
			return layout_wrong_key(p, where, "words",
			                        "\"words\" must hold strings, or null");
		c->words[c->n_words++] =
		    (struct layout_word){layout_keep(p, key),
		                         json_is_null(value)
		                             ? NULL
		                             : layout_keep(p, json_string_value(value))};
	}
	return 0;
}

static int
check_name(struct layout_parser *p, const char *where, const char *name)
{
	if (!natsmsg_is_name(slice_str(name)))
		return layout_wrong(p, where, "no header can have this name");
	if (strcasecmp(name, NATSROW_IMPORT) == 0)
		return layout_wrong(p, where, "this header is esimport's own");
	return 0;
}

static int
parse_drop(struct layout_parser *p, json_t *events)
{
	static const char *const where = "events.drop";
	struct layout_messages *m = p->l->messages;
	size_t i;

	if (layout_get_texts(p, where, events, "drop", "names of headers", &m->drop, &m->n_drop) <
	    0)
		return -1;
	for (i = 0; i < m->n_drop; i++)
		if (check_name(p, where, m->drop[i]) < 0)
			return -1;
	return 0;
}

/* What is put into a header as it stands. */
static int
check_none(struct layout_parser *p, const char *where, const char *none)
{
	struct buf value = BUF_INIT;
	const char *why = none ? natstext_write_value(LAYOUT_RAW, slice_str(none), &value) : NULL;

	buf_release(&value);
	return why ? layout_wrong_key(p, where, "none", "\"none\" %s", why) : 0;
}

/* A name that ends in * is how the names of several headers begin. */
static int
check_header(struct layout_parser *p, const char *where, const struct layout_column *c)
{
	size_t n = strlen(c->name);

	if (c->field == FIELD_POSITION)
		return layout_wrong(p, where, "the position is the sequence of the message");
	if (c->field == FIELD_DATA)
		return layout_wrong(p, where, "data is the body of the message");
	if ((c->conv == LAYOUT_MEMBERS) != (n > 1 && c->name[n - 1] == '*'))
		return layout_wrong(p, where,
		                    "a name that ends in * goes with \"as\": \"members\"");
	if (c->if_changed && c->field != FIELD_STREAM)
		return layout_wrong_key(p, where, "if_changed", "\"if_changed\" is for the stream");
	return check_name(p, where, c->name);
}

static int
parse_header(struct layout_parser *p, const char *name, json_t *object)
{
	static const char *const allowed[] = {"field", "attribute",  "as",    "base", "default",
	                                      "none",  "if_changed", "words", NULL};
	struct layout_column *c = &p->l->columns[p->l->n_columns];
	char where[160];

	snprintf(where, sizeof(where), "events.headers.%.100s", name);
	if (layout_check_object(p, where, object, 0, "") < 0 ||
	    layout_only_keys(p, where, object, allowed) < 0 ||
	    layout_parse_column(p, where, name, object) < 0 ||
	    layout_get_string(p, where, object, "none", false, &c->none) < 0 ||
	    check_none(p, where, c->none) < 0 ||
	    layout_get_flag(p, where, object, "if_changed", &c->if_changed) < 0 ||
	    parse_words(p, where, object, c) < 0)
		return -1;
	c->at = LAYOUT_AT_HEADER;
	return check_header(p, where, c);
}

static struct layout_column *
imply(struct layout_parser *p, const char *name, enum field f, enum layout_conv conv,
      enum layout_at at)
{
	struct layout_column *c = &p->l->columns[p->l->n_columns++];

	*c = (struct layout_column){.name = name,
	                            .field = f,
	                            .conv = conv,
	                            .at = at,
	                            .default_value = SLICE_LIT("null")};
	return c;
}

/* What a message tells without headers. */
static void
imply_columns(struct layout_parser *p)
{
	imply(p, "sequence", FIELD_POSITION, LAYOUT_INT, LAYOUT_AT_SEQUENCE);
	if (!layout_column_of(p->l, FIELD_STREAM) &&
	    natssubject_has(p->l->messages->subject, FIELD_STREAM))
		imply(p, "subject", FIELD_STREAM, LAYOUT_TEXT, LAYOUT_AT_SUBJECT);
	if (!layout_column_of(p->l, FIELD_TYPE) &&
	    natssubject_has(p->l->messages->subject, FIELD_TYPE))
		imply(p, "subject", FIELD_TYPE, LAYOUT_TEXT, LAYOUT_AT_SUBJECT);
	if (!layout_column_of(p->l, FIELD_VERSION))
		imply(p, "rank", FIELD_VERSION, LAYOUT_INT, LAYOUT_AT_RANK);
	imply(p, "body", FIELD_DATA, LAYOUT_JSON, LAYOUT_AT_BODY)->split = true;
	imply(p, "body", FIELD_DATA, LAYOUT_BYTES, LAYOUT_AT_BODY)->split = true;
}

/* {"Nats-Msg-Id": "id"} */
static int
parse_copies(struct layout_parser *p, json_t *copies)
{
	struct layout_messages *m = p->l->messages;
	struct event none = {0};
	const char *key;
	json_t *value;
	int f;

	if (!copies)
		return 0;
	if (layout_check_object(p, "events.copies", copies, 0, "") < 0)
		return -1;
	m->copies = arena_alloc(p->l->mem, (json_object_size(copies) + 1) * sizeof(*m->copies));
	json_object_foreach(copies, key, value)
	{
		if (check_name(p, "events.copies", key) < 0)
			return -1;
		for (f = 0; f < FIELDS; f++)
			if (json_is_string(value) && event_text(&none, (enum field)f) &&
			    strcmp(json_string_value(value), event_field_name((enum field)f)) == 0)
				break;
		if (f == FIELDS)
			return layout_wrong(p, "events.copies", "must name fields that are texts");
		m->copies[m->n_copies++] = (struct layout_copy){layout_keep(p, key), (enum field)f};
	}
	return 0;
}

static int
parse_events(struct layout_parser *p, json_t *events)
{
	static const char *const allowed[] = {"subject", "tokens",      "values",
	                                      "headers", "kind_header", "drop",
	                                      "copies",  "read_only",   NULL};
	struct layout_messages *m = p->l->messages;
	json_t *headers = json_object_get(events, "headers"), *value;
	const char *key, *why;

	if (layout_check_object(p, "events", events, 0, "") < 0 ||
	    layout_only_keys(p, "events", events, allowed) < 0 ||
	    layout_get_string(p, "events", events, "subject", true, &m->subject) < 0 ||
	    get_escape(p, events, "tokens", LAYOUT_CLOUDEVENTS, &m->tokens) < 0 ||
	    get_escape(p, events, "values", LAYOUT_CLOUDEVENTS + 1, &m->values) < 0 ||
	    layout_get_string(p, "events", events, "kind_header", false, &m->kind_header) < 0 ||
	    layout_get_flag(p, "events", events, "read_only", &m->read_only) < 0 ||
	    parse_drop(p, events) < 0 || parse_copies(p, json_object_get(events, "copies")) < 0)
		return -1;
	if (m->kind_header && check_name(p, "events.kind_header", m->kind_header) < 0)
		return -1;
	why = natssubject_check(m->subject);
	if (why)
		return layout_wrong_key(p, "events", "subject", "\"subject\": %s", why);
	if (layout_check_object(p, "events.headers", headers, 0, " with a member for each header") <
	    0)
		return -1;
	p->l->table = m->subject;
	layout_reserve_columns(p, json_object_size(headers) + IMPLIED_COLUMNS);
	json_object_foreach(headers, key, value)
	{
		if (parse_header(p, key, value) < 0)
			return -1;
	}
	imply_columns(p);
	return layout_check_needed(p, "events.headers");
}

/* {"deny_delete": true} */
static int
parse_settings(struct layout_parser *p, json_t *settings)
{
	static const char *const where = "stream.settings";
	static const char *const allowed[] = {"allow_atomic",
	                                      "allow_direct",
	                                      "allow_msg_ttl",
	                                      "allow_rollup_hdrs",
	                                      "deny_delete",
	                                      "deny_purge",
	                                      NULL};
	struct layout_messages *m = p->l->messages;
	const char *key;
	json_t *value;

	if (!settings)
		return 0;
	if (layout_check_object(p, where, settings, 0, "") < 0 ||
	    layout_only_keys(p, where, settings, allowed) < 0)
		return -1;
	m->settings =
	    arena_alloc(p->l->mem, (json_object_size(settings) + 1) * sizeof(*m->settings));
	json_object_foreach(settings, key, value)
	{
		struct layout_setting *s = &m->settings[m->n_settings++];

		s->name = layout_keep(p, key);
		if (layout_get_flag(p, where, settings, key, &s->on) < 0)
			return -1;
	}
	return 0;
}

static int
parse_stream(struct layout_parser *p, json_t *stream)
{
	static const char *const allowed[] = {"name", "subjects", "settings", NULL};
	struct layout_messages *m = p->l->messages;
	const char *store;

	if (layout_check_object(p, "stream", stream, 0, "") < 0 ||
	    layout_only_keys(p, "stream", stream, allowed) < 0 ||
	    layout_get_string(p, "stream", stream, "name", false, &m->stream) < 0 ||
	    layout_get_texts(p, "stream.subjects", stream, "subjects", "subjects", &m->subjects,
	                     &m->n_subjects) < 0 ||
	    parse_settings(p, json_object_get(stream, "settings")) < 0)
		return -1;
	store = m->stream ? strstr(m->stream, "{store}") : NULL;
	if (m->stream && (!store || strchr(store + 1, '{')))
		return layout_wrong_key(p, "stream", "name",
		                        "\"name\" must have {store} in it, once");
	return 0;
}

/* They would take the places of what stands for something else here. */
static int
check_parameters(struct layout_parser *p, json_t *parameters)
{
	static const char *const taken[] = {"store", "stream", "type"};
	size_t i;

	for (i = 0; i < sizeof(taken) / sizeof(*taken); i++)
		if (json_object_get(parameters, taken[i]))
			return layout_wrong(p, "parameters", "none can have the name %s", taken[i]);
	return 0;
}

int
layout_parse_nats(struct layout_parser *p, json_t *root)
{
	json_t *stream = json_object_get(root, "stream");

	if (check_parameters(p, json_object_get(root, "parameters")) < 0)
		return -1;
	p->l->messages = arena_alloc(p->l->mem, sizeof(*p->l->messages));
	*p->l->messages = (struct layout_messages){0};
	if (stream && parse_stream(p, stream) < 0)
		return -1;
	return parse_events(p, json_object_get(root, "events"));
}
