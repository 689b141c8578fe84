#include "format/salvage.h"

#include <inttypes.h>
#include <stdlib.h>

#include "format/block.h"
#include "format/part.h"
#include "format/scan.h"

#define CBOR_MAP 5 /* the major type: an event in codec cbor begins with it */

struct salvage {
	struct scan *scan;
	struct chunker *state;
	const struct codec *codec;
	struct header first; /* of the first archive, if it is whole */
	bool has_first;

	/* The archive being read. */
	bool begun, has_header;
	bool behind;  /* blocks that stand behind the chunks have been read */
	bool foreign; /* a header came by that is of something that an event holds */
	struct header header;
	struct part part;
	uint64_t at;      /* where it begins in the input */
	uint64_t next_at; /* where the one behind it does, if nothing is amiss */
	uint64_t inside;  /* up to here the input is a payload: blocks in it are somebody's data */
	struct salvage_found found;
};

void
salvage_open(struct salvage **out, struct file *f)
{
	struct salvage *s = xcalloc(1, sizeof(*s));

	scan_open(&s->scan, f);
	s->state = chunker_new(1);
	header_init(&s->first);
	header_init(&s->header);
	*out = s;
}

void
salvage_free(struct salvage *s)
{
	if (!s)
		return;
	scan_free(s->scan);
	chunker_free(s->state);
	header_release(&s->first);
	header_release(&s->header);
	part_release(&s->part);
	lost_release(&s->found.lost);
	free(s);
}

static int
wrong(const struct salvage *s, struct err *err, const char *what)
{
	return err_set(err, ERR_FORMAT, "%s: byte %" PRIu64 ": %s", scan_path(s->scan),
	               scan_bytes(s->scan), what);
}

/* How far the store was read up to here: as the end block says it, else to the last event.  An
 * archive that stands there once more says less than those before it. */
static struct selection_bound
reached(const struct salvage *s)
{
	const struct part *p = &s->part;

	if (p->low == 0 || (p->reached.set && p->reached.position >= p->low - 1))
		return p->reached;
	return (struct selection_bound){true, p->low - 1};
}

/* Where the store is known to have been read up to, the archive that follows begins there or
 * before; what lies between is lost with an archive. */
static void
lose_between(struct salvage *s, struct selection_bound after)
{
	if (!after.set || !s->part.reached.set || after.position <= reached(s).position)
		return;
	lost_add(&s->found.lost,
	         (struct lost_range){.first = reached(s).position + 1, .last = after.position});
}

/* What stands behind the seek table of the last archive, and is none, may have been one. */
static void
lose_behind(struct salvage *s)
{
	if (s->begun && s->behind && s->next_at > s->at && scan_bytes(s->scan) > s->next_at)
		lost_add(&s->found.lost,
		         (struct lost_range){.first = reached(s).set ? reached(s).position + 1 : 0,
		                             .open = true});
}

/* The archive being read is over.  `bound`: no position of it is higher. */
static void
end_part(struct salvage *s, struct selection_bound bound)
{
	struct salvage_found *found = &s->found;

	if (!s->begun)
		return;
	if (!bound.set && s->has_header)
		bound = s->header.upto;
	part_finish(&s->part, bound, &found->lost);
	found->end_lost = found->end_lost || !s->part.ended;
	found->filtered += s->part.filtered;
	if (reached(s).set)
		found->reached = reached(s);
}

static void
begin_part(struct salvage *s, uint64_t at, struct slice header)
{
	const struct lost *lost = &s->found.lost;
	const struct lost_range *before = lost->len ? &lost->ranges[lost->len - 1] : NULL;
	uint64_t low = s->begun ? s->part.low : 0;
	bool has_header = header.p != NULL;

	/* Nothing of it lies where something of the one before is lost. */
	if (before && !before->open && before->last >= low && before->last < UINT64_MAX)
		low = before->last + 1;
	if (has_header && s->header.after.set && s->header.after.position >= low &&
	    s->header.after.position < UINT64_MAX)
		low = s->header.after.position + 1;
	part_begin(&s->part, low, header);
	s->begun = true;
	s->behind = s->foreign = false;
	s->has_header = has_header;
	s->at = at;
	s->found.archives++;
	s->found.header_lost = s->found.header_lost || !has_header;
}

