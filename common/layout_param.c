#include <string.h>

#include "common/layout_impl.h"

/* What would end the quotes around it in a statement, or be no name of anything. */
static bool
is_plain(const char *value)
{
	const unsigned char *c = (const unsigned char *)value;

	for (; *c; c++)
		if (*c < 0x20 || *c == 0x7F || strchr("'\"\\{}", *c))
			return false;
	return c != (const unsigned char *)value;
}

static bool
is_name(const char *name)
{
	return *name && name[strspn(name, "abcdefghijklmnopqrstuvwxyz_")] == '\0';
}

/* Whether the text at `at` begins with NAME=; then *value is behind that. */
static bool
begins(const char *at, const char *name, const char **value)
{
	size_t n = strlen(name);

	if (strncmp(at, name, n) != 0 || at[n] != '=')
		return false;
	*value = at + n + 1;
	return true;
}

/* One of "NAME=VALUE,NAME=VALUE" takes the place of a default. */
static int
take_given(struct layout_parser *p, json_t *parameters, const char *one)
{
	const char *name, *value;
	json_t *is;

	json_object_foreach(parameters, name, is)
	{
		if (!begins(one, name, &value))
			continue;
		if (!is_plain(value))
			return layout_wrong(p, "parameters", "\"%s\" is no value for %s", value,
			                    name);
		json_string_set(is, value);
		return 0;
	}
	return layout_wrong(p, "parameters", "%s: it has no such parameter", one);
}

static int
take_all_given(struct layout_parser *p, json_t *parameters, const char *given)
{
	size_t size = strlen(given) + 1;
	char *list = memcpy(arena_alloc(p->l->mem, size), given, size), *rest = NULL, *one;

	one = strtok_r(list, ",", &rest);
	for (; one; one = strtok_r(NULL, ",", &rest))
		if (take_given(p, parameters, one) < 0)
			return -1;
	return 0;
}

static int
check_defaults(struct layout_parser *p, json_t *parameters)
{
	const char *name;
	json_t *value;

	if (layout_check_object(p, "parameters", parameters, 0, "") < 0)
		return -1;
	json_object_foreach(parameters, name, value)
	{
		if (!is_name(name))
			return layout_wrong_key(p, "parameters", name,
			                        "\"%s\" is no name: small letters and _", name);
		if (!json_is_string(value) || !is_plain(json_string_value(value)))
			return layout_wrong_key(
			    p, "parameters", name,
			    "\"%s\" must be a string without quotes, backslashes "
			    "and braces, and not empty",
			    name);
	}
	return 0;
}

struct filler {
	json_t *parameters;
	struct buf text;
	const char *twice; /* two members of an object came to this name */
	struct layout_parser *p;
};

/* The parameter whose {NAME} stands there, and its length; or NULL. */
static const char *
parameter_at(const struct filler *f, const char *text, size_t *len)
{
	const char *name;
	json_t *value;

	json_object_foreach(f->parameters, name, value)
	{
		*len = strlen(name) + 2;
		if (*text == '{' && strncmp(text + 1, name, *len - 2) == 0 && text[*len - 1] == '}')
			return json_string_value(value);
	}
	return NULL;
}

/* Good until the next one. */
static const char *
fill_text(struct filler *f, const char *text)
{
	const char *value;
	size_t len;

	f->text.len = 0;
	while (*text) {
		value = parameter_at(f, text, &len);
		if (value)
			buf_add_str(&f->text, value);
		else
			buf_add(&f->text, text, len = 1);
		text += len;
	}
	return buf_cstr(&f->text);
}

static json_t *fill(struct filler *f, json_t *value);

static json_t *
fill_object(struct filler *f, json_t *object)
{
	json_t *out = json_object(), *value, *filled;
	const char *key, *name;

	json_object_foreach(object, key, value)
	{
		filled = fill(f, value);
		name = fill_text(f, key);
		if (json_object_get(out, name))
			f->twice = layout_keep(f->p, name);
		json_object_set_new(out, name, filled);
	}
	return out;
}

/* A copy with values in the places of parameters: of texts, and of the names of members. */
static json_t *
fill(struct filler *f, json_t *value)
{
	json_t *out, *item;
	size_t i;

	if (json_is_object(value))
		return fill_object(f, value);
	if (json_is_string(value))
		return json_string(fill_text(f, json_string_value(value)));
	if (!json_is_array(value))
		return json_incref(value);
	out = json_array();
	json_array_foreach(value, i, item)
	{
		json_array_append_new(out, fill(f, item));
	}
	return out;
}

int
layout_fill_parameters(struct layout_parser *p, const char *given, json_t **root)
{
	struct filler f = {json_object_get(*root, "parameters"), BUF_INIT, NULL, p};
	json_t *out;

	if (!f.parameters)
		return given ? layout_wrong(p, "parameters", "it has none, and %s was given", given)
		             : 0;
	if (check_defaults(p, f.parameters) < 0 ||
	    (given && take_all_given(p, f.parameters, given) < 0))
		return -1;
	out = fill(&f, *root);
	buf_release(&f.text);
	json_decref(*root);
	*root = out;
	return f.twice ? layout_wrong(p, "parameters", "two keys become \"%s\"", f.twice) : 0;
}
