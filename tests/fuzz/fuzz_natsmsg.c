#include <assert.h>
#include <string.h>

#include "common/natsmark.h"
#include "common/natsrow.h"
#include "tests/guard.h"

/*
 * Blocks of headers: what is read of one points into it, and reads the same when
 * it is written again.  The first line may also be a mark, and what a mark says is
 * said again.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_within(struct slice part, struct slice whole)
{
	assert(part.p >= whole.p && part.p + part.len <= whole.p + whole.len);
}

static void
write_block(const struct natsmsg *m, struct buf *out)
{
	size_t i;

	buf_add_str(out, "NATS/1.0\r\n");
	for (i = 0; i < m->n_headers; i++) {
		buf_add_slice(out, m->headers[i].name);
		buf_add_str(out, ": ");
		buf_add_slice(out, m->headers[i].value);
		buf_add_str(out, "\r\n");
	}
	buf_add_str(out, "\r\n");
}

static void
check_header(const struct natsmsg *m, size_t i, struct slice block)
{
	const struct natsheader *h = &m->headers[i];
	size_t at = 0;

	check_within(h->name, block);
	check_within(h->value, block);
	assert(!memchr(h->name.p, ':', h->name.len) && !memchr(h->name.p, '\n', h->name.len));
	assert(!memchr(h->value.p, '\n', h->value.len));
	assert(h->value.len == 0 || (!strchr(" \t", h->value.p[0] ? h->value.p[0] : 'x') &&
	                             h->value.p[h->value.len - 1] != ' '));
	assert(natsmsg_find(m, h->name, &at) && at <= i);
	at = i;
	assert(natsmsg_find(m, h->name, &at) && at == i);
}

static void
check_same(const struct natsmsg *m, struct arena *mem)
{
	struct natsmsg again = {.body = SLICE_LIT("body")};
	struct buf out = BUF_INIT;
	size_t i;

	write_block(m, &out);
	assert(natsmsg_header_bytes(m) == out.len);
	assert(natsmsg_parse_headers(&again, buf_slice(&out), mem) == 0);
	assert(again.n_headers == m->n_headers);
	assert(natsmsg_bytes(&again) == out.len + 4);
	assert(natsmsg_looks_mangled(&again) == natsmsg_looks_mangled(m));
	for (i = 0; i < m->n_headers; i++)
		assert(slice_eq(again.headers[i].name, m->headers[i].name) &&
		       slice_eq(again.headers[i].value, m->headers[i].value));
	buf_release(&out);
}

static void
check_mark(const struct natsmsg *m)
{
	struct natsheader header = {.name = SLICE_LIT(NATSROW_IMPORT)};
	struct natsmsg again = {.headers = &header, .n_headers = 1};
	struct natsmark mark, back;
	struct buf out = BUF_INIT;

	if (!natsmark_read(m, &mark))
		return;
	natsmark_write(&mark, &out);
	header.value = buf_slice(&out);
	assert(natsmark_read(&again, &back));
	assert(back.position == mark.position && back.events == mark.events);
	assert(memcmp(back.key, mark.key, sizeof(mark.key)) == 0);
	assert(memcmp(back.run, mark.run, sizeof(mark.run)) == 0);
	assert(memcmp(back.event, mark.event, sizeof(mark.event)) == 0);
	assert(back.has_after == mark.has_after && back.after == mark.after);
	assert(back.appended == mark.appended);
	buf_release(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct natsheader header = {.name = SLICE_LIT(NATSROW_IMPORT)};
	struct natsmsg m = {.body = SLICE_LIT("")};
	struct arena *mem = arena_new(4096);
	struct guard g;
	struct slice block;
	size_t i;

	guard_init(&g, size + 1);
	block = guard_end(&g, (struct slice){size ? data : (const uint8_t *)"", size});
	if (natsmsg_parse_headers(&m, block, mem) == 0) {
		for (i = 0; i < m.n_headers; i++)
			check_header(&m, i, block);
		check_same(&m, mem);
		check_mark(&m);
	}
	header.value = block;
	m = (struct natsmsg){.headers = &header, .n_headers = 1};
	check_mark(&m);
	guard_release(&g);
	arena_free(mem);
	return 0;
}