/* Whether the header is one that may follow upon the first. */
static bool
related(const struct header *a, const struct header *b)
{
	return a->fill == b->fill &&
	       (!a->has_origin || !b->has_origin || digest_eq(&a->origin, &b->origin)) &&
	       slice_eq(buf_slice(&a->filters), buf_slice(&b->filters));
}

static bool
follows(const struct salvage *s, const struct header *next)
{
	if (!s->begun || (s->has_first && related(&s->first, next) && s->behind))
		return true;
	/* Its end is lost, and what stands here is as likely to be data of an event. */
	return s->has_first && related(&s->first, next) && next->has_origin && next->after.set &&
	       next->after.position + 1 >= s->part.low;
}

static int
take_header(struct salvage *s, const struct scan_block *b, struct err *err)
{
	bool ours = !s->begun || s->behind; /* else it may be data of an event */
	struct err why = ERR_INIT;
	struct header next;

	header_init(&next);
	if (header_read(&next, b->map, &why) < 0) {
		header_release(&next);
		s->foreign = true;
		*err = ours ? why : *err;
		return ours ? err_wrap(err, "%s", scan_path(s->scan)) : 0;
	}
	if (!follows(s, &next) && !(s->behind && !s->has_first)) {
		header_release(&next);
		s->foreign = true;
		return ours ? wrong(s, err,
		                    "the archive that follows here is of another store, "
		                    "or was made with other filters")
		            : 0;
	}
	if (s->begun) {
		end_part(s, next.after);
		lose_between(s, next.after);
	}
	header_release(&s->header);
	s->header = next;
	if (!s->begun) {
		s->has_first = true;
		(void)!header_read(&s->first, b->map, err);
	}
	begin_part(s, b->at, b->frame);
	return 0;
}

/* The archive begins without its header, at this chunk. */
static void
begin_at_chunk(struct salvage *s, const struct chunk_info *info)
{
	end_part(s, (struct selection_bound){info->first > 0, info->first - 1});
	begin_part(s, s->next_at, SLICE_ABSENT);
}

/* So it does where nothing is there yet, and where the end of another one is. */
static void
place(struct salvage *s, const struct chunk_info *info, bool inside)
{
	if (!s->begun || (s->behind && !inside && info->first >= s->part.low))
		begin_at_chunk(s, info);
}

/* And where that end is lost, too; then the first chunk shows it, if it is whole. */
static bool
restarts(const struct salvage *s, const struct chunk_info *info, bool inside)
{
	const struct part fresh = {.low = s->part.low};

	return !inside && !s->foreign && info->seq == 0 && s->part.next > 0 &&
	       part_fits(&fresh, info);
}

static bool
in_range(const struct salvage *s, const struct chunk_info *info)
{
	const struct header *h = &s->header;

	return !s->has_header || ((!h->after.set || info->first > h->after.position) &&
	                          (!h->upto.set || info->last <= h->upto.position));
}

/* The codec stands in the header; the first byte of a payload tells them apart, too. */
static const struct codec *
find_codec(const struct salvage *s, bool anew, const struct chunk *c)
{
	if (s->has_header && !anew)
		return s->header.codec;
	if (c->raw.len && c->raw.p[0] >> 5 == CBOR_MAP)
		return &codec_cbor;
	return &codec_jsonl;
}

/* Whether the payload is whole: 1 with the events, 0, -1.  `anew`: its archive has no header. */
static int
unpack(struct salvage *s, bool anew, struct chunk *c, struct batch *b, struct err *err)
{
	struct err ignored = ERR_INIT;
	struct slice stored;
	int rc = scan_peek(s->scan, 0, c->info.stored_bytes, &stored, err);

	if (rc <= 0)
		return rc;
	c->stored.len = 0;
	if (digest_of_64(stored) != c->info.check)
		return 0;
	buf_add_slice(&c->stored, stored);
	if (chunk_decompress(c, s->state, &ignored) < 0)
		return 0;
	s->codec = find_codec(s, anew, c);
	return chunk_decode(c, s->codec, b, &ignored) == 0;
}

/* Behind a payload that is of no use: to the next block, which is in its place, or anywhere. */
static int
pass_over(struct salvage *s, uint64_t len, struct err *err)
{
	int rc = scan_block_ahead(s->scan, len, err);

	if (rc < 0)
		return -1;
	if (rc > 0) {
		scan_skip(s->scan, len);
		s->found.stray_bytes += len;
		return 0;
	}
	s->inside = scan_bytes(s->scan) + len;
	return scan_waste(s->scan, len, err);
}

