#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "format/block.h"
#include "format/reach.h"
#include "format/reader.h"

#define PIECE_BYTES ((size_t)1 << 20) /* read at once, so that a length that lies costs nothing */
#define SNIFF_BYTES 16

/*
 * Where in an archive the reader is.  Frames move it forward only:
 *
 *	START --H--> CHUNKS --C*--> CHUNKS --I--> INDEXED --E--> ENDED --S--> DONE
 *	             CHUNKS ---------------------------------E--> ENDED
 *	DONE --H--> CHUNKS (the next archive), or the end of the input
 */
enum state { STATE_START, STATE_CHUNKS, STATE_INDEXED, STATE_ENDED, STATE_DONE };

struct reader {
	struct file *f;
	bool plain;
	enum state state;
	uint8_t sniff[SNIFF_BYTES]; /* read ahead to see what it is */
	size_t sniff_len, sniff_at;
	uint64_t at;         /* bytes taken so far */
	uint64_t archive_at; /* where this archive began */
	uint64_t pending;    /* bytes of payload that nobody has read yet */
	uint64_t line;       /* plain: number of the next line */
	uint64_t last;       /* position of the last event, of any archive */
	uint64_t chunks, events;
	struct header header;
	struct trailer seen; /* of this archive */
	struct totals said;  /* by the end blocks of all archives */
	struct reach reach;
	struct selection_bound begins; /* of the first archive */
	struct buf block, carry;
};

static int
wrong(const struct reader *r, struct err *err, const char *what)
{
	return err_set(err, ERR_FORMAT, "%s: byte %" PRIu64 ": %s", file_path(r->f), r->at, what);
}

static int
cut_short(const struct reader *r, struct err *err)
{
	uint64_t end = r->at > file_size(r->f) && file_can_seek(r->f) ? file_size(r->f) : r->at;

	if (r->events == 0)
		err_set(err, ERR_FORMAT, "%s: ends early, at byte %" PRIu64 ": not one whole chunk",
		        file_path(r->f), end);
	else
		err_set(err, ERR_FORMAT,
		        "%s: ends early, at byte %" PRIu64 "; chunks before that: %" PRIu64
		        ", events: %" PRIu64 ", up to position %" PRIu64,
		        file_path(r->f), end, r->chunks, r->events, r->last);
	return err_hint(err, "it was cut, or what wrote it did not finish");
}

/* Up to `len` bytes, those read ahead first. */
static ssize_t
take_some(struct reader *r, uint8_t *p, size_t len, struct err *err)
{
	size_t ahead = r->sniff_len - r->sniff_at;
	ssize_t got;

	if (ahead > len)
		ahead = len;
	memcpy(p, r->sniff + r->sniff_at, ahead);
	r->sniff_at += ahead;
	got = file_read(r->f, p + ahead, len - ahead, err);
	if (got < 0)
		return -1;
	r->at += ahead + (size_t)got;
	return (ssize_t)ahead + got;
}

/* Exactly `len` bytes behind what is in `out`; taken in pieces, so that memory follows the data. */
static int
take(struct reader *r, uint64_t len, struct buf *out, struct err *err)
{
	size_t piece;
	ssize_t got;

	while (len) {
		piece = len < PIECE_BYTES ? (size_t)len : PIECE_BYTES;
		buf_reserve(out, piece);
		got = take_some(r, out->p + out->len, piece, err);
		if (got < 0)
			return -1;
		out->len += (size_t)got;
		if ((size_t)got < piece)
			return cut_short(r, err);
		len -= piece;
	}
	return 0;
}

/* Pass over the payload that nobody wanted. */
static int
pass_over(struct reader *r, struct err *err)
{
	uint64_t end = r->at + r->pending;

	if (file_can_seek(r->f)) {
		r->at = end;
		r->pending = 0;
		if (end > file_size(r->f))
			return cut_short(r, err);
		return file_seek(r->f, end, err);
	}
	for (; r->pending; r->pending = end - r->at) {
		r->block.len = 0;
		if (take(r, r->pending < PIECE_BYTES ? r->pending : PIECE_BYTES, &r->block, err) <
		    0)
			return -1;
	}
	return 0;
}

