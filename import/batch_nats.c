#include <stdlib.h>
#include <string.h>

#include "common/natsmsg.h"
#include "import/batch_nats.h"

static void
put(struct buf *out, struct slice text)
{
	buf_add_slice(out, text);
	buf_add_byte(out, '\0');
}

void
batch_nats_add(struct batch_nats *b, const struct natsmsg *m, const struct batch_nats_entry *entry)
{
	struct batch_nats_entry *e;
	size_t i;

	b->entries = xgrow(b->entries, &b->cap, b->n + 1, sizeof(*b->entries));
	e = &b->entries[b->n++];
	*e = *entry;
	e->begin = b->bytes.len;
	e->id = 0;
	e->body_len = m->body.len;
	put(&b->bytes, m->subject);
	for (i = 0; i < m->n_headers; i++) {
		put(&b->bytes, m->headers[i].name);
		if (m->headers[i].value.len <= BATCH_NATS_ID_MOST_BYTES &&
		    natsmsg_name_eq(m->headers[i].name, "Nats-Msg-Id"))
			e->id = b->bytes.len;
		put(&b->bytes, m->headers[i].value);
	}
	buf_add_byte(&b->bytes, '\0');
	buf_add_slice(&b->bytes, m->body);
}

void
batch_nats_reset(struct batch_nats *b)
{
	b->bytes.len = 0;
	b->n = 0;
}

void
batch_nats_release(struct batch_nats *b)
{
	buf_release(&b->bytes);
	free(b->entries);
	*b = (struct batch_nats){0};
}

const char *
batch_nats_id(const struct batch_nats *b, size_t i)
{
	return b->entries[i].id ? (const char *)b->bytes.p + b->entries[i].id : NULL;
}

natsStatus
batch_nats_message(const struct batch_nats *b, size_t i, const char *reply, natsMsg **out)
{
	const char *subject = (const char *)b->bytes.p + b->entries[i].begin;
	const char *first = subject + strlen(subject) + 1, *name, *value, *body;
	natsStatus s;

	for (name = first; *name; name = value + strlen(value) + 1)
		value = name + strlen(name) + 1;
	body = name + 1;
	s = natsMsg_Create(out, subject, reply, body, (int)b->entries[i].body_len);
	for (name = first; s == NATS_OK && *name; name = value + strlen(value) + 1) {
		value = name + strlen(name) + 1;
		s = natsMsgHeader_Add(*out, name, value);
	}
	return s;
}
