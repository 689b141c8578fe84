#ifndef TESTS_FUZZ_CODEC_ROUND_H
#define TESTS_FUZZ_CODEC_ROUND_H

#include <assert.h>

#include "format/codec.h"
#include "format/content.h"

/*
 * What holds for every event that a codec decodes: it passes event_check(), and
 * either codec encodes it to bytes that decode to the same event, of the same
 * digest, and encode to the same bytes again.
 */
static inline void
codec_round_event(struct event *e, const struct codec *codec, unsigned flags,
                  struct content *content)
{
	struct digest was, is;
	struct buf bytes = BUF_INIT, again = BUF_INIT;
	struct batch *b = batch_new();
	struct err err = ERR_INIT;
	struct slice rest;

	assert(codec->encode(e, flags, &bytes, &err) == 0 && bytes.len > 0);
	rest = buf_slice(&bytes);
	assert(codec->decode(&rest, 0, b, &err) == 0 && rest.len == 0 && b->len == 1);
	assert(!event_difference(e, &b->events[0], true));
	assert(e->n_attrs == b->events[0].n_attrs); /* hints, too */
	content_digest(content, e, &was);
	content_digest(content, &b->events[0], &is);
	assert(digest_eq(&was, &is));
	assert(event_check(&b->events[0], b->mem, &err) == 0);
	assert(codec->encode(&b->events[0], flags, &again, &err) == 0);
	assert(slice_eq(buf_slice(&bytes), buf_slice(&again)));
	buf_release(&bytes);
	buf_release(&again);
	batch_free(b);
}

/* All events of the input, up to the first that is none. */
static inline void
codec_round(const struct codec *codec, unsigned flags, struct slice in)
{
	struct content *content = content_new();
	struct batch *b = batch_new();
	struct err err = ERR_INIT;
	struct event *e;
	size_t i, left;

	for (i = 0; in.len > 0; i++) {
		left = in.len;
		if (codec->decode(&in, flags, b, &err) < 0) {
			assert(err.kind == ERR_FORMAT && err.msg[0] && b->len == i);
			break;
		}
		assert(in.len < left && b->len == i + 1);
	}
	for (i = 0; i < b->len; i++) {
		e = &b->events[i];
		if (e->position == EVENT_NO_POSITION) {
			assert(flags & CODEC_NO_POSITION);
			e->position = i;
		}
		assert(event_check(e, b->mem, &err) == 0);
		codec_round_event(e, &codec_jsonl, 0, content);
		codec_round_event(e, &codec_jsonl, CODEC_EXACT_TEXT, content);
		codec_round_event(e, &codec_cbor, 0, content);
	}
	content_free(content);
	batch_free(b);
}

#endif
