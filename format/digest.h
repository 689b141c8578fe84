#ifndef FORMAT_DIGEST_H
#define FORMAT_DIGEST_H

#include "common/event.h"
#include "format/wire.h"

/* An XXH3-128 in its canonical form: the bytes that `xxhsum -H128` prints as hexadecimal. */
struct digest {
	uint8_t bytes[WIRE_DIGEST_BYTES];
};

struct digest digest_of(struct slice s);
bool digest_eq(const struct digest *a, const struct digest *b);
/* The next link: digest over `chain` and `next`, 32 bytes. */
struct digest digest_chain(const struct digest *chain, const struct digest *next);
void digest_hex(const struct digest *d, char out[2 * WIRE_DIGEST_BYTES + 1]);
/* The same in groups of four digits, to be read aloud. */
#define DIGEST_SPOKEN_BYTES 40
const char *digest_spoken(const struct digest *d,
                          char out[DIGEST_SPOKEN_BYTES]); /* returns `out` */
bool digest_of_hex(const char *hex, struct digest *out);  /* false: not what digest_hex() makes */

/* XXH3-64, as a number. */
uint64_t digest_of_64(struct slice s);

/* Of one event: over its encoding in the CBOR codec, without hints, attributes by name. */
MUST_USE int digest_of_event(const struct event *e, struct digest *out, struct err *err);

#endif
