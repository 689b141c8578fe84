#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "common/cborbuf.h"
#include "common/cborscan.h"
#include "common/timestamp.h"
#include "format/block.h"
#include "format/cbormap.h"
#include "format/header.h"
#include "format/lost.h"

#define TAG_TIME 0
#define TAG_UUID 37

enum feature { FEATURE_FILL, FEATURE_SALVAGED, FEATURES };

static const char *const features[FEATURES] = {"fill", "salvaged"};

void
header_init(struct header *h)
{
	*h = (struct header){.codec = &codec_jsonl};
	cborbuf_map(&h->filters, 0);
}

void
header_release(struct header *h)
{
	buf_release(&h->tool);
	buf_release(&h->source_kind);
	buf_release(&h->source_layout);
	buf_release(&h->source_address);
	buf_release(&h->filters);
	buf_release(&h->lost);
	*h = (struct header){0};
}

static void
put_text(struct buf *map, const char *key, const struct buf *text)
{
	if (!text->len)
		return;
	cborbuf_str(map, key);
	cborbuf_text(map, buf_slice(text));
}

static void
put_source(struct buf *map, const struct header *h)
{
	cborbuf_str(map, "source");
	cborbuf_map(map, (uint64_t)(h->source_kind.len > 0) + (h->source_layout.len > 0) +
	                     (h->source_address.len > 0));
	put_text(map, "kind", &h->source_kind);
	put_text(map, "layout", &h->source_layout);
	put_text(map, "address", &h->source_address);
}

static void
put_range(struct buf *map, const struct header *h)
{
	cborbuf_str(map, "range");
	cborbuf_map(map, (uint64_t)h->upto.set + h->after.set);
	if (h->upto.set) {
		cborbuf_str(map, "upto");
		cborbuf_uint(map, h->upto.position);
	}
	if (h->after.set) {
		cborbuf_str(map, "after");
		cborbuf_uint(map, h->after.position);
	}
}

static void
put_packing(struct buf *map, const struct header_packing *p)
{
	cborbuf_str(map, "packing");
	cborbuf_map(map, 3);
	cborbuf_str(map, "level");
	cborbuf_uint(map, p->level);
	cborbuf_str(map, "chunk_size");
	cborbuf_uint(map, p->chunk_bytes);
	cborbuf_str(map, "exact_text");
	cborbuf_bool(map, p->exact_text);
}

/* Keys in the order of RFC 8949 section 4.2.1, which for short text is length first. */
static void
put_map(struct buf *map, const struct header *h)
{
	char created[TIMESTAMP_BYTES];
	size_t n = timestamp_format(h->created_ns, TIMESTAMP_RFC3339, created);

	cborbuf_map(map, 8U + h->has_origin + h->fill + h->salvaged + h->packing.said);
	cborbuf_str(map, "id");
	cborbuf_tag(map, TAG_UUID);
	cborbuf_bytes(map, (struct slice){h->id, sizeof(h->id)});
	if (h->fill) {
		cborbuf_str(map, "fill");
		cborbuf_bool(map, true);
	}
	if (h->salvaged) {
		cborbuf_str(map, "lost");
		buf_add_slice(map, buf_slice(&h->lost));
	}
	cborbuf_str(map, "tool");
	cborbuf_text(map, buf_slice(&h->tool));
	cborbuf_str(map, "codec");
	cborbuf_str(map, h->codec->name);
	put_range(map, h);
	if (h->has_origin) {
		cborbuf_str(map, "origin");
		cborbuf_bytes(map, (struct slice){h->origin.bytes, sizeof(h->origin.bytes)});
	}
	put_source(map, h);
	cborbuf_str(map, "created");
	cborbuf_tag(map, TAG_TIME);
	cborbuf_text(map, (struct slice){(uint8_t *)created, n});
	cborbuf_str(map, "filters");
	buf_add_slice(map, buf_slice(&h->filters));
	if (h->packing.said)
		put_packing(map, &h->packing);
	cborbuf_str(map, "requires");
	cborbuf_array(map, (uint64_t)h->fill + h->salvaged);
	if (h->fill)
		cborbuf_str(map, features[FEATURE_FILL]);
	if (h->salvaged)
		cborbuf_str(map, features[FEATURE_SALVAGED]);
}

