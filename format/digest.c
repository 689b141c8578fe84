#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "common/uuid.h"
#include "format/codec.h"
#include "format/digest.h"

struct digest
digest_of(struct slice s)
{
	XXH128_canonical_t canonical;
	struct digest d;

	XXH128_canonicalFromHash(&canonical, XXH3_128bits(s.p, s.len));
	memcpy(d.bytes, canonical.digest, sizeof(d.bytes));
	return d;
}

bool
digest_eq(const struct digest *a, const struct digest *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

struct digest
digest_chain(const struct digest *chain, const struct digest *next)
{
	uint8_t both[2 * WIRE_DIGEST_BYTES];

	memcpy(both, chain->bytes, WIRE_DIGEST_BYTES);
	memcpy(both + WIRE_DIGEST_BYTES, next->bytes, WIRE_DIGEST_BYTES);
	return digest_of((struct slice){both, sizeof(both)});
}

void
digest_hex(const struct digest *d, char out[2 * WIRE_DIGEST_BYTES + 1])
{
	uuid_format_hex(d->bytes, out); /* which has as many bytes */
}

const char *
digest_spoken(const struct digest *d, char out[DIGEST_SPOKEN_BYTES])
{
	char hex[2 * WIRE_DIGEST_BYTES + 1];
	char *o = out;
	int i;

	digest_hex(d, hex);
	for (i = 0; i < 2 * WIRE_DIGEST_BYTES; i++) {
		if (i && i % 4 == 0)
			*o++ = ' ';
		*o++ = hex[i];
	}
	*o = '\0';
	return out;
}

uint64_t
digest_of_64(struct slice s)
{
	return XXH3_64bits(s.p, s.len);
}

static int
compare_names(const void *a, const void *b)
{
	const struct attr *x = a, *y = b;

	return slice_cmp(x->name, y->name);
}

int
digest_of_event(const struct event *e, struct digest *out, struct err *err)
{
	struct event bare = *e;
	struct buf bytes = BUF_INIT;
	struct attr *kept = xcalloc(e->n_attrs, sizeof(*kept));
	uint32_t i;
	int rc;

	bare.n_attrs = 0;
	bare.attrs = kept;
	for (i = 0; i < e->n_attrs; i++)
		if (!attr_is_hint(&e->attrs[i]))
			kept[bare.n_attrs++] = e->attrs[i];
	qsort(kept, bare.n_attrs, sizeof(*kept), compare_names);
	rc = codec_cbor.encode(&bare, 0, &bytes, err);
	if (rc == 0)
		*out = digest_of(buf_slice(&bytes));
	buf_release(&bytes);
	free(kept);
	return rc;
}

bool
digest_of_hex(const char *hex, struct digest *out)
{
	return uuid_parse_hex(slice_str(hex), out->bytes) == 0;
}
