#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/argv.h"
#include "verify/settings.h"

/*
 * A command line of esverify, a line a word.  It is refused with a reason, or has what the program
 * relies on; and nothing of an address of a server is left for ps.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define WORDS_MOST 16

static void
check(const struct settings *s, size_t n)
{
	assert(n == 1 || n == 2);
	assert(s->workers >= 1 && s->workers <= CLI_WORKERS_MAX);
	assert(s->sample.samples <= 1000000 && (!s->by_stream || s->digest));
	assert(!s->range || s->select.upto.set);
	assert(!s->range || !s->select.after.set ||
	       s->select.after.position < s->select.upto.position);
	assert(n == 1 ? !s->fast && !s->bisect && !s->missing_to
	              : !s->info && !s->digest && !s->salvage);
	assert(s->tolerance_ns <= INT64_MAX);
}

static void
parse(int argc, char **argv)
{
	char **words = argv_hide(argc, argv);
	const char *places[SETTINGS_PLACES];
	struct err err = ERR_INIT;
	struct settings s;
	size_t n;
	int i, rc;

	for (i = 0; i < argc; i++)
		assert(strlen(words[i]) == strlen(argv[i]));
	settings_init(&s);
	rc = settings_parse(&s, argc, words, places, &n, &err);
	if (rc < 0)
		assert(err.kind == ERR_USAGE && err.msg[0]);
	else if (rc > 0)
		check(&s, n);
	else
		assert(s.cli.help || s.cli.version);
	settings_release(&s);
	free(words);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static FILE *help;
	char program[] = "esverify", *argv[WORDS_MOST + 2] = {program};
	struct buf text = BUF_INIT;
	char *word, *rest;
	int argc = 1;

	if (!help && !(help = freopen("/dev/null", "w", stdout)))
		abort();
	buf_add(&text, data, size);
	rest = buf_cstr(&text);
	while (argc <= WORDS_MOST && (word = strsep(&rest, "\n")) != NULL)
		argv[argc++] = word;
	parse(argc, argv);
	buf_release(&text);
	return 0;
}
