#include <inttypes.h>
#include <stdio.h>

#include "common/jscan.h"
#include "verify/excerpt.h"
#include "verify/finding.h"

static const char *const names[FINDING_KINDS] = {
    [FINDING_DUPLICATE_ID] = "duplicate-id",
    [FINDING_DUPLICATE_VERSION] = "duplicate-version",
    [FINDING_VERSION_GAP] = "version-gap",
    [FINDING_INVALID_PAYLOAD] = "invalid-payload",
    [FINDING_TIME_BACKWARDS] = "time-backwards",
    [FINDING_MISSING] = "missing",
    [FINDING_EXTRA] = "extra",
    [FINDING_DIFFERENT] = "different",
    [FINDING_OUT_OF_ORDER] = "out-of-order",
};

static bool
is_warning(enum finding_kind kind)
{
	return kind == FINDING_TIME_BACKWARDS;
}

/* Counts it; whether it is still to be printed. */
static bool
count(struct finding_report *r, enum finding_kind kind)
{
	r->counts[kind]++;
	if (is_warning(kind))
		return r->limit > 0;
	return r->total++ < r->limit;
}

static void
print_note(const struct note *n, struct buf *out)
{
	buf_add_str(out, "\"stream\":");
	jscan_quote(n->stream, out);
	buf_printf(out, ",\"version\":%" PRIu64, n->version);
	if (n->id.p) {
		buf_add_str(out, ",\"id\":");
		jscan_quote(n->id, out);
	}
}

/* What is known of the event beside its position, as members with a comma before each. */
static void
print_members(const struct finding *f, struct buf *out)
{
	if (f->event) {
		buf_add_byte(out, ',');
		print_note(f->event, out);
	}
	if (f->other) {
		buf_printf(out, ",\"other\":{\"position\":%" PRIu64 ",", f->other->position);
		print_note(f->other, out);
		buf_add_byte(out, '}');
	}
	if (f->field)
		buf_printf(out, ",\"field\":\"%s\"", f->field);
	if (f->missing)
		buf_printf(out, ",\"missing_first\":%" PRIu64 ",\"missing_last\":%" PRIu64,
		           f->missing_first, f->missing_last);
	if (f->events)
		buf_printf(out, ",\"events\":%" PRIu64 ",\"worst_ns\":%" PRIu64, f->events,
		           f->worst_ns);
}

static void
print_one_json(const struct finding *f, bool warning)
{
	struct buf line = BUF_INIT;

	buf_printf(&line, "{\"%s\":\"%s\",\"position\":%" PRIu64, warning ? "warning" : "finding",
	           names[f->kind], f->position);
	print_members(f, &line);
	buf_add_str(&line, ",\"detail\":");
	jscan_quote(slice_str(f->detail), &line);
	printf("%s}\n", buf_cstr(&line));
	buf_release(&line);
}

void
finding_add(struct finding_report *r, const struct finding *f)
{
	bool warning = is_warning(f->kind);

	if (!count(r, f->kind))
		return;
	if (r->json)
		print_one_json(f, warning);
	else
		printf("%s%s: %s\n", warning ? "warning: " : "", names[f->kind], f->detail);
}

/* In the brackets at the end of what event_describe() says. */
static void
put_id(struct slice id, struct buf *out)
{
	if (!id.p)
		return;
	out->len--;
	buf_add_str(out, ", id \"");
	excerpt_text(id, out);
	buf_add_str(out, "\")");
}

/* "event 17 (stream "order-1", version 3, id "6f..."): is only in the first". */
static void
describe(const struct finding_pair *f, struct buf *out)
{
	const struct event *e = f->a ? f->a : f->b;
	const char *before = f->kind == FINDING_OUT_OF_ORDER ? "; and differs in " : "differs in ";
	char which[256];
	int i;

	event_describe(e, which, sizeof(which));
	buf_add_str(out, which);
	put_id(e->id, out);
	buf_add_str(out, ": ");
	if (f->kind == FINDING_MISSING)
		buf_add_str(out, "is only in the first");
	if (f->kind == FINDING_EXTRA)
		buf_add_str(out, "is only in the second");
	if (f->kind == FINDING_OUT_OF_ORDER)
		buf_printf(out, "stands at another place in the second, as event %" PRIu64,
		           f->b->position);
	for (i = 0; i < FIELDS; i++) {
		if (!(f->fields & 1U << i))
			continue;
		buf_printf(out, "%s%s", before, event_field_name((enum field)i));
		before = ", ";
	}
	if (f->kind == FINDING_DIFFERENT && f->a->position != f->b->position)
		buf_printf(out, "; it is event %" PRIu64 " in the second", f->b->position);
}

static void
print_text(const struct finding_pair *f, struct buf *detail)
{
	struct buf a = BUF_INIT, b = BUF_INIT;
	int i;

	printf("%s: %s\n", names[f->kind], buf_cstr(detail));
	for (i = 0; i < FIELDS; i++) {
		if (!(f->fields & 1U << i))
			continue;
		a.len = b.len = 0;
		excerpt_pair(f->a, f->b, (enum field)i, &a, &b);
		printf("  %s in the first:  %s\n", event_field_name((enum field)i), buf_cstr(&a));
		printf("  %s in the second: %s\n", event_field_name((enum field)i), buf_cstr(&b));
	}
	buf_release(&a);
	buf_release(&b);
}

static void
put_fields(const struct finding_pair *f, struct buf *out)
{
	struct buf a = BUF_INIT, b = BUF_INIT;
	const char *before = ",\"fields\":{";
	int i;

	for (i = 0; i < FIELDS; i++) {
		if (!(f->fields & 1U << i))
			continue;
		a.len = b.len = 0;
		excerpt_pair(f->a, f->b, (enum field)i, &a, &b);
		buf_printf(out, "%s\"%s\":{\"a\":", before, event_field_name((enum field)i));
		jscan_quote(buf_slice(&a), out);
		buf_add_str(out, ",\"b\":");
		jscan_quote(buf_slice(&b), out);
		buf_add_byte(out, '}');
		before = ",";
	}
	buf_add_str(out, f->fields ? "}" : "");
	buf_release(&a);
	buf_release(&b);
}

static void
print_json(const struct finding_pair *f, struct buf *detail)
{
	const struct event *e = f->a ? f->a : f->b;
	struct buf out = BUF_INIT;

	buf_printf(&out, "{\"finding\":\"%s\",\"position\":%" PRIu64, names[f->kind], e->position);
	if (f->a)
		buf_printf(&out, ",\"position_a\":%" PRIu64, f->a->position);
	if (f->b)
		buf_printf(&out, ",\"position_b\":%" PRIu64, f->b->position);
	buf_add_str(&out, ",\"stream\":");
	jscan_quote(e->stream, &out);
	buf_printf(&out, ",\"version\":%" PRIu64, e->version);
	if (e->id.p) {
		buf_add_str(&out, ",\"id\":");
		jscan_quote(e->id, &out);
	}
	put_fields(f, &out);
	buf_add_str(&out, ",\"detail\":");
	jscan_quote(buf_slice(detail), &out);
	printf("%s}\n", buf_cstr(&out));
	buf_release(&out);
}

void
finding_add_pair(struct finding_report *r, const struct finding_pair *f)
{
	struct buf detail = BUF_INIT;

	if (!count(r, f->kind))
		return;
	describe(f, &detail);
	if (r->json)
		print_json(f, &detail);
	else
		print_text(f, &detail);
	buf_release(&detail);
}