static bool
looks_like_lines(struct slice s)
{
	size_t i = 0;

	while (i < s.len && (s.p[i] == ' ' || s.p[i] == '\t' || s.p[i] == '\r' || s.p[i] == '\n'))
		i++;
	return i < s.len && s.p[i] == '{';
}

/* What it is instead of something that we read, and what the user can do about it. */
static int
neither(const struct reader *r, struct slice s, uint32_t magic, struct err *err)
{
	static const char sqlite[] = "SQLite format 3";

	if (s.len == 0)
		return err_set(err, ERR_FORMAT,
		               "%s: is empty: what should have written it did not begin",
		               file_path(r->f));
	if (s.len == sizeof(sqlite) && memcmp(s.p, sqlite, sizeof(sqlite)) == 0) {
		err_set(err, ERR_FORMAT, "%s: is an SQLite database", file_path(r->f));
		return err_hint(err, "write its address as sqlite://%s", file_path(r->f));
	}
	if (magic == WIRE_MAGIC_ZSTD) {
		err_set(err, ERR_FORMAT, "%s: is zstd-compressed, but not an archive",
		        file_path(r->f));
		return err_hint(err, "if JSON Lines are in it, pipe them: zstd -dc FILE | ...");
	}
	return err_set(err, ERR_FORMAT, "%s: is neither an archive nor JSON Lines",
	               file_path(r->f));
}

/* The first bytes tell. */
static int
what_is_it(struct reader *r, struct err *err)
{
	struct slice s = {r->sniff, r->sniff_len};
	uint32_t magic = s.len >= 4 ? wire_get_u32(s.p) : 0;

	if (magic == WIRE_MAGIC_BLOCK && !r->plain)
		return 0;
	if (looks_like_lines(s) || (r->plain && magic != WIRE_MAGIC_BLOCK)) {
		r->plain = true;
		return 0;
	}
	if (r->plain) {
		err_set(err, ERR_FORMAT, "%s: is an archive", file_path(r->f));
		return err_hint(err, "leave out --plain");
	}
	return neither(r, s, magic, err);
}

int
reader_open(struct reader **out, const char *path, bool plain, struct err *err)
{
	struct file *f;

	return file_open(&f, path, err) < 0 ? -1 : reader_open_file(out, f, plain, err);
}

int
reader_open_file(struct reader **out, struct file *f, bool plain, struct err *err)
{
	struct reader *r = xcalloc(1, sizeof(*r));
	ssize_t got;

	r->f = f;
	r->plain = plain;
	r->line = 1;
	header_init(&r->header);
	trailer_init(&r->seen);
	totals_init(&r->said);
	got = file_read(r->f, r->sniff, sizeof(r->sniff), err);
	if (got < 0)
		goto fail;
	r->sniff_len = (size_t)got;
	if (what_is_it(r, err) < 0)
		goto fail;
	*out = r;
	return 0;
fail:
	reader_free(r);
	return -1;
}

void
reader_free(struct reader *r)
{
	if (!r)
		return;
	file_close(r->f);
	header_release(&r->header);
	trailer_release(&r->seen);
	totals_release(&r->said);
	reach_release(&r->reach);
	buf_release(&r->block);
	buf_release(&r->carry);
	free(r);
}

static int
begin_archive(struct reader *r, struct slice map, struct err *err)
{
	uint8_t head[WIRE_FRAME_HEAD_BYTES];
	struct buf frame = BUF_INIT;
	struct header next;
	const char *breaks;

	if (r->state != STATE_START && r->state != STATE_DONE)
		return wrong(r, err, "a header block inside an archive: its end is missing");
	header_init(&next);
	if (header_read(&next, map, err) < 0) {
		header_release(&next);
		return err_wrap(err, "%s", file_path(r->f));
	}
	breaks = r->state == STATE_DONE ? reach_breaks(&r->reach, &next) : NULL;
	if (breaks) {
		header_release(&next);
		return wrong(r, err, breaks);
	}
	header_release(&r->header);
	r->header = next;
	if (r->state == STATE_START)
		r->begins = next.after;
	trailer_release(&r->seen);
	trailer_init(&r->seen);
	r->archive_at = r->at - WIRE_FRAME_HEAD_BYTES - r->block.len;
	wire_put_u32(head, WIRE_MAGIC_BLOCK);
	wire_put_u32(head + 4, (uint32_t)r->block.len);
	buf_add(&frame, head, sizeof(head));
	buf_add_slice(&frame, buf_slice(&r->block));
	r->seen.header_hash = digest_of_64(buf_slice(&frame));
	trailer_add_frame(&r->seen, frame.len, 0);
	buf_release(&frame);
	r->state = STATE_CHUNKS;
	return 0;
}

