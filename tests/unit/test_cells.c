#include <stdlib.h>
#include <string.h>

#include "tests/tap.h"
#include "verify/cells.h"

#define MOST_LOOKS 64

/* Two places in memory: positions that rise, and what stands there. */
struct item {
	uint64_t position;
	uint8_t what;
};

struct place {
	struct item *items;
	size_t n;
};

static struct place
make(size_t n, uint64_t (*position)(size_t))
{
	struct place p = {.items = calloc(n, sizeof(*p.items)), .n = n};
	size_t i;

	for (i = 0; i < n; i++)
		p.items[i] = (struct item){position(i), (uint8_t)(i % 8)};
	return p;
}

static struct place
copy(const struct place *from)
{
	struct place p = {.items = calloc(from->n, sizeof(*p.items)), .n = from->n};

	memcpy(p.items, from->items, from->n * sizeof(*p.items));
	return p;
}

static void
drop(struct place *p, size_t at)
{
	memmove(&p->items[at], &p->items[at + 1], (--p->n - at) * sizeof(*p->items));
}

/* The first item at or behind a position. */
static size_t
find(const struct place *p, uint64_t position)
{
	size_t low = 0, high = p->n, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (p->items[middle].position < position)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct rangesum
sum(const struct place *p, struct rangesum_range range)
{
	struct rangesum s = RANGESUM_INIT;
	uint8_t digest[SHA256_BYTES] = {0};
	uint64_t mixed;
	size_t i;

	for (i = find(p, range.first); i < p->n && p->items[i].position <= range.last; i++) {
		mixed =
		    (p->items[i].position * 8 + p->items[i].what) * UINT64_C(0x9E3779B97F4A7C15);
		memcpy(digest, &mixed, sizeof(mixed));
		rangesum_add(&s, p->items[i].position, digest);
	}
	return s;
}

struct outcome {
	struct cells_look looks[MOST_LOOKS];
	size_t n, levels;
	uint64_t events; /* of `a` in the looks */
	uint64_t same;
};

static struct outcome
narrow(const struct place *a, const struct place *b, uint64_t last)
{
	struct rangesum_range whole = {0, last}, *ranges;
	struct rangesum all = sum(a, whole), *x, *y;
	struct outcome out = {0};
	struct cells c;
	size_t n, i;

	cells_begin(&c, whole, &all);
	while ((n = cells_divide(&c)) > 0) {
		ranges = calloc(n, sizeof(*ranges));
		x = calloc(n, sizeof(*x));
		y = calloc(n, sizeof(*y));
		cells_ranges(&c, ranges);
		for (i = 0; i < n; i++) {
			x[i] = sum(a, ranges[i]);
			y[i] = sum(b, ranges[i]);
		}
		cells_judge(&c, x, y);
		free(ranges);
		free(x);
		free(y);
		out.levels++;
	}
	for (i = 1; i < c.len; i++)
		ok(c.items[i - 1].range.last + 1 == c.items[i].range.first);
	ok(c.items[0].range.first == 0 && c.items[c.len - 1].range.last == last);
	out.same = cells_events(&c, CELL_SAME);
	out.n = cells_looks(&c, out.looks, MOST_LOOKS);
	for (i = 0; i < out.n; i++)
		out.events += sum(a, out.looks[i].range).events;
	cells_release(&c);
	return out;
}

static bool
looked_at(const struct outcome *o, uint64_t position)
{
	size_t i;

	for (i = 0; i < o->n; i++)
		if (position >= o->looks[i].range.first && position <= o->looks[i].range.last)
			return true;
	return false;
}

static uint64_t
dense(size_t i)
{
	return i + 1;
}

static uint64_t
with_gaps(size_t i)
{
	return i < 9000 ? i : (uint64_t)i * UINT64_C(1000000000000);
}

static uint64_t
doubling(size_t i)
{
	return i < 20000 ? i : UINT64_C(1) << (i % 20000 / 100 + 20) | i;
}

void
test_equal_places_have_nothing_to_look_at(void)
{
	struct place a = make(20000, dense);
	struct outcome o = narrow(&a, &a, UINT64_MAX);

	eq_uint(o.n, 0);
	eq_uint(o.levels, 1);
	eq_uint(o.same, 20000);
	free(a.items);
}

void
test_one_change_is_looked_at_wherever_it_is(void)
{
	uint64_t (*const spread[])(size_t) = {dense, with_gaps, doubling};
	const size_t at[] = {0, 1, 8999, 9000, 12345, 22222, 22999};
	struct place a, b;
	struct outcome o;
	size_t s, i;

	for (s = 0; s < 3; s++) {
		a = make(23000, spread[s]);
		for (i = 0; i < sizeof(at) / sizeof(*at); i++) {
			b = copy(&a);
			b.items[at[i]].what ^= 7;
			o = narrow(&a, &b, UINT64_MAX);
			ok(looked_at(&o, a.items[at[i]].position));
			ok(o.n == 1 && o.events <= 1000 && o.levels <= 6);
			drop(&b, at[i]);
			o = narrow(&a, &b, UINT64_MAX);
			ok(looked_at(&o, a.items[at[i]].position));
			ok(o.n == 1 && o.events <= 1000);
			o = narrow(&b, &a, UINT64_MAX - 5);
			ok(looked_at(&o, a.items[at[i]].position));
			free(b.items);
		}
		free(a.items);
	}
}

void
test_an_event_that_moved_past_a_gap_is_in_one_look(void)
{
	struct place a = make(18000, with_gaps), b = copy(&a);
	struct outcome o;

	b.items[8999].position = a.items[9000].position - 3;
	o = narrow(&a, &b, UINT64_MAX);
	eq_uint(o.n, 1);
	ok(looked_at(&o, 8999) && looked_at(&o, b.items[8999].position));
	free(a.items);
	free(b.items);
}

void
test_many_changes_are_joined_into_a_few_looks(void)
{
	struct place a = make(60000, dense), b = copy(&a);
	struct outcome o;
	size_t i;

	for (i = 0; i < b.n; i += 600)
		b.items[i].what ^= 7;
	o = narrow(&a, &b, UINT64_MAX);
	ok(o.n <= MOST_LOOKS);
	for (i = 0; i < b.n; i += 600)
		ok(looked_at(&o, a.items[i].position));
	free(a.items);
	free(b.items);
}

void
test_places_that_have_nothing_in_common_are_looked_at_at_once(void)
{
	struct place a = make(50000, dense), b = copy(&a), none = {.items = NULL};
	struct outcome o;
	size_t i;

	for (i = 0; i < b.n; i++)
		b.items[i].what ^= 7;
	o = narrow(&a, &b, UINT64_MAX);
	ok(o.levels == 1 && o.same == 0 && o.n == 1);
	o = narrow(&a, &none, UINT64_MAX);
	ok(o.levels == 1 && o.same == 0 && o.n == 1);
	o = narrow(&none, &b, UINT64_MAX);
	ok(o.same == 0 && o.n == 1 && looked_at(&o, 1) && looked_at(&o, 50000));
	o = narrow(&none, &none, 0);
	eq_uint(o.n, 0);
	free(a.items);
	free(b.items);
}

void
test_what_is_the_same_in_looks_is_counted(void)
{
	struct place a = make(40000, dense), b = copy(&a);
	struct outcome o;

	b.items[20000].what ^= 7;
	b.items[20350].what ^= 7;
	o = narrow(&a, &b, UINT64_MAX);
	eq_uint(o.n, 1);
	ok(o.looks[0].same > 0);
	eq_uint(o.events - o.looks[0].same + o.same, 40000);
	free(a.items);
	free(b.items);
}
