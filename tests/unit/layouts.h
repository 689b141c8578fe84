#ifndef TESTS_UNIT_LAYOUTS_H
#define TESTS_UNIT_LAYOUTS_H

#include <stdio.h>

#include "common/layout.h"
#include "tests/tap.h"

/* A file of one line with this text is no layout, and the message behind its name and line is so.
 */
static inline void
refuses(const char *text, const char *says)
{
	struct err err = ERR_INIT;
	struct layout *l;
	char want[400];

	if (!eq_int(layout_parse(&l, slice_str(text), "f.json", NULL, &err), -1)) {
		eq_str(text, says);
		layout_free(l);
		return;
	}
	eq_int(err.kind, ERR_LAYOUT);
	snprintf(want, sizeof(want), "layout f.json:1: %s", says);
	if (!eq_str(err.msg, want))
		eq_str(text, "");
}

#endif
