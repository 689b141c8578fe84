#include <inttypes.h>
#include <stdio.h>

#include "common/jscan.h"
#include "verify/finding.h"

static const char *const names[FINDING_KINDS] = {
    [FINDING_DUPLICATE_ID] = "duplicate-id",
    [FINDING_DUPLICATE_VERSION] = "duplicate-version",
    [FINDING_VERSION_GAP] = "version-gap",
    [FINDING_MISSING] = "missing",
    [FINDING_EXTRA] = "extra",
    [FINDING_DIFFERENT] = "different",
};

void
finding_add(struct finding_report *r, const struct finding *f)
{
	struct buf detail = BUF_INIT;

	r->counts[f->kind]++;
	if (r->total++ >= r->limit)
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
