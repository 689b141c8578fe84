#ifndef COMMON_PGQUOTE_H
#define COMMON_PGQUOTE_H

#include "common/mem.h"

/* Names and texts in SQL of PostgreSQL: those of layouts never become SQL by themselves. */

/* Append an identifier, quoted. */
void pgquote_name(struct buf *sql, const char *name);
/* Append the name of a table of a layout: `schema.table` or `table`, each part quoted. */
void pgquote_table(struct buf *sql, const char *name);
/* Append a text as a literal. */
void pgquote_text(struct buf *sql, const char *text);

#endif
