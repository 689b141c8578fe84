#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/err.h"
#include "common/log.h"
#include "common/mem.h"

/* No exit handlers: they may need memory, too. */
void
mem_exhausted(void)
{
	log_no_memory();
	_exit(EXIT_NOMEM);
}

void *
xmalloc(size_t size)
{
	void *p = malloc(size ? size : 1);

	if (!p)
		mem_exhausted();
	return p;
}

void *
xcalloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size ? size : 1);

	if (!p)
		mem_exhausted();
	return p;
}

void *
xrealloc(void *p, size_t size)
{
	void *q = realloc(p, size ? size : 1);

	if (!q)
		mem_exhausted();
	return q;
}

void *
xgrow(void *p, size_t *cap, size_t need, size_t elem_bytes)
{
	size_t want = *cap ? *cap : 16;

	if (need <= *cap)
		return p;
	while (want < need)
		want *= 2;
	if (want > SIZE_MAX / 2 / elem_bytes)
		mem_exhausted();
	*cap = want;
	return xrealloc(p, want * elem_bytes);
}

char *
xstrdup(const char *s)
{
	size_t size = strlen(s) + 1;

	return memcpy(xmalloc(size), s, size);
}

struct slice
slice_str(const char *s)
{
	return s ? (struct slice){(const uint8_t *)s, strlen(s)} : SLICE_ABSENT;
}

bool
slice_is(struct slice s, const char *text)
{
	return slice_eq(s, slice_str(text));
}

bool
slice_ends(struct slice s, const char *end)
{
	size_t n = strlen(end);

	return s.len >= n && memcmp(s.p + s.len - n, end, n) == 0;
}

int
slice_cmp(struct slice a, struct slice b)
{
	size_t common = a.len < b.len ? a.len : b.len;
	int order;

	if (!a.p || !b.p)
		return (a.p != NULL) - (b.p != NULL);
	order = memcmp(a.p, b.p, common);
	return order ? order : (a.len > b.len) - (a.len < b.len);
}

void
buf_grow(struct buf *b, size_t more)
{
	size_t cap = b->cap ? b->cap : 256;

	if (more > SIZE_MAX / 4 - b->len)
		mem_exhausted();
	while (cap - b->len < more)
		cap += cap / 2;
	b->p = xrealloc(b->p, cap);
	b->cap = cap;
}

void
buf_add_uint(struct buf *b, uint64_t n)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + n % 10);
	} while (n /= 10);
	buf_add(b, digits + at, sizeof(digits) - at);
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int want;

	buf_reserve(b, 64);
	va_start(ap, fmt);
	want = vsnprintf((char *)b->p + b->len, b->cap - b->len, fmt, ap);
	va_end(ap);
	assert(want >= 0); /* else a format of ours is wrong */
	if ((size_t)want >= b->cap - b->len) {
		buf_reserve(b, (size_t)want + 1);
		va_start(ap, fmt);
		vsnprintf((char *)b->p + b->len, b->cap - b->len, fmt, ap);
		va_end(ap);
	}
	b->len += (size_t)want;
}

struct slice
buf_slice(const struct buf *b)
{
	static const uint8_t empty[1];

	return (struct slice){b->p ? b->p : empty, b->len};
}

char *
buf_cstr(struct buf *b)
{
	buf_reserve(b, 1);
	b->p[b->len] = '\0';
	return (char *)b->p;
}

void
buf_release(struct buf *b)
{
	free(b->p);
	*b = (struct buf)BUF_INIT;
}

#define ARENA_ALIGN 16
#define SPARE_BUFS 4 /* as many as are in use at the same time */

struct arena_block {
	struct arena_block *next;
	size_t size, used;
	_Alignas(ARENA_ALIGN) uint8_t bytes[];
};

/* `head` is the block being filled; used blocks hang behind it, spare ones in `spare`. */
struct arena {
	struct arena_block *head, *spare;
	size_t block_bytes;
	struct buf bufs[SPARE_BUFS]; /* that were given back */
	size_t n_bufs;
};

struct arena *
arena_new(size_t block_bytes)
{
	struct arena *a = xcalloc(1, sizeof(*a));

	a->block_bytes = block_bytes;
	return a;
}

static void
arena_add_block(struct arena *a, size_t size)
{
	struct arena_block *block = a->spare;

	if (size <= a->block_bytes && block) {
		a->spare = block->next;
	} else {
		size = size > a->block_bytes ? size : a->block_bytes;
		block = xmalloc(sizeof(*block) + size);
		block->size = size;
	}
	block->used = 0;
	block->next = a->head;
	a->head = block;
}

void *
arena_alloc(struct arena *a, size_t size)
{
	struct arena_block *block = a->head;
	void *p;

	if (size > SIZE_MAX / 2)
		mem_exhausted();
	size = (size + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
	if (!block || block->size - block->used < size) {
		arena_add_block(a, size);
		block = a->head;
	}
	p = block->bytes + block->used;
	block->used += size;
	return p;
}

struct slice
arena_dup(struct arena *a, struct slice s)
{
	void *p;

	if (!s.p)
		return s;
	p = arena_alloc(a, s.len ? s.len : 1);
	memcpy(p, s.p, s.len);
	return (struct slice){p, s.len};
}

struct buf
arena_take_buf(struct arena *a)
{
	return a->n_bufs ? a->bufs[--a->n_bufs] : (struct buf)BUF_INIT;
}

void
arena_give_buf(struct arena *a, struct buf *b)
{
	if (a->n_bufs == SPARE_BUFS || b->cap > a->block_bytes) {
		buf_release(b);
		return;
	}
	b->len = 0;
	a->bufs[a->n_bufs++] = *b;
	*b = (struct buf)BUF_INIT;
}

struct arena_mark
arena_mark(const struct arena *a)
{
	return (struct arena_mark){a->head, a->head ? a->head->used : 0};
}

void
arena_rewind(struct arena *a, struct arena_mark mark)
{
	struct arena_block *block;

	while ((block = a->head) != mark.block) {
		a->head = block->next;
		if (block->size > a->block_bytes) { /* one huge event must not stay for ever */
			free(block);
			continue;
		}
		block->next = a->spare;
		a->spare = block;
	}
	if (a->head)
		a->head->used = mark.used;
}

void
arena_reset(struct arena *a)
{
	arena_rewind(a, (struct arena_mark){NULL, 0});
}

void
arena_free(struct arena *a)
{
	struct arena_block *block;

	if (!a)
		return;
	arena_reset(a);
	while ((block = a->spare)) {
		a->spare = block->next;
		free(block);
	}
	while (a->n_bufs)
		buf_release(&a->bufs[--a->n_bufs]);
	free(a);
}
