#include <string.h>

#include "common/jscan.h"
#include "common/layout_impl.h"

/* A place in the file: a value, and where its line is. */
struct spot {
	struct slice value;
	const uint8_t *at;
};

/* How much of `where` the name of a member is: all of it, or up to a dot; else 0. */
static size_t
match(struct slice key, const char *where)
{
	struct buf name = BUF_INIT;
	size_t n = 0;

	if (jscan_string(key, &name) == 0 && strncmp(where, buf_cstr(&name), name.len) == 0 &&
	    (where[name.len] == '.' || where[name.len] == '\0'))
		n = name.len;
	buf_release(&name);
	return n;
}

/* Into the member that `where` begins with; how much of `where` that was, 0: there is none.  Names
 * have dots, too, so the longest one counts. */
static size_t
enter(struct spot *spot, const char *where)
{
	struct spot best = *spot;
	struct jscan_iter it;
	struct slice key, value;
	size_t n, most = 0;

	jscan_object(&it, spot->value);
	while (jscan_member(&it, &key, &value) > 0) {
		n = match(key, where);
		if (n <= most)
			continue;
		most = n;
		best = (struct spot){value, key.p};
	}
	*spot = best;
	return most;
}

unsigned
layout_line(struct slice text, const char *where, const char *key)
{
	struct spot spot = {text, text.p};
	const uint8_t *c;
	unsigned line = 1;
	size_t n;

	while (*where && (n = enter(&spot, where)) > 0)
		where += n + (where[n] == '.');
	if (!*where && key)
		enter(&spot, key);
	for (c = text.p; c < spot.at; c++)
		line += *c == '\n';
	return line;
}
