#include <inttypes.h>
#include <stdio.h>

#include "verify/report.h"

static const struct {
	int64_t step_ns;
	const char *name;
} steps[] = {
    {1, "to the nanosecond"},           {1000, "to the microsecond"},
    {10000, "to 10 microseconds"},      {100000, "to 100 microseconds"},
    {1000000, "to the millisecond"},    {10000000, "to 10 milliseconds"},
    {100000000, "to 100 milliseconds"}, {1000000000, "to the second"},
};

static const char *
step_name(int64_t step_ns)
{
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(*steps); i++)
		if (steps[i].step_ns == step_ns)
			return steps[i].name;
	return "to what the coarser side keeps";
}

/* "JSON by its value in metadata, data". */
static void
put_by_value(unsigned fields, struct buf *out)
{
	const char *before = "", *name;
	int i;

	if (!fields) {
		buf_add_str(out, "JSON byte by byte");
		return;
	}
	buf_add_str(out, "JSON by its value in ");
	for (i = 0; i < FIELDS; i++) {
		name = event_field_name((enum field)i);
		if (!(fields & 1U << i))
			continue;
		buf_printf(out, "%s%s", before, name);
		before = ", ";
	}
}

void
report_rules(const struct compare_options *o, const struct compare_result *r, struct buf *out)
{
	put_by_value(r->by_value, out);
	buf_printf(out, "; times %s; %s; positions %s%s", step_name(r->time_step_ns),
	           r->versions ? "versions" : "not the versions, which one side only counts",
	           o->positions ? "too" : "by their order",
	           o->map ? "; the first as it is mapped" : "");
}

static void
print_rules(const struct compare_options *o, const struct compare_result *r)
{
	struct buf rules = BUF_INIT;

	report_rules(o, r, &rules);
	printf("compared: %s\n", buf_cstr(&rules));
	buf_release(&rules);
}

static void
print_row(const char *what, uint64_t n)
{
	char text[PROGRESS_TEXT_BYTES];

	printf("  %-28s %15s\n", what, progress_count(n, text));
}

static void
print_text(const struct compare_options *o, const struct compare_result *r,
           const struct finding_report *findings)
{
	char text[PROGRESS_TEXT_BYTES];

	if (!findings->total) {
		printf("the same: %s, in the same order\n",
		       progress_things(r->equal, "event", text));
	} else {
		if (findings->total > findings->limit)
			printf("... and %s more; --max-findings shows %s\n",
			       progress_things(findings->total - findings->limit, "finding", text),
			       findings->total - findings->limit == 1 ? "it" : "them");
		printf("not the same:\n");
		print_row("events in the first", r->events_a);
		print_row("events in the second", r->events_b);
		print_row("equal", r->equal);
		print_row("missing in the second", findings->counts[FINDING_MISSING]);
		print_row("extra in the second", findings->counts[FINDING_EXTRA]);
		print_row("different", findings->counts[FINDING_DIFFERENT]);
		print_row("out of order", findings->counts[FINDING_OUT_OF_ORDER]);
	}
	print_rules(o, r);
	printf("first:  %s\nsecond: %s\n", o->a->shown, o->b->shown);
}

static void
print_json(const struct compare_options *o, const struct compare_result *r,
           const struct finding_report *findings)
{
	const char *before = "";
	int i;

	printf("{\"result\":\"%s\",\"equal\":%" PRIu64 ",\"events_a\":%" PRIu64
	       ",\"events_b\":%" PRIu64 ",\"missing\":%" PRIu64 ",\"extra\":%" PRIu64
	       ",\"different\":%" PRIu64 ",\"out_of_order\":%" PRIu64 ",\"time_step_ns\":%" PRId64
	       ",\"versions\":%s,\"positions\":%s,\"by_value\":[",
	       findings->total ? "different" : "same", r->equal, r->events_a, r->events_b,
	       findings->counts[FINDING_MISSING], findings->counts[FINDING_EXTRA],
	       findings->counts[FINDING_DIFFERENT], findings->counts[FINDING_OUT_OF_ORDER],
	       r->time_step_ns, r->versions ? "true" : "false", o->positions ? "true" : "false");
	for (i = 0; i < FIELDS; i++) {
		if (!(r->by_value & 1U << i))
			continue;
		printf("%s\"%s\"", before, event_field_name((enum field)i));
		before = ",";
	}
	printf("]}\n");
}

void
report_comparison(const struct compare_options *o, const struct compare_result *r,
                  const struct finding_report *findings)
{
	if (findings->json)
		print_json(o, r, findings);
	else
		print_text(o, r, findings);
}
