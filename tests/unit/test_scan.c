#include "common/stop.h"
#include "format/block.h"
#include "format/scan.h"
#include "tests/unit/archives.h"

#define MIB ((size_t)1 << 20)
#define MAP SLICE_LIT("\xA1\x61x\x07")

static struct scan *
scan_of(char *path, const struct buf *bytes)
{
	struct err err = ERR_INIT;
	struct scan *s = NULL;
	struct file *f = NULL;

	archives_spill(path, buf_slice(bytes));
	ok(file_open(&f, path, &err) == 0);
	scan_open(&s, f);
	return s;
}

/* Bytes of which no block begins. */
static void
add_noise(struct buf *bytes, size_t n)
{
	size_t i;

	buf_reserve(bytes, n);
	for (i = 0; i < n; i++)
		bytes->p[bytes->len++] = (uint8_t)(0x80 | i % 101);
}

/* More than is kept in memory at a time lies before them and between them, and the first is read in
 * two pieces. */
void
test_blocks_are_found_wherever_they_are(void)
{
	static const size_t gaps[] = {2 * MIB - 9, 0, 1, 5 * MIB + 3, MIB};
	char *path = archives_path_new();
	struct buf bytes = BUF_INIT;
	struct err err = ERR_INIT;
	struct scan_block b;
	uint64_t stray = 0;
	struct scan *s;
	size_t i, at = 0;

	for (i = 0; i < SAMPLES_N(gaps); i++) {
		add_noise(&bytes, gaps[i]);
		block_write(BLOCK_END, MAP, &bytes);
	}
	add_noise(&bytes, 11);
	s = scan_of(path, &bytes);
	for (i = 0; i < SAMPLES_N(gaps); i++) {
		eq_int(scan_next(s, &b, &err), 1);
		at += gaps[i];
		eq_uint(b.at, at);
		eq_int(b.kind, BLOCK_END);
		ok(slice_eq(b.map, MAP));
		at += b.frame.len;
		stray += gaps[i];
		eq_uint(scan_stray(s), stray);
	}
	eq_int(scan_next(s, &b, &err), 0);
	eq_uint(scan_stray(s), stray + 11);
	eq_uint(scan_bytes(s), bytes.len);
	scan_free(s);
	scan_free(NULL);
	buf_release(&bytes);
	archives_path_free(path);
}

/* The flag stays set: this is the last test here. */
void
test_a_stop_ends_it_also_in_a_file(void)
{
	char *path = archives_path_new();
	struct buf bytes = BUF_INIT;
	struct err err = ERR_INIT;
	struct scan_block b;
	struct scan *s;

	add_noise(&bytes, 3 * MIB);
	block_write(BLOCK_END, MAP, &bytes);
	s = scan_of(path, &bytes);
	stop_ask();
	eq_int(scan_next(s, &b, &err), -1);
	eq_int(err.kind, ERR_STOPPED);
	scan_free(s);
	buf_release(&bytes);
	archives_path_free(path);
}
