#include <stdlib.h>
#include <string.h>

#include "common/argv.h"
#include "tests/tap.h"

static const struct {
	const char *word, *hidden;
} words[] = {
    {"postgres:/program", "postgres:/*******"},
    {"--from=postgres://u:s@h/d", "--from=postgres://*******"},
    {"--fr=postgresql://u:s@h/d", "--fr=postgresql://*******"},
    {"-fpostgres://u:s@h", "-fpostgres://*****"},
    {"postgres:host=h password=s", "postgres:*****************"},
    {"postgresql:///d", "postgresql:///*"},
    {"POSTGRES://u:s@h", "POSTGRES://*****"},
    {"postgresql:x postgres:y", "postgresql:************"},
    {"postgres:x postgresql:y", "postgres:**************"},
    {"postgres:", "postgres:"},
    {"nats://u:s@h/S", "nats://*******"},
    {"--to=nats://u:s@h/S", "--to=nats://*******"},
    {"--to=NATS://t@h,h2/S?x=y", "--to=NATS://************"},
    {"-ftls://t@h/S", "-ftls://*****"},
    {"tls:///S", "tls:///*"},
    {"nats://x tls://y", "nats://*********"},
    {"tls://x nats://y", "tls://**********"},
    {"postgres:x nats://y", "postgres:**********"},
    {"nats://x postgres:y", "nats://************"},
    {"nats:x", "nats:x"},
    {"sqlite://nats.db", "sqlite://nats.db"},
    {"--from", "--from"},
    {"sqlite://postgres.db", "sqlite://postgres.db"},
    {"", ""},
};

#define N (sizeof(words) / sizeof(*words))

/* As the kernel lays it out: the words behind each other. */
void
test_addresses_are_hidden_where_they_were_and_kept_in_the_copy(void)
{
	char original[1000], *argv[N + 1], **copy;
	size_t i, used = 0;

	for (i = 0; i < N; i++) {
		argv[i] = original + used;
		strcpy(argv[i], words[i].word);
		used += strlen(argv[i]) + 1;
	}
	argv[N] = NULL;
	copy = argv_hide((int)N, argv);
	for (i = 0; i < N; i++) {
		eq_str(argv[i], words[i].hidden);
		eq_str(copy[i], words[i].word);
		ok(copy[i] != argv[i]);
	}
	ok(copy[N] == NULL);
	free(copy);
}

void
test_no_words_are_fine(void)
{
	char *argv[] = {NULL}, **copy = argv_hide(0, argv);

	ok(copy[0] == NULL);
	free(copy);
}