static int
begin_chunk(struct reader *r, struct slice map, struct reader_chunk *c, struct err *err)
{
	struct chunk_info *info = &c->chunk.info;
	struct digest chain;

	if (r->state != STATE_CHUNKS)
		return wrong(r, err, "a chunk block where none may be");
	if (chunk_info_read(info, map, err) < 0)
		return err_wrap(err, "%s: byte %" PRIu64, file_path(r->f), r->at);
	if (info->seq != r->seen.n_chunks)
		return err_set(err, ERR_FORMAT,
		               "%s: byte %" PRIu64 ": chunk %" PRIu64 " where chunk %zu should be: "
		               "a chunk is missing, doubled or moved",
		               file_path(r->f), r->at, info->seq, r->seen.n_chunks);
	chain = digest_chain(&r->seen.totals.chain, &info->digest);
	if (!digest_eq(&chain, &info->chain))
		return wrong(r, err, "the chain of digests breaks: a chunk is missing or moved");
	if (r->events && info->first <= r->last)
		return wrong(r, err, "positions do not rise: events come twice or out of order");
	if ((r->header.after.set && info->first <= r->header.after.position) ||
	    (r->header.upto.set && info->last > r->header.upto.position))
		return wrong(r, err, "a chunk is outside of the range that the header says");
	info->offset = r->at - WIRE_FRAME_HEAD_BYTES - r->block.len - r->archive_at;
	c->codec = r->header.codec;
	c->plain = false;
	c->whole = false;
	trailer_add_chunk(&r->seen, info, WIRE_FRAME_HEAD_BYTES + r->block.len);
	r->pending = info->stored_bytes;
	return 1;
}

static int
end_archive(struct reader *r, struct slice map, struct err *err)
{
	struct trailer said;
	const char *what;
	int rc = -1;

	trailer_init(&said);
	if (r->state != STATE_CHUNKS && r->state != STATE_INDEXED) {
		wrong(r, err, "an end block where none may be");
		goto out;
	}
	if (trailer_read_end(&said, map, err) < 0) {
		err_wrap(err, "%s: byte %" PRIu64, file_path(r->f), r->at);
		goto out;
	}
	what = totals_difference(&said.totals, &r->seen.totals);
	if (!what && said.header_hash != r->seen.header_hash)
		what = "header";
	if (!what && said.read != said.totals.events + said.filtered)
		what = "account of events";
	if (what) {
		err_set(err, ERR_FORMAT, "%s: the end block differs from what was read: %s",
		        file_path(r->f), what);
		goto out;
	}
	totals_merge(&r->said, &said.totals);
	reach_add(&r->reach, &r->header, said.reached);
	trailer_add_frame(&r->seen, WIRE_FRAME_HEAD_BYTES + r->block.len, 0);
	r->state = STATE_ENDED;
	rc = 0;
out:
	trailer_release(&said);
	return rc;
}

static int
check_index(struct reader *r, struct slice map, struct err *err)
{
	if (r->state != STATE_CHUNKS)
		return wrong(r, err, "an index block where none may be");
	if (trailer_check_index(&r->seen, map, err) < 0)
		return err_wrap(err, "%s", file_path(r->f));
	trailer_add_frame(&r->seen, WIRE_FRAME_HEAD_BYTES + r->block.len, 0);
	r->state = STATE_INDEXED;
	return 0;
}

