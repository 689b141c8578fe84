#ifndef TESTS_FUZZ_PROGRAM_H
#define TESTS_FUZZ_PROGRAM_H

#include <assert.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/err.h"
#include "common/jscan.h"
#include "tests/fuzz/mend.h"

/*
 * A whole program in a fuzzer: its main, which the Makefile takes from the program's own object,
 * runs in this process on files of a folder that is made once.  Of an input the first byte
 * chooses the command line, the next two say how long the first file is, and the rest is that
 * file and a second one.  Where the program dies its messages go with it: -close_fd_mask=2 makes
 * a fuzzer say where, and the file that it leaves may be replayed in a debugger.
 */
#define PROGRAM_HEAD_BYTES 3
#define PROGRAM_WORDS_MOST 14
#define PROGRAM_WORD_BYTES 64

struct program {
	const char *name;
	int (*main)(int argc, char **argv);
};

struct program_input {
	uint8_t choice;
	struct slice a, b;
};

static inline bool
program_split(const uint8_t *data, size_t size, struct program_input *in)
{
	size_t len, rest = size - PROGRAM_HEAD_BYTES;

	if (size < PROGRAM_HEAD_BYTES)
		return false;
	in->choice = data[0];
	len = (size_t)data[1] | (size_t)data[2] << 8;
	if (len > rest)
		len = rest;
	in->a = (struct slice){data + PROGRAM_HEAD_BYTES, len};
	in->b = (struct slice){data + PROGRAM_HEAD_BYTES + len, rest - len};
	return true;
}

/* A few bytes may claim to be a gibibyte, and be it; that limit is not what is looked for here. */
static inline bool
program_unpacks_too_much(struct slice in)
{
	static const uint8_t magic[] = {0x28, 0xB5, 0x2F, 0xFD};
	const uint8_t *p = in.p, *end = in.p + in.len;
	unsigned long long raw;

	for (; (p = memmem(p, (size_t)(end - p), magic, sizeof(magic))) != NULL; p++) {
		raw = ZSTD_getFrameContentSize(p, (size_t)(end - p));
		if (raw < ZSTD_CONTENTSIZE_ERROR && raw > MEND_RAW_MOST)
			return true;
	}
	return false;
}

static char program_folder[PROGRAM_WORD_BYTES / 2];

static inline void
program_clear_folder(void)
{
	DIR *dir = opendir(program_folder);
	struct dirent *e;

	if (!dir)
		abort();
	while ((e = readdir(dir)) != NULL)
		if (e->d_name[0] != '.')
			unlinkat(dirfd(dir), e->d_name, 0);
	closedir(dir);
}

static inline void
program_remove_folder(void)
{
	program_clear_folder();
	rmdir(program_folder);
}

/* In memory where there is such a place: what is published or committed is synced. */
static inline void
program_make_folder(void)
{
	snprintf(program_folder, sizeof(program_folder), "%s/es-fuzz.XXXXXX",
	         access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (!mkdtemp(program_folder))
		abort();
	atexit(program_remove_folder);
}

static inline const char *
program_path(const char *name, char out[PROGRAM_WORD_BYTES])
{
	assert(strlen(name) < PROGRAM_WORD_BYTES / 2);
	snprintf(out, PROGRAM_WORD_BYTES, "%s/%s", program_folder, name);
	return out;
}

static inline bool
program_has_file(const char *name)
{
	char path[PROGRAM_WORD_BYTES];

	return access(program_path(name, path), F_OK) == 0;
}

static inline void
program_put_file(const char *name, struct slice content)
{
	char path[PROGRAM_WORD_BYTES];
	int fd = open(program_path(name, path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, content.p, content.len) != (ssize_t)content.len)
		abort();
	close(fd);
}

static inline void
program_read_fd(int fd, struct buf *out)
{
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		abort();
	buf_reserve(out, (size_t)st.st_size + 1);
	if (pread(fd, out->p, (size_t)st.st_size, 0) != st.st_size)
		abort();
	out->len = (size_t)st.st_size;
	close(fd);
}

static inline void
program_take_file(const char *name, struct buf *out)
{
	char path[PROGRAM_WORD_BYTES];

	program_read_fd(open(program_path(name, path), O_RDONLY | O_CLOEXEC), out);
}

/* One of the standard streams while the program runs. */
struct program_stream {
	int fd, real, own;
};

static inline void
program_capture(struct program_stream *s, int fd)
{
	s->fd = fd;
	s->real = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	s->own = memfd_create("fuzz", MFD_CLOEXEC);
	if (s->real < 0 || s->own < 0 || dup2(s->own, fd) < 0)
		abort();
}

/* Lines of JSON, or text that does nothing to a terminal.  How much it is. */
static inline size_t
program_check_said(struct program_stream *s, bool json)
{
	struct buf said = BUF_INIT;
	struct slice rest;
	const uint8_t *end;
	size_t i, len;

	if (dup2(s->real, s->fd) < 0)
		abort();
	close(s->real);
	program_read_fd(s->own, &said);
	rest = buf_slice(&said);
	assert(jscan_utf8(rest));
	for (i = 0; !json && i < rest.len; i++) {
		assert((rest.p[i] >= 0x20 && rest.p[i] != 0x7F) || rest.p[i] == '\n');
		assert(rest.p[i] != 0xC2 || rest.p[i + 1] >= 0xA0); /* C1 */
	}
	for (; json && rest.len; rest.p = end + 1) {
		end = memchr(rest.p, '\n', rest.len);
		assert(end && rest.p[0] == '{');
		assert(jscan_valid((struct slice){rest.p, (size_t)(end - rest.p)}, NULL, NULL));
		rest.len -= (size_t)(end + 1 - rest.p);
	}
	len = said.len;
	buf_release(&said);
	return len;
}

static inline int
program_lowest_free_fd(void)
{
	int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);

	close(fd);
	return fd;
}

