#include <errno.h>
#include <string.h>

#include "common/err.h"
#include "tests/tap.h"

void
test_wrap_keeps_the_kind_and_puts_text_in_front(void)
{
	struct err err = ERR_INIT;

	eq_int(err_set(&err, ERR_FORMAT, "digest differs at %d", 7), -1);
	eq_int(err_wrap(&err, "chunk %d", 3), -1);
	eq_int(err_hint(&err, "look %s", "there"), -1);
	eq_int(err.kind, ERR_FORMAT);
	eq_str(err.msg, "chunk 3: digest differs at 7; look there");
}

void
test_sys_adds_the_reason(void)
{
	struct err err = ERR_INIT;

	errno = ENOENT;
	err_sys(&err, ERR_IO, "open x");
	eq_str(err.msg, "open x: No such file or directory");
}

void
test_long_text_is_cut_with_dots(void)
{
	struct err err = ERR_INIT;
	char text[2000];

	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	err_set(&err, ERR_IO, "%s", text);
	eq_int(strlen(err.msg), sizeof(err.msg) - 1);
	eq_str(err.msg + sizeof(err.msg) - 4, "...");
	err_wrap(&err, "outer");
	ok(strncmp(err.msg, "outer: aaa", 10) == 0);
	eq_str(err.msg + sizeof(err.msg) - 4, "...");
	err_hint(&err, "no room for this");
	eq_str(err.msg + sizeof(err.msg) - 4, "...");
}

void
test_every_kind_has_a_name_and_an_exit_code(void)
{
	int kind;

	for (kind = ERR_NONE; kind < ERR_KINDS; kind++) {
		ok(err_kind_name((enum err_kind)kind) != NULL);
		ok((err_exit_code((enum err_kind)kind) == 0) == (kind == ERR_NONE));
	}
	eq_int(err_exit_code(ERR_STOPPED), 8);
}
