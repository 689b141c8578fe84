#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/pgaddress.h"

/*
 * What is shown of an address is an address that is shown the same.  Where a password stands, its
 * beginning comes back in nothing that is printed, whatever follows it.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SECRET "pwNoOne"

static void
parse(const char *text, bool secret)
{
	struct err err = ERR_INIT;
	struct pgaddress a, b;
	char *shown, *again;

	if (pgaddress_parse(&a, &shown, text, &err) < 0) {
		assert(err.kind == ERR_USAGE && *err.msg && !shown && !a.conninfo);
		assert(!secret || !strstr(err.msg, SECRET));
		return;
	}
	assert(!secret || !strstr(shown, SECRET));
	assert(pgaddress_is(shown));
	assert(pgaddress_parse(&b, &again, shown, &err) == 0);
	assert(strcmp(shown, again) == 0);
	free(again);
	free(shown);
	pgaddress_release(&a);
	pgaddress_release(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const around[][2] = {
	    {"postgres://us:" SECRET, "@h/d"},
	    {"postgres://us:" SECRET, "@h:5432/d?es_bound=lock"},
	    {"postgres://h/d?password=" SECRET, "&user=us"},
	    {"postgres:host=h password=" SECRET, " user=us"},
	    {"postgres:host=h password='" SECRET, "' user=us"},
	};
	char tail[2000], text[2200];
	size_t i;

	if (size >= sizeof(tail))
		return 0;
	memcpy(tail, data, size);
	tail[size] = '\0';
	if (pgaddress_is(tail))
		parse(tail, false);
	if (strstr(tail, SECRET))
		return 0;
	for (i = 0; i < sizeof(around) / sizeof(*around); i++) {
		snprintf(text, sizeof(text), "%s%s%s", around[i][0], tail, around[i][1]);
		parse(text, true);
	}
	return 0;
}
