#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/tap.h"
#include "verify/notebook.h"

#define EVENTS 60000 /* about 3 MiB: most of them leave memory */

static struct event
event_of(unsigned i, char stream[32], char id[32])
{
	snprintf(stream, 32, "stream-%u", i % 1000);
	snprintf(id, 32, "id-%u", i);
	return (struct event){.position = 10 * (uint64_t)i,
	                      .version = i / 1000,
	                      .stream = slice_str(stream),
	                      .id = i % 7 ? slice_str(id) : SLICE_ABSENT};
}

static bool
is_note_of(const struct note *n, const struct event *e)
{
	return n->position == e->position && n->version == e->version &&
	       slice_eq(n->stream, e->stream) && slice_eq(n->id, e->id);
}

void
test_notes_come_back_from_the_file_and_from_memory(void)
{
	uint64_t *where = xcalloc(EVENTS, sizeof(*where));
	struct notebook *book = notebook_new();
	struct note note = NOTE_INIT;
	struct err err = ERR_INIT;
	char stream[32], id[32];
	struct event e;
	unsigned i, added = 0, good = 0, rising = 0;

	for (i = 0; i < EVENTS; i++) {
		e = event_of(i, stream, id);
		added += notebook_add(book, &e, &where[i], &err) == 0;
		rising += i == 0 || where[i] > where[i - 1];
	}
	eq_uint(added, EVENTS);
	eq_uint(rising, EVENTS);
	for (i = EVENTS; i-- > 0;) {
		e = event_of(i, stream, id);
		good += notebook_read(book, where[i], &note, &err) == 0 && is_note_of(&note, &e);
	}
	eq_uint(good, EVENTS);
	free(where);
	note_release(&note);
	notebook_free(book);
}

void
test_texts_may_be_empty_absent_or_larger_than_the_buffer(void)
{
	struct notebook *book = notebook_new();
	struct note note = NOTE_INIT;
	struct err err = ERR_INIT;
	struct event e[3] = {{.position = 1, .stream = SLICE_LIT(""), .id = SLICE_LIT("")},
	                     {.position = 2, .stream = SLICE_LIT("s")},
	                     {.position = 3, .stream = SLICE_LIT("t"), .id = SLICE_LIT("x")}};
	uint64_t where[3];
	size_t len = (size_t)3 << 20, i;
	uint8_t *large = xmalloc(len);

	memset(large, 'a', len);
	e[1].stream = (struct slice){large, len};
	for (i = 0; i < 3; i++)
		eq_int(notebook_add(book, &e[i], &where[i], &err), 0);
	for (i = 0; i < 3; i++) {
		eq_int(notebook_read(book, where[i], &note, &err), 0);
		ok(is_note_of(&note, &e[i]));
	}
	note_release(&note);
	notebook_free(book);
	free(large);
}

void
test_a_note_as_text(void)
{
	struct note n = {.position = 17,
	                 .version = 3,
	                 .stream = SLICE_LIT("order-\"1\n"),
	                 .id = SLICE_LIT("x")};
	char text[NOTE_TEXT_BYTES];

	note_describe(&n, true, text);
	eq_str(text, "event 17 (stream \"order-?1?\", version 3, id \"x\")");
	n.id = SLICE_ABSENT;
	note_describe(&n, false, text);
	eq_str(text, "event 17 (version 3)");
}

void
test_the_longest_text_of_a_note_is_whole(void)
{
	char many[200], text[NOTE_TEXT_BYTES];
	struct note n = {.position = UINT64_MAX, .version = UINT64_MAX};

	memset(many, 'a', sizeof(many));
	n.stream = n.id = (struct slice){(const uint8_t *)many, sizeof(many)};
	note_describe(&n, true, text);
	ok(strlen(text) > 220);
	eq_str(text + strlen(text) - 6, "a...\")");
}
