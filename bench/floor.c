#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/floor.h"

void
floor_fail(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s: ", program_invocation_short_name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\n");
	exit(1);
}

struct floor_bytes
floor_map(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *bytes;

	if (fd < 0 || fstat(fd, &st) < 0)
		floor_fail("%s: %s", path, strerror(errno));
	if (st.st_size == 0)
		return (struct floor_bytes){"", 0};
	bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		floor_fail("%s: %s", path, strerror(errno));
	close(fd);
	return (struct floor_bytes){bytes, (size_t)st.st_size};
}

const char *
floor_take(struct floor_bytes *from, size_t bytes)
{
	const char *taken = from->at;

	if (bytes > from->left)
		floor_fail("the file ends too early");
	from->at += bytes;
	from->left -= bytes;
	return taken;
}

char *
floor_text(const char *path)
{
	struct floor_bytes bytes = floor_map(path);
	char *text = strndup(bytes.at, bytes.left);

	if (!text)
		floor_fail("%s: %s", path, strerror(errno));
	return text;
}

uint64_t
floor_number(const char *word)
{
	char *end;
	uint64_t n = strtoull(word, &end, 10);

	if (*end || n == 0)
		floor_fail("%s: is no number from 1 on", word);
	return n;
}

void
floor_say(uint64_t count, const char *of_what, uint64_t bytes)
{
	printf("%" PRIu64 " %s, %" PRIu64 " bytes\n", count, of_what, bytes);
}
