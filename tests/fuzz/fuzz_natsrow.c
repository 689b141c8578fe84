#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/jsame.h"
#include "common/natsrow.h"

/*
 * Messages of JetStream: the first byte chooses the layout, the second the place,
 * then come the subject, lines of headers, an empty line, and the body.  An event
 * that may travel is refused by name by each layout, or becomes a message that a
 * server takes as it is, with nothing in it that acts on one, and that is the same
 * event again.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HEADERS_MOST 64

static const struct {
	const char *layout, *stream;
} kinds[] = {{"native", "S"}, {"rita", "ES_S"}, {"cloudevents", "S"}};

#define KINDS (sizeof(kinds) / sizeof(*kinds))

/* Made once, for good. */
static const struct layout *
layout_of(size_t kind)
{
	static struct layout *layouts[KINDS];
	struct err err = ERR_INIT;

	if (!layouts[kind] && layout_load(&layouts[kind], kinds[kind].layout, "nats", &err) < 0)
		abort();
	return layouts[kind];
}

static void
open_row(struct natsrow *r, size_t kind)
{
	struct err err = ERR_INIT;

	if (natsrow_open(r, layout_of(kind), kinds[kind].stream, &err) < 0)
		abort();
}

static struct slice
take_line(struct slice *rest)
{
	const uint8_t *end = rest->len ? memchr(rest->p, '\n', rest->len) : NULL;
	struct slice line = {rest->p, end ? (size_t)(end - rest->p) : rest->len};

	rest->p += line.len + (end != NULL);
	rest->len -= line.len + (end != NULL);
	return line;
}

static void
take_message(struct natsmsg *m, struct natsheader *headers, struct slice rest)
{
	struct slice line;
	const uint8_t *colon;

	*m = (struct natsmsg){.headers = headers, .sequence = 7, .time_ns = 1000};
	m->subject = take_line(&rest);
	while ((line = take_line(&rest)).len > 0 && m->n_headers < HEADERS_MOST) {
		colon = memchr(line.p, ':', line.len);
		if (!colon)
			continue;
		headers[m->n_headers].name = (struct slice){line.p, (size_t)(colon - line.p)};
		headers[m->n_headers++].value =
		    (struct slice){colon + 1, (size_t)(line.p + line.len - colon) - 1};
	}
	m->body = rest;
}

static void
check_subject(struct slice s)
{
	size_t i, begin = 0;

	for (i = 0; i <= s.len; i++) {
		if (i < s.len && s.p[i] != '.') {
			assert(s.p[i] > ' ' && s.p[i] != 0x7F);
			continue;
		}
		assert(i > begin);
		assert(i > begin + 1 || (s.p[begin] != '*' && s.p[begin] != '>'));
		begin = i + 1;
	}
}

/* What a server acts on, and what a line cannot hold. */
static void
check_header(const struct natsheader *h)
{
	size_t i;

	assert(natsmsg_is_name(h->name));
	assert(h->name.len < 5 || strncasecmp((const char *)h->name.p, "nats-", 5) != 0 ||
	       slice_is(h->name, "Nats-Msg-Id"));
	assert(h->value.p && !slice_is(h->name, NATSROW_IMPORT));
	for (i = 0; i < h->value.len; i++)
		assert(h->value.p[i] != '\r' && h->value.p[i] != '\n' && h->value.p[i] != '\0');
	assert(h->value.len == 0 ||
	       (h->value.p[0] != ' ' && h->value.p[0] != '\t' &&
	        h->value.p[h->value.len - 1] != ' ' && h->value.p[h->value.len - 1] != '\t'));
}

/* As a client gets it. */
static void
over_the_wire(struct natsmsg *m, struct buf *wire, struct arena *mem)
{
	size_t i;

	buf_add_str(wire, "NATS/1.0\r\n");
	for (i = 0; i < m->n_headers; i++) {
		buf_add_slice(wire, m->headers[i].name);
		buf_add_str(wire, ": ");
		buf_add_slice(wire, m->headers[i].value);
		buf_add_str(wire, "\r\n");
	}
	buf_add_str(wire, "\r\n");
	assert(wire->len == natsmsg_header_bytes(m));
	if (natsmsg_parse_headers(m, buf_slice(wire), mem) < 0)
		abort();
}

static void
check_same(const struct event *e, const struct event *back, bool members)
{
	const char *field = event_difference(e, back, true);

	if (!field)
		return;
	assert(members && strcmp(field, "metadata") == 0);
	assert(e->metadata.kind == PAYLOAD_JSON && back->metadata.kind == PAYLOAD_JSON);
	assert(jsame(e->metadata.bytes, back->metadata.bytes));
}

static void
write_and_read(const struct event *e, size_t kind)
{
	struct arena *scratch = arena_new(4096);
	struct batch *again = batch_new();
	struct buf wire = BUF_INIT;
	struct natsrow_told told;
	struct err err = ERR_INIT;
	struct natsrow r;
	struct natsmsg m;
	char which[256];
	size_t i;

	open_row(&r, kind);
	if (natsrow_write(&r, e, scratch, &m, &err) < 0) {
		event_describe(e, which, sizeof(which));
		assert(err.kind == ERR_DATA && strncmp(err.msg, which, strlen(which)) == 0);
		assert(strstr(err.msg, ": field ") || strstr(err.msg, ": attribute "));
	} else {
		check_subject(m.subject);
		for (i = 0; i < m.n_headers; i++)
			check_header(&m.headers[i]);
		over_the_wire(&m, &wire, scratch);
		m.time_ns = 2000;
		assert(natsrow_read(&r, &m, e->position, again, &told, &err) == 0);
		assert(told.version);
		assert(event_check(&again->events[0], again->mem, &err) == 0);
		check_same(e, &again->events[0], kind == 1);
	}
	natsrow_close(&r);
	buf_release(&wire);
	batch_free(again);
	arena_free(scratch);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct natsheader headers[HEADERS_MOST];
	struct natsrow_told told;
	struct err err = ERR_INIT;
	struct batch *b;
	struct natsmsg m;
	struct natsrow r;
	size_t kind;

	if (size < 2)
		return 0;
	take_message(&m, headers, (struct slice){data + 2, size - 2});
	b = batch_new();
	open_row(&r, data[0] % KINDS);
	if (natsrow_read(&r, &m, data[1] % 2 ? data[1] : UINT64_MAX - 1 - data[1], b, &told, &err) <
	    0)
		assert(err.kind == ERR_DATA && strstr(err.msg, "message 7"));
	else if (event_check(&b->events[0], b->mem, &err) == 0)
		for (kind = 0; kind < KINDS; kind++)
			write_and_read(&b->events[0], kind);
	natsrow_close(&r);
	batch_free(b);
	return 0;
}
