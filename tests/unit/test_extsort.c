#include <stdlib.h>
#include <string.h>

#include "common/extsort.h"
#include "tests/tap.h"

/* The same numbers in every run. */
static uint64_t
number(uint64_t *state, uint64_t below)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (*state >> 33) % below;
}

static int
by_all(const void *a, const void *b)
{
	const struct extsort_record *x = a, *y = b;
	int order = memcmp(x->key, y->key, sizeof(x->key));

	if (order == 0)
		order = (x->major > y->major) - (x->major < y->major);
	return order ? order : (x->minor > y->minor) - (x->minor < y->minor);
}

/* How many records come out as qsort() has them. */
static size_t
sort_some(size_t buffer_records, size_t n, uint64_t keys, uint64_t seed)
{
	struct extsort *s = extsort_new(buffer_records);
	struct extsort_record *all = xcalloc(n, sizeof(*all)), got;
	struct err err = ERR_INIT;
	size_t i, good = 0;
	int rc;

	for (i = 0; i < n; i++) {
		all[i].key[number(&seed, EXTSORT_KEY_BYTES)] = (uint8_t)number(&seed, keys);
		all[i].major = number(&seed, 3) << 8 * number(&seed, 8);
		all[i].minor = number(&seed, 3) << 8 * number(&seed, 8);
		if (extsort_add(s, &all[i], &err) < 0)
			break;
	}
	rc = extsort_finish(s, &err);
	qsort(all, n, sizeof(*all), by_all);
	for (i = 0; rc == 0 && (rc = extsort_next(s, &got, &err)) > 0; rc = 0, i++)
		good += i < n && by_all(&got, &all[i]) == 0;
	extsort_free(s);
	free(all);
	return rc < 0 || i != n ? SIZE_MAX : good;
}

void
test_nothing_and_one_record_are_sorted(void)
{
	eq_int(sort_some(10, 0, 1, 1), 0);
	eq_int(sort_some(10, 1, 1, 2), 1);
	eq_int(sort_some(1, 2, 1, 3), 2);
}

void
test_records_are_sorted_in_memory(void)
{
	eq_int(sort_some(5000, 5000, 256, 4), 5000);
	eq_int(sort_some(5000, 33, 256, 5), 33);
}

void
test_records_are_sorted_on_disk(void)
{
	eq_int(sort_some(1000, 10001, 256, 6), 10001);
	eq_int(sort_some(1000, 10000, 2, 7), 10000);
}

void
test_more_runs_than_the_buffer_has_room_for_are_merged(void)
{
	eq_int(sort_some(10, 5000, 256, 8), 5000);
}

void
test_records_of_one_key_are_sorted_by_their_numbers(void)
{
	eq_int(sort_some(5000, 5000, 1, 9), 5000);
	eq_int(sort_some(500, 5000, 1, 10), 5000);
}

/* Where records have to go to a file that cannot be made. */
void
test_a_folder_that_is_not_there_is_named(void)
{
	char *before = getenv("TMPDIR");
	char *tmp = before ? xstrdup(before) : NULL;
	struct extsort_record r = {.major = 1};
	struct extsort *s = extsort_new(2);
	struct err err = ERR_INIT;

	setenv("TMPDIR", "/nowhere", 1);
	eq_int(extsort_add(s, &r, &err), 0);
	eq_int(extsort_add(s, &r, &err), 0);
	eq_int(extsort_add(s, &r, &err), -1);
	eq_int(err.kind, ERR_IO);
	ok(strstr(err.msg, "a temporary file in /nowhere: ") != NULL);
	extsort_free(s);
	extsort_free(NULL);
	if (tmp)
		setenv("TMPDIR", tmp, 1);
	else
		unsetenv("TMPDIR");
	free(tmp);
}
