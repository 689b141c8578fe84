#include <stdio.h>
#include <string.h>

#include "common/layout_impl.h"

#define BIT(f) (1U << (f))
#define TEXTS                                                                                      \
	(BIT(FIELD_STREAM) | BIT(FIELD_TYPE) | BIT(FIELD_ID) | BIT(FIELD_CORRELATION_ID) |         \
	 BIT(FIELD_CAUSATION_ID) | BIT(FIELD_CONTENT_TYPE))
#define PAYLOADS (BIT(FIELD_METADATA) | BIT(FIELD_DATA))

/* What `as` may say, of which fields, in which stores. */
static const struct {
	const char *name;
	unsigned fields, stores;
} convs[LAYOUT_CONVS] = {
    [LAYOUT_TEXT] = {"text", TEXTS, LAYOUT_ANY},
    [LAYOUT_INT] = {"int", BIT(FIELD_POSITION) | BIT(FIELD_VERSION), LAYOUT_ANY},
    [LAYOUT_UUID_HEX] = {"uuid-hex", TEXTS, LAYOUT_ANY},
    [LAYOUT_UUID_BLOB] = {"uuid-blob", TEXTS, LAYOUT_SQL},
    [LAYOUT_JSON] = {"json", PAYLOADS, LAYOUT_ANY},
    [LAYOUT_JSON_BLOB] = {"json-blob", PAYLOADS, LAYOUT_SQL},
    [LAYOUT_BYTES] = {"bytes", PAYLOADS, LAYOUT_ANY},
    [LAYOUT_PAYLOAD] = {"payload", PAYLOADS, LAYOUT_SQL},
    [LAYOUT_UNIX_S] = {"unix-s", BIT(FIELD_TIME), LAYOUT_ANY},
    [LAYOUT_UNIX_MS] = {"unix-ms", BIT(FIELD_TIME), LAYOUT_ANY},
    [LAYOUT_UNIX_US] = {"unix-us", BIT(FIELD_TIME), LAYOUT_ANY},
    [LAYOUT_UNIX_NS] = {"unix-ns", BIT(FIELD_TIME), LAYOUT_ANY},
    [LAYOUT_RFC3339] = {"rfc3339", BIT(FIELD_TIME), LAYOUT_ANY},
    [LAYOUT_DATETIME] = {"datetime", BIT(FIELD_TIME), LAYOUT_ANY},
    [LAYOUT_TIMESTAMP] = {"timestamp", BIT(FIELD_TIME), LAYOUT_POSTGRESQL},
    [LAYOUT_NANOSECONDS] = {"nanoseconds", BIT(FIELD_TIME), LAYOUT_SQL},
    [LAYOUT_JSON_ARRAY] = {"json-array", BIT(FIELD_TAGS), LAYOUT_ANY},
    [LAYOUT_JSON_OBJECT] = {"json-object", BIT(FIELD_ATTRIBUTES), LAYOUT_ANY},
    [LAYOUT_MEMBERS] = {"members", BIT(FIELD_METADATA), LAYOUT_NATS},
    [LAYOUT_VALUE] = {"value", BIT(FIELD_ATTRIBUTES), LAYOUT_ANY},
};

static bool
fits_field(const struct layout_column *c, int conv)
{
	if (c->field == FIELD_ATTRIBUTES && (c->attr != NULL) != (conv == LAYOUT_VALUE))
		return false;
	return convs[conv].fields & BIT(c->field);
}

/* What a column is when `as` is not said. */
static enum layout_conv
usual_conv(const struct layout_parser *p, const struct layout_column *c)
{
	switch (c->field) {
	case FIELD_POSITION:
	case FIELD_VERSION:
		return LAYOUT_INT;
	case FIELD_TIME:
		return p->store == LAYOUT_POSTGRESQL ? LAYOUT_TIMESTAMP : LAYOUT_RFC3339;
	case FIELD_TAGS:
		return LAYOUT_JSON_ARRAY;
	case FIELD_ATTRIBUTES:
		return c->attr ? LAYOUT_VALUE : LAYOUT_JSON_OBJECT;
	case FIELD_METADATA:
	case FIELD_DATA:
		return LAYOUT_JSON;
	default:
		return LAYOUT_TEXT;
	}
}

/* What `as` may say of the column. */
static const char *
conv_choices(struct layout_parser *p, const struct layout_column *c)
{
	const char *names[LAYOUT_CONVS + 1] = {NULL};
	size_t n = 0;
	int conv;

	for (conv = 0; conv < LAYOUT_CONVS; conv++)
		if (fits_field(c, conv) && convs[conv].stores & p->store)
			names[n++] = convs[conv].name;
	return layout_choices(p, names);
}

static int
get_conv(struct layout_parser *p, const char *where, json_t *object, struct layout_column *c)
{
	const char *as, *why = NULL;
	int conv;

	if (layout_get_string(p, where, object, "as", false, &as) < 0)
		return -1;
	c->conv = usual_conv(p, c);
	if (!as)
		return 0;
	for (conv = 0; conv < LAYOUT_CONVS; conv++)
		if (strcmp(as, convs[conv].name) == 0)
			break;
	if (conv == LAYOUT_CONVS)
		why = "is unknown";
	else if (!fits_field(c, conv))
		why = "does not fit this field";
	else if (!(convs[conv].stores & p->store))
		why = "is not for this kind of store";
	if (why)
		return layout_wrong_key(p, where, "as", "\"as\": \"%s\" %s; expected %s", as, why,
		                        conv_choices(p, c));
	c->conv = (enum layout_conv)conv;
	return 0;
}