/* Version 8 of RFC 9562: our own 122 bits. */
static void
make_uuid(uint8_t id[UUID_BYTES])
{
	id[6] = (uint8_t)((id[6] & 0x0F) | 0x80);
	id[8] = (uint8_t)((id[8] & 0x3F) | 0x80);
}

int
header_stamp(struct header *h, struct err *err)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");
	struct buf map = BUF_INIT;
	struct digest digest;
	char *end;
	long long s;

	if (!epoch) {
		h->created_ns = timestamp_now_ns() / 1000000 * 1000000;
		if (getrandom(h->id, sizeof(h->id), 0) != (ssize_t)sizeof(h->id))
			return err_sys(err, ERR_IO, "cannot get random bytes for the archive's id");
		make_uuid(h->id);
		return 0;
	}
	errno = 0;
	s = strtoll(epoch, &end, 10);
	if (errno || end == epoch || *end || s < 0 || s > INT64_MAX / 1000000000 - 1)
		return err_set(err, ERR_USAGE, "SOURCE_DATE_EPOCH=%s: not a number of seconds",
		               epoch);
	h->created_ns = s * 1000000000;
	memset(h->id, 0, sizeof(h->id));
	put_map(&map, h);
	digest = digest_of(buf_slice(&map));
	buf_release(&map);
	memcpy(h->id, digest.bytes, sizeof(h->id));
	make_uuid(h->id);
	return 0;
}

void
header_write(const struct header *h, struct buf *out)
{
	struct buf map = BUF_INIT;

	put_map(&map, h);
	block_write(BLOCK_HEADER, buf_slice(&map), out);
	buf_release(&map);
}

static void
take_text(struct slice map, const char *key, struct buf *out)
{
	struct slice text;

	out->len = 0;
	if (cbormap_text(map, key, &text))
		buf_add_slice(out, text);
}

/* A feature that is asked for, and known. */
static bool
find_feature(struct slice name, bool required[FEATURES])
{
	unsigned i;

	for (i = 0; i < FEATURES; i++)
		if (slice_is(name, features[i]))
			return required[i] = true;
	return false;
}

static int
take_requires(struct slice map, bool required[FEATURES], struct err *err)
{
	struct slice value = cbormap_get(map, "requires"), name;
	uint64_t n;

	if (!value.p)
		return 0;
	if (!cbormap_take_array(&value, &n))
		return err_set(err, ERR_FORMAT, "header: \"requires\" is not an array");
	for (; n > 0; n--) {
		if (!cbormap_take_text(&value, &name))
			return err_set(err, ERR_FORMAT,
			               "header: \"requires\" holds more than text");
		if (!find_feature(name, required)) {
			err_set(err, ERR_FORMAT, "the archive requires the feature \"%.*s\"",
			        name.len < 60 ? (int)name.len : 60, (const char *)name.p);
			return err_hint(err, "this program does not know it: use a newer one");
		}
	}
	return 0;
}

/* Who asks for the feature says what it is for, and the other way round. */
static int
take_fill(struct header *h, struct slice map, bool required, struct err *err)
{
	h->fill = false;
	if (cbormap_get(map, "fill").p && !cbormap_bool(map, "fill", &h->fill))
		return err_set(err, ERR_FORMAT, "header: \"fill\" is not a boolean");
	if (h->fill != required)
		return err_set(err, ERR_FORMAT,
		               "header: \"fill\" and \"requires\" contradict each other");
	if (h->fill && !h->has_origin)
		return err_set(err, ERR_FORMAT, "header: \"fill\" without \"origin\"");
	return 0;
}

static int
take_lost(struct header *h, struct slice map, bool required, struct err *err)
{
	struct slice value = cbormap_get(map, "lost");
	struct lost lost = {0};
	bool good;

	h->salvaged = value.p != NULL;
	h->lost.len = 0;
	if (h->salvaged != required)
		return err_set(err, ERR_FORMAT,
		               "header: \"lost\" and \"requires\" contradict each other");
	if (!h->salvaged)
		return 0;
	good = lost_decode(&lost, value);
	lost_release(&lost);
	if (!good)
		return err_set(err, ERR_FORMAT, "header: \"lost\" is not a list of ranges");
	buf_add_slice(&h->lost, value);
	return 0;
}

