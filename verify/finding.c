#include <inttypes.h>
#include <stdio.h>

#include "common/jscan.h"
#include "verify/excerpt.h"
#include "verify/finding.h"

static const char *const names[FINDING_KINDS] = {
    [FINDING_DUPLICATE_ID] = "duplicate-id",
    [FINDING_DUPLICATE_VERSION] = "duplicate-version",
    [FINDING_VERSION_GAP] = "version-gap",
    [FINDING_MISSING] = "missing",
    [FINDING_EXTRA] = "extra",
    [FINDING_DIFFERENT] = "different",
    [FINDING_OUT_OF_ORDER] = "out-of-order",
};

/* Counts it; whether it is still to be printed. */
static bool
count(struct finding_report *r, enum finding_kind kind)
{
	r->counts[kind]++;
	return r->total++ < r->limit;
}

void
finding_add(struct finding_report *r, const struct finding *f)
{
	struct buf detail = BUF_INIT;

	if (!count(r, f->kind))
		return;
	if (r->json) {
		jscan_quote(slice_str(f->detail), &detail);
		printf("{\"finding\":\"%s\",\"position\":%" PRIu64 ",\"detail\":%s}\n",
		       names[f->kind], f->position, buf_cstr(&detail));
		buf_release(&detail);
	} else {
		printf("%s: %s\n", names[f->kind], f->detail);
	}
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
