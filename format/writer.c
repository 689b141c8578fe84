#include <stdlib.h>

#include "format/writer.h"

struct writer {
	struct file *f;
	bool plain;
	bool there; /* the file has these bytes already */
	uint64_t bytes;
	struct trailer trailer;
	struct buf block; /* scratch */
};

static int
put(struct writer *w, struct slice bytes, struct err *err)
{
	if (!w->there && file_write(w->f, bytes.p, bytes.len, err) < 0)
		return -1;
	w->bytes += bytes.len;
	return 0;
}

static int
begin(struct writer **out, struct file *f, const struct header *header, bool there, struct err *err)
{
	struct writer *w = xcalloc(1, sizeof(*w));

	w->f = f;
	w->there = there;
	w->plain = header == NULL;
	trailer_init(&w->trailer);
	if (header) {
		header_write(header, &w->block);
		w->trailer.header_hash = digest_of_64(buf_slice(&w->block));
		trailer_add_frame(&w->trailer, w->block.len, 0);
		if (put(w, buf_slice(&w->block), err) < 0) {
			writer_free(w);
			return -1;
		}
	}
	*out = w;
	return 0;
}

int
writer_open(struct writer **out, struct file *f, const struct header *header, struct err *err)
{
	return begin(out, f, header, false, err);
}

int
writer_resume(struct writer **out, struct file *f, const struct header *header, struct err *err)
{
	return begin(out, f, header, true, err);
}

int
writer_go_on(struct writer *w, struct err *err)
{
	w->there = false;
	return file_cut(w->f, w->bytes, err);
}

int
writer_append(struct writer *w, struct chunk *c, const struct batch *b, struct err *err)
{
	struct totals *totals = &w->trailer.totals;

	if (c->info.events == 0)
		return 0;
	totals_add_events(totals, b);
	totals_add_contents(totals, buf_slice(&c->contents));
	if (w->plain) {
		c->info.chain = totals->chain;
		totals_add_chunk(totals, &c->info);
		return put(w, buf_slice(&c->raw), err);
	}
	c->info.seq = totals->chunks;
	c->info.offset = w->bytes;
	c->info.chain = digest_chain(&totals->chain, &c->info.digest);
	w->block.len = 0;
	chunk_info_write(&c->info, &w->block);
	trailer_add_chunk(&w->trailer, &c->info, w->block.len);
	if (put(w, buf_slice(&w->block), err) < 0)
		return -1;
	return put(w, buf_slice(&c->stored), err);
}

/* Write one frame that is in `block`, and list it for the seek table. */
static int
put_frame(struct writer *w, struct err *err)
{
	trailer_add_frame(&w->trailer, w->block.len, 0);
	return put(w, buf_slice(&w->block), err);
}

int
writer_finish(struct writer *w, const struct writer_account *account, struct err *err)
{
	if (w->plain)
		return 0;
	w->trailer.read = account->read;
	w->trailer.filtered = account->filtered;
	w->trailer.reached = account->reached;
	w->block.len = 0;
	trailer_write_index(&w->trailer, &w->block);
	/* An index that a reader may not take is left out: it only helps to seek. */
	if (w->block.len <= WIRE_BLOCK_MAX && put_frame(w, err) < 0)
		return -1;
	w->block.len = 0;
	trailer_write_end(&w->trailer, &w->block);
	if (put_frame(w, err) < 0)
		return -1;
	w->block.len = 0;
	trailer_write_seek_table(&w->trailer, &w->block);
	return put(w, buf_slice(&w->block), err);
}

const struct totals *
writer_totals(const struct writer *w)
{
	return &w->trailer.totals;
}

uint64_t
writer_bytes(const struct writer *w)
{
	return w->bytes;
}

void
writer_free(struct writer *w)
{
	if (!w)
		return;
	trailer_release(&w->trailer);
	buf_release(&w->block);
	free(w);
}
