#ifndef COMMON_PRINTABLE_H
#define COMMON_PRINTABLE_H

#include "common/mem.h"

/*
 * Foreign text in what people read, changed in place: as long as before.
 *
 *	printable_line(name.p, name.len, '?');
 *	printf("%s\n", buf_cstr(&name));
 */

/* What is no UTF-8 becomes `?`. */
void printable_utf8(uint8_t *p, size_t len);

/* Control characters, C1 ones (U+0080 to U+009F) too, become `instead` as well: they would make
 * two lines of one, or command the terminal. */
void printable_line(uint8_t *p, size_t len, char instead);

#endif
