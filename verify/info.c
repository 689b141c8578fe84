#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/jscan.h"
#include "common/printable.h"
#include "common/progress.h"
#include "common/timestamp.h"
#include "common/transcode.h"
#include "format/lost.h"
#include "format/reader.h"
#include "verify/info.h"

#define TYPES_SHOWN 20

/* One fact: printed as a line, or as a member of an object. */
struct printer {
	bool json, any;
};

static void
begin(struct printer *p, const char *key, const char *label)
{
	if (p->json)
		printf("%s\"%s\":", p->any ? "," : "{", key);
	else
		printf("%-10s ", label);
	p->any = true;
}

/* Foreign text: as it is in JSON, or for a terminal. */
static const char *
foreign(const struct printer *p, struct buf *text)
{
	if (!p->json)
		printable_line(text->p, text->len, '?');
	return buf_cstr(text);
}

static void
put_text(struct printer *p, const char *key, const char *label, struct slice text)
{
	struct buf quoted = BUF_INIT;

	if (!text.len)
		return;
	begin(p, key, label);
	if (p->json)
		jscan_quote(text, &quoted);
	else
		buf_add_slice(&quoted, text);
	printf("%s%s", foreign(p, &quoted), p->json ? "" : "\n");
	buf_release(&quoted);
}

static void
put_number(struct printer *p, const char *key, const char *label, uint64_t n)
{
	char text[PROGRESS_TEXT_BYTES];

	begin(p, key, label);
	if (p->json)
		printf("%" PRIu64, n);
	else
		printf("%s\n", progress_count(n, text));
}

static void
put_time(struct printer *p, const char *key, const char *label, int64_t ns)
{
	char text[TIMESTAMP_BYTES];

	if (ns == EVENT_NO_TIME)
		return;
	timestamp_format(ns, TIMESTAMP_RFC3339, text);
	put_text(p, key, label, slice_str(text));
}

/* A time that a block holds in nanoseconds, as people write it; anything else as it is. */
static void
add_filter_time(struct slice value, struct buf *out)
{
	char digits[24], text[TIMESTAMP_BYTES], *end;
	long long ns;

	snprintf(digits, sizeof(digits), "%.*s", (int)value.len, (const char *)value.p);
	errno = 0;
	ns = strtoll(digits, &end, 10);
	if (errno || *end || value.len >= sizeof(digits) || ns == EVENT_NO_TIME) {
		buf_add_slice(out, value);
		return;
	}
	timestamp_format(ns, TIMESTAMP_RFC3339, text);
	jscan_quote(slice_str(text), out);
}

/* What was left out is as telling as what is there.  Filters of later versions may be anything. */
static void
put_filters(struct printer *p, const struct header *h)
{
	struct buf json = BUF_INIT, out = BUF_INIT;
	struct err ignored = ERR_INIT;
	struct slice key, value;
	struct jscan_iter it;

	if (transcode_cbor_to_json(buf_slice(&h->filters), &json, &ignored) == 0) {
		jscan_object(&it, buf_slice(&json));
		while (jscan_member(&it, &key, &value) > 0) {
			buf_add_byte(&out, out.len ? ',' : '{');
			buf_add_slice(&out, key);
			buf_add_byte(&out, ':');
			if (jscan_key_is(key, "since") || jscan_key_is(key, "until"))
				add_filter_time(value, &out);
			else
				buf_add_slice(&out, value);
		}
		buf_add_str(&out, out.len ? "}" : "{}");
		if (p->json || out.len > 2) {
			begin(p, "filters", "filters");
			printf("%s%s", foreign(p, &out), p->json ? "" : "\n");
		}
	}
	buf_release(&json);
	buf_release(&out);
}

/* What was lost of the archive from which this one was saved. */
static void
put_lost(struct printer *p, struct slice encoded)
{
	struct buf json = BUF_INIT;
	struct lost lost = {0};
	char text[LOST_TEXT_BYTES];
	size_t i;

	if (!lost_decode(&lost, encoded))
		return;
	begin(p, "lost", "salvaged");
	if (p->json) {
		lost_put_array(&lost, &json);
		printf("%s", buf_cstr(&json));
	} else {
		printf("what was left of a damaged archive\n");
		for (i = 0; i < lost.len; i++)
			printf("%-10s %s\n", "lost", lost_text(&lost.ranges[i], text));
	}
	lost_release(&lost);
	buf_release(&json);
}

