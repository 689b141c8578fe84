#ifndef FORMAT_PACKER_H
#define FORMAT_PACKER_H

#include "format/writer.h"

/*
 * Events into the chunks of an archive, one after the other on the thread of the
 * caller: for those that are found by the way.  An export, which has many, packs
 * them in a pipeline.
 *
 *	packer_init(&p, level);
 *	while (...)
 *		packer_add(&p, writer, codec, event, &copy, err);
 *	packer_flush(&p, writer, codec, err);
 *	packer_release(&p);
 *
 * A chunk is closed at its weight, as esexport has it by default.
 */
struct packer {
	struct batch *batch; /* of the chunk that is filled */
	struct chunk chunk;
	struct chunker *state;
};

void packer_init(struct packer *p, int level); /* of zstd */
void packer_release(struct packer *p);         /* also zeroed */

/* Add a copy of the event; a chunk that is full without it is written first.  *copy, which may be
 * changed until the next call, owns its bytes. */
MUST_USE int packer_add(struct packer *p, struct writer *w, const struct codec *codec,
                        const struct event *e, struct event **copy, struct err *err);

/* Write what has not been written: 1, 0 where there is nothing, -1. */
MUST_USE int packer_flush(struct packer *p, struct writer *w, const struct codec *codec,
                          struct err *err);

#endif
