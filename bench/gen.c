/*
 * Events as JSON Lines, the same for the same options: what the benchmark and the long tests use.
 *
 *	gen --events 1000000 --seed 7 | esimport --to sqlite://events.db
 *
 * Streams have power-law lengths, payloads are of 150 to 2,000 bytes (about 450 on average) and
 * hold what JSON in the wild holds: nested values, text beyond ASCII, decimals, integers beyond
 * 2^53, dates.  Numbers come from SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom
 * Number Generators, 2014).
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FLUSH_BYTES ((size_t)1 << 20)
#define ITEM_BYTES 256 /* the longest thing that is added without a check for room */
#define EVENT_BYTES ((size_t)8192)
#define LEAST_PAYLOAD_BYTES 150
#define MOST_PAYLOAD_BYTES 2000
#define START_S INT64_C(1735689600) /* 2025-01-01T00:00:00Z */
#define FLOWS 64                    /* chains of events that cause each other */
#define COUNT(a) (sizeof(a) / sizeof(*(a)))

struct uuid {
	char text[36];
};

struct flow {
	struct uuid correlation, last;
	bool begun;
};

struct gen {
	uint64_t events, streams, seed, payload_bytes; /* payload_bytes 0: as it comes */
	uint64_t state;
	int64_t time_us, dated_s;
	char date[20]; /* of the event before: times rise slowly */
	uint64_t *versions;
	struct flow flows[FLOWS];
	char *out;
	size_t len, cap;
};

static const char *const nouns[] = {"Order",   "Invoice", "Parcel",   "Account",
                                    "Payment", "Ticket",  "Customer", "Article"};
static const char *const verbs[] = {"Created", "Changed", "Approved", "Moved", "Closed"};
static const char *const users[] = {"depot", "ana.horvat", "checkout", "zoë.smith",
                                    "batch", "m.łukasz",   "api",      "support-3"};
static const char *const words[] = {
    "please", "leave",  "the",     "parcel", "at",   "door",  "of",     "house",
    "behind", "Straße", "naïve",   "over",   "with", "a",     "ticket", "customer",
    "called", "about",  "delayed", "order",  "東京", "and",   "asked",  "for",
    "refund", "café",   "until",   "monday", "in",   "box",   "blue",   "large",
    "Łódź",   "urgent", "invoice", "number", "paid", "twice", "😀",      "no",
};
static const char *const names[] = {
    "steel bolt M8",     "Öl, 5 l",   "notebook A5",       "USB cable 2 m", "garden hose",
    "coffee beans 1 kg", "crème 50g", "lamp \\\"Nord\\\"", "desk 160x80",   "battery AA\\/4",
};
static const char *const cities[] = {"Berlin", "Zürich", "Lisboa", "São Paulo",
                                     "Kraków", "Oslo",   "北京",   "Austin"};