static void
put_header(struct printer *p, const struct header *h)
{
	char id[UUID_TEXT_BYTES + 1], origin[2 * WIRE_DIGEST_BYTES + 1];

	uuid_format(h->id, id);
	put_text(p, "id", "id", slice_str(id));
	put_time(p, "created", "created", h->created_ns);
	put_text(p, "tool", "tool", buf_slice(&h->tool));
	put_text(p, "codec", "codec", slice_str(h->codec->name));
	put_text(p, "source_kind", "source", buf_slice(&h->source_kind));
	put_text(p, "source_layout", "layout", buf_slice(&h->source_layout));
	put_text(p, "source_address", "address", buf_slice(&h->source_address));
	if (h->has_origin) {
		digest_hex(&h->origin, origin);
		put_text(p, "origin", "origin", slice_str(origin));
	}
	if (h->fill) {
		begin(p, "fill", "repair");
		printf("%s", p->json ? "true" : "what a copy of the source lacks\n");
	}
	if (h->salvaged)
		put_lost(p, buf_slice(&h->lost));
	if (h->after.set)
		put_number(p, "after", "after", h->after.position);
	if (h->upto.set)
		put_number(p, "upto", "upto", h->upto.position);
	put_filters(p, h);
}

static void
put_types(struct printer *p, struct totals *t)
{
	struct buf quoted = BUF_INIT;
	size_t i, n = t->n_types;
	char count[PROGRESS_TEXT_BYTES];

	totals_sort_types(t);
	if (p->json)
		printf(",\"types\":{");
	else if (n)
		printf("types\n");
	for (i = 0; i < n; i++) {
		quoted.len = 0;
		if (!p->json && i == TYPES_SHOWN) {
			printf("  and %zu more\n", n - i);
			break;
		}
		jscan_quote(t->types[i].name, &quoted);
		if (p->json)
			printf("%s%s:%" PRIu64, i ? "," : "", foreign(p, &quoted),
			       t->types[i].events);
		else
			printf("  %12s  %s\n", progress_count(t->types[i].events, count),
			       foreign(p, &quoted));
	}
	if (p->json)
		printf("}");
	buf_release(&quoted);
}

static void
put_content(struct printer *p, const struct totals *t)
{
	char text[DIGEST_SPOKEN_BYTES];

	if (!t->events || !totals_has_content(t))
		return;
	if (p->json)
		digest_hex(&t->content, text);
	else
		digest_spoken(&t->content, text);
	put_text(p, "digest", "digest", slice_str(text));
}

static void
put_totals(struct printer *p, struct totals *t, bool complete)
{
	begin(p, "complete", "complete");
	printf("%s", complete ? p->json ? "true" : "yes\n" : p->json ? "false" : "no\n");
	put_number(p, "events", "events", t->events);
	put_number(p, "streams", "streams", t->streams);
	put_number(p, "chunks", "chunks", t->chunks);
	put_number(p, "raw_bytes", "raw bytes", t->raw_bytes);
	put_number(p, "stored_bytes", "stored", t->stored_bytes);
	if (t->events) {
		put_number(p, "first_position", "first", t->first);
		put_number(p, "last_position", "last", t->last);
	}
	put_time(p, "least_time", "from", t->least_ns);
	put_time(p, "greatest_time", "to", t->greatest_ns);
	put_content(p, t);
	put_types(p, t);
	if (p->json)
		printf("}\n");
}

/* Sum up what the end blocks say, and what stands before an end that is missing. */
static int
walk(struct reader *r, struct totals *sum, struct err *err)
{
	struct reader_chunk chunk = {0};
	int rc;

	while ((rc = reader_next(r, &chunk, err)) > 0)
		;
	reader_chunk_release(&chunk);
	totals_merge(sum, reader_said(r));
	if (reader_unfinished(r))
		totals_merge(sum, reader_unfinished(r));
	return rc;
}

int
info_print(const char *path, bool json, struct err *err)
{
	struct printer p = {.json = json};
	struct reader *r = NULL;
	struct totals sum;
	int rc;

	if (reader_open(&r, path, false, err) < 0)
		return -1;
	if (reader_is_plain(r)) {
		err_set(err, ERR_USAGE, "%s: is bare JSON Lines, which say nothing of themselves",
		        path);
		err_hint(err, "esverify without --info looks at the events");
		reader_free(r);
		return -1;
	}
	totals_init(&sum);
	rc = walk(r, &sum, err);
	if (reader_header(r)) {
		put_header(&p, reader_header(r));
		put_totals(&p, &sum, rc == 0);
	}
	totals_release(&sum);
	reader_free(r);
	return rc;
}
