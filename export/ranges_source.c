#include "export/ranges_source.h"
#include "common/stop.h"

#define BATCH_BYTES ((size_t)1 << 20)
#define BATCH_EVENTS 4096

/* One reading of the ranges. */
struct reading {
	struct ranges_source *r;
	const struct rangesum_range *ranges;
	size_t n, at; /* the range that the last event was in */
	struct rangesum *out;
};

static void
add(struct reading *g, const struct event *e)
{
	uint8_t digest[SHA256_BYTES];
	bool known;

	g->r->events++;
	g->r->payload_bytes += e->data.bytes.len + e->metadata.bytes.len;
	while (g->at < g->n && e->position > g->ranges[g->at].last)
		g->at++;
	if (g->at == g->n || e->position < g->ranges[g->at].first)
		return;
	known = pgdigest_of_event(g->r->twin, e, digest);
	rangesum_add(&g->out[g->at], e->position, known ? digest : NULL);
}

static int
read_all(struct reading *g, struct source *source, struct batch *batch, struct err *err)
{
	size_t i;
	int rc;

	while ((rc = source_read(source, batch, err)) > 0) {
		if (stop_asked())
			return err_set(err, ERR_STOPPED, "stopped by a signal");
		for (i = 0; i < batch->len; i++) {
			if (event_check(&batch->events[i], batch->mem, err) < 0)
				return -1;
			add(g, &batch->events[i]);
		}
	}
	return rc;
}

/* From the first of these ranges to the last.  False: nothing of that was asked for. */
static bool
select_run(const struct selection *asked, const struct rangesum_range *first,
           const struct rangesum_range *last, struct selection *out)
{
	*out = (struct selection)SELECTION_INIT;
	out->after = asked->after;
	out->upto = asked->upto;
	if (first->first > 0 && (!out->after.set || out->after.position < first->first - 1))
		out->after = (struct selection_bound){true, first->first - 1};
	if (!out->upto.set || out->upto.position > last->last)
		out->upto = (struct selection_bound){true, last->last};
	return !out->after.set || out->after.position < out->upto.position;
}

static int
sum_run(struct reading *g, struct err *err)
{
	struct selection select;
	struct source_options options = {
	    .layout = g->r->layout,
	    .select = &select,
	    .plain = g->r->plain,
	    .quiet = g->r->opened,
	    .batch_bytes = BATCH_BYTES,
	    .batch_events = BATCH_EVENTS,
	};
	struct source *source = NULL;
	struct batch *batch;
	int rc;

	if (!select_run(g->r->select, &g->ranges[0], &g->ranges[g->n - 1], &select))
		return 0;
	batch = batch_new();
	rc = source_open(&source, g->r->from, &options, err);
	g->r->opened |= rc == 0;
	if (rc == 0)
		rc = read_all(g, source, batch, err);
	source_close(source);
	batch_free(batch);
	return rc;
}

int
ranges_source_sum(struct ranges_source *r, const struct rangesum_range *ranges, size_t n,
                  struct rangesum *out, struct err *err)
{
	struct reading g = {.r = r};
	size_t i, run;

	for (i = 0; i < n; i++)
		out[i] = RANGESUM_INIT;
	for (; n > 0; ranges += run, out += run, n -= run) {
		run = rangesum_run(ranges, n);
		g.ranges = ranges;
		g.n = run;
		g.at = 0;
		g.out = out;
		if (sum_run(&g, err) < 0)
			return -1;
	}
	return 0;
}
