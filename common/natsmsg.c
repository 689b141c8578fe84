#include <string.h>
#include <strings.h>

#include "common/natsmsg.h"

#define NAME_MOST_BYTES 255

static const char version[] = "NATS/1.0";

bool
natsmsg_name_eq(struct slice a, const char *z)
{
	return strlen(z) == a.len && strncasecmp((const char *)a.p, z, a.len) == 0;
}

bool
natsmsg_find(const struct natsmsg *m, struct slice name, size_t *at)
{
	for (; *at < m->n_headers; ++*at)
		if (m->headers[*at].name.len == name.len &&
		    strncasecmp((const char *)m->headers[*at].name.p, (const char *)name.p,
		                name.len) == 0)
			return true;
	return false;
}

bool
natsmsg_is_name(struct slice name)
{
	size_t i;

	for (i = 0; i < name.len; i++)
		if (name.p[i] <= ' ' || name.p[i] >= 0x7F || name.p[i] == ':')
			return false;
	return name.len > 0 && name.len <= NAME_MOST_BYTES;
}

size_t
natsmsg_header_bytes(const struct natsmsg *m)
{
	size_t sum = sizeof(version) - 1 + 4, i;

	for (i = 0; i < m->n_headers; i++)
		sum += m->headers[i].name.len + 2 + m->headers[i].value.len + 2;
	return sum;
}

size_t
natsmsg_bytes(const struct natsmsg *m)
{
	return natsmsg_header_bytes(m) + m->body.len;
}

/* "Name:" and no more of an address, "Name://", or of a path of names, "Name::". */
static bool
begins_as_header(struct slice v)
{
	size_t n = 0;

	while (n < v.len && v.p[n] > ' ' && v.p[n] < 0x7F && v.p[n] != ':' && v.p[n] != '"' &&
	       v.p[n] != '{' && v.p[n] != '[')
		n++;
	return n > 0 && n < v.len && v.p[n] == ':' && !(v.p[0] >= '0' && v.p[0] <= '9') &&
	       !(n + 1 < v.len && (v.p[n + 1] == '/' || v.p[n + 1] == ':'));
}

bool
natsmsg_looks_mangled(const struct natsmsg *m)
{
	size_t i;

	for (i = 0; i < m->n_headers; i++)
		if (m->headers[i].value.len == 0 || begins_as_header(m->headers[i].value))
			return true;
	return false;
}

/* The line at the beginning of what is left, without its end; false: there is none. */
static bool
take_line(struct slice *rest, struct slice *line)
{
	const uint8_t *end = rest->len ? memchr(rest->p, '\n', rest->len) : NULL;

	if (!end || end == rest->p || end[-1] != '\r')
		return false;
	*line = (struct slice){rest->p, (size_t)(end - rest->p) - 1};
	rest->len -= line->len + 2;
	rest->p = end + 1;
	return true;
}

static struct slice
trim(struct slice s)
{
	while (s.len && (s.p[0] == ' ' || s.p[0] == '\t')) {
		s.p++;
		s.len--;
	}
	while (s.len && (s.p[s.len - 1] == ' ' || s.p[s.len - 1] == '\t'))
		s.len--;
	return s;
}

static size_t
count_lines(struct slice s)
{
	size_t n = 0, i;

	for (i = 0; i < s.len; i++)
		n += s.p[i] == '\n';
	return n;
}

int
natsmsg_parse_headers(struct natsmsg *m, struct slice block, struct arena *mem)
{
	struct slice line;
	const uint8_t *colon;
	struct natsheader *h;

	m->n_headers = 0;
	m->headers = arena_alloc(mem, (count_lines(block) + 1) * sizeof(*m->headers));
	if (!take_line(&block, &line) || line.len < sizeof(version) - 1 ||
	    memcmp(line.p, version, sizeof(version) - 1) != 0)
		return -1;
	while (take_line(&block, &line)) {
		if (line.len == 0)
			return block.len == 0 ? 0 : -1;
		colon = memchr(line.p, ':', line.len);
		if (!colon)
			return -1;
		h = &m->headers[m->n_headers++];
		h->name = (struct slice){line.p, (size_t)(colon - line.p)};
		h->value = trim((struct slice){colon + 1, line.len - h->name.len - 1});
	}
	return -1;
}
