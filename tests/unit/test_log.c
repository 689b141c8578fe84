#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/jscan.h"
#include "common/log.h"
#include "common/mem.h"
#include "tests/tap.h"

/* Standard error goes into a pipe between these two. */
static int saved, read_end;

static void
capture(void)
{
	int fds[2];

	ok(pipe(fds) == 0);
	saved = dup(STDERR_FILENO);
	dup2(fds[1], STDERR_FILENO);
	close(fds[1]);
	read_end = fds[0];
}

static char *
captured(struct buf *b)
{
	ssize_t got;

	dup2(saved, STDERR_FILENO);
	close(saved);
	b->len = 0;
	buf_reserve(b, 65536);
	got = read(read_end, b->p, 65536);
	close(read_end);
	b->len = got > 0 ? (size_t)got : 0;
	return buf_cstr(b);
}

/* The line is one JSON object; the decoded text of one of its members. */
static bool
member_is(const struct buf *line, const char *name, const char *want)
{
	struct buf text = BUF_INIT;
	struct slice key, value;
	struct jscan_iter it;
	bool same = false;
	int rc;

	jscan_object(&it, buf_slice(line));
	while ((rc = jscan_member(&it, &key, &value)) > 0)
		if (jscan_key_is(key, name) && ok(jscan_string(value, &text) == 0))
			same = eq_str(buf_cstr(&text), want);
	buf_release(&text);
	return ok(rc == 0) && same;
}

void
test_text_lines_begin_with_the_program(void)
{
	struct buf b = BUF_INIT;

	log_setup("esx", false);
	eq_str(log_program(), "esx");
	ok(!log_is_json());
	capture();
	log_note("%d chunks", 3);
	eq_str(captured(&b), "esx: note: 3 chunks\n");
	capture();
	log_warning("%s", "slow");
	eq_str(captured(&b), "esx: warning: slow\n");
	buf_release(&b);
}

void
test_json_lines_are_objects_with_the_message(void)
{
	struct buf b = BUF_INIT;

	log_setup("esx", true);
	ok(log_is_json());
	capture();
	log_warning("a \"b\"\n\\ %s", "\xC3\xA9");
	captured(&b);
	ok(b.len > 0 && b.p[b.len - 1] == '\n');
	ok(memchr(b.p, '\n', b.len - 1) == NULL);
	ok(member_is(&b, "program", "esx") && member_is(&b, "level", "warning"));
	ok(member_is(&b, "message", "a \"b\"\n\\ \xC3\xA9"));
	buf_release(&b);
}

void
test_a_failure_gives_its_exit_code(void)
{
	struct err err = ERR_INIT;
	struct buf b = BUF_INIT;

	err_set(&err, ERR_FORMAT, "x.zst: is cut");
	log_setup("esx", false);
	capture();
	eq_int(log_failure(&err), 4);
	eq_str(captured(&b), "esx: x.zst: is cut\n");
	log_setup("esx", true);
	capture();
	eq_int(log_failure(&err), 4);
	captured(&b);
	ok(member_is(&b, "level", "error") && member_is(&b, "kind", "format"));
	ok(member_is(&b, "message", "x.zst: is cut"));
	buf_release(&b);
}

/* Names in messages come from archives and file systems, and messages are cut at any byte. */
void
test_a_json_line_is_json_whatever_is_in_the_message(void)
{
	struct buf b = BUF_INIT;

	log_setup("esx", true);
	capture();
	log_note("%s", "a\xFF"
	               "b\xC3");
	captured(&b);
	ok(jscan_valid(buf_slice(&b), NULL, NULL));
	ok(member_is(&b, "message", "a?b?"));
	capture();
	log_note("%s", "\xED\xA0\x80|\xF4\x90\x80\x80|\xC0\x80|\xE2\x82|\x80");
	captured(&b);
	ok(member_is(&b, "message", "???|????|??|??|?"));
	capture();
	log_note("%s", "\xE2\x82\xAC \xF4\x8F\xBF\xBF \x7F");
	captured(&b);
	ok(member_is(&b, "message", "\xE2\x82\xAC \xF4\x8F\xBF\xBF \x7F"));
	buf_release(&b);
}

/* A name in a hostile archive must not get to the terminal as it is. */
void
test_a_text_line_is_one_line_without_control_characters(void)
{
	struct err err = ERR_INIT;
	struct buf b = BUF_INIT;

	log_setup("esx", false);
	err_set(&err, ERR_FORMAT, "unknown key \"a\x1B[2J\r\nesx: done\x7F\t\"");
	capture();
	eq_int(log_failure(&err), 4);
	eq_str(captured(&b), "esx: unknown key \"a?[2J??esx: done??\"\n");
	/* U+009B is an escape sequence's beginning, too. */
	capture();
	log_note("\xC2\x9B"
	         "2J \xC2\xA0\xFF");
	eq_str(captured(&b), "esx: note: ??2J \xC2\xA0?\n");
	buf_release(&b);
}

void
test_a_note_that_is_too_long_is_cut(void)
{
	struct buf b = BUF_INIT;
	char text[3000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	log_setup("esx", false);
	capture();
	log_note("%s", text);
	captured(&b);
	ok(b.len > 1000 && b.len < sizeof(text) && b.p[b.len - 1] == '\n');
	buf_release(&b);
}