/* The seek table is compared byte for byte with the one that belongs to what was read. */
static int
check_seek_table(struct reader *r, struct err *err)
{
	struct buf want = BUF_INIT;
	bool same;

	if (r->state != STATE_ENDED)
		return wrong(r, err, "a seek table where none may be: the end block is missing");
	trailer_write_seek_table(&r->seen, &want);
	same = want.len == WIRE_FRAME_HEAD_BYTES + r->block.len &&
	       memcmp(want.p + WIRE_FRAME_HEAD_BYTES, r->block.p, r->block.len) == 0;
	buf_release(&want);
	if (!same)
		return wrong(r, err, "the seek table differs from what was read");
	r->state = STATE_DONE;
	return 0;
}

/* One frame: 1 when a chunk has begun, 0 to go on, -1. */
static int
take_frame(struct reader *r, uint32_t magic, uint32_t size, struct reader_chunk *c, struct err *err)
{
	struct slice map;
	uint8_t kind;

	if (magic != WIRE_MAGIC_BLOCK && magic != WIRE_MAGIC_SEEK)
		return wrong(
		    r, err,
		    r->state == STATE_DONE
			? "there is something behind the end of the archive"
			: "neither a block nor a chunk begins here: the archive is damaged");
	if (magic == WIRE_MAGIC_BLOCK && size > WIRE_BLOCK_MAX)
		return wrong(r, err, "a block is larger than a block may be");
	if (magic == WIRE_MAGIC_SEEK &&
	    size > r->seen.n_frames * WIRE_SEEK_ENTRY_BYTES + WIRE_SEEK_FOOTER_BYTES)
		return wrong(r, err, "the seek table is larger than what was read needs");
	r->block.len = 0;
	if (take(r, size, &r->block, err) < 0)
		return -1;
	if (magic == WIRE_MAGIC_SEEK)
		return check_seek_table(r, err);
	if (block_read(buf_slice(&r->block), &kind, &map, err) < 0)
		return err_wrap(err, "%s: byte %" PRIu64, file_path(r->f), r->at - size);
	switch (kind) {
	case BLOCK_HEADER:
		return begin_archive(r, map, err);
	case BLOCK_CHUNK:
		return begin_chunk(r, map, c, err);
	case BLOCK_INDEX:
		return check_index(r, map, err);
	case BLOCK_END:
		return end_archive(r, map, err);
	default:
		return wrong(r, err, "a block of an unknown kind");
	}
}

static int
next_chunk(struct reader *r, struct reader_chunk *c, struct err *err)
{
	uint8_t head[WIRE_FRAME_HEAD_BYTES];
	ssize_t got;
	int rc = 0;

	if (r->pending && pass_over(r, err) < 0)
		return -1;
	if (r->seen.n_chunks && r->state == STATE_CHUNKS) {
		r->chunks++;
		r->events += r->seen.chunks[r->seen.n_chunks - 1].events;
		r->last = r->seen.chunks[r->seen.n_chunks - 1].last;
	}
	while (rc == 0) {
		got = take_some(r, head, sizeof(head), err);
		if (got < 0)
			return -1;
		if (got == 0 && r->state == STATE_DONE)
			return 0;
		if ((size_t)got < sizeof(head))
			return r->state == STATE_DONE
			           ? wrong(r, err,
			                   "there is something behind the end of the archive")
			           : cut_short(r, err);
		rc = take_frame(r, wire_get_u32(head), wire_get_u32(head + 4), c, err);
	}
	return rc;
}

static uint64_t
count_lines(struct slice s)
{
	const uint8_t *p = s.p, *end = s.p + s.len;
	uint64_t n = 0;

	for (; p < end && (p = memchr(p, '\n', (size_t)(end - p))); p++)
		n++;
	return n;
}

