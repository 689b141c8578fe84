#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/log.h"
#include "common/mem.h"
#include "common/progress.h"
#include "common/stop.h"
#include "common/timestamp.h"

#define BAR_INTERVAL_MS 200
#define ROW_INTERVAL_NS UINT64_C(1000000000)

struct progress {
	struct progress_counts *counts;
	enum progress_mode mode;
	FILE *stats;
	const char *stats_path;
	pthread_t thread;
	pthread_mutex_t lock; /* guards `done` */
	pthread_cond_t wake;
	bool done;
	bool drawn; /* there is a bar to take away */
	uint64_t began_ns, row_ns;
	uint64_t row_events, row_bytes; /* at the row before */
};

const char *
progress_count(uint64_t n, char out[PROGRESS_TEXT_BYTES])
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, n), i;
	char *p = out;

	for (i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			*p++ = ',';
		*p++ = digits[i];
	}
	*p = '\0';
	return out;
}

const char *
progress_things(uint64_t n, const char *one, char out[PROGRESS_TEXT_BYTES])
{
	size_t len = strlen(progress_count(n, out));

	snprintf(out + len, PROGRESS_TEXT_BYTES - len, " %s%s", one, n == 1 ? "" : "s");
	return out;
}

const char *
progress_bytes(uint64_t bytes, char out[PROGRESS_TEXT_BYTES])
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	double n = (double)bytes;
	int unit = 0;

	while (n >= 1024 && unit < 6) {
		n /= 1024;
		unit++;
	}
	snprintf(out, PROGRESS_TEXT_BYTES, unit && n < 100 ? "%.1f %s" : "%.0f %s", n, units[unit]);
	return out;
}

const char *
progress_duration(uint64_t ns, char out[PROGRESS_TEXT_BYTES])
{
	uint64_t s = ns / 1000000000;

	if (s < 60)
		snprintf(out, PROGRESS_TEXT_BYTES, "%.1f s", (double)ns / 1e9);
	else if (s < 3600)
		snprintf(out, PROGRESS_TEXT_BYTES, "%" PRIu64 " min %02" PRIu64 " s", s / 60,
		         s % 60);
	else
		snprintf(out, PROGRESS_TEXT_BYTES, "%" PRIu64 " h %02" PRIu64 " min", s / 3600,
		         s / 60 % 60);
	return out;
}