static uint64_t
next(struct gen *g)
{
	uint64_t z = g->state += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

/* 0 .. n - 1; the high half of a product of 32 by 32 bits. */
static uint64_t
below(struct gen *g, uint64_t n)
{
	return n >> 32 ? next(g) % n : (next(g) >> 32) * n >> 32;
}

static double
fraction(struct gen *g)
{
	return (double)(next(g) >> 11) * 0x1p-53;
}

static void
add(struct gen *g, const char *p, size_t len)
{
	memcpy(g->out + g->len, p, len);
	g->len += len;
}

#define ADD_LIT(g, s) add(g, s, sizeof(s) - 1)

static void
add_str(struct gen *g, const char *s)
{
	add(g, s, strlen(s));
}

#define ADD_ONE_OF(g, list) add_str(g, (list)[below(g, COUNT(list))])

static void
add_uint(struct gen *g, uint64_t n)
{
	char digits[20];
	size_t i = sizeof(digits);

	do {
		digits[--i] = (char)('0' + n % 10);
		n /= 10;
	} while (n);
	add(g, digits + i, sizeof(digits) - i);
}

static void
add_digits(struct gen *g, uint64_t n, size_t digits)
{
	size_t i;

	for (i = digits; i-- > 0; n /= 10)
		g->out[g->len + i] = (char)('0' + n % 10);
	g->len += digits;
}

static void
add_price(struct gen *g, uint64_t cents)
{
	add_uint(g, cents / 100);
	ADD_LIT(g, ".");
	add_digits(g, cents % 100, 2);
}

static void
add_date(struct gen *g, int64_t seconds)
{
	struct tm tm;
	time_t t = (time_t)seconds;

	if (seconds != g->dated_s) {
		gmtime_r(&t, &tm);
		strftime(g->date, sizeof(g->date), "%Y-%m-%dT%H:%M:%S", &tm);
		g->dated_s = seconds;
	}
	add(g, g->date, 19);
}

/* Version 4, RFC 9562 section 5.4. */
static struct uuid
make_uuid(struct gen *g)
{
	static const char hex[] = "0123456789abcdef";
	uint64_t half[2] = {next(g), next(g)};
	struct uuid u;
	size_t i, at = 0;

	half[0] = (half[0] & ~UINT64_C(0xF000)) | 0x4000;
	half[1] = (half[1] & ~(UINT64_C(3) << 62)) | UINT64_C(1) << 63;
	for (i = 0; i < 32; i++) {
		if (i == 8 || i == 12 || i == 16 || i == 20)
			u.text[at++] = '-';
		u.text[at++] = hex[half[i / 16] >> (60 - 4 * (i % 16)) & 15];
	}
	return u;
}

static void
flush(struct gen *g)
{
	size_t done = 0;
	ssize_t put;

	while (done < g->len) {
		put = write(STDOUT_FILENO, g->out + done, g->len - done);
		if (put < 0 && errno != EINTR) {
			perror("gen: standard output");
			exit(1);
		}
		done += put > 0 ? (size_t)put : 0;
	}
	g->len = 0;
}

static void
reserve(struct gen *g, size_t bytes)
{
	if (g->len >= FLUSH_BYTES)
		flush(g);
	if (g->cap - g->len >= bytes)
		return;
	g->cap = g->len + bytes + FLUSH_BYTES;
	g->out = realloc(g->out, g->cap);
	if (!g->out) {
		perror("gen");
		exit(1);
	}
}

static void
add_line_item(struct gen *g, bool first)
{
	if (!first)
		ADD_LIT(g, ",");
	ADD_LIT(g, "{\"sku\":\"A-");
	add_digits(g, below(g, 5000), 5);
	ADD_LIT(g, "\",\"name\":\"");
	ADD_ONE_OF(g, names);
	ADD_LIT(g, "\",\"quantity\":");
	add_uint(g, 1 + below(g, 9));
	ADD_LIT(g, ",\"price\":{\"amount\":");
	add_price(g, 99 + below(g, 20000));
	ADD_LIT(g, ",\"tax\":0.19},\"gift\":");
	if (below(g, 8))
		ADD_LIT(g, "false}");
	else
		ADD_LIT(g, "true}");
}

/* Words until the payload that began at `from` has `bytes` bytes with its end. */
static void
add_note(struct gen *g, size_t from, size_t bytes)
{
	static const char end[] = "\"}";
	size_t upto = from + bytes - (sizeof(end) - 1), len;
	const char *word;

	while (g->len < upto) {
		word = words[below(g, COUNT(words))];
		len = strlen(word);
		if (upto - g->len < len + 1) {
			memset(g->out + g->len, '.', upto - g->len);
			g->len = upto;
			break;
		}
		add(g, word, len);
		ADD_LIT(g, " ");
	}
	ADD_LIT(g, end);
}

static void
add_data(struct gen *g, size_t bytes)
{
	size_t from = g->len;
	bool first = true;

	ADD_LIT(g, "{\"number\":");
	add_uint(g, next(g)); /* most are beyond 2^53, half of them beyond 2^63 */
	ADD_LIT(g, ",\"city\":\"");
	ADD_ONE_OF(g, cities);
	ADD_LIT(g, "\",\"total\":");
	add_price(g, 100 + below(g, 1000000));
	ADD_LIT(g, ",\"due\":\"");
	add_date(g, g->time_us / 1000000);
	ADD_LIT(g, "Z\"");
	if (bytes >= LEAST_PAYLOAD_BYTES + ITEM_BYTES) {
		ADD_LIT(g, ",\"lines\":[");
		for (; g->len - from + ITEM_BYTES < bytes; first = false)
			add_line_item(g, first);
		ADD_LIT(g, "]");
	}
	ADD_LIT(g, ",\"note\":\"");
	add_note(g, from, bytes);
}

static void
add_metadata(struct gen *g, const struct flow *flow)
{
	uint64_t user = below(g, COUNT(users));

	ADD_LIT(g, "{\"correlationId\":\"");
	add(g, flow->correlation.text, sizeof(flow->correlation.text));
	ADD_LIT(g, "\",\"causationId\":\"");
	add(g, flow->last.text, sizeof(flow->last.text));
	ADD_LIT(g, "\",\"user\":{\"id\":");
	add_uint(g, 1000 + user);
	ADD_LIT(g, ",\"name\":\"");
	add_str(g, users[user]);
	ADD_LIT(g, "\"}}");
}

/* The density of rank r is r^(-2/3): the first stream of 50,000 gets a 37th of the events. */
static uint64_t
choose_stream(struct gen *g, uint64_t n)
{
	double u = fraction(g);

	return g->streams >= g->events ? n : (uint64_t)((double)g->streams * u * u * u);
}

static size_t
choose_bytes(struct gen *g)
{
	double u = fraction(g);

	if (g->payload_bytes)
		return g->payload_bytes;
	return LEAST_PAYLOAD_BYTES +
	       (size_t)((MOST_PAYLOAD_BYTES - LEAST_PAYLOAD_BYTES) * u * u * u * u * u);
}

static void
add_event(struct gen *g, uint64_t n)
{
	uint64_t stream = choose_stream(g, n);
	const char *noun = nouns[stream % COUNT(nouns)];
	struct flow *flow = &g->flows[below(g, FLOWS)];
	struct uuid id = make_uuid(g);
	size_t bytes = choose_bytes(g);

	reserve(g, bytes + EVENT_BYTES);
	if (!flow->begun || below(g, 8) == 0)
		*flow = (struct flow){id, id, true};
	g->time_us += 1 + (int64_t)below(g, 1000000);
	ADD_LIT(g, "{\"position\":");
	add_uint(g, n + 1);
	ADD_LIT(g, ",\"stream\":\"");
	add_str(g, noun);
	ADD_LIT(g, "-");
	add_uint(g, 100000 + stream);
	ADD_LIT(g, "\",\"version\":");
	add_uint(g, g->versions[stream]++);
	ADD_LIT(g, ",\"id\":\"");
	add(g, id.text, sizeof(id.text));
	ADD_LIT(g, "\",\"type\":\"");
	add_str(g, noun);
	ADD_ONE_OF(g, verbs);
	ADD_LIT(g, "\",\"time\":\"");
	add_date(g, g->time_us / 1000000);
	ADD_LIT(g, ".");
	add_digits(g, (uint64_t)g->time_us % 1000000, 6);
	ADD_LIT(g, "Z\",\"metadata\":");
	add_metadata(g, flow);
	ADD_LIT(g, ",\"data\":");
	add_data(g, bytes);
	ADD_LIT(g, "}\n");
	flow->last = id;
}

static int
parse(struct gen *g, int argc, char **argv)
{
	static const struct option options[] = {
	    {"events", required_argument, NULL, 0},
	    {"seed", required_argument, NULL, 1},
	    {"streams", required_argument, NULL, 2},
	    {"payload-bytes", required_argument, NULL, 3},
	    {0},
	};
	uint64_t *into;
	char *end;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == '?')
			return -1;
		into = (uint64_t *[]){&g->events, &g->seed, &g->streams, &g->payload_bytes}[c];
		*into = strtoull(optarg, &end, 10);
		if (end == optarg || *end)
			return -1;
	}
	if (g->streams == 0)
		g->streams = (g->events + 19) / 20;
	if (g->payload_bytes && g->payload_bytes < LEAST_PAYLOAD_BYTES)
		g->payload_bytes = LEAST_PAYLOAD_BYTES;
	return optind == argc ? 0 : -1;
}

int
main(int argc, char **argv)
{
	struct gen g = {.events = 1000000, .seed = 1, .time_us = START_S * 1000000};
	uint64_t i;

	if (parse(&g, argc, argv) < 0) {
		fprintf(stderr, "usage: gen [--events N] [--seed S] [--streams N] "
		                "[--payload-bytes N]\n");
		return 2;
	}
	g.state = g.seed;
	g.versions = calloc(g.streams + 1, sizeof(*g.versions));
	if (!g.versions) {
		perror("gen");
		return 1;
	}
	for (i = 0; i < g.events; i++)
		add_event(&g, i);
	flush(&g);
	free(g.out);
	free(g.versions);
	return 0;
}