/* What `field` may say of a column, or of a header. */
static const char *
field_choices(struct layout_parser *p)
{
	const char *names[FIELDS + 1] = {NULL};
	size_t n = 0;
	int f;

	for (f = 0; f < FIELDS; f++)
		if (p->store != LAYOUT_NATS || (f != FIELD_POSITION && f != FIELD_DATA))
			names[n++] = event_field_name((enum field)f);
	return layout_choices(p, names);
}

static int
get_field(struct layout_parser *p, const char *where, json_t *object, struct layout_column *c)
{
	const char *field;
	int f;

	if (layout_get_string(p, where, object, "field", false, &field) < 0 ||
	    layout_get_string(p, where, object, "attribute", false, &c->attr) < 0)
		return -1;
	if (!field == !c->attr)
		return layout_wrong(p, where, "needs either \"field\" or \"attribute\"");
	c->field = FIELD_ATTRIBUTES;
	if (!field)
		return 0;
	for (f = 0; f < FIELDS; f++)
		if (strcmp(field, event_field_name((enum field)f)) == 0)
			break;
	if (f == FIELDS)
		return layout_wrong_key(p, where, "field", "field \"%s\" is unknown; expected %s",
		                        field, field_choices(p));
	c->field = (enum field)f;
	return 0;
}

/* Two columns may share a field where each holds what the other cannot. */
static bool
may_share(const struct layout_column *a, const struct layout_column *b)
{
	static const struct {
		enum layout_conv one, other;
	} pairs[] = {{LAYOUT_JSON, LAYOUT_BYTES},
	             {LAYOUT_TIMESTAMP, LAYOUT_NANOSECONDS},
	             {LAYOUT_UNIX_US, LAYOUT_NANOSECONDS}};
	size_t i;

	for (i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		if ((a->conv == pairs[i].one && b->conv == pairs[i].other) ||
		    (b->conv == pairs[i].one && a->conv == pairs[i].other))
			return true;
	return false;
}

static int
check_shared(struct layout_parser *p, const char *where, struct layout_column *c)
{
	struct layout_column *other;
	size_t i;

	for (i = 0; i < p->l->n_columns; i++) {
		other = &p->l->columns[i];
		if (other->attr && c->attr && strcmp(other->attr, c->attr) == 0)
			return layout_wrong_key(p, where, "attribute",
			                        "attribute \"%s\" has a column already: \"%s\"",
			                        c->attr, other->name);
		if (other->field != c->field || other->attr || c->attr)
			continue;
		if (other->split || !may_share(other, c))
			return layout_wrong_key(p, where, "field",
			                        "field \"%s\" has a column already: \"%s\"",
			                        event_field_name(c->field), other->name);
		other->split = c->split = true;
	}
	return 0;
}

void
layout_reserve_columns(struct layout_parser *p, size_t n)
{
	p->l->columns = arena_alloc(p->l->mem, n * sizeof(*p->l->columns));
	memset(p->l->columns, 0, n * sizeof(*p->l->columns));
}

static bool
is_needed(enum field f)
{
	return f == FIELD_POSITION || f == FIELD_STREAM || f == FIELD_VERSION || f == FIELD_TYPE;
}

int
layout_check_needed(struct layout_parser *p, const char *where)
{
	int f;

	for (f = 0; f < FIELDS; f++)
		if (is_needed((enum field)f) && !layout_column_of(p->l, (enum field)f))
			return layout_wrong(p, where, "no column has the field \"%s\"",
			                    event_field_name((enum field)f));
	return 0;
}

static int
parse_default(struct layout_parser *p, const char *where, json_t *object, struct layout_column *c)
{
	json_t *value = json_object_get(object, "default");

	c->default_value = SLICE_LIT("null");
	if (value && !c->attr)
		return layout_wrong_key(p, where, "default", "\"default\" is for attributes");
	return value ? layout_get_scalar(p, where, object, "default", &c->default_value) : 0;
}

int
layout_parse_column(struct layout_parser *p, const char *where, const char *name, json_t *object)
{
	struct layout_column *c = &p->l->columns[p->l->n_columns];

	if (get_field(p, where, object, c) < 0 || get_conv(p, where, object, c) < 0 ||
	    layout_get_integer(p, where, object, "base", &c->base) < 0 ||
	    check_shared(p, where, c) < 0)
		return -1;
	if (c->base && c->field != FIELD_VERSION)
		return layout_wrong_key(p, where, "base", "\"base\" is for the version");
	if (parse_default(p, where, object, c) < 0 ||
	    layout_get_flag(p, where, object, "optional", &c->optional) < 0)
		return -1;
	if (c->optional && is_needed(c->field))
		return layout_wrong_key(p, where, "optional", "every event has the field \"%s\"",
		                        event_field_name(c->field));
	c->name = layout_keep(p, name);
	p->l->n_columns++;
	return 0;
}