/* 1: it is whole and was taken, 0: it was not, -1. */
static int
take_chunk(struct salvage *s, const struct scan_block *block, struct chunk *c, struct batch *b,
           struct err *err)
{
	struct chunk_info *info = &c->info;
	struct err ignored = ERR_INIT;
	bool inside = block->at < s->inside, fits, anew;
	int rc;

	if (chunk_info_read(info, block->map, &ignored) < 0)
		return 0;
	place(s, info, inside);
	info->offset = block->at - s->at;
	fits = part_fits(&s->part, info) && in_range(s, info);
	anew = !fits && restarts(s, info, inside);
	if (!fits && !anew)
		return pass_over(s, info->stored_bytes, err);
	rc = unpack(s, anew, c, b, err);
	if (rc < 0)
		return -1;
	if (rc == 0) {
		if (fits)
			part_miss(&s->part, info);
		return pass_over(s, info->stored_bytes, err);
	}
	if (anew)
		begin_at_chunk(s, info);
	scan_skip(s->scan, info->stored_bytes);
	s->inside = 0;
	part_take(&s->part, info);
	s->found.chunks++;
	s->found.events += info->events;
	s->found.raw_bytes += info->raw_bytes;
	return 1;
}

/* The table counts the chunks, where its frames fill the archive up to it. */
static bool
take_seek_table(struct salvage *s, const struct scan_block *b)
{
	const uint8_t *p = b->map.p;
	uint64_t n = (b->map.len - WIRE_SEEK_FOOTER_BYTES) / WIRE_SEEK_ENTRY_BYTES;
	uint64_t bytes = 0, chunks = 0;

	for (; n > 0; n--, p += WIRE_SEEK_ENTRY_BYTES) {
		bytes += wire_get_u32(p);
		chunks += wire_get_u32(p + 4) > 0;
	}
	if (bytes != b->at - s->at)
		return s->behind;
	part_count(&s->part, chunks);
	return true;
}

/* A block behind the chunks; where one may be data of an event, it has to prove that it is not. */
static void
take_trailer(struct salvage *s, const struct scan_block *b)
{
	bool proof = s->foreign || b->at < s->inside, ours = false;

	if (!s->begun && b->kind != SCAN_SEEK_TABLE)
		begin_part(s, 0, SLICE_ABSENT);
	if (!s->begun)
		return;
	if (b->kind == SCAN_SEEK_TABLE)
		ours = take_seek_table(s, b);
	else if (b->kind == BLOCK_INDEX)
		ours = part_index(&s->part, b->map, proof);
	else if (b->kind == BLOCK_END)
		ours = part_end(&s->part, b->map, proof);
	if (b->kind == SCAN_SEEK_TABLE)
		s->next_at = b->at + b->frame.len;
	if (!ours) {
		s->found.stray_bytes += b->frame.len;
		return;
	}
	s->behind = true;
	s->foreign = false;
	s->inside = 0;
}

int
salvage_next(struct salvage *s, struct chunk *c, struct batch *b, struct err *err)
{
	struct scan_block block;
	int rc;

	while ((rc = scan_next(s->scan, &block, err)) > 0) {
		rc = 0;
		if (block.kind == BLOCK_HEADER)
			rc = take_header(s, &block, err);
		else if (block.kind == BLOCK_CHUNK)
			rc = take_chunk(s, &block, c, b, err);
		else
			take_trailer(s, &block);
		if (rc != 0)
			return rc;
	}
	if (rc < 0)
		return -1;
	end_part(s, (struct selection_bound){0});
	lose_behind(s);
	s->found.stray_bytes += scan_stray(s->scan);
	if (s->begun)
		return 0;
	err_set(err, ERR_FORMAT, "%s: nothing of an archive is left in it", scan_path(s->scan));
	return err_hint(err, "JSON Lines have no chunks: they are read as they are, or not at all");
}

const struct codec *
salvage_codec(const struct salvage *s)
{
	return s->codec;
}

const struct header *
salvage_header(const struct salvage *s)
{
	return s->has_first ? &s->first : NULL;
}

const struct salvage_found *
salvage_found(const struct salvage *s)
{
	return &s->found;
}

uint64_t
salvage_bytes(const struct salvage *s)
{
	return scan_bytes(s->scan);
}

uint64_t
salvage_size_bytes(const struct salvage *s)
{
	return scan_size_bytes(s->scan);
}
