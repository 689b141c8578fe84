#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "common/stop.h"
#include "verify/feed.h"

#define AHEAD 2  /* batches that are read and not yet asked for */
#define SPARES 4 /* batches that are kept to be filled again; more are freed */

struct feed {
	struct source *source;
	struct source_info info;
	pthread_t thread;
	bool started;

	pthread_mutex_t lock; /* guards everything below */
	pthread_cond_t changed;
	struct batch *ready[AHEAD], *spares[SPARES];
	size_t n_ready, n_spares;
	bool closing;
	int rc; /* of the last read: 1 while it goes on */
	struct err err;
};

static int
read_one(struct feed *f, struct batch *b, struct err *err)
{
	size_t i;
	int rc;

	if (stop_asked())
		return err_set(err, ERR_STOPPED, "stopped by a signal");
	rc = source_read(f->source, b, err);
	for (i = 0; rc > 0 && i < b->len; i++)
		if (event_check(&b->events[i], b->mem, err) < 0)
			rc = -1;
	return rc;
}

/* A batch to fill, when there is room for one more; NULL: there will be none. */
static struct batch *
wait_for_room(struct feed *f)
{
	struct batch *b = NULL;

	pthread_mutex_lock(&f->lock);
	while (!f->closing && f->n_ready == AHEAD)
		pthread_cond_wait(&f->changed, &f->lock);
	if (!f->closing)
		b = f->n_spares ? f->spares[--f->n_spares] : batch_new();
	pthread_mutex_unlock(&f->lock);
	return b;
}

static void
hand_over(struct feed *f, struct batch *b, int rc, const struct err *err)
{
	pthread_mutex_lock(&f->lock);
	if (rc > 0) {
		f->ready[f->n_ready++] = b;
	} else {
		batch_free(b);
		f->err = *err;
		f->rc = rc;
	}
	pthread_cond_broadcast(&f->changed);
	pthread_mutex_unlock(&f->lock);
}

static void *
run(void *ctx)
{
	struct feed *f = ctx;
	struct err err = ERR_INIT;
	struct batch *b;
	int rc = 1;

	while (rc > 0 && (b = wait_for_room(f))) {
		rc = read_one(f, b, &err);
		hand_over(f, b, rc, &err);
	}
	return NULL;
}

int
feed_open(struct feed **out, const struct address *from, const struct source_options *options,
          struct err *err)
{
	struct feed *f = xcalloc(1, sizeof(*f));
	int rc;

	f->rc = 1;
	pthread_mutex_init(&f->lock, NULL);
	pthread_cond_init(&f->changed, NULL);
	if (source_open(&f->source, from, options, err) < 0) {
		feed_close(f);
		return -1;
	}
	f->info = *source_info(f->source);
	rc = pthread_create(&f->thread, NULL, run, f);
	if (rc != 0) {
		feed_close(f);
		errno = rc;
		err_sys(err, ERR_IO, "cannot start a thread");
		return err_hint_sys(err, rc);
	}
	f->started = true;
	*out = f;
	return 0;
}

void
feed_close(struct feed *f)
{
	if (!f)
		return;
	if (f->started) {
		pthread_mutex_lock(&f->lock);
		f->closing = true;
		pthread_cond_broadcast(&f->changed);
		pthread_mutex_unlock(&f->lock);
		pthread_join(f->thread, NULL);
	}
	while (f->n_ready)
		batch_free(f->ready[--f->n_ready]);
	while (f->n_spares)
		batch_free(f->spares[--f->n_spares]);
	source_close(f->source);
	pthread_cond_destroy(&f->changed);
	pthread_mutex_destroy(&f->lock);
	free(f);
}

const struct source_info *
feed_info(const struct feed *f)
{
	return &f->info;
}

int
feed_next(struct feed *f, struct batch **out, struct err *err)
{
	size_t i;
	int rc;

	pthread_mutex_lock(&f->lock);
	while (f->n_ready == 0 && f->rc > 0)
		pthread_cond_wait(&f->changed, &f->lock);
	rc = f->n_ready ? 1 : f->rc;
	if (rc > 0) {
		*out = f->ready[0];
		f->n_ready--;
		for (i = 0; i < f->n_ready; i++)
			f->ready[i] = f->ready[i + 1];
		pthread_cond_broadcast(&f->changed);
	} else if (rc < 0) {
		*err = f->err;
	}
	pthread_mutex_unlock(&f->lock);
	return rc;
}

void
feed_give_back(struct feed *f, struct batch *b)
{
	pthread_mutex_lock(&f->lock);
	if (f->n_spares < SPARES) {
		f->spares[f->n_spares++] = b;
		b = NULL;
	}
	pthread_mutex_unlock(&f->lock);
	batch_free(b);
}
