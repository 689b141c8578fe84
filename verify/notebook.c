#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/tempfile.h"
#include "verify/notebook.h"

#define BUFFER_BYTES ((size_t)1 << 20)
#define NO_TEXT UINT32_MAX /* in place of a length: absent */

/* What stands before the two texts of a note. */
struct head {
	uint64_t position, version;
	uint32_t stream_len, id_len;
};

/* A note is either all in the buffer or all in the file. */
struct notebook {
	struct buf buffer;
	uint64_t stored_bytes; /* in the file */
	int fd;                /* -1: nothing had to leave memory */
};

struct note
note_of(const struct event *e)
{
	return (struct note){.position = e->position,
	                     .version = e->version,
	                     .stream = e->stream,
	                     .id = e->id};
}

void
note_describe(const struct note *n, bool stream, char out[NOTE_TEXT_BYTES])
{
	char text[EVENT_PRINTABLE_BYTES];
	size_t at = (size_t)snprintf(out, NOTE_TEXT_BYTES, "event %" PRIu64 " (", n->position);

	if (stream) {
		event_printable(n->stream, text);
		at += (size_t)snprintf(out + at, NOTE_TEXT_BYTES - at, "stream \"%s\", ", text);
	}
	at += (size_t)snprintf(out + at, NOTE_TEXT_BYTES - at, "version %" PRIu64, n->version);
	if (n->id.p) {
		event_printable(n->id, text);
		at += (size_t)snprintf(out + at, NOTE_TEXT_BYTES - at, ", id \"%s\"", text);
	}
	snprintf(out + at, NOTE_TEXT_BYTES - at, ")");
}

void
note_release(struct note *n)
{
	buf_release(&n->bytes);
}

struct notebook *
notebook_new(void)
{
	struct notebook *n = xcalloc(1, sizeof(*n));

	n->fd = -1;
	return n;
}

void
notebook_free(struct notebook *n)
{
	if (!n)
		return;
	if (n->fd >= 0)
		close(n->fd);
	buf_release(&n->buffer);
	free(n);
}

static int
spill(struct notebook *n, struct err *err)
{
	if (n->fd < 0 && tempfile_open(&n->fd, err) < 0)
		return -1;
	if (tempfile_write(n->fd, n->buffer.p, n->buffer.len, err) < 0)
		return -1;
	n->stored_bytes += n->buffer.len;
	n->buffer.len = 0;
	return 0;
}

int
notebook_add(struct notebook *n, const struct event *e, uint64_t *where, struct err *err)
{
	struct head head = {.position = e->position, .version = e->version};
	char which[256];

	if (e->stream.len >= NO_TEXT || e->id.len >= NO_TEXT) {
		event_describe(e, which, sizeof(which));
		return err_set(err, ERR_DATA, "%s: stream or id are larger than 4 GiB", which);
	}
	head.stream_len = (uint32_t)e->stream.len;
	head.id_len = e->id.p ? (uint32_t)e->id.len : NO_TEXT;
	if (n->buffer.len > 0 &&
	    n->buffer.len + sizeof(head) + e->stream.len + e->id.len > BUFFER_BYTES &&
	    spill(n, err) < 0)
		return -1;
	*where = n->stored_bytes + n->buffer.len;
	buf_add(&n->buffer, &head, sizeof(head));
	buf_add_slice(&n->buffer, e->stream);
	buf_add_slice(&n->buffer, e->id);
	return 0;
}

/* `len` bytes of what was noted. */
static int
fetch(struct notebook *n, uint64_t at, void *out, size_t len, struct err *err)
{
	if (len == 0)
		return 0;
	if (at < n->stored_bytes)
		return tempfile_read(n->fd, at, out, len, err);
	at -= n->stored_bytes;
	assert(at <= n->buffer.len && len <= n->buffer.len - at);
	memcpy(out, n->buffer.p + at, len);
	return 0;
}

int
notebook_read(struct notebook *n, uint64_t where, struct note *out, struct err *err)
{
	struct head head;
	size_t id_len;

	if (fetch(n, where, &head, sizeof(head), err) < 0)
		return -1;
	id_len = head.id_len == NO_TEXT ? 0 : head.id_len;
	out->bytes.len = 0;
	buf_reserve(&out->bytes, (size_t)head.stream_len + id_len + 1);
	if (fetch(n, where + sizeof(head), out->bytes.p, head.stream_len + id_len, err) < 0)
		return -1;
	out->bytes.len = head.stream_len + id_len;
	out->position = head.position;
	out->version = head.version;
	out->stream = (struct slice){out->bytes.p, head.stream_len};
	out->id = head.id_len == NO_TEXT ? SLICE_ABSENT
	                                 : (struct slice){out->bytes.p + head.stream_len, id_len};
	return 0;
}
