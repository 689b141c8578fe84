#include <string.h>

#include "common/natsmsg.h"
#include "tests/guard.h"
#include "tests/tap.h"

/* "A: b\nC: d\n" is what the headers must be, or NULL: it is no block of headers. */
static void
check_block(struct slice block, const char *want)
{
	struct arena *mem = arena_new(4096);
	struct natsmsg m = {0};
	struct buf got = BUF_INIT;
	struct guard g;
	size_t i;
	int rc;

	guard_init(&g, 4096);
	rc = natsmsg_parse_headers(&m, guard_end(&g, block), mem);
	if (!eq_int(rc, want ? 0 : -1))
		eq_mem(block.p, block.len, "", 0);
	for (i = 0; i < m.n_headers && rc == 0; i++) {
		buf_add_slice(&got, m.headers[i].name);
		buf_add_str(&got, ": ");
		buf_add_slice(&got, m.headers[i].value);
		buf_add_str(&got, "\n");
	}
	if (want)
		eq_str(buf_cstr(&got), want);
	buf_release(&got);
	guard_release(&g);
	arena_free(mem);
}

void
test_blocks_of_headers(void)
{
	check_block(SLICE_LIT("NATS/1.0\r\n\r\n"), "");
	check_block(SLICE_LIT("NATS/1.0\r\nA: b\r\n\r\n"), "A: b\n");
	check_block(SLICE_LIT("NATS/1.0\r\nA:b\r\nC:  d  \r\nE:\tf\t\r\n\r\n"),
	            "A: b\nC: d\nE: f\n");
	check_block(SLICE_LIT("NATS/1.0\r\nA:\r\nB: 1\r\n\r\n"), "A: \nB: 1\n");
	check_block(SLICE_LIT("NATS/1.0\r\nA: B: c\r\n\r\n"), "A: B: c\n");
	check_block(SLICE_LIT("NATS/1.0\r\nA: 1\r\na: 2\r\nA: 1\r\n\r\n"), "A: 1\na: 2\nA: 1\n");
	check_block(SLICE_LIT("NATS/1.0\r\nA: a  b\r\n\r\n"), "A: a  b\n");
	check_block(SLICE_LIT("NATS/1.0\r\n: b\r\n\r\n"), ": b\n");
	check_block(SLICE_LIT("NATS/1.0\r\nA: b\rc\r\n\r\n"), "A: b\rc\n");
	check_block(SLICE_LIT("NATS/1.0 100 Idle Heartbeat\r\nA: b\r\n\r\n"), "A: b\n");
}

void
test_what_is_no_block_of_headers(void)
{
	check_block(SLICE_LIT(""), NULL);
	check_block(SLICE_LIT("\n"), NULL);
	check_block(SLICE_LIT("\r\n"), NULL);
	check_block(SLICE_LIT("NATS/1.0"), NULL);
	check_block(SLICE_LIT("NATS/1.0\r\n"), NULL);
	check_block(SLICE_LIT("NATS/1.\r\n\r\n"), NULL);
	check_block(SLICE_LIT("HTTP/1.0\r\n\r\n"), NULL);
	check_block(SLICE_LIT("nats/1.0\r\n\r\n"), NULL);
	check_block(SLICE_LIT("NATS/1.0\n\n"), NULL);
	check_block(SLICE_LIT("NATS/1.0\r\nA: b\r\n"), NULL);
	check_block(SLICE_LIT("NATS/1.0\r\nA: b"), NULL);
	check_block(SLICE_LIT("NATS/1.0\r\nA: b\n\r\n"), NULL);
	check_block(SLICE_LIT("NATS/1.0\r\nA: b\r\n\n"), NULL);
	check_block(SLICE_LIT("NATS/1.0\r\nA\r\n\r\n"), NULL);
	check_block(SLICE_LIT("NATS/1.0\r\n\r\nx"), NULL);
	check_block(SLICE_LIT("NATS/1.0\r\n\r\n\r\n"), NULL);
}

