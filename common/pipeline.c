#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "common/mem.h"
#include "common/pipeline.h"
#include "common/stop.h"
#include "common/timestamp.h"

/*
 * Invariants, under the lock:
 *  1. used <= taken <= made and made - used <= depth.
 *  2. Item n sits in slot n % depth, FREE -> MADE -> BUSY -> DONE or FAILED -> FREE.
 *  3. A failure travels in its slot, so that it is met in order by the consumer;
 *     only then, or when consume() fails, is `ended` set for all.
 *  4. The producer makes nothing behind an item that it failed at.
 */
enum slot_state { SLOT_FREE, SLOT_MADE, SLOT_BUSY, SLOT_DONE, SLOT_FAILED };

struct slot {
	enum slot_state state;
	void *item;
	struct err err;
};

struct pipeline {
	const struct pipeline_ops *ops;
	void *ctx;
	struct slot *slots;
	unsigned depth;
	struct pipeline_waits *waits;
	pthread_mutex_t lock; /* guards everything below, and the slots' states */
	pthread_cond_t slot_freed, slot_made, slot_done;
	uint64_t made, taken, used;
	bool no_more; /* produce() has said its last word */
	bool ended;   /* the consumer wants nothing more */
};

struct worker {
	struct pipeline *pl;
	pthread_t thread;
	unsigned index;
};

static struct slot *
slot_at(struct pipeline *pl, uint64_t n)
{
	return &pl->slots[n % pl->depth];
}

static void
wait_for(pthread_cond_t *cond, struct pipeline *pl, _Atomic uint64_t *spent_ns)
{
	uint64_t began = timestamp_monotonic_ns();

	pthread_cond_wait(cond, &pl->lock);
	atomic_fetch_add_explicit(spent_ns, timestamp_monotonic_ns() - began, memory_order_relaxed);
}

static int
produce_one(struct pipeline *pl, struct slot *slot)
{
	if (stop_asked())
		return err_set(&slot->err, ERR_STOPPED, "stopped by a signal");
	return pl->ops->produce(pl->ctx, slot->item, &slot->err);
}

static void *
producer_main(void *arg)
{
	struct pipeline *pl = arg;
	struct slot *slot;
	int rc = 1;

	pthread_mutex_lock(&pl->lock);
	while (rc > 0) {
		while (!pl->ended && pl->made - pl->used == pl->depth)
			wait_for(&pl->slot_freed, pl, &pl->waits->produce_ns);
		if (pl->ended)
			break;
		slot = slot_at(pl, pl->made);
		pthread_mutex_unlock(&pl->lock);

		rc = produce_one(pl, slot);

		pthread_mutex_lock(&pl->lock);
		if (rc == 0)
			break;
		slot->state = rc > 0 ? SLOT_MADE : SLOT_FAILED;
		pl->made++;
		pthread_cond_signal(&pl->slot_made);
		pthread_cond_signal(&pl->slot_done);
	}
	pl->no_more = true;
	pthread_cond_broadcast(&pl->slot_made);
	pthread_cond_signal(&pl->slot_done);
	pthread_mutex_unlock(&pl->lock);
	return NULL;
}

static void *
worker_main(void *arg)
{
	struct worker *me = arg;
	struct pipeline *pl = me->pl;
	struct slot *slot;
	int rc;

	pthread_mutex_lock(&pl->lock);
	for (;;) {
		while (!pl->ended && !pl->no_more && pl->taken == pl->made)
			wait_for(&pl->slot_made, pl, &pl->waits->work_ns);
		if (pl->ended || pl->taken == pl->made)
			break;
		slot = slot_at(pl, pl->taken++);
		if (slot->state == SLOT_FAILED)
			continue;
		slot->state = SLOT_BUSY;
		pthread_mutex_unlock(&pl->lock);

		rc = pl->ops->work(pl->ctx, me->index, slot->item, &slot->err);

		pthread_mutex_lock(&pl->lock);
		slot->state = rc < 0 ? SLOT_FAILED : SLOT_DONE;
		pthread_cond_signal(&pl->slot_done);
	}
	pthread_mutex_unlock(&pl->lock);
	return NULL;
}

/* Called and left with the lock held. */
static int
consume_all(struct pipeline *pl, struct err *err)
{
	struct slot *slot;
	int rc;

	for (;;) {
		slot = slot_at(pl, pl->used);
		while (slot->state != SLOT_DONE && slot->state != SLOT_FAILED) {
			if (pl->no_more && pl->used == pl->made)
				return 0;
			wait_for(&pl->slot_done, pl, &pl->waits->consume_ns);
		}
		if (slot->state == SLOT_FAILED) {
			*err = slot->err;
			return -1;
		}
		pthread_mutex_unlock(&pl->lock);

		rc = pl->ops->consume(pl->ctx, slot->item, err);

		pthread_mutex_lock(&pl->lock);
		if (rc < 0)
			return -1;
		slot->state = SLOT_FREE;
		pl->used++;
		pthread_cond_signal(&pl->slot_freed);
	}
}

/* Start the producer and as many workers as the machine lets us have, one at least. */
static int
start_all(struct pipeline *pl, pthread_t *producer, struct worker *crew, unsigned workers,
          unsigned *started, struct err *err)
{
	int rc = EINVAL;

	for (*started = 0; *started < workers; ++*started) {
		crew[*started] = (struct worker){.pl = pl, .index = *started};
		rc = pthread_create(&crew[*started].thread, NULL, worker_main, &crew[*started]);
		if (rc != 0)
			break;
	}
	if (*started > 0)
		rc = pthread_create(producer, NULL, producer_main, pl);
	if (*started > 0 && rc == 0)
		return 0;
	errno = rc;
	err_sys(err, ERR_IO, "cannot start a thread");
	return err_hint_sys(err, rc);
}

int
pipeline_run(const struct pipeline_ops *ops, void *ctx, void **items, unsigned depth,
             unsigned workers, struct pipeline_waits *waits, struct err *err)
{
	struct pipeline_waits unread = {0};
	struct pipeline pl = {.ops = ops,
	                      .ctx = ctx,
	                      .depth = depth,
	                      .waits = waits ? waits : &unread};
	struct worker *crew = xcalloc(workers, sizeof(*crew));
	pthread_t producer = {0};
	unsigned i, started;
	bool running;
	int rc;

	pl.slots = xcalloc(depth, sizeof(*pl.slots));
	for (i = 0; i < depth; i++)
		pl.slots[i].item = items[i];
	pthread_mutex_init(&pl.lock, NULL);
	pthread_cond_init(&pl.slot_freed, NULL);
	pthread_cond_init(&pl.slot_made, NULL);
	pthread_cond_init(&pl.slot_done, NULL);

	rc = start_all(&pl, &producer, crew, workers, &started, err);
	running = rc == 0;
	pthread_mutex_lock(&pl.lock);
	if (running)
		rc = consume_all(&pl, err);
	pl.ended = true;
	pthread_cond_broadcast(&pl.slot_freed);
	pthread_cond_broadcast(&pl.slot_made);
	pthread_mutex_unlock(&pl.lock);

	if (running)
		pthread_join(producer, NULL);
	for (i = 0; i < started; i++)
		pthread_join(crew[i].thread, NULL);
	pthread_cond_destroy(&pl.slot_done);
	pthread_cond_destroy(&pl.slot_made);
	pthread_cond_destroy(&pl.slot_freed);
	pthread_mutex_destroy(&pl.lock);
	free(pl.slots);
	free(crew);
	return rc;
}
