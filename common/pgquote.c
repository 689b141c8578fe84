#include <string.h>

#include "common/pgquote.h"

static void
quote_part(struct buf *sql, const char *name, size_t len)
{
	size_t i;

	buf_add_byte(sql, '"');
	for (i = 0; i < len; i++) {
		if (name[i] == '"')
			buf_add_byte(sql, '"');
		buf_add_byte(sql, (uint8_t)name[i]);
	}
	buf_add_byte(sql, '"');
}

void
pgquote_name(struct buf *sql, const char *name)
{
	quote_part(sql, name, strlen(name));
}

void
pgquote_table(struct buf *sql, const char *name)
{
	const char *dot = strchr(name, '.');

	if (dot) {
		quote_part(sql, name, (size_t)(dot - name));
		buf_add_byte(sql, '.');
	}
	pgquote_name(sql, dot ? dot + 1 : name);
}

/* A backslash means itself here, and in a function that sets standard_conforming_strings off. */
void
pgquote_text(struct buf *sql, const char *text)
{
	buf_add_str(sql, strchr(text, '\\') ? " E'" : "'");
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			buf_add_byte(sql, (uint8_t)*text);
		buf_add_byte(sql, (uint8_t)*text);
	}
	buf_add_byte(sql, '\'');
}
