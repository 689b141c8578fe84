#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/err.h"
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

/* Each asks for more than there can be: no size that wraps becomes a small one. */
static void
grow_too_far(int which)
{
	struct buf b = BUF_INIT;
	size_t cap = 0;

	if (which == 0)
		buf_reserve(&b, SIZE_MAX / 2);
	else if (which == 1)
		(void)arena_alloc(arena_new(1024), SIZE_MAX - 1);
	else
		(void)xgrow(NULL, &cap, SIZE_MAX / 16, 16);
}

void
test_sizes_that_would_wrap_are_out_of_memory(void)
{
	char said[200];
	int fds[2], which, status = -1;
	ssize_t n;
	pid_t pid;

	for (which = 0; which < 3; which++) {
		ok(pipe(fds) == 0);
		pid = fork();
		if (pid == 0) {
			dup2(fds[1], STDERR_FILENO);
			grow_too_far(which);
			_exit(0);
		}
		close(fds[1]);
		n = read(fds[0], said, sizeof(said) - 1);
		close(fds[0]);
		said[n > 0 ? n : 0] = '\0';
		ok(strstr(said, "out of memory; lower --chunk-size or --workers") != NULL);
		ok(waitpid(pid, &status, 0) == pid);
		ok(WIFEXITED(status) && eq_int(WEXITSTATUS(status), EXIT_NOMEM));
	}
}