/* Resident memory of this process, now. */
static uint64_t
rss_bytes(void)
{
	unsigned long long resident = 0; /* pages: the second number in it */
	FILE *f = fopen("/proc/self/statm", "re");

	if (!f)
		return 0;
	(void)!fscanf(f, "%*u %llu", &resident);
	fclose(f);
	return resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

static double
per_second(uint64_t n, uint64_t ns)
{
	return ns ? (double)n * 1e9 / (double)ns : 0;
}

/* Done and to do, in events where their number is known, else in bytes of the input. */
static double
fraction_done(struct progress_counts *c)
{
	uint64_t all = c->total_events ? c->total_events : c->total_bytes;
	uint64_t done = c->total_events ? c->events : c->at_bytes;

	if (!all)
		return -1;
	return done < all ? (double)done / (double)all : 1;
}

static void
draw_bar(struct progress *p, uint64_t now_ns)
{
	struct progress_counts *c = p->counts;
	char events[PROGRESS_TEXT_BYTES], bytes[PROGRESS_TEXT_BYTES], left[PROGRESS_TEXT_BYTES];
	char rate[PROGRESS_TEXT_BYTES], line[256], eta[64] = "";
	uint64_t spent_ns = now_ns - p->began_ns;
	double done = fraction_done(c);
	int n;

	if (done > 0.001)
		snprintf(eta, sizeof(eta), "  %3.0f %%  ETA %s", done * 100,
		         progress_duration((uint64_t)((double)spent_ns * (1 - done) / done), left));
	n = snprintf(line, sizeof(line), "\r%s: %s  %s  %s/s%s\033[K", log_program(),
	             progress_things(c->events, "event", events),
	             progress_bytes(c->raw_bytes, bytes),
	             progress_count((uint64_t)per_second(c->events, spent_ns), rate), eta);
	(void)!write(STDERR_FILENO, line, (size_t)n);
	p->drawn = true;
	log_over_bar(true);
}

static void
print_json(struct progress *p, uint64_t now_ns)
{
	struct progress_counts *c = p->counts;
	uint64_t spent_ns = now_ns - p->began_ns;
	double done = fraction_done(c);
	char line[400], eta[40] = "";
	int n;

	if (done > 0)
		snprintf(eta, sizeof(eta), ",\"eta_s\":%.1f",
		         (double)spent_ns / 1e9 * (1 - done) / done);
	n = snprintf(line, sizeof(line),
	             "{\"program\":\"%s\",\"level\":\"progress\",\"elapsed_s\":%.3f,"
	             "\"events\":%" PRIu64 ",\"total_events\":%" PRIu64 ",\"raw_bytes\":%" PRIu64
	             ",\"stored_bytes\":%" PRIu64 ",\"events_per_s\":%.0f%s}\n",
	             log_program(), (double)spent_ns / 1e9, c->events, c->total_events,
	             c->raw_bytes, c->stored_bytes, per_second(c->events, spent_ns), eta);
	(void)!write(STDERR_FILENO, line, (size_t)n);
}

/* For who asks with SIGUSR1. */
static void
answer(struct progress *p, uint64_t now_ns)
{
	struct progress_counts *c = p->counts;
	char events[PROGRESS_TEXT_BYTES], bytes[PROGRESS_TEXT_BYTES], spent[PROGRESS_TEXT_BYTES];
	char rate[PROGRESS_TEXT_BYTES], part[32] = "";
	uint64_t spent_ns = now_ns - p->began_ns;
	double done = fraction_done(c);

	if (done >= 0)
		snprintf(part, sizeof(part), ", %.0f %%", done * 100);
	log_note("%s, %s in %s, %s/s%s", progress_things(c->events, "event", events),
	         progress_bytes(c->raw_bytes, bytes), progress_duration(spent_ns, spent),
	         progress_count((uint64_t)per_second(c->events, spent_ns), rate), part);
}

static void
write_row(struct progress *p, uint64_t now_ns)
{
	struct progress_counts *c = p->counts;
	uint64_t events = c->events, bytes = c->raw_bytes, ns = now_ns - p->row_ns;
	char now[TIMESTAMP_BYTES];

	timestamp_format(timestamp_now_ns() / 1000000 * 1000000, TIMESTAMP_RFC3339, now);
	fprintf(p->stats,
	        "%s,%.3f,%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%.0f,%.0f,%.3f,%.3f,%.3f,%" PRIu64
	        "\n",
	        now, (double)(now_ns - p->began_ns) / 1e9, events, bytes, c->stored_bytes,
	        per_second(events - p->row_events, ns), per_second(bytes - p->row_bytes, ns),
	        (double)c->waits.produce_ns / 1e9, (double)c->waits.work_ns / 1e9,
	        (double)c->waits.consume_ns / 1e9, rss_bytes());
	p->row_events = events;
	p->row_bytes = bytes;
}

static void
show(struct progress *p, bool last)
{
	uint64_t now_ns = timestamp_monotonic_ns();
	bool row = last || now_ns - p->row_ns >= ROW_INTERVAL_NS;

	if (stop_usr1())
		answer(p, now_ns);
	if (p->mode == PROGRESS_BAR && !last)
		draw_bar(p, now_ns);
	if (p->mode == PROGRESS_JSON && row)
		print_json(p, now_ns);
	if (p->stats && row)
		write_row(p, now_ns);
	if (row)
		p->row_ns = now_ns;
}

static void *
progress_main(void *arg)
{
	struct progress *p = arg;
	struct timespec until;

	pthread_mutex_lock(&p->lock);
	while (!p->done) {
		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += BAR_INTERVAL_MS * 1000000L;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		if (pthread_cond_timedwait(&p->wake, &p->lock, &until) != 0 && !p->done)
			show(p, false);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

static const char stats_head[] =
    "time,elapsed_s,events,raw_bytes,stored_bytes,events_per_s,raw_bytes_per_s,source_wait_s,"
    "worker_wait_s,sink_wait_s,rss_bytes\n";

/*
 * A link that somebody put there must not lead to another file.  What it leads to that is none, as
 * /dev/fd/3 does, loses nothing.  Returns a descriptor, or -1.
 */
static int
open_unlinked(const char *path, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
	struct stat st;

	if (fd < 0 && errno == ELOOP) {
		fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd >= 0 && fstat(fd, &st) == 0 && !S_ISREG(st.st_mode))
			return fd;
		if (fd >= 0)
			close(fd);
		return err_set(err, ERR_IO, "%s: is a symbolic link, and not followed", path);
	}
	return fd < 0 ? err_sys(err, ERR_IO, "create %s", path) : fd;
}

/* A file that exists is replaced only where it is one of ours: a name that was mistaken must not
 * cost a store. */
static bool
is_ours(int fd, const char *path)
{
	char head[sizeof(stats_head)] = "";
	struct stat st;
	size_t n = 0;
	FILE *f;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size == 0)
		return true;
	f = fopen(path, "re");
	if (f) {
		n = fread(head, 1, sizeof(stats_head) - 1, f);
		fclose(f);
	}
	return n > 0 && strcmp(head, stats_head) == 0;
}

static int
open_stats(FILE **out, const char *path, struct err *err)
{
	int fd = open_unlinked(path, err);

	if (fd < 0)
		return -1;
	if (!is_ours(fd, path)) {
		close(fd);
		err_set(err, ERR_IO, "%s: exists, and holds no statistics", path);
		return err_hint(err, "choose another name for --stats");
	}
	(void)!ftruncate(fd, 0); /* what is no file has nothing to cut */
	*out = fdopen(fd, "w");
	if (!*out)
		mem_exhausted();
	fputs(stats_head, *out);
	return 0;
}

int
progress_start(struct progress **out, struct progress_counts *counts, enum progress_mode mode,
               const char *stats_path, struct err *err)
{
	struct progress *p = xcalloc(1, sizeof(*p));
	pthread_condattr_t monotonic;
	int rc;

	if (mode == PROGRESS_AUTO)
		mode = isatty(STDERR_FILENO) && !log_is_json() ? PROGRESS_BAR : PROGRESS_NONE;
	p->counts = counts;
	p->mode = mode;
	p->began_ns = p->row_ns = timestamp_monotonic_ns();
	p->stats_path = stats_path;
	if (stats_path) {
		if (open_stats(&p->stats, stats_path, err) < 0) {
			free(p);
			return -1;
		}
	}
	pthread_mutex_init(&p->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&p->wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	rc = pthread_create(&p->thread, NULL, progress_main, p);
	if (rc != 0) {
		if (p->stats)
			fclose(p->stats);
		free(p);
		errno = rc;
		err_sys(err, ERR_IO, "cannot start a thread");
		return err_hint_sys(err, rc);
	}
	*out = p;
	return 0;
}

int
progress_finish(struct progress *p, struct err *err)
{
	int rc = 0;

	pthread_mutex_lock(&p->lock);
	p->done = true;
	pthread_cond_signal(&p->wake);
	pthread_mutex_unlock(&p->lock);
	pthread_join(p->thread, NULL);
	show(p, true);
	log_over_bar(false);
	if (p->drawn)
		(void)!write(STDERR_FILENO, "\r\033[K", 4);
	if (p->stats && (fflush(p->stats) != 0 || ferror(p->stats)))
		rc = err_sys(err, ERR_IO, "write %s", p->stats_path);
	if (p->stats)
		fclose(p->stats);
	pthread_cond_destroy(&p->wake);
	pthread_mutex_destroy(&p->lock);
	free(p);
	return rc;
}
