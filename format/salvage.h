#ifndef FORMAT_SALVAGE_H
#define FORMAT_SALVAGE_H

#include "common/file.h"
#include "format/header.h"
#include "format/lost.h"
#include "format/trailer.h"

/*
 * Reads what is left of a damaged archive, or of several one behind the other, from a
 * file or a pipe: every chunk that is whole, in order, and then which positions are
 * lost (spec/FORMAT.md, "Damaged archives").
 *
 *	salvage_open(&s, file);
 *	while ((rc = salvage_next(s, &chunk, batch, err)) > 0)
 *		...                     // all checks of the chunk were passed
 *	salvage_found(s)->lost          // when rc is 0
 *
 * A chunk is used where its block, the bytes of its payload, their digest and its events fit,
 * and its number, its chain and its positions go on from those before.  One thread.
 */
struct salvage;

struct salvage_found {
	struct lost lost; /* positions; complete behind the end */
	uint64_t archives, chunks, events, raw_bytes;
	uint64_t filtered;              /* as end blocks say it */
	struct selection_bound reached; /* the same, else the last event */
	uint64_t stray_bytes;           /* that are neither a block nor a chunk that is whole */
	bool header_lost;               /* of one archive, or more */
	bool end_lost;                  /* the same, of the end block */
};

/* From a file that is at its beginning, which is then the salvage's. */
void salvage_open(struct salvage **out, struct file *f);
void salvage_free(struct salvage *s); /* NULL is fine */

/*
 * The next chunk that is whole, with its events, which are good until the next call: 1, 0 at
 * the end of the input, -1: ERR_FORMAT where nothing is left at all, where the archive needs a
 * newer program, or where another store's follows.
 */
MUST_USE int salvage_next(struct salvage *s, struct chunk *c, struct batch *b, struct err *err);

const struct codec *salvage_codec(const struct salvage *s); /* of the last chunk */
/* Of the first archive; NULL before its first chunk, and where it is lost. */
const struct header *salvage_header(const struct salvage *s);
const struct salvage_found *salvage_found(const struct salvage *s);

uint64_t salvage_bytes(const struct salvage *s); /* passed so far */
uint64_t salvage_size_bytes(const struct salvage *s);

#endif
