#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/tap.h"
#include "verify/window.h"

#define EVENTS 10000

static struct selection all = SELECTION_INIT;
static struct same by_versions = {.rules = {.versions = true, .time_step_ns = 1}};

/* A file of JSON Lines, each with an id but for each tenth. */
static struct window *
window_of_lines(char path[32], uint64_t ahead_bytes)
{
	struct address from = {.kind = ADDRESS_FILE, .path = path, .shown = path};
	struct source_options options = {.select = &all,
	                                 .plain = true,
	                                 .batch_bytes = 1 << 14,
	                                 .batch_events = 100};
	struct window *w = NULL;
	struct err err = ERR_INIT;
	int i, fd;
	FILE *f;

	strcpy(path, "/tmp/window.XXXXXX");
	fd = mkstemp(path);
	f = fdopen(fd, "w");
	for (i = 0; i < EVENTS; i++) {
		fprintf(f, "{\"position\":%d,\"stream\":\"s-%d\",\"version\":%d,\"type\":\"T\"",
		        i + 1, i % 7, i / 7);
		if (i % 10)
			fprintf(f, ",\"id\":\"id-%d\"", i);
		fprintf(f, "}\n");
	}
	fclose(f);
	if (!eq_int(window_open(&w, &from, &options, ahead_bytes, &err), 0))
		printf("# %s\n", err.msg);
	else
		window_know_by(w, &by_versions);
	return w;
}

static uint64_t
position_of_head(struct window *w)
{
	const struct event *e;
	struct err err = ERR_INIT;

	return window_head(w, &e, &err) > 0 ? e->position : 0;
}

/* An event as the other side might have it. */
static struct event
wanted(const char *stream, uint64_t version, const char *id)
{
	return (struct event){.stream = slice_str(stream), .version = version, .id = slice_str(id)};
}

void
test_heads_come_in_order_and_once(void)
{
	char path[32];
	struct window *w = window_of_lines(path, 1 << 20);
	uint64_t i;

	for (i = 1; i <= EVENTS; i++) {
		if (!eq_uint(position_of_head(w), i) || !eq_uint(position_of_head(w), i))
			break;
		if (i == 1 ? !ok(!window_before(w)) : !eq_uint(window_before(w)->position, i - 1))
			break;
		window_drop(w);
		if (i % 1000 == 0)
			ok(window_fill(w, &(struct err)ERR_INIT) == 0);
	}
	eq_uint(position_of_head(w), 0);
	eq_uint(window_events(w), EVENTS);
	window_close(w);
	unlink(path);
}

void
test_an_event_is_found_by_id_or_by_its_place_in_the_stream(void)
{
	char path[32];
	struct window *w = window_of_lines(path, 1 << 30);
	struct event by_id = wanted("elsewhere", 9, "id-4321");
	struct event by_place = wanted("s-2", 4320 / 7 + 1, NULL); /* number 4321 has that */
	struct event no_id_there = wanted("s-1", 4320 / 7, "new"); /* 4320 has no id */
	struct event other_id = wanted("s-2", 4320 / 7, "new");    /* 4321 has another */
	struct event unknown = wanted("s-2", EVENTS, NULL);

	eq_uint(position_of_head(w), 1);
	eq_uint(window_find(w, &by_id), WINDOW_NONE); /* nothing was read ahead */
	eq_int(window_fill(w, &(struct err)ERR_INIT), 0);
	eq_uint(window_find(w, &by_id), 4321);
	eq_uint(window_at(w, 4321)->position, 4322);
	by_place.version = 4321 / 7;
	eq_uint(window_find(w, &by_place), 4321 - 4321 % 7 + 2);
	eq_uint(window_find(w, &no_id_there), 4320);
	eq_uint(window_find(w, &other_id), WINDOW_NONE);
	eq_uint(window_find(w, &unknown), WINDOW_NONE);
	window_drop(w);
	eq_uint(window_find(w, &by_id), 4320);
	window_close(w);
	unlink(path);
}

void
test_what_was_taken_comes_no_more(void)
{
	char path[32];
	struct window *w = window_of_lines(path, 1 << 30);
	struct event e = wanted("", 0, "id-2");

	eq_uint(position_of_head(w), 1);
	eq_int(window_fill(w, &(struct err)ERR_INIT), 0);
	window_take(w, window_find(w, &e));
	eq_uint(window_find(w, &e), WINDOW_NONE);
	window_drop(w);
	eq_uint(position_of_head(w), 2);
	window_drop(w);
	eq_uint(position_of_head(w), 4); /* 3 is id-2 */
	eq_uint(window_before(w)->position, 3);
	eq_uint(window_events(w), 3);
	window_close(w);
	unlink(path);
}

void
test_no_more_is_read_ahead_than_allowed(void)
{
	char path[32];
	struct window *w = window_of_lines(path, 100 * 1024);
	struct event e = wanted("", 0, "id-9999");
	uint64_t near, i;

	eq_uint(position_of_head(w), 1);
	eq_int(window_fill(w, &(struct err)ERR_INIT), 0);
	eq_uint(window_find(w, &e), WINDOW_NONE);
	e = wanted("", 0, "id-1");
	near = window_find(w, &e);
	eq_uint(near, 1);
	for (i = 0; i < EVENTS - 100; i++) { /* what left makes room for what comes */
		(void)position_of_head(w);
		window_drop(w);
		if (window_fill(w, &(struct err)ERR_INIT) < 0)
			break;
	}
	e = wanted("", 0, "id-9999");
	eq_uint(window_find(w, &e), 99);
	window_close(w);
	unlink(path);
}

void
test_a_full_window_of_which_most_was_taken_is_spent(void)
{
	char path[32];
	struct window *w = window_of_lines(path, 1 << 16);
	struct err err = ERR_INIT;
	uint64_t i;

	eq_uint(position_of_head(w), 1);
	eq_int(window_fill(w, &err), 0);
	ok(!window_is_spent(w));
	for (i = 1; !window_is_spent(w) && i < EVENTS; i++)
		window_take(w, i);
	ok(i > 10 && i < EVENTS / 2);
	eq_uint(position_of_head(w), 1);
	window_drop(w);
	eq_uint(position_of_head(w), i + 1);
	eq_int(window_fill(w, &err), 0);
	ok(!window_is_spent(w));
	window_close(w);
	unlink(path);
}
