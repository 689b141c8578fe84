#ifndef COMMON_NATSTEXT_H
#define COMMON_NATSTEXT_H

#include "common/layout.h"

/*
 * Texts where not every byte may stand: values of headers, and tokens of
 * subjects (spec/LAYOUTS.md, "Texts in messages").
 *
 *	raw          as it is, or refused
 *	percent      %XX for bytes that may not stand there, and for the percent sign itself; an
 *	             empty text is a lone percent sign
 *	cloudevents  of headers: %XX for all but printable ASCII without blank, " and %
 *
 * The writing functions append, and return NULL or why it cannot be.
 */
const char *natstext_write_value(enum layout_escape how, struct slice text, struct buf *out);
/* A part of a subject; with `dots`, several parts between dots. */
const char *natstext_write_token(enum layout_escape how, struct slice text, bool dots,
                                 struct buf *out);

/*
 * What was written, where writing that gives these bytes again; else the bytes as they stand, for
 * they came from somebody who does not write this way.  Of cloudevents every %XX counts.  What has
 * to be made goes to the arena.
 */
struct slice natstext_read_value(enum layout_escape how, struct slice text, struct arena *mem);
struct slice natstext_read_token(enum layout_escape how, struct slice text, bool dots,
                                 struct arena *mem);

/* A token longer than this is cut, with a digest of the text behind it; it is then not read back.
 */
#define NATSTEXT_TOKEN_MOST_BYTES 200

#endif
