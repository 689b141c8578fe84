#ifndef COMMON_NATSMARK_H
#define COMMON_NATSMARK_H

#include "common/natsmsg.h"

/*
 * What the header Es-Import says, which esimport puts into each message: the last
 * one that is there says how far the import came (spec/CLI.md, "Resume and
 * conflicts").
 *
 *	1 POSITION EVENTS KEY RUN EVENT [after=N] [appended]
 *
 * 1 is the version of this form; KEY, RUN and EVENT are base64.
 */
#define NATSMARK_DIGEST_BYTES 16
#define NATSMARK_RUN_BYTES 8

struct natsmark {
	uint64_t position;                    /* of the event in its source */
	uint64_t events;                      /* that the import has written, with this one */
	uint8_t key[NATSMARK_DIGEST_BYTES];   /* which import: origin and selection */
	uint8_t run[NATSMARK_RUN_BYTES];      /* which run of it */
	uint8_t event[NATSMARK_DIGEST_BYTES]; /* digest of the event */
	bool has_after;                       /* the import began behind this position */
	uint64_t after;
	bool appended; /* the position is not the event's in this stream */
};

void natsmark_write(const struct natsmark *mark, struct buf *out);
/* Of a message: false where it has none, or one that we cannot read. */
bool natsmark_read(const struct natsmsg *m, struct natsmark *out);

#endif
