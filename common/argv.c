#include <string.h>
#include <strings.h>

#include "common/argv.h"
#include "common/mem.h"

static void
hide(char *word)
{
	static const char *const schemes[] = {"postgres:", "postgresql:", "nats://", "tls://"};
	char *rest;
	size_t i;

	for (i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
		rest = strcasestr(word, schemes[i]);
		if (!rest)
			continue;
		rest += strlen(schemes[i]);
		rest += strspn(rest, "/");
		memset(rest, '*', strlen(rest));
	}
}

char **
argv_hide(int argc, char **argv)
{
	size_t n = (size_t)argc, size = (n + 1) * sizeof(char *), len, i;
	char **words, *to;

	for (i = 0; i < n; i++)
		size += strlen(argv[i]) + 1;
	words = xmalloc(size);
	to = (char *)(words + n + 1);
	for (i = 0; i < n; i++) {
		len = strlen(argv[i]) + 1;
		words[i] = memcpy(to, argv[i], len);
		to += len;
		hide(argv[i]);
	}
	words[n] = NULL;
	return words;
}
