#include "format/packer.h"

#define CHUNK_BYTES ((size_t)4 << 20)

void
packer_init(struct packer *p, int level)
{
	*p = (struct packer){.batch = batch_new(), .state = chunker_new(level)};
}

void
packer_release(struct packer *p)
{
	chunk_release(&p->chunk);
	chunker_free(p->state);
	batch_free(p->batch);
	*p = (struct packer){.batch = NULL};
}

int
packer_add(struct packer *p, struct writer *w, const struct codec *codec, const struct event *e,
           struct event **copy, struct err *err)
{
	size_t weight_bytes = event_weight_bytes(e);

	if (p->batch->len > 0 && p->batch->weight_bytes + weight_bytes > CHUNK_BYTES &&
	    packer_flush(p, w, codec, err) < 0)
		return -1;
	*copy = batch_add_copy(p->batch, e);
	p->batch->weight_bytes += weight_bytes;
	return 0;
}

int
packer_flush(struct packer *p, struct writer *w, const struct codec *codec, struct err *err)
{
	if (p->batch->len == 0)
		return 0;
	if (chunk_encode(&p->chunk, p->batch, codec, 0, err) < 0 ||
	    chunk_compress(&p->chunk, p->state, err) < 0 ||
	    writer_append(w, &p->chunk, p->batch, err) < 0)
		return -1;
	batch_reset(p->batch);
	return 1;
}