/* Run it: its exit code.  In a word, @ is the folder. */
static inline int
program_run(const struct program *p, const char *command_line)
{
	char words[PROGRAM_WORDS_MOST + 1][PROGRAM_WORD_BYTES], *argv[PROGRAM_WORDS_MOST + 2];
	struct program_stream streams[2];
	int argc = 0, rc, fd = program_lowest_free_fd();
	const char *rest = command_line, *at;
	size_t n, before;

	snprintf(words[argc], sizeof(words[argc]), "%s", p->name);
	argv[argc] = words[argc];
	for (argc = 1; *rest; argc++, rest += n + (rest[n] == ' ')) {
		n = strcspn(rest, " ");
		at = memchr(rest, '@', n);
		before = at ? (size_t)(at - rest) + 1 : 0;
		assert(argc <= PROGRAM_WORDS_MOST && n < PROGRAM_WORD_BYTES / 2);
		snprintf(words[argc], sizeof(words[argc]), "%.*s%s%s%.*s",
		         before ? (int)before - 1 : 0, rest, at ? program_folder : "",
		         at ? "/" : "", (int)(n - before), rest + before);
		argv[argc] = words[argc];
	}
	argv[argc] = NULL;
	program_capture(&streams[0], STDOUT_FILENO);
	program_capture(&streams[1], STDERR_FILENO);
	rc = p->main(argc, argv);
	if (rc ==
	    err_exit_code(ERR_STOPPED)) /* by who ends the fuzzer: signals are the program's */
		_exit(EXIT_FAILURE);
	program_check_said(&streams[0], strstr(command_line, "--json") != NULL);
	n = program_check_said(&streams[1], strstr(command_line, "--log-format json") != NULL);
	assert(rc == 0 || rc == EXIT_DIFFERS || n > 0);
	assert(program_lowest_free_fd() == fd);
	return rc;
}

/* The input as the files a and b, b behind a where the program gets only one.  False: it is none.
 */
static inline bool
program_begin(const struct program_input *in, bool two)
{
	struct slice a = in->a;

	if (!two)
		a.len += in->b.len;
	if (program_unpacks_too_much(a) || program_unpacks_too_much(in->b))
		return false;
	if (!*program_folder)
		program_make_folder();
	program_put_file("a", a);
	program_put_file("b", in->b);
	return true;
}

/* Changes one of the files, and mends it; the second one often begins as a copy of the first. */
size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
	struct buf parts[2] = {BUF_INIT, BUF_INIT}, *chosen = &parts[seed / 4 % 2],
		   bytes = BUF_INIT;
	struct program_input in;
	size_t cap = most / 2;

	if (seed / 8 % 4 == 0 || !program_split(data, size, &in))
		return LLVMFuzzerMutate(data, size, most);
	buf_add_slice(&parts[0], in.a);
	buf_add_slice(&parts[1], seed / 32 % 8 == 0 ? in.a : in.b);
	if (chosen->len > cap)
		chosen->len = cap;
	buf_add_slice(&bytes, buf_slice(chosen));
	buf_reserve(&bytes, cap + 1);
	bytes.len = LLVMFuzzerMutate(bytes.p, bytes.len, cap);
	chosen->len = 0;
	mend(buf_slice(&bytes), (enum mend)(seed % 4), chosen);
	buf_release(&bytes);
	if (PROGRAM_HEAD_BYTES + parts[0].len + parts[1].len <= most) {
		data[1] = (uint8_t)parts[0].len;
		data[2] = (uint8_t)(parts[0].len >> 8);
		size = PROGRAM_HEAD_BYTES;
		if (parts[0].len)
			memcpy(data + size, parts[0].p, parts[0].len);
		size += parts[0].len;
		if (parts[1].len)
			memcpy(data + size, parts[1].p, parts[1].len);
		size += parts[1].len;
	}
	buf_release(&parts[0]);
	buf_release(&parts[1]);
	return size;
}

#endif
