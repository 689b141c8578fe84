#include <jansson.h>
#include <malloc.h>
#include <sqlite3.h>
#include <stdlib.h>

#include "common/libmem.h"
#include "common/mem.h"

static void *
take(int size)
{
	return xmalloc((size_t)size);
}

static void *
resize(void *p, int size)
{
	return xrealloc(p, (size_t)size);
}

static int
size_of(void *p)
{
	return (int)malloc_usable_size(p);
}

static int
round_up(int size)
{
	return (size + 7) & ~7;
}

static int
begin(void *ctx)
{
	(void)ctx;
	return SQLITE_OK;
}

static void
end(void *ctx)
{
	(void)ctx;
}

void
libmem_install(void)
{
	sqlite3_mem_methods methods = {
	    .xMalloc = take,
	    .xFree = free,
	    .xRealloc = resize,
	    .xSize = size_of,
	    .xRoundup = round_up,
	    .xInit = begin,
	    .xShutdown = end,
	};

	json_set_alloc_funcs(xmalloc, free);
	/* Refused only where SQLite is in use already; then it says SQLITE_NOMEM itself. */
	(void)sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
}
