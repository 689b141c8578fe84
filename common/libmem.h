#ifndef COMMON_LIBMEM_H
#define COMMON_LIBMEM_H

/*
 * The allocators of mem.h for the libraries that take some: SQLite and jansson.
 * Many of their functions say "no memory" by a NULL that means something else,
 * too, an absent value for one; so the program ends there (code 9), as it does
 * where memory of its own is missing.
 *
 * Called once, before either of them is used and before there are threads.
 */
void libmem_install(void);

#endif
