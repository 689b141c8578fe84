#include <pthread.h>
#include <stdio.h>

#include "verify/narrow_side.h"

static int
open_server(struct narrow_side *s, const struct address *place, const char *layout,
            const struct selection *select, struct err *err)
{
	s->is_postgres = place->kind == ADDRESS_POSTGRES;
	return s->is_postgres ? ranges_postgres_open(&s->server, place, layout, select, err) : 0;
}

/* The store whose rows events of the other side can be written as; or NULL. */
static struct narrow_side *
choose_model(struct narrow_sides *s)
{
	const struct pgcolumn *c = NULL;

	if (s->b.is_postgres && !(c = pgdigest_untold(&s->b.server.table)))
		return &s->b;
	if (s->a.is_postgres && !(c = pgdigest_untold(&s->a.server.table)))
		return &s->a;
	if (c)
		snprintf(s->why, sizeof(s->why),
		         "a column of type %s has no digest outside of its server", c->shown);
	else
		snprintf(s->why, sizeof(s->why),
		         "neither side is PostgreSQL, so both are read "
		         "where they are");
	return NULL;
}

static void
read_here(struct narrow_side *s, const struct compare_options *o, const struct address *from,
          const char *layout, struct pgdigest *twin)
{
	s->in_server = false;
	s->here = (struct ranges_source){.from = from,
	                                 .layout = layout,
	                                 .select = o->select,
	                                 .plain = o->plain,
	                                 .twin = twin};
}

int
narrow_sides_open(struct narrow_sides *s, const struct compare_options *o, struct err *err)
{
	struct narrow_side *model;

	*s = (struct narrow_sides){0};
	if (open_server(&s->a, o->a, o->layout_a, o->select, err) < 0 ||
	    open_server(&s->b, o->b, o->layout_b, o->select, err) < 0)
		return -1;
	s->a.in_server = s->a.is_postgres;
	s->b.in_server = s->b.is_postgres;
	if (s->a.is_postgres && s->b.is_postgres &&
	    pgdigest_comparable(&s->a.server.table, &s->b.server.table))
		return 1;
	model = choose_model(s);
	if (!model)
		return 0;
	pgdigest_open(&s->twin, &model->server.table);
	if (model == &s->b)
		read_here(&s->a, o, o->a, o->layout_a, &s->twin);
	else
		read_here(&s->b, o, o->b, o->layout_b, &s->twin);
	return 1;
}

void
narrow_sides_close(struct narrow_sides *s)
{
	pgdigest_close(&s->twin);
	ranges_postgres_close(&s->a.server);
	ranges_postgres_close(&s->b.server);
}

struct rangesum
narrow_sides_all(const struct narrow_sides *s)
{
	struct rangesum a = s->a.server.all, b = s->b.server.all;

	if (!s->a.is_postgres)
		return b;
	if (!s->b.is_postgres)
		return a;
	if (b.events > a.events)
		a.events = b.events;
	if (b.least < a.least)
		a.least = b.least;
	if (b.greatest > a.greatest)
		a.greatest = b.greatest;
	return a;
}

/* One side's part of the work, on a thread of its own. */
struct job {
	struct narrow_side *side;
	const struct rangesum_range *ranges;
	size_t n;
	struct rangesum *out;
	int rc;
	struct err err;
};

static void *
sum(void *ctx)
{
	struct job *j = ctx;

	if (j->side->in_server)
		j->rc = ranges_postgres_sum(&j->side->server, j->ranges, j->n, j->out, &j->err);
	else
		j->rc = ranges_source_sum(&j->side->here, j->ranges, j->n, j->out, &j->err);
	return NULL;
}

int
narrow_sides_sum(struct narrow_sides *s, const struct rangesum_range *ranges, size_t n,
                 struct rangesum *a, struct rangesum *b, struct err *err)
{
	struct job first = {.side = &s->a, .ranges = ranges, .n = n, .out = a, .err = ERR_INIT};
	struct job second = {.side = &s->b, .ranges = ranges, .n = n, .out = b, .err = ERR_INIT};
	pthread_t thread;

	if (pthread_create(&thread, NULL, sum, &second) != 0)
		return err_set(err, ERR_IO, "cannot start a thread");
	sum(&first);
	pthread_join(thread, NULL);
	if (first.rc == 0 && second.rc == 0)
		return 0;
	*err = first.rc < 0 ? first.err : second.err;
	return -1;
}
