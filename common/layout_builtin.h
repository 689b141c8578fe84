#ifndef COMMON_LAYOUT_BUILTIN_H
#define COMMON_LAYOUT_BUILTIN_H

#include <stddef.h>
#include <stdint.h>

/* The files of spec/layouts/, as common/embed.sh writes them into the build. */
struct layout_builtin {
	const char *name; /* NULL: the end */
	const uint8_t *text;
	size_t len;
};

extern const struct layout_builtin layout_builtins[];

#endif
