#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/timestamp.h"

#define NS_PER_S INT64_C(1000000000)
#define S_PER_DAY INT64_C(86400)

/*
 * Days since 1970-01-01 of a date.  A year that begins in March puts the leap day at
 * its end, so that the days before a month are (153 * month + 2) / 5.
 */
static int64_t
days_of_date(int64_t year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t of_era = y - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void
date_of_days(int64_t days, int64_t *year, int *month, int *day)
{
	int64_t shifted = days + 719468;
	int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
	int64_t of_era = shifted - era * 146097;
	int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * y + y / 4 - y / 100);
	int64_t m = (5 * of_year + 2) / 153;

	*day = (int)(of_year - (153 * m + 2) / 5 + 1);
	*month = (int)(m < 10 ? m + 3 : m - 9);
	*year = y + era * 400 + (*month <= 2);
}

static char *
put_digits(char *out, uint32_t n, int digits)
{
	int i;

	for (i = digits - 1; i >= 0; i--, n /= 10)
		out[i] = (char)('0' + n % 10);
	return out + digits;
}

/* The digits of nanoseconds without the zeros at their end, which come by three as a rule. */
static char *
put_fraction(char *out, uint32_t ns)
{
	int digits = 9;

	for (; ns % 1000 == 0; ns /= 1000)
		digits -= 3;
	for (; ns % 10 == 0; ns /= 10)
		digits--;
	return put_digits(out, ns, digits);
}

size_t
timestamp_format(int64_t ns, enum timestamp_style style, char out[TIMESTAMP_BYTES])
{
	int64_t s = ns / NS_PER_S - (ns % NS_PER_S < 0);
	int64_t days = s / S_PER_DAY - (s % S_PER_DAY < 0), year;
	int64_t fraction = ns % NS_PER_S + (ns % NS_PER_S < 0) * NS_PER_S;
	uint32_t of_day = (uint32_t)(s - days * S_PER_DAY);
	int month, day;
	char *p = out;

	date_of_days(days, &year, &month, &day);
	p = put_digits(p, (uint32_t)year, 4);
	*p++ = '-';
	p = put_digits(p, (uint32_t)month, 2);
	*p++ = '-';
	p = put_digits(p, (uint32_t)day, 2);
	*p++ = style == TIMESTAMP_RFC3339 ? 'T' : ' ';
	p = put_digits(p, of_day / 3600, 2);
	*p++ = ':';
	p = put_digits(p, of_day / 60 % 60, 2);
	*p++ = ':';
	p = put_digits(p, of_day % 60, 2);
	if (fraction) {
		*p++ = '.';
		p = put_fraction(p, (uint32_t)fraction);
	}
	if (style == TIMESTAMP_RFC3339)
		*p++ = 'Z';
	*p = '\0';
	return (size_t)(p - out);
}

struct cursor {
	const uint8_t *p, *end;
};

static int
take_digits(struct cursor *c, int digits, int *out)
{
	int i, n = 0;

	if (c->end - c->p < digits)
		return -1;
	for (i = 0; i < digits; i++) {
		if (c->p[i] < '0' || c->p[i] > '9')
			return -1;
		n = n * 10 + (c->p[i] - '0');
	}
	c->p += digits;
	*out = n;
	return 0;
}

/* A byte that is one of `among`, without a call for the first of them. */
static inline bool
take(struct cursor *c, const char *among)
{
	if (c->p == c->end || *c->p == '\0' || (*c->p != (uint8_t)*among && !strchr(among, *c->p)))
		return false;
	c->p++;
	return true;
}

static int
take_fraction(struct cursor *c, int64_t *ns)
{
	static const int32_t units[] = {100000000, 10000000, 1000000, 100000, 10000,
	                                1000,      100,      10,      1};
	const uint8_t *start = c->p;
	size_t i;

	*ns = 0;
	for (; c->p < c->end && *c->p >= '0' && *c->p <= '9'; c->p++) {
		i = (size_t)(c->p - start);
		if (i < sizeof(units) / sizeof(*units))
			*ns += (*c->p - '0') * units[i];
		else if (*c->p != '0')
			return -1;
	}
	return c->p > start ? 0 : -1;
}

static int
take_offset(struct cursor *c, int64_t *s)
{
	int sign, hours, minutes;

	*s = 0;
	if (c->p == c->end || take(c, "Zz"))
		return 0;
	sign = *c->p == '-' ? -1 : 1;
	if (!take(c, "+-") || take_digits(c, 2, &hours) < 0)
		return -1;
	if (!take(c, ":") || take_digits(c, 2, &minutes) < 0 || hours > 23 || minutes > 59)
		return -1;
	*s = sign * (hours * 3600 + minutes * 60);
	return 0;
}

static int
take_date(struct cursor *c, int64_t *days)
{
	static const int lengths[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int year, month, day;

	if (take_digits(c, 4, &year) < 0 || !take(c, "-") || take_digits(c, 2, &month) < 0 ||
	    !take(c, "-") || take_digits(c, 2, &day) < 0)
		return -1;
	if (month < 1 || month > 12 || day < 1 || day > lengths[month - 1])
		return -1;
	if (month == 2 && day == 29 && (year % 4 != 0 || (year % 100 == 0 && year % 400 != 0)))
		return -1;
	*days = days_of_date(year, month, day);
	return 0;
}

static int
take_clock(struct cursor *c, int64_t *s, int64_t *fraction_ns)
{
	int hour, minute, second = 0;

	*fraction_ns = 0;
	if (take_digits(c, 2, &hour) < 0 || !take(c, ":") || take_digits(c, 2, &minute) < 0)
		return -1;
	if (take(c, ":")) {
		if (take_digits(c, 2, &second) < 0)
			return -1;
		if (take(c, ".") && take_fraction(c, fraction_ns) < 0)
			return -1;
	}
	if (hour > 23 || minute > 59 || second > 59)
		return -1;
	*s = hour * 3600 + minute * 60 + second;
	return 0;
}

int
timestamp_parse(struct slice text, int64_t *ns)
{
	struct cursor c = {text.p, text.p + text.len};
	int64_t days, s, fraction, offset, total, whole;

	if (take_date(&c, &days) < 0 || !take(&c, "Tt ") || take_clock(&c, &s, &fraction) < 0 ||
	    take_offset(&c, &offset) < 0 || c.p != c.end)
		return -1;
	/* Round toward 1970: the least second begins below INT64_MIN, and only its end fits. */
	whole = days * S_PER_DAY + s - offset;
	if (whole < 0 && fraction > 0) {
		whole++;
		fraction -= NS_PER_S;
	}
	if (__builtin_mul_overflow(whole, NS_PER_S, &total) ||
	    __builtin_add_overflow(total, fraction, &total) || total == INT64_MIN)
		return -1;
	*ns = total;
	return 0;
}

int64_t
timestamp_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

uint64_t
timestamp_monotonic_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * (uint64_t)NS_PER_S + (uint64_t)ts.tv_nsec;
}
