#ifndef COMMON_MEM_H
#define COMMON_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * Three kinds of memory, and no others:
 *   slice  bytes that somebody else owns; who hands one out says until when
 *   buf    bytes that this struct owns and grows
 *   arena  many things with one lifetime, forgotten all at once
 *
 * The allocators end the process with exit code 9 when memory runs out: every
 * state on disk is a checkpoint, so nothing is lost.  A length that comes from
 * a file is compared with a limit before it gets here.
 */

/* p == NULL: absent.  An empty value that is present has p != NULL, len == 0. */
struct slice {
	const uint8_t *p;
	size_t len;
};

#define SLICE_ABSENT ((struct slice){NULL, 0})
#define SLICE_LIT(s) ((struct slice){(const uint8_t *)(s), sizeof(s) - 1})

struct slice slice_str(const char *s); /* of a C string, without its NUL; NULL: absent */
bool slice_is(struct slice s, const char *text);
bool slice_ends(struct slice s, const char *end);
int slice_cmp(struct slice a, struct slice b); /* by bytes, as memcmp; absent first */

static inline bool
slice_eq(struct slice a, struct slice b) /* absent equals absent only */
{
	if (!a.p || !b.p)
		return a.p == b.p;
	return a.len == b.len && memcmp(a.p, b.p, a.len) == 0;
}

struct buf {
	uint8_t *p;
	size_t len, cap;
};

#define BUF_INIT                                                                                   \
	{                                                                                          \
		0                                                                                  \
	}

void buf_grow(struct buf *b, size_t more); /* for buf_reserve() */

/* Most pieces are a few bytes: a call for each of them would cost more than they do. */
static inline void
buf_reserve(struct buf *b, size_t more) /* p + len has room for `more` bytes */
{
	if (more > b->cap - b->len)
		buf_grow(b, more);
}

static inline void
buf_add(struct buf *b, const void *p, size_t len)
{
	if (len == 0)
		return;
	buf_reserve(b, len);
	memcpy(b->p + b->len, p, len);
	b->len += len;
}

static inline void
buf_add_slice(struct buf *b, struct slice s)
{
	buf_add(b, s.p, s.len);
}

static inline void
buf_add_str(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

static inline void
buf_add_byte(struct buf *b, uint8_t byte)
{
	buf_reserve(b, 1);
	b->p[b->len++] = byte;
}

void buf_add_uint(struct buf *b, uint64_t n); /* in decimal */
__attribute__((format(printf, 2, 3))) void buf_printf(struct buf *b, const char *fmt, ...);
struct slice buf_slice(const struct buf *b); /* until the buf changes */
char *buf_cstr(struct buf *b);               /* NUL behind p + len; until the buf changes */
void buf_release(struct buf *b);             /* leaves it as BUF_INIT */

struct arena;

struct arena *arena_new(size_t block_bytes);
void *arena_alloc(struct arena *a, size_t size);         /* aligned for any object */
struct slice arena_dup(struct arena *a, struct slice s); /* absent stays absent */
/* Go back to where it was: what was allocated since is forgotten, blocks are kept. */
struct arena_mark {
	void *block;
	size_t used;
};
struct arena_mark arena_mark(const struct arena *a);
void arena_rewind(struct arena *a, struct arena_mark mark);

/* A buf to make something in whose length is not known before, with the memory of one that was
 * given back; for arena_give_buf(), and not behind arena_free(). */
struct buf arena_take_buf(struct arena *a);
void arena_give_buf(struct arena *a, struct buf *b); /* leaves it as BUF_INIT */

void arena_reset(struct arena *a); /* forget everything; keeps blocks of the usual size */
void arena_free(struct arena *a);  /* NULL is fine */

/* What they do then, for libraries that say that they got none. */
_Noreturn void mem_exhausted(void);

#define NEVER_NULL __attribute__((returns_nonnull))

NEVER_NULL void *xmalloc(size_t size);
NEVER_NULL void *xcalloc(size_t n, size_t size); /* checks n * size */
NEVER_NULL void *xrealloc(void *p, size_t size);
NEVER_NULL void *xgrow(void *p, size_t *cap, size_t need,
                       size_t elem_bytes); /* at least `need` elements */
char *xstrdup(const char *s);

#endif
