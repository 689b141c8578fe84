#include <inttypes.h>

#include "common/log.h"
#include "import/proof.h"
#include "verify/report.h"

#define FINDINGS_SHOWN 100

/* The part of the target in which the events must be.  What filters look at, it has as it was. */
static void
select_target(struct selection *in, const struct import_options *o, const struct import_report *r)
{
	*in = *o->select; /* the lists are borrowed */
	in->after = in->upto = (struct selection_bound){0};
	if (r->tail.appended)
		return;
	if (r->first > 0)
		in->after = (struct selection_bound){true, r->first - 1};
	in->upto = o->select->upto;
	if (!in->upto.set || in->upto.position > r->last)
		in->upto = (struct selection_bound){true, r->last};
}

int
proof_run(struct proof *p, const struct import_options *options, const struct address *from,
          struct import_report *report, struct progress_counts *progress, struct err *err)
{
	struct address to = *options->to; /* borrowed */
	struct selection in_target;
	struct compare_options o = {
	    .a = from,
	    .b = &to,
	    .file_a = report->input,
	    .layout_b = options->layout,
	    .select = options->select,
	    .select_b = &in_target,
	    .map = options->map,
	    .unfit_stay = true, /* among the dead letters */
	    .plain = options->plain,
	    .positions = !report->tail.appended,
	    .others_in_b = report->fill || report->tail.appended || report->tail.others,
	};

	*p = (struct proof){.findings = {.json = log_is_json(), .limit = FINDINGS_SHOWN}};
	if (report->read == 0)
		return 0;
	/* All that must be there is committed: nobody has to be waited for, or kept out. */
	to.pg.bound = PGADDRESS_BOUND_NONE;
	select_target(&in_target, options, report);
	if (file_rewind(report->input, err) < 0)
		return -1;
	report->input = NULL; /* from here on it is compare_run()'s */
	if (compare_run(&o, progress, &p->findings, &p->result, err) < 0)
		return -1;
	report_rules(&o, &p->result, &p->rules);
	return 0;
}

void
proof_release(struct proof *p)
{
	buf_release(&p->rules);
}

/* What of a kind was found, for a list: ", 3 missing". */
static void
put_count(const struct proof *p, enum finding_kind kind, const char *what, struct buf *out)
{
	char n[PROGRESS_TEXT_BYTES];

	if (p->findings.counts[kind])
		buf_printf(out, ", %s %s", progress_count(p->findings.counts[kind], n), what);
}

static void
tell_same(struct proof *p)
{
	char n[PROGRESS_TEXT_BYTES];
	struct buf how = BUF_INIT;

	if (p->result.elsewhere)
		buf_printf(&how, "; %s of them at the places where it had them before",
		           progress_count(p->result.elsewhere, n));
	if (p->rules.len)
		buf_printf(&how, "; compared: %s", buf_cstr(&p->rules));
	log_note("verified: %s of the input %s%s", progress_things(p->result.equal, "event", n),
	         p->result.equal == 1 ? "is in the target as it was read"
	                              : "are in the target as they were read",
	         buf_cstr(&how));
	buf_release(&how);
}

static void
tell_different(struct proof *p)
{
	char n[PROGRESS_TEXT_BYTES];
	struct buf found = BUF_INIT;

	put_count(p, FINDING_MISSING, "missing", &found);
	put_count(p, FINDING_EXTRA, "extra", &found);
	put_count(p, FINDING_DIFFERENT, "different", &found);
	put_count(p, FINDING_OUT_OF_ORDER, "out of order", &found);
	log_warning("not verified: the input (the first) and the target (the second) differ: %s; "
	            "%s %s equal; compared: %s",
	            buf_cstr(&found) + 2, progress_things(p->result.equal, "event", n),
	            p->result.equal == 1 ? "is" : "are", buf_cstr(&p->rules));
	buf_release(&found);
}

void
proof_tell(struct proof *p)
{
	if (p->findings.total)
		tell_different(p);
	else
		tell_same(p);
}

void
proof_put_json(const struct proof *p, struct buf *out)
{
	buf_printf(out,
	           ",\"verified\":%s,\"equal\":%" PRIu64 ",\"missing\":%" PRIu64
	           ",\"extra\":%" PRIu64 ",\"different\":%" PRIu64 ",\"out_of_order\":%" PRIu64,
	           p->findings.total ? "false" : "true", p->result.equal,
	           p->findings.counts[FINDING_MISSING], p->findings.counts[FINDING_EXTRA],
	           p->findings.counts[FINDING_DIFFERENT], p->findings.counts[FINDING_OUT_OF_ORDER]);
}