void
test_names_count_without_regard_to_case(void)
{
	struct natsheader headers[] = {
	    {SLICE_LIT("Es-Type"), SLICE_LIT("1")},
	    {SLICE_LIT("Es-Typ"), SLICE_LIT("2")},
	    {SLICE_LIT("es-TYPE"), SLICE_LIT("3")},
	};
	struct natsmsg m = {.headers = headers, .n_headers = 3};
	size_t at = 0;

	ok(natsmsg_find(&m, SLICE_LIT("ES-TYPE"), &at));
	eq_uint(at, 0);
	at++;
	ok(natsmsg_find(&m, SLICE_LIT("Es-Type"), &at));
	eq_uint(at, 2);
	at++;
	ok(!natsmsg_find(&m, SLICE_LIT("Es-Type"), &at));
	at = 0;
	ok(!natsmsg_find(&m, SLICE_LIT("Es-Types"), &at));
	at = 0;
	ok(!natsmsg_find(&m, SLICE_LIT(""), &at));
}

void
test_names_of_headers(void)
{
	uint8_t longest[256];

	memset(longest, 'a', sizeof(longest));
	ok(natsmsg_is_name(SLICE_LIT("Es-Type")) && natsmsg_is_name(SLICE_LIT("!\"#%~")));
	ok(natsmsg_is_name((struct slice){longest, 255}));
	ok(!natsmsg_is_name((struct slice){longest, 256}));
	ok(!natsmsg_is_name(SLICE_LIT("")));
	ok(!natsmsg_is_name(SLICE_LIT("a b")) && !natsmsg_is_name(SLICE_LIT("a:")));
	ok(!natsmsg_is_name(SLICE_LIT("a\n")) && !natsmsg_is_name(SLICE_LIT("a\r")));
	ok(!natsmsg_is_name(SLICE_LIT("a\0")) && !natsmsg_is_name(SLICE_LIT("a\x7f")));
	ok(!natsmsg_is_name(SLICE_LIT("\xc3\xa9")));
}

void
test_sizes_are_those_of_the_wire(void)
{
	struct natsheader headers[] = {{SLICE_LIT("A"), SLICE_LIT("b")},
	                               {SLICE_LIT("Cc"), SLICE_LIT("")}};
	struct natsmsg m = {.headers = headers, .n_headers = 2, .body = SLICE_LIT("12345")};
	size_t bytes = strlen("NATS/1.0\r\nA: b\r\nCc: \r\n\r\n");

	eq_uint(natsmsg_header_bytes(&m), bytes);
	eq_uint(natsmsg_bytes(&m), bytes + 5);
	m.n_headers = 0;
	eq_uint(natsmsg_header_bytes(&m), strlen("NATS/1.0\r\n\r\n"));
}

static bool
looks_mangled(const char *value)
{
	struct natsheader headers[] = {{SLICE_LIT("A"), SLICE_LIT("plain")},
	                               {SLICE_LIT("B"), slice_str(value)}};
	struct natsmsg m = {.headers = headers, .n_headers = 2};

	return natsmsg_looks_mangled(&m);
}

void
test_values_that_may_be_the_next_header(void)
{
	ok(looks_mangled("") && looks_mangled("Es-Type: Placed") && looks_mangled("C:"));
	ok(looks_mangled("C:d") && looks_mangled("a/b: c"));
	ok(!looks_mangled("plain") && !looks_mangled("plain text: c"));
	ok(!looks_mangled("http://x/") && !looks_mangled("a::b") && !looks_mangled(":x"));
	ok(!looks_mangled("12:30") && !looks_mangled("2026-01-31T12:00:00Z"));
	ok(!looks_mangled("{\"a\":1}") && !looks_mangled("[\"a:b\"]"));
	ok(!looks_mangled("\"a\":1") && !looks_mangled("\xc3\xa9:"));
}
