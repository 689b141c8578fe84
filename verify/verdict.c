#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "verify/verdict.h"

static bool
is_kind(const struct check_result *r, const char *kind)
{
	return strcmp(r->kind, kind) == 0;
}

static void
print_json(const struct check_result *r, const struct finding_report *f)
{
	printf("{\"result\":\"%s\",\"kind\":\"%s\",\"events\":%" PRIu64 ",\"streams\":%" PRIu64
	       ",\"chunks\":%" PRIu64 ",\"raw_bytes\":%" PRIu64 ",\"stored_bytes\":%" PRIu64
	       ",\"first_position\":%" PRIu64 ",\"last_position\":%" PRIu64
	       ",\"gaps_allowed\":%s,\"findings\":%" PRIu64,
	       f->total ? "findings" : "whole", r->kind, r->events, r->streams, r->chunks,
	       r->raw_bytes, r->stored_bytes, r->first, r->last, r->gaps_allowed ? "true" : "false",
	       f->total);
	printf(",\"duplicate_ids\":%" PRIu64 ",\"duplicate_versions\":%" PRIu64
	       ",\"version_gaps\":%" PRIu64 ",\"missing_versions\":%" PRIu64
	       ",\"invalid_payloads\":%" PRIu64 ",\"warnings\":%" PRIu64 ",\"early_times\":%" PRIu64
	       ",\"worst_time_ns\":%" PRIu64 ",\"without_time\":%" PRIu64 "}\n",
	       f->counts[FINDING_DUPLICATE_ID], f->counts[FINDING_DUPLICATE_VERSION],
	       f->counts[FINDING_VERSION_GAP], r->counts.missing_versions,
	       f->counts[FINDING_INVALID_PAYLOAD], f->counts[FINDING_TIME_BACKWARDS],
	       r->counts.late, r->counts.worst_ns, r->counts.timeless);
}

/* One thing that must hold, and how often it does not. */
static void
print_line(const char *what, uint64_t n, const char *one, const char *many)
{
	char count[PROGRESS_TEXT_BYTES];

	if (n == 0)
		printf("  %-41s yes\n", what);
	else
		printf("  %-41s NO: %s %s\n", what, progress_count(n, count), n == 1 ? one : many);
}

static void
print_versions(const struct check_result *r, const struct finding_report *f)
{
	char count[PROGRESS_TEXT_BYTES];
	const char *what = "versions of each stream have no gaps";

	if (r->gaps_allowed)
		printf("  %-41s not looked at: gaps are allowed\n", what);
	else if (f->counts[FINDING_VERSION_GAP] == 0)
		printf("  %-41s yes\n", what);
	else
		printf("  %-41s NO: %s missing\n", what,
		       progress_count(r->counts.missing_versions, count));
}

static void
print_times(const struct check_result *r)
{
	char count[PROGRESS_TEXT_BYTES], worst[PROGRESS_TEXT_BYTES];
	const char *what = "times do not run backwards";

	if (r->counts.timeless == r->events)
		printf("  %-41s not looked at: there are none\n", what);
	else if (r->counts.late == 0)
		printf("  %-41s yes\n", what);
	else
		printf("  %-41s warning: %s, by %s at most\n", what,
		       progress_count(r->counts.late, count),
		       progress_duration(r->counts.worst_ns, worst));
}

void
verdict_print(const char *place, bool json, const struct check_result *r,
              const struct finding_report *findings)
{
	char a[PROGRESS_TEXT_BYTES], b[PROGRESS_TEXT_BYTES];
	const uint64_t *n = findings->counts;

	if (json) {
		print_json(r, findings);
		return;
	}
	printf("%s: %s%s, %s %s in it", place,
	       is_kind(r, "archive") ? "whole, every digest fits; "
	       : is_kind(r, "jsonl") ? "every line is an event; "
	                             : "",
	       progress_things(r->events, "event", a), progress_things(r->streams, "stream", b),
	       r->streams == 1 ? "begins" : "begin");
	if (r->events)
		printf(", positions %" PRIu64 " to %" PRIu64, r->first, r->last);
	if (findings->total)
		printf("; %s", progress_things(findings->total, "finding", a));
	printf("\n");
	if (r->events == 0)
		return;
	print_line("positions rise", 0, "", ""); /* else there is no result, but an error */
	print_line("ids are there once", n[FINDING_DUPLICATE_ID], "is there again",
	           "are there again");
	print_line("versions are there once, in their order", n[FINDING_DUPLICATE_VERSION],
	           "is not", "are not");
	print_versions(r, findings);
	print_line("payloads are what they claim to be", n[FINDING_INVALID_PAYLOAD], "is not",
	           "are not");
	print_times(r);
}
