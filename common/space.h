#ifndef COMMON_SPACE_H
#define COMMON_SPACE_H

#include <stdint.h>

/*
 * Before a long run whose size can be told: a warning where the file system of `path`, which
 * need not be there yet, has less room than `need_bytes`.  No more than that, for what is
 * written may be packed better, and a full disk loses nothing.
 */
void space_warn(const char *path, uint64_t need_bytes);

#endif
