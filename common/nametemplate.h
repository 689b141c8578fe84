#ifndef COMMON_NAMETEMPLATE_H
#define COMMON_NAMETEMPLATE_H

#include "common/err.h"
#include "common/mem.h"

/*
 * Names in one form to names in another: text, and parts in braces that stand in both.
 *
 *	nametemplate_parse(&t, "{category}-{id}={category}:{id}", err);
 *	nametemplate_convert(t, false, SLICE_LIT("order-7-a"), &out); // "order:7-a"
 *	nametemplate_convert(t, true, SLICE_LIT("order:7-a"), &out);  // "order-7-a"
 *
 * A part is one byte or more, and as short as what follows it allows; the last one takes
 * the rest.  `\` makes the next byte plain.  Not changed once it is made; any thread.
 */
struct nametemplate;

#define NAMETEMPLATE_PARTS 16

/* -1: ERR_USAGE that says what is wrong with it. */
MUST_USE int nametemplate_parse(struct nametemplate **out, const char *text, struct err *err);
void nametemplate_free(struct nametemplate *t); /* NULL is fine */

/* Append what the name becomes; `back`: from the right form to the left one.  false: it does not
 * fit, and nothing was appended. */
bool nametemplate_convert(const struct nametemplate *t, bool back, struct slice name,
                          struct buf *out);

#endif
