#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

#include "common/progress.h"
#include "format/reader.h"
#include "verify/fast.h"

struct seen {
	bool said; /* by the end block */
	uint64_t events;
	struct digest digest;
};

/* Else chunks are not passed over without being read, and nothing can be read twice. */
static bool
is_file(const struct address *a)
{
	struct stat st;

	return a->kind == ADDRESS_FILE && stat(a->path, &st) == 0 && S_ISREG(st.st_mode);
}

/* What the end block says, if it does. */
static int
ask(const struct fast_side *side, struct seen *out, struct err *err)
{
	struct reader_chunk chunk = {0};
	const struct totals *said;
	struct reader *r = NULL;
	int rc;

	if (reader_open(&r, side->place->path, false, err) < 0)
		return -1;
	if (reader_is_plain(r)) {
		reader_free(r);
		return 0;
	}
	while ((rc = reader_next(r, &chunk, err)) > 0)
		;
	reader_chunk_release(&chunk);
	if (rc == 0) {
		said = reader_said(r);
		*out = (struct seen){totals_has_content(said), said->events, said->content};
	}
	reader_free(r);
	return rc;
}

static int
read_all(const struct fast_options *o, const struct fast_side *side,
         struct progress_counts *progress, struct seen *out, struct err *err)
{
	struct placesum_options options = {
	    .place = side->place,
	    .layout = side->layout,
	    .select = o->select,
	    .plain = o->plain,
	    .workers = o->workers,
	};
	struct placesum sum;
	int rc = placesum_run(&options, progress, &sum, err);

	out->events = sum.events;
	out->digest = sum.digest;
	placesum_release(&sum);
	return rc;
}

static void
compare(const struct seen *a, const struct seen *b, struct fast_result *out)
{
	char x[DIGEST_SPOKEN_BYTES], y[DIGEST_SPOKEN_BYTES];
	char n[PROGRESS_TEXT_BYTES], m[PROGRESS_TEXT_BYTES];

	out->said_a = a->said;
	out->said_b = b->said;
	out->digest = a->digest;
	out->events = a->events;
	out->same = a->events == b->events && digest_eq(&a->digest, &b->digest);
	snprintf(out->why, sizeof(out->why), "the digests differ: %s of %s, and %s of %s",
	         digest_spoken(&a->digest, x), progress_things(a->events, "event", n),
	         digest_spoken(&b->digest, y), progress_count(b->events, m));
}

/* Why the digest does not answer what was asked, or NULL. */
static const char *
unfit(const struct fast_options *o)
{
	const struct address *a = o->a.place, *b = o->b.place;

	if (o->positions)
		return "the digest does not say positions";
	if (o->select->after.set || o->select->upto.set || selection_filters(o->select))
		return "the digest of an archive is of all that it holds";
	if ((!address_is_store(a) && !is_file(a)) || (!address_is_store(b) && !is_file(b)))
		return "what comes from a pipe can be read only once";
	return NULL;
}

static int
ask_both(const struct fast_options *o, struct seen *a, struct seen *b, struct err *err)
{
	if (o->plain)
		return 0;
	if (!address_is_store(o->a.place) && ask(&o->a, a, err) < 0)
		return -1;
	return !address_is_store(o->b.place) && ask(&o->b, b, err) < 0 ? -1 : 0;
}

int
fast_run(const struct fast_options *o, struct progress_counts *progress, struct fast_result *out,
         struct err *err)
{
	struct seen a = {0}, b = {0};
	const char *why = unfit(o);

	*out = (struct fast_result){0};
	if (!why && ask_both(o, &a, &b, err) < 0)
		return -1;
	if (!why && !a.said && !b.said)
		why = "neither is an archive whose end block says the digest";
	if (why) {
		snprintf(out->why, sizeof(out->why), "%s", why);
		return 0;
	}
	if ((!a.said && read_all(o, &o->a, progress, &a, err) < 0) ||
	    (!b.said && read_all(o, &o->b, progress, &b, err) < 0))
		return -1;
	compare(&a, &b, out);
	return 0;
}

static void
print_json(const struct fast_result *r)
{
	char hex[2 * WIRE_DIGEST_BYTES + 1];

	digest_hex(&r->digest, hex);
	printf("{\"result\":\"same\",\"equal\":%" PRIu64 ",\"events_a\":%" PRIu64
	       ",\"events_b\":%" PRIu64 ",\"missing\":0,\"extra\":0,\"different\":0"
	       ",\"out_of_order\":0,\"time_step_ns\":1,\"versions\":true,\"positions\":false"
	       ",\"by_value\":[\"attributes\",\"metadata\",\"data\"],\"digest\":\"%s\""
	       ",\"read_a\":%s,\"read_b\":%s}\n",
	       r->events, r->events, r->events, hex, r->said_a ? "false" : "true",
	       r->said_b ? "false" : "true");
}

void
fast_print(const struct fast_options *o, const struct fast_result *r, bool json)
{
	char count[PROGRESS_TEXT_BYTES], digest[DIGEST_SPOKEN_BYTES];

	if (json) {
		print_json(r);
		return;
	}
	printf("the same: %s, in the same order, by their digest %s\n",
	       progress_things(r->events, "event", count), digest_spoken(&r->digest, digest));
	printf(
	    "compared: JSON by its value in attributes, metadata, data; times to the nanosecond; "
	    "versions; positions by their order\n");
	if (r->said_a)
		printf("not read: the chunks of %s, whose end block says the digest\n",
		       o->a.place->shown);
	if (r->said_b)
		printf("not read: the chunks of %s, whose end block says the digest\n",
		       o->b.place->shown);
}
