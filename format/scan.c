#include "format/scan.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/stop.h"
#include "format/block.h"

#define PIECE_BYTES ((size_t)1 << 20) /* read at once, so that a length that lies costs nothing */
/* Where a block is claimed and none is, its bytes are looked at in vain.  Damage does that to a few
 * of them; only input that was made for it goes on and on. */
#define WASTE_FACTOR 16
#define WASTE_BYTES (UINT64_C(1) << 32)

struct scan {
	struct file *f;
	struct buf window;
	size_t cur;  /* where it stands in the window */
	uint64_t at; /* the same in the input */
	uint64_t wasted, stray;
	bool ended; /* all of the input is in the window */
};

void
scan_open(struct scan **out, struct file *f)
{
	struct scan *s = xcalloc(1, sizeof(*s));

	s->f = f;
	*out = s;
}

void
scan_free(struct scan *s)
{
	if (!s)
		return;
	file_close(s->f);
	buf_release(&s->window);
	free(s);
}

/* What has been passed goes, once it is as much as what is kept: each byte moves once or so. */
static void
compact(struct scan *s)
{
	if (s->cur < PIECE_BYTES || s->cur < s->window.len - s->cur)
		return;
	memmove(s->window.p, s->window.p + s->cur, s->window.len - s->cur);
	s->window.len -= s->cur;
	s->cur = 0;
}

/* Have `len` bytes behind where it stands: 1, 0 where the input has fewer, -1. */
static int
need(struct scan *s, uint64_t len, struct err *err)
{
	ssize_t got;

	while (s->window.len - s->cur < len && !s->ended) {
		if (stop_asked())
			return err_set(err, ERR_STOPPED, "stopped by a signal");
		compact(s);
		buf_reserve(&s->window, PIECE_BYTES);
		got = file_read(s->f, s->window.p + s->window.len, PIECE_BYTES, err);
		if (got < 0)
			return -1;
		s->window.len += (size_t)got;
		s->ended = (size_t)got < PIECE_BYTES;
	}
	return s->window.len - s->cur >= len;
}

int
scan_waste(struct scan *s, uint64_t len, struct err *err)
{
	s->wasted += len;
	if (s->wasted / WASTE_FACTOR <= s->at + WASTE_BYTES / WASTE_FACTOR)
		return 0;
	err_set(err, ERR_FORMAT,
	        "%s: byte %" PRIu64 ": too much of it claims to be a block and is none",
	        file_path(s->f), s->at);
	return err_hint(err, "it was made so, not damaged");
}

int
scan_peek(struct scan *s, uint64_t ahead, uint64_t len, struct slice *out, struct err *err)
{
	int rc = need(s, ahead + len, err);

	if (rc > 0)
		*out = (struct slice){s->window.p + s->cur + ahead, len};
	return rc;
}

/* A seek table has no hash: its head and its foot must agree. */
static bool
is_seek_table(struct slice content)
{
	const uint8_t *foot = content.p + content.len - WIRE_SEEK_FOOTER_BYTES;

	return wire_get_u32(foot + 5) == WIRE_MAGIC_SEEK_END &&
	       (uint64_t)wire_get_u32(foot) * WIRE_SEEK_ENTRY_BYTES + WIRE_SEEK_FOOTER_BYTES ==
	           content.len;
}

static uint64_t
frame_bytes(const uint8_t *head)
{
	return WIRE_FRAME_HEAD_BYTES + (uint64_t)wire_get_u32(head + 4);
}

/* The head of something that may be a block, or a seek table. */
static bool
may_begin(const uint8_t *head)
{
	uint32_t magic = wire_get_u32(head), size = wire_get_u32(head + 4);

	if (magic == WIRE_MAGIC_BLOCK)
		return size <= WIRE_BLOCK_MAX && memcmp(head + 8, "ESAR", 4) == 0;
	return magic == WIRE_MAGIC_SEEK && size >= WIRE_SEEK_FOOTER_BYTES &&
	       size % WIRE_SEEK_ENTRY_BYTES == WIRE_SEEK_FOOTER_BYTES % WIRE_SEEK_ENTRY_BYTES;
}

/* Whether a whole block begins `ahead`: 1 with *b, 0, -1. */
static int
look(struct scan *s, uint64_t ahead, struct scan_block *b, struct err *err)
{
	struct err ignored = ERR_INIT;
	struct slice head, content;
	uint64_t bytes;
	int rc = scan_peek(s, ahead, WIRE_FRAME_HEAD_BYTES + 4, &head, err);

	if (rc <= 0 || !may_begin(head.p))
		return rc < 0 ? -1 : 0;
	bytes = frame_bytes(head.p);
	rc = scan_peek(s, ahead, bytes, &b->frame, err);
	if (rc <= 0)
		return rc;
	b->at = s->at + ahead;
	content = (struct slice){b->frame.p + WIRE_FRAME_HEAD_BYTES, bytes - WIRE_FRAME_HEAD_BYTES};
	if (wire_get_u32(b->frame.p) == WIRE_MAGIC_SEEK) {
		b->kind = SCAN_SEEK_TABLE;
		b->map = content;
		return is_seek_table(content);
	}
	if (block_read(content, &b->kind, &b->map, &ignored) == 0)
		return 1;
	return scan_waste(s, bytes, err);
}

int
scan_block_ahead(struct scan *s, uint64_t ahead, struct err *err)
{
	struct scan_block b;
	struct slice byte;
	int rc = scan_peek(s, ahead, 1, &byte, err);

	if (rc == 0)
		return s->window.len - s->cur == ahead;
	return rc < 0 ? -1 : look(s, ahead, &b, err);
}

void
scan_skip(struct scan *s, uint64_t len)
{
	s->cur += len;
	s->at += len;
}

/* To the next byte that may begin a block, or near to the end of what is in the window. */
static void
advance(struct scan *s)
{
	static const uint8_t both[] = {0x2A, 0x4D,
	                               0x18}; /* of the magic of a block, and of a table */
	const uint8_t *p = s->window.p + s->cur;
	size_t have = s->window.len - s->cur;
	size_t len = have; /* the input is over, where it has no more */
	const uint8_t *hit;

	if (have > sizeof(both)) {
		hit = memmem(p + 2, have - 2, both, sizeof(both));
		len = hit ? (size_t)(hit - 1 - p) : have - sizeof(both);
	}
	scan_skip(s, len);
	s->stray += len;
}

int
scan_next(struct scan *s, struct scan_block *b, struct err *err)
{
	struct slice head;
	int rc;

	for (;;) {
		rc = look(s, 0, b, err);
		if (rc != 0)
			break;
		advance(s);
		rc = scan_peek(s, 0, WIRE_FRAME_HEAD_BYTES + 4, &head, err);
		if (rc < 0)
			return -1;
		if (rc == 0) { /* nothing that is shorter is a block */
			s->stray += s->window.len - s->cur;
			scan_skip(s, s->window.len - s->cur);
			return 0;
		}
	}
	if (rc > 0)
		scan_skip(s, b->frame.len);
	return rc;
}

uint64_t
scan_bytes(const struct scan *s)
{
	return s->at;
}

uint64_t
scan_stray(const struct scan *s)
{
	return s->stray;
}

uint64_t
scan_size_bytes(const struct scan *s)
{
	return file_size(s->f);
}

const char *
scan_path(const struct scan *s)
{
	return file_path(s->f);
}