/* Whole lines, a mebibyte or one line; what is behind the last of them is carried over. */
static int
next_lines(struct reader *r, struct reader_chunk *c, struct err *err)
{
	struct buf *raw = &c->chunk.raw;
	const uint8_t *newline = NULL;
	size_t whole;
	ssize_t got = 1;

	c->plain = c->whole = true;
	c->codec = &codec_jsonl;
	c->first_line = r->line;
	c->chunk.info = (struct chunk_info){.seq = r->chunks, .offset = r->at - r->carry.len};
	raw->len = 0;
	buf_add_slice(raw, buf_slice(&r->carry));
	r->carry.len = 0;
	while (!newline && got > 0) {
		if (raw->len > WIRE_CHUNK_RAW_MAX)
			return err_set(err, ERR_FORMAT,
			               "%s: line %" PRIu64 ": is longer than 1 GiB",
			               file_path(r->f), r->line);
		buf_reserve(raw, PIECE_BYTES);
		got = take_some(r, raw->p + raw->len, PIECE_BYTES, err);
		if (got < 0)
			return -1;
		newline = memrchr(raw->p + raw->len, '\n', (size_t)got);
		raw->len += (size_t)got;
	}
	whole = newline ? (size_t)(newline - raw->p) + 1 : raw->len;
	buf_add(&r->carry, raw->p + whole, raw->len - whole);
	raw->len = whole;
	if (whole == 0)
		return 0;
	r->line += count_lines(buf_slice(raw));
	r->chunks++;
	return 1;
}

int
reader_next(struct reader *r, struct reader_chunk *c, struct err *err)
{
	return r->plain ? next_lines(r, c, err) : next_chunk(r, c, err);
}

int
reader_payload(struct reader *r, struct reader_chunk *c, struct err *err)
{
	if (c->whole)
		return 0;
	c->chunk.stored.len = 0;
	if (take(r, r->pending, &c->chunk.stored, err) < 0)
		return -1;
	r->pending = 0;
	c->whole = true;
	return 0;
}

static bool
blank(struct slice line)
{
	size_t i;

	for (i = 0; i < line.len; i++)
		if (line.p[i] != ' ' && line.p[i] != '\t' && line.p[i] != '\r')
			return false;
	return true;
}

/* An event without a position gets the number of its line. */
static int
unpack_lines(struct reader_chunk *c, struct batch *into, struct err *err)
{
	struct slice rest = buf_slice(&c->chunk.raw);
	uint64_t line = c->first_line;
	const uint8_t *end;
	size_t len;

	batch_reset(into);
	into->seq = c->chunk.info.seq;
	for (; rest.len; line++) {
		end = memchr(rest.p, '\n', rest.len);
		len = end ? (size_t)(end - rest.p) : rest.len;
		if (blank((struct slice){rest.p, len})) {
			rest.p += len + (end != NULL);
			rest.len -= len + (end != NULL);
			continue;
		}
		if (c->codec->decode(&rest, CODEC_NO_POSITION, into, err) < 0)
			return err_wrap(err, "line %" PRIu64, line);
		if (into->events[into->len - 1].position == EVENT_NO_POSITION)
			into->events[into->len - 1].position = line;
	}
	return 0;
}

int
reader_unpack(struct reader_chunk *c, struct chunker *state, struct batch *into, struct err *err)
{
	if (c->plain)
		return unpack_lines(c, into, err);
	if (chunk_decompress(&c->chunk, state, err) < 0)
		return -1;
	return chunk_decode(&c->chunk, c->codec, into, err);
}

void
reader_chunk_release(struct reader_chunk *c)
{
	chunk_release(&c->chunk);
}

bool
reader_is_plain(const struct reader *r)
{
	return r->plain;
}

const struct header *
reader_header(const struct reader *r)
{
	return r->plain || r->state == STATE_START ? NULL : &r->header;
}

uint64_t
reader_size_bytes(const struct reader *r)
{
	return file_size(r->f);
}

uint64_t
reader_bytes(const struct reader *r)
{
	return r->at;
}

struct selection_bound
reader_begins(const struct reader *r)
{
	return r->begins;
}

struct selection_bound
reader_reached(const struct reader *r)
{
	return r->reach.upto;
}

const struct totals *
reader_said(const struct reader *r)
{
	return &r->said;
}

const struct totals *
reader_unfinished(const struct reader *r)
{
	return r->state == STATE_CHUNKS || r->state == STATE_INDEXED ? &r->seen.totals : NULL;
}