/* The value behind a tag: moves over the head of the tag. */
static bool
untag(struct slice *value, uint64_t tag)
{
	struct cborscan_item item;
	const char *why;

	return value->p && cborscan_next(value, &item, &why) > 0 && item.kind == CBORSCAN_TAG &&
	       item.n == tag;
}

static int
take_stamp(struct header *h, struct slice map, struct err *err)
{
	struct slice id = cbormap_get(map, "id"), created = cbormap_get(map, "created"), text;
	struct cborscan_item item;
	const char *why;

	if (!untag(&id, TAG_UUID) || cborscan_next(&id, &item, &why) <= 0 ||
	    item.kind != CBORSCAN_BYTES || item.bytes.len != UUID_BYTES)
		return err_set(err, ERR_FORMAT, "header: \"id\" is not a UUID");
	memcpy(h->id, item.bytes.p, UUID_BYTES);
	if (!untag(&created, TAG_TIME) || !cbormap_take_text(&created, &text) ||
	    timestamp_parse(text, &h->created_ns) < 0)
		return err_set(err, ERR_FORMAT, "header: \"created\" is not a time");
	return 0;
}

static int
take_bound(struct slice range, const char *key, struct selection_bound *out, struct err *err)
{
	out->set = cbormap_get(range, key).p != NULL;
	if (out->set && !cbormap_uint(range, key, &out->position))
		return err_set(err, ERR_FORMAT, "header: \"%s\" is not a position", key);
	return 0;
}

static int
take_range(struct header *h, struct slice map, struct err *err)
{
	struct slice range = cbormap_get(map, "range");

	if (range.p && cbormap_check(range, err) < 0)
		return err_set(err, ERR_FORMAT, "header: \"range\" is not a map");
	if (take_bound(range, "after", &h->after, err) < 0)
		return -1;
	return take_bound(range, "upto", &h->upto, err);
}

/* Where it is not what it should be, nothing is known: no reader needs it. */
static void
take_packing(struct header_packing *p, struct slice map)
{
	struct slice packing = cbormap_get(map, "packing");
	struct err ignored = ERR_INIT;

	*p = (struct header_packing){0};
	p->said = packing.p && cbormap_check(packing, &ignored) == 0 &&
	          cbormap_uint(packing, "level", &p->level) &&
	          cbormap_uint(packing, "chunk_size", &p->chunk_bytes) &&
	          cbormap_bool(packing, "exact_text", &p->exact_text);
}

int
header_read(struct header *h, struct slice map, struct err *err)
{
	struct slice codec, source, filters;
	const struct codec *found;
	bool required[FEATURES] = {false};

	if (take_requires(map, required, err) < 0 || take_stamp(h, map, err) < 0)
		return -1;
	if (!cbormap_text(map, "codec", &codec))
		return err_set(err, ERR_FORMAT, "header: no \"codec\"");
	found = codec_find(codec);
	if (!found)
		return err_set(err, ERR_FORMAT, "header: codec \"%.*s\" is unknown",
		               codec.len < 60 ? (int)codec.len : 60, (const char *)codec.p);
	h->codec = found;
	take_text(map, "tool", &h->tool);
	source = cbormap_get(map, "source");
	take_text(source, "kind", &h->source_kind);
	take_text(source, "layout", &h->source_layout);
	take_text(source, "address", &h->source_address);
	h->has_origin = cbormap_bytes(map, "origin", WIRE_DIGEST_BYTES, h->origin.bytes);
	if (!h->has_origin && cbormap_get(map, "origin").p)
		return err_set(err, ERR_FORMAT, "header: \"origin\" is not a digest");
	if (take_fill(h, map, required[FEATURE_FILL], err) < 0 ||
	    take_lost(h, map, required[FEATURE_SALVAGED], err) < 0 || take_range(h, map, err) < 0)
		return -1;
	filters = cbormap_get(map, "filters");
	if (!filters.p || cbormap_check(filters, err) < 0)
		return err_set(err, ERR_FORMAT, "header: \"filters\" is not a map");
	h->filters.len = 0;
	buf_add_slice(&h->filters, filters);
	take_packing(&h->packing, map);
	return 0;
}
