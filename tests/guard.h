#ifndef TESTS_GUARD_H
#define TESTS_GUARD_H

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/mem.h"

/*
 * Copies of bytes between two pages that cannot be read: one byte read outside
 * of them ends the test, in every build.
 *
 *	struct guard g;
 *	guard_init(&g, 4096);
 *	f(guard_end(&g, bytes));
 *	guard_release(&g);
 *
 * A copy lives until the next one.
 */
struct guard {
	uint8_t *map, *room;
	size_t map_len, room_len;
};

static inline void
guard_init(struct guard *g, size_t len)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	g->room_len = (len + page - 1) / page * page;
	g->map_len = g->room_len + 2 * page;
	g->map = mmap(NULL, g->map_len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (g->map == MAP_FAILED)
		abort();
	g->room = g->map + page;
	if (mprotect(g->room, g->room_len, PROT_READ | PROT_WRITE))
		abort();
}

/* A copy whose last byte is the last before a guard page. */
static inline struct slice
guard_end(struct guard *g, struct slice s)
{
	if (s.len > g->room_len)
		abort();
	return (struct slice){memcpy(g->room + g->room_len - s.len, s.p, s.len), s.len};
}

/* A copy whose first byte is the first behind a guard page. */
static inline struct slice
guard_start(struct guard *g, struct slice s)
{
	if (s.len > g->room_len)
		abort();
	return (struct slice){memcpy(g->room, s.p, s.len), s.len};
}

static inline void
guard_release(struct guard *g)
{
	munmap(g->map, g->map_len);
}

#endif
