#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/jscan.h"
#include "common/layout_impl.h"

__attribute__((format(printf, 4, 0))) static int
say(struct layout_parser *p, const char *where, const char *key, const char *fmt, va_list ap)
{
	char what[512];

	vsnprintf(what, sizeof(what), fmt, ap);
	return err_set(p->err, ERR_LAYOUT, "layout %s:%u: %s: %s", p->file,
	               layout_line(p->text, where, key), *where ? where : "the file", what);
}

__attribute__((format(printf, 3, 4))) int
layout_wrong(struct layout_parser *p, const char *where, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(p, where, NULL, fmt, ap);
	va_end(ap);
	return -1;
}

__attribute__((format(printf, 4, 5))) int
layout_wrong_key(struct layout_parser *p, const char *where, const char *key, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(p, where, key, fmt, ap);
	va_end(ap);
	return -1;
}

const char *
layout_choices(struct layout_parser *p, const char *const *names)
{
	struct buf text = BUF_INIT;
	const char *out;
	size_t i;

	for (i = 0; names[i]; i++)
		buf_printf(&text, "%s\"%s\"", i == 0 ? "" : names[i + 1] ? ", " : " or ", names[i]);
	out = layout_keep(p, buf_cstr(&text));
	buf_release(&text);
	return out;
}

const char *
layout_keep(struct layout_parser *p, const char *s)
{
	size_t size = strlen(s) + 1;

	return memcpy(arena_alloc(p->l->mem, size), s, size);
}

int
layout_only_keys(struct layout_parser *p, const char *where, json_t *object,
                 const char *const *allowed)
{
	const char *key;
	json_t *value;
	size_t i;

	json_object_foreach(object, key, value)
	{
		for (i = 0; allowed[i] && strcmp(allowed[i], key) != 0; i++)
			;
		if (!allowed[i])
			return layout_wrong_key(p, where, key, "key \"%s\" is unknown; expected %s",
			                        key, layout_choices(p, allowed));
	}
	return 0;
}

int
layout_check_object(struct layout_parser *p, const char *where, json_t *value, size_t least,
                    const char *what)
{
	if (json_is_object(value) && json_object_size(value) >= least)
		return 0;
	return layout_wrong(p, where, "%s an object%s", value ? "must be" : "is missing; expected",
	                    what);
}

int
layout_get_string(struct layout_parser *p, const char *where, json_t *object, const char *key,
                  bool required, const char **out)
{
	json_t *value = json_object_get(object, key);

	*out = NULL;
	if (!value && !required)
		return 0;
	if (!json_is_string(value) || !*json_string_value(value))
		return layout_wrong_key(p, where, key, "\"%s\" %s a string that is not empty", key,
		                        value ? "must be" : "is missing; expected");
	*out = layout_keep(p, json_string_value(value));
	return 0;
}

int
layout_get_scalar(struct layout_parser *p, const char *where, json_t *object, const char *key,
                  struct slice *out)
{
	json_t *value = json_object_get(object, key);
	struct buf text = BUF_INIT;

	if (json_is_string(value))
		jscan_quote((struct slice){(const uint8_t *)json_string_value(value),
		                           json_string_length(value)},
		            &text);
	else if (json_is_integer(value))
		buf_printf(&text, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else if (json_is_null(value) || json_is_boolean(value))
		buf_add_str(&text, json_is_null(value)   ? "null"
		                   : json_is_true(value) ? "true"
		                                         : "false");
	else
		return layout_wrong_key(p, where, key,
		                        "\"%s\" must be a string, an integer, a boolean or null",
		                        key);
	*out = arena_dup(p->l->mem, buf_slice(&text));
	buf_release(&text);
	return 0;
}

int
layout_get_flag(struct layout_parser *p, const char *where, json_t *object, const char *key,
                bool *out)
{
	json_t *value = json_object_get(object, key);

	if (value && !json_is_boolean(value))
		return layout_wrong_key(p, where, key, "\"%s\" must be true or false", key);
	*out = json_is_true(value);
	return 0;
}

int
layout_get_integer(struct layout_parser *p, const char *where, json_t *object, const char *key,
                   int64_t *out)
{
	json_t *value = json_object_get(object, key);

	*out = 0;
	if (value && !json_is_integer(value))
		return layout_wrong_key(p, where, key, "\"%s\" must be an integer", key);
	if (value)
		*out = json_integer_value(value);
	return 0;
}

int
layout_get_texts(struct layout_parser *p, const char *where, json_t *object, const char *key,
                 const char *what, const char ***out, size_t *n)
{
	json_t *list = json_object_get(object, key), *value;
	size_t i;

	if (!list)
		return 0;
	if (!json_is_array(list))
		return layout_wrong(p, where, "must be an array of %s", what);
	*out = arena_alloc(p->l->mem, json_array_size(list) * sizeof(**out) + 1);
	json_array_foreach(list, i, value)
	{
		if (!json_is_string(value))
			return layout_wrong(p, where, "must be an array of %s", what);
		(*out)[(*n)++] = layout_keep(p, json_string_value(value));
	}
	return 0;
}
