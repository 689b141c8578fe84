#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/extsort.h"
#include "format/digest.h"
#include "verify/invariants.h"

#define BUFFER_RECORDS ((size_t)128 << 10) /* 4 MiB each */

/*
 * Streams and ids are known by their XXH3-128: that two of them share one is
 * less likely than that the machine errs.
 */
struct invariants {
	struct extsort *ids;      /* id, position */
	struct extsort *versions; /* stream, version, position */
	bool from_start, allow_gaps;
};

struct invariants *
invariants_new(bool from_start, bool allow_gaps)
{
	struct invariants *v = xcalloc(1, sizeof(*v));

	v->ids = extsort_new(BUFFER_RECORDS);
	v->versions = extsort_new(BUFFER_RECORDS);
	v->from_start = from_start;
	v->allow_gaps = allow_gaps;
	return v;
}

void
invariants_free(struct invariants *v)
{
	if (!v)
		return;
	extsort_free(v->ids);
	extsort_free(v->versions);
	free(v);
}

static void
set_key(struct extsort_record *r, struct slice text)
{
	struct digest d = digest_of(text);

	_Static_assert(sizeof(r->key) == sizeof(d.bytes), "a digest is a key");
	memcpy(r->key, d.bytes, sizeof(r->key));
}

int
invariants_add(struct invariants *v, const struct event *e, struct err *err)
{
	struct extsort_record r = {.major = e->version, .minor = e->position};

	set_key(&r, e->stream);
	if (extsort_add(v->versions, &r, err) < 0)
		return -1;
	if (!e->id.p)
		return 0;
	r = (struct extsort_record){.major = e->position};
	set_key(&r, e->id);
	return extsort_add(v->ids, &r, err);
}

static int
report_ids(struct invariants *v, struct finding_report *report, struct err *err)
{
	struct extsort_record r, last;
	struct finding f = {.kind = FINDING_DUPLICATE_ID};
	bool any = false;
	int rc;

	if (extsort_finish(v->ids, err) < 0)
		return -1;
	while ((rc = extsort_next(v->ids, &r, err)) > 0) {
		if (any && memcmp(r.key, last.key, sizeof(r.key)) == 0) {
			f.position = r.major;
			snprintf(f.detail, sizeof(f.detail),
			         "the events at positions %" PRIu64 " and %" PRIu64 " have one id",
			         last.major, r.major);
			finding_add(report, &f);
		}
		last = r;
		any = true;
	}
	return rc;
}

/* Compare one event with the one of the same stream before it, or with the start of a stream. */
static void
check_version(const struct invariants *v, const struct extsort_record *r,
              const struct extsort_record *last, struct finding_report *report)
{
	struct finding f = {.kind = FINDING_VERSION_GAP, .position = r->minor};

	if (!last && (!v->from_start || r->major == 0 || v->allow_gaps))
		return;
	if (!last) {
		snprintf(f.detail, sizeof(f.detail),
		         "the stream of the event at position %" PRIu64
		         " begins with version %" PRIu64,
		         r->minor, r->major);
	} else if (r->major == last->major) {
		f.kind = FINDING_DUPLICATE_VERSION;
		snprintf(f.detail, sizeof(f.detail),
		         "the events at positions %" PRIu64 " and %" PRIu64
		         " are both version %" PRIu64 " of one stream",
		         last->minor, r->minor, r->major);
	} else if (r->minor < last->minor) {
		f.kind = FINDING_DUPLICATE_VERSION;
		snprintf(f.detail, sizeof(f.detail),
		         "in one stream version %" PRIu64 " (position %" PRIu64
		         ") comes behind version %" PRIu64 " (position %" PRIu64 ")",
		         last->major, last->minor, r->major, r->minor);
	} else if (r->major != last->major + 1 && !v->allow_gaps) {
		snprintf(f.detail, sizeof(f.detail),
		         "in one stream version %" PRIu64 " (position %" PRIu64
		         ") is followed by version %" PRIu64 " (position %" PRIu64 ")",
		         last->major, last->minor, r->major, r->minor);
	} else {
		return;
	}
	finding_add(report, &f);
}

int
invariants_report(struct invariants *v, struct finding_report *report, struct err *err)
{
	struct extsort_record r, last;
	bool any = false;
	int rc;

	if (extsort_finish(v->versions, err) < 0)
		return -1;
	while ((rc = extsort_next(v->versions, &r, err)) > 0) {
		check_version(v, &r,
		              any && memcmp(r.key, last.key, sizeof(r.key)) == 0 ? &last : NULL,
		              report);
		last = r;
		any = true;
	}
	return rc < 0 ? -1 : report_ids(v, report, err);
}
