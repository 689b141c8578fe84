#include <string.h>

#include "common/mem.h"
#include "tests/tap.h"

void
test_absent_is_not_empty(void)
{
	ok(slice_eq(SLICE_ABSENT, SLICE_ABSENT));
	ok(!slice_eq(SLICE_ABSENT, SLICE_LIT("")));
	ok(slice_eq(SLICE_LIT(""), SLICE_LIT("")));
	ok(slice_cmp(SLICE_ABSENT, SLICE_LIT("")) < 0);
	ok(slice_cmp(SLICE_LIT("ab"), SLICE_LIT("abc")) < 0);
	ok(slice_cmp(SLICE_LIT("b"), SLICE_LIT("abc")) > 0);
	ok(slice_is(SLICE_LIT("abc"), "abc"));
}

void
test_buf_grows_and_formats(void)
{
	struct buf b = BUF_INIT;
	char text[300];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	buf_printf(&b, "%d-", 1);
	buf_printf(&b, "%s", text);
	buf_add_byte(&b, '!');
	eq_int(b.len, 302);
	eq_str(buf_cstr(&b) + 300, "x!");
	ok(strncmp((char *)b.p, "1-xxx", 5) == 0);
	buf_release(&b);
	ok(b.p == NULL && buf_slice(&b).p != NULL);
}

void
test_arena_reuses_usual_blocks_and_drops_huge_ones(void)
{
	struct arena *a = arena_new(1024);
	void *first = arena_alloc(a, 100);
	struct slice copy;
	int i;

	for (i = 0; i < 100; i++)
		memset(arena_alloc(a, 100), i, 100);
	memset(arena_alloc(a, 1 << 20), 1, 1 << 20);
	copy = arena_dup(a, SLICE_LIT("hello"));
	eq_mem(copy.p, copy.len, "hello", 5);
	ok(arena_dup(a, SLICE_ABSENT).p == NULL);
	ok(arena_dup(a, SLICE_LIT("")).p != NULL);
	arena_reset(a);
	for (i = 0; i < 8; i++)
		ok(((uintptr_t)arena_alloc(a, 3) & 15) == 0);
	ok(first != NULL);
	arena_free(a);
	arena_free(NULL);
}

void
test_arena_keeps_bufs_of_usual_size_that_were_given_back(void)
{
	struct arena *a = arena_new(1024);
	struct buf first = arena_take_buf(a), second = arena_take_buf(a);
	uint8_t *kept;

	ok(first.p == NULL && first.len == 0);
	buf_add_str(&first, "one");
	buf_reserve(&second, 2000);
	kept = first.p;
	arena_give_buf(a, &second);
	arena_give_buf(a, &first);
	ok(first.p == NULL);
	arena_reset(a);
	first = arena_take_buf(a);
	ok(first.p == kept && first.len == 0);
	second = arena_take_buf(a);
	ok(second.p == NULL);
	for (int i = 0; i < 10; i++) {
		buf_add_str(&second, "two");
		arena_give_buf(a, &second);
	}
	arena_give_buf(a, &first);
	arena_free(a);
}

void
test_how_a_slice_ends(void)
{
	ok(slice_ends(SLICE_LIT("a.jsonl"), ".jsonl"));
	ok(slice_ends(SLICE_LIT(".jsonl"), ".jsonl"));
	ok(!slice_ends(SLICE_LIT("jsonl"), ".jsonl"));
	ok(!slice_ends(SLICE_LIT("a.jsonl "), ".jsonl"));
	ok(!slice_ends(SLICE_ABSENT, ".jsonl"));
	ok(slice_ends(SLICE_LIT("a"), ""));
}
