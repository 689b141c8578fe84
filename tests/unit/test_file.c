#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/file.h"
#include "tests/tap.h"

/* A directory of this test's own, and names in it. */
static char *
dir_new(void)
{
	const char *tmp = getenv("TMPDIR");
	char *dir = NULL;

	if (asprintf(&dir, "%s/es-file-XXXXXX", tmp ? tmp : "/tmp") < 0 || !mkdtemp(dir))
		abort();
	return dir;
}

static void
dir_remove(char *dir)
{
	ok(rmdir(dir) == 0); /* a test takes away what it expects to be there */
	free(dir);
}

static const char *
in(const char *dir, const char *name)
{
	static _Thread_local char paths[4][300];
	static _Thread_local int turn;
	char *path = paths[turn = (turn + 1) % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", dir, name);
	return path;
}

static void
put(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ok(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	ok(fchmod(fd, mode) == 0);
	close(fd);
}

static bool
holds(const char *path, const char *want)
{
	struct buf b = BUF_INIT;
	struct err err = ERR_INIT;
	bool same = file_slurp(path, 1 << 20, &b, &err) == 0 && eq_str(buf_cstr(&b), want);

	buf_release(&b);
	return same;
}

static bool
is_there(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static int
write_file(const char *path, bool replace, const char *text, struct err *err)
{
	struct file *f = NULL;
	int rc;

	if (file_create(&f, path, replace, err) < 0)
		return -1;
	rc = file_write(f, text, strlen(text), err);
	if (rc == 0)
		rc = file_publish(f, err);
	file_close(f);
	return rc;
}

void
test_a_file_gets_its_name_when_it_is_published(void)
{
	struct err err = ERR_INIT;
	struct file *f = NULL;
	char *dir = dir_new();
	struct stat st;

	umask(0);
	eq_int(file_create(&f, in(dir, "x"), false, &err), 0);
	eq_str(file_path(f), in(dir, "x"));
	eq_int(file_write(f, "hel", 3, &err), 0);
	eq_int(file_write(f, "lo", 2, &err), 0);
	ok(!is_there(in(dir, "x")) && is_there(in(dir, "x.part")));
	eq_int(file_publish(f, &err), 0);
	file_close(f);
	ok(is_there(in(dir, "x")) && !is_there(in(dir, "x.part")));
	ok(holds(in(dir, "x"), "hello"));
	ok(stat(in(dir, "x"), &st) == 0);
	eq_uint(st.st_mode & 07777, 0600);
	unlink(in(dir, "x"));
	dir_remove(dir);
}

void
test_closing_without_publishing_leaves_the_part(void)
{
	struct err err = ERR_INIT;
	struct file *f = NULL;
	char *dir = dir_new();

	eq_int(file_create(&f, in(dir, "x"), false, &err), 0);
	eq_int(file_write(f, "half", 4, &err), 0);
	file_close(f);
	file_close(NULL);
	ok(!is_there(in(dir, "x")) && holds(in(dir, "x.part"), "half"));
	/* The next one begins anew. */
	eq_int(write_file(in(dir, "x"), false, "a", &err), 0);
	ok(holds(in(dir, "x"), "a") && !is_there(in(dir, "x.part")));
	unlink(in(dir, "x"));
	dir_remove(dir);
}

void
test_a_part_that_was_left_is_gone_on_with(void)
{
	struct err err = ERR_INIT;
	struct file *f = NULL;
	char *dir = dir_new();
	struct stat st;

	eq_int(file_resume(&f, in(dir, "x"), false, &err), 0);
	ok(!f && !is_there(in(dir, "x.part")));
	put(in(dir, "x.part"), "half and more", 0644);
	eq_int(file_resume(&f, in(dir, "x"), false, &err), 1);
	eq_str(file_part(f), in(dir, "x.part"));
	ok(holds(in(dir, "x.part"), "half and more"));
	eq_int(file_cut(f, 4, &err), 0);
	eq_int(file_write(f, "!", 1, &err), 0);
	eq_int(file_publish(f, &err), 0);
	file_close(f);
	ok(holds(in(dir, "x"), "half!") && stat(in(dir, "x"), &st) == 0);
	eq_uint(st.st_mode & 07777, 0600);
	/* What has the name is not replaced, nor is anything but a file gone on with. */
	put(in(dir, "x.part"), "half", 0600);
	eq_int(file_resume(&f, in(dir, "x"), false, &err), -1);
	unlink(in(dir, "x.part"));
	unlink(in(dir, "x"));
	ok(mkfifo(in(dir, "x.part"), 0600) == 0);
	eq_int(file_resume(&f, in(dir, "x"), false, &err), -1);
	unlink(in(dir, "x.part"));
	ok(symlink(in(dir, "y"), in(dir, "x.part")) == 0);
	put(in(dir, "y"), "mine", 0600);
	eq_int(file_resume(&f, in(dir, "x"), false, &err), -1);
	ok(holds(in(dir, "y"), "mine"));
	unlink(in(dir, "x.part"));
	unlink(in(dir, "y"));
	dir_remove(dir);
}

void
test_a_part_that_was_left_gets_the_mode_too(void)
{
	struct err err = ERR_INIT;
	char *dir = dir_new();
	struct stat st;

	put(in(dir, "x.part"), "old", 0666);
	eq_int(write_file(in(dir, "x"), false, "new", &err), 0);
	ok(stat(in(dir, "x"), &st) == 0);
	eq_uint(st.st_mode & 07777, 0600);
	unlink(in(dir, "x"));
	dir_remove(dir);
}

void
test_an_existing_file_is_not_replaced_unless_asked_for(void)
{
	struct err err = ERR_INIT;
	struct file *f = NULL;
	char *dir = dir_new();

	put(in(dir, "x"), "old", 0600);
	eq_int(write_file(in(dir, "x"), false, "new", &err), -1);
	eq_int(err.kind, ERR_IO);
	ok(strstr(err.msg, "/x: exists already; ") && strstr(err.msg, "--force"));
	ok(holds(in(dir, "x"), "old") && !is_there(in(dir, "x.part")));
	eq_int(write_file(in(dir, "x"), true, "new", &err), 0);
	ok(holds(in(dir, "x"), "new"));

	/* One that comes while we write, too. */
	eq_int(file_create(&f, in(dir, "y"), false, &err), 0);
	put(in(dir, "y"), "theirs", 0600);
	eq_int(file_publish(f, &err), -1);
	ok(strstr(err.msg, "/y: exists already") != NULL);
	file_close(f);
	ok(holds(in(dir, "y"), "theirs") && is_there(in(dir, "y.part")));
	unlink(in(dir, "x"));
	unlink(in(dir, "y"));
	unlink(in(dir, "y.part"));
	dir_remove(dir);
}

/* With --force a rename over /dev/null would work, for root. */
void
test_only_files_are_replaced(void)
{
	struct err err = ERR_INIT;
	char *dir = dir_new();

	ok(mkfifo(in(dir, "pipe"), 0600) == 0 && mkdir(in(dir, "d"), 0700) == 0);
	eq_int(write_file(in(dir, "pipe"), true, "x", &err), -1);
	ok(strstr(err.msg, "/pipe: is no file") != NULL);
	eq_int(write_file(in(dir, "d"), true, "x", &err), -1);
	ok(strstr(err.msg, "/d: is no file") != NULL);
	ok(!is_there(in(dir, "pipe.part")) && !is_there(in(dir, "d.part")));
	ok(symlink("pipe", in(dir, "link")) == 0);
	eq_int(write_file(in(dir, "link"), true, "x", &err), 0);
	ok(holds(in(dir, "link"), "x"));
	unlink(in(dir, "link"));
	unlink(in(dir, "pipe"));
	rmdir(in(dir, "d"));
	dir_remove(dir);
}

void
test_a_part_that_is_a_link_is_refused(void)
{
	struct err err = ERR_INIT;
	char *dir = dir_new();

	put(in(dir, "victim"), "precious", 0600);
	ok(symlink("victim", in(dir, "x.part")) == 0);
	eq_int(write_file(in(dir, "x"), true, "new", &err), -1);
	eq_int(err.kind, ERR_IO);
	ok(strstr(err.msg, "x.part: Too many levels of symbolic links") != NULL);
	ok(holds(in(dir, "victim"), "precious"));
	unlink(in(dir, "x.part"));
	unlink(in(dir, "victim"));
	dir_remove(dir);
}

void
test_two_programs_do_not_write_one_part(void)
{
	struct err err = ERR_INIT;
	struct file *f = NULL;
	char *dir = dir_new();

	eq_int(file_create(&f, in(dir, "x"), false, &err), 0);
	eq_int(file_write(f, "mine", 4, &err), 0);
	eq_int(write_file(in(dir, "x"), true, "theirs", &err), -1);
	ok(strstr(err.msg, "x.part: another program is writing it") != NULL);
	eq_int(file_publish(f, &err), 0);
	file_close(f);
	ok(holds(in(dir, "x"), "mine"));
	unlink(in(dir, "x"));
	dir_remove(dir);
}

#define ROUNDS 3000

static void *
publish_over_and_over(void *dir)
{
	struct err err = ERR_INIT;
	int i;

	for (i = 0; i < ROUNDS; i++)
		(void)!write_file(in(dir, "x"), true, "whole", &err);
	return NULL;
}

/* The lock must last until the name is given, and be one of the file that has the name. */
void
test_a_published_file_is_whole_however_many_write_it(void)
{
	pthread_t others[2];
	char *dir = dir_new();
	struct buf b = BUF_INIT;
	struct err err = ERR_INIT;
	int i;

	eq_int(write_file(in(dir, "x"), true, "whole", &err), 0);
	for (i = 0; i < 2; i++)
		ok(pthread_create(&others[i], NULL, publish_over_and_over, dir) == 0);
	for (i = 0; i < ROUNDS; i++) {
		b.len = 0;
		if (!ok(file_slurp(in(dir, "x"), 100, &b, &err) == 0) ||
		    !eq_str(buf_cstr(&b), "whole"))
			break;
	}
	for (i = 0; i < 2; i++)
		pthread_join(others[i], NULL);
	ok(holds(in(dir, "x"), "whole"));
	unlink(in(dir, "x"));
	unlink(in(dir, "x.part"));
	buf_release(&b);
	dir_remove(dir);
}

void
test_what_cannot_be_opened_is_named(void)
{
	struct err err = ERR_INIT;
	struct file *f = NULL;
	char *dir = dir_new();

	eq_int(file_open(&f, in(dir, "none"), &err), -1);
	eq_int(err.kind, ERR_IO);
	ok(strstr(err.msg, "/none: No such file or directory") != NULL);
	eq_int(file_open(&f, dir, &err), -1);
	ok(strstr(err.msg, "is a directory") != NULL);
	eq_int(file_create(&f, in(dir, "none/x"), false, &err), -1);
	ok(strstr(err.msg, "/none/x.part: No such file or directory") != NULL);
	eq_int(file_could_create(in(dir, "none/x"), false, &err), -1);
	ok(strstr(err.msg, "/none/x: No such file or directory") != NULL);
	eq_int(file_could_create(in(dir, "x"), false, &err), 0);
	dir_remove(dir);
}

void
test_a_full_device_is_an_error_with_the_name(void)
{
	int saved = dup(STDOUT_FILENO), full = open("/dev/full", O_WRONLY), rc;
	struct err err = ERR_INIT;
	struct file *f = NULL;

	if (!ok(saved >= 0 && full >= 0))
		return;
	fflush(stdout);
	dup2(full, STDOUT_FILENO);
	rc = file_create(&f, "-", false, &err);
	if (rc == 0)
		rc = file_write(f, "x", 1, &err);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	close(full);
	eq_int(rc, -1);
	eq_int(err.kind, ERR_IO);
	eq_str(err.msg,
	       "write standard output: No space left on device; make room, and run it again");
	eq_int(file_publish(f, &err), 0);
	ok(!file_can_seek(f));
	file_close(f);
	ok(fcntl(STDOUT_FILENO, F_GETFD) >= 0); /* is not ours to close */
}

void
test_reads_are_whole_but_at_the_end(void)
{
	struct err err = ERR_INIT;
	struct file *f = NULL;
	char *dir = dir_new(), b[16];

	put(in(dir, "x"), "0123456789", 0600);
	eq_int(file_open(&f, in(dir, "x"), &err), 0);
	ok(file_can_seek(f));
	eq_uint(file_size(f), 10);
	eq_int(file_read(f, b, 4, &err), 4);
	eq_mem(b, 4, "0123", 4);
	eq_int(file_read(f, b, 16, &err), 6);
	eq_mem(b, 6, "456789", 6);
	eq_int(file_read(f, b, 16, &err), 0);
	eq_int(file_seek(f, 9, &err), 0);
	eq_int(file_read(f, b, 16, &err), 1);
	eq_int(file_seek(f, UINT64_MAX, &err), -1);
	file_close(f);
	unlink(in(dir, "x"));
	dir_remove(dir);
}

static void *
drip(void *arg)
{
	int fd = *(int *)arg, i;

	for (i = 0; i < 1000; i++)
		ok(write(fd, "ab", 2) == 2);
	close(fd);
	return NULL;
}

void
test_a_pipe_is_read_as_a_file_is(void)
{
	int fds[2], saved = dup(STDIN_FILENO);
	struct err err = ERR_INIT;
	struct file *f = NULL;
	pthread_t writer;
	char b[1500];

	ok(pipe(fds) == 0 && dup2(fds[0], STDIN_FILENO) == 0);
	ok(pthread_create(&writer, NULL, drip, &fds[1]) == 0);
	eq_int(file_open(&f, "-", &err), 0);
	eq_str(file_path(f), "standard input");
	ok(!file_can_seek(f) && file_size(f) == 0);
	eq_int(file_read(f, b, sizeof(b), &err), 1500);
	eq_int(file_read(f, b, sizeof(b), &err), 500);
	eq_int(file_read(f, b, sizeof(b), &err), 0);
	eq_int(file_seek(f, 0, &err), -1);
	file_close(f);
	pthread_join(writer, NULL);
	dup2(saved, STDIN_FILENO);
	close(saved);
	close(fds[0]);
}

void
test_what_was_read_of_a_pipe_is_read_again_where_it_was_kept(void)
{
	int fds[2], saved = dup(STDIN_FILENO);
	struct file *f = NULL, *again = NULL;
	struct err err = ERR_INIT;
	pthread_t writer;
	char b[2500];

	ok(pipe(fds) == 0 && dup2(fds[0], STDIN_FILENO) == 0);
	ok(pthread_create(&writer, NULL, drip, &fds[1]) == 0);
	eq_int(file_open(&f, "-", &err), 0);
	eq_int(file_keep(&again, f, &err), 0);
	eq_int(file_read(f, b, 3, &err), 3);
	eq_int(file_read(f, b, 1500, &err), 1500);
	pthread_join(writer, NULL);
	file_close(f); /* what nobody took is not in the copy */
	eq_int(file_rewind(again, &err), 0);
	eq_str(file_path(again), "standard input");
	ok(file_can_seek(again));
	eq_uint(file_size(again), 1503);
	eq_int(file_read(again, b, sizeof(b), &err), 1503);
	eq_mem(b, 4, "abab", 4);
	eq_mem(b + 1499, 4, "baba", 4);
	file_close(again);
	dup2(saved, STDIN_FILENO);
	close(saved);
	close(fds[0]);
}

void
test_a_file_is_read_again_whatever_has_its_name(void)
{
	struct file *f = NULL, *again = NULL;
	struct err err = ERR_INIT;
	char *dir = dir_new(), b[16];

	put(in(dir, "x"), "0123", 0600);
	eq_int(file_open(&f, in(dir, "x"), &err), 0);
	eq_int(file_keep(&again, f, &err), 0);
	eq_int(file_read(f, b, 3, &err), 3);
	put(in(dir, "x"), "012345", 0600); /* the same file, longer */
	put(in(dir, "y"), "other", 0600);
	ok(rename(in(dir, "y"), in(dir, "x")) == 0);
	file_close(f);
	eq_int(file_rewind(again, &err), 0);
	eq_uint(file_size(again), 6);
	eq_int(file_read(again, b, 16, &err), 6);
	eq_mem(b, 6, "012345", 6);
	file_close(again);
	unlink(in(dir, "x"));
	dir_remove(dir);
}

void
test_slurping_has_a_limit(void)
{
	struct err err = ERR_INIT;
	struct buf b = BUF_INIT;
	char *dir = dir_new();

	put(in(dir, "x"), "12345", 0600);
	buf_add_str(&b, "0");
	eq_int(file_slurp(in(dir, "x"), 4, &b, &err), -1);
	ok(strstr(err.msg, "/x: is larger than 4 bytes") != NULL);
	eq_uint(b.len, 1);
	eq_int(file_slurp(in(dir, "x"), 5, &b, &err), 0);
	eq_str(buf_cstr(&b), "012345");
	eq_int(file_slurp(in(dir, "none"), 5, &b, &err), -1);
	eq_int(file_slurp("/proc/self/mem", 5, &b, &err), -1); /* nothing is at address 0 */
	ok(strstr(err.msg, "read /proc/self/mem: Input/output error") != NULL);
	eq_uint(b.len, 6);
	buf_release(&b);
	unlink(in(dir, "x"));
	dir_remove(dir);
}
