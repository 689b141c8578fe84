#include "format/packer.h"
#include "tests/unit/archives.h"

#define MIB ((size_t)1 << 20)

/* The chunks that `n` events with so much data become, and how many are written before the end. */
static void
packs(unsigned n, size_t data_bytes, unsigned chunks, unsigned before)
{
	struct archives_plan plan = {.codec = &codec_jsonl};
	struct batch *b = batch_new();
	char *path = archives_path_new(), *text = xmalloc(data_bytes + 2);
	struct err err = ERR_INIT;
	struct event *copy, *e;
	struct writer *w = NULL;
	struct file *f = NULL;
	struct packer p;
	struct header h;
	uint64_t events;
	unsigned i;

	memset(text, 'x', data_bytes + 2);
	text[0] = text[data_bytes + 1] = '"';
	archives_header(&h, &plan);
	ok(file_create(&f, path, true, &err) == 0 && writer_open(&w, f, &h, &err) == 0);
	packer_init(&p, 1);
	eq_int(packer_flush(&p, w, h.codec, &err), 0);
	e = samples_event(b);
	e->data = samples_payload(PAYLOAD_JSON, (struct slice){(uint8_t *)text, data_bytes + 2});
	for (i = 0; i < n; i++) {
		e->position = i + 1;
		if (packer_add(&p, w, h.codec, e, &copy, &err) < 0 || copy->position != i + 1 ||
		    copy->data.bytes.p == e->data.bytes.p)
			break;
	}
	eq_uint(i, n);
	eq_uint(writer_totals(w)->chunks, before);
	eq_int(packer_flush(&p, w, h.codec, &err), 1);
	eq_int(packer_flush(&p, w, h.codec, &err), 0);
	eq_uint(writer_totals(w)->chunks, chunks);
	eq_uint(writer_totals(w)->events, n);
	eq_int(writer_finish(w, &(struct writer_account){n, 0, {true, n}}, &err), 0);
	eq_int(file_publish(f, &err), 0);
	file_close(f);
	writer_free(w);
	if (!eq_int(archives_read(path, &events, &err), 0))
		eq_str(err.msg, "");
	eq_uint(events, n);
	packer_release(&p);
	packer_release(&p);
	header_release(&h);
	batch_free(b);
	free(text);
	archives_path_free(path);
}

void
test_a_chunk_is_closed_at_its_weight(void)
{
	packs(1, 1, 1, 0);
	packs(3, MIB, 1, 0);
	packs(4, MIB, 2, 1); /* with what is not data, four are more than 4 MiB */
	packs(10, MIB, 4, 3);
	packs(3, 5 * MIB, 3, 2); /* one that is larger has a chunk for itself */
}

void
test_small_events_weigh_something_too(void)
{
	packs(20000, 1, 1, 0);
	packs(70000, 1, 3, 2);
}

/* Whether it is met when a chunk is full or at the end. */
void
test_an_event_that_cannot_travel_is_named(void)
{
	struct archives_plan plan = {.codec = &codec_jsonl};
	struct batch *b = batch_new();
	char *path = archives_path_new();
	struct event *copy, *bad = samples_event(b), *large = samples_event(b);
	struct writer *w = NULL;
	struct file *f = NULL;
	struct packer p;
	struct header h;
	int full;

	bad->type = SLICE_LIT("\xFF");
	large->data.kind = PAYLOAD_BYTES;
	large->data.bytes = (struct slice){xcalloc(1, 4 * MIB), 4 * MIB};
	archives_header(&h, &plan);
	for (full = 0; full < 2; full++) {
		struct err err = ERR_INIT;

		ok(file_create(&f, path, true, &err) == 0 && writer_open(&w, f, &h, &err) == 0);
		packer_init(&p, 1);
		eq_int(packer_add(&p, w, h.codec, bad, &copy, &err), 0);
		eq_int(full ? packer_add(&p, w, h.codec, large, &copy, &err)
		            : packer_flush(&p, w, h.codec, &err),
		       -1);
		eq_int(err.kind, ERR_DATA);
		ok(strstr(err.msg, "field type") != NULL);
		eq_uint(writer_totals(w)->chunks, 0);
		packer_release(&p);
		writer_free(w);
		file_close(f);
	}
	free((void *)(uintptr_t)large->data.bytes.p);
	header_release(&h);
	batch_free(b);
	archives_path_free(path);
}
