#include <string.h>

#include "common/address.h"
#include "tests/tap.h"

static const struct {
	const char *text;
	enum address_kind kind;
	const char *path;
} good[] = {
    {"sqlite://rel.db", ADDRESS_SQLITE, "rel.db"},
    {"sqlite:///abs/x.db", ADDRESS_SQLITE, "/abs/x.db"},
    {"sqlite3://x.db", ADDRESS_SQLITE, "x.db"},
    {"sqlite://a%20b%3F%25%c3%A9.db", ADDRESS_SQLITE, "a b?%\xC3\xA9.db"},
    {"sqlite://%2e%2E/x", ADDRESS_SQLITE, "../x"},
    {"sqlite://a:b#c", ADDRESS_SQLITE, "a:b#c"},
    {"file:///tmp/x%01", ADDRESS_FILE, "/tmp/x\x01"},
    {"-", ADDRESS_STREAM, "-"},
    {"./-", ADDRESS_FILE, "./-"},
    {"--", ADDRESS_FILE, "--"},
    {"events.jsonl.zst", ADDRESS_FILE, "events.jsonl.zst"},
    {"/a/b%20c?d", ADDRESS_FILE, "/a/b%20c?d"},
    {"sqlite:x", ADDRESS_FILE, "sqlite:x"},
    {"sqlite:/x", ADDRESS_FILE, "sqlite:/x"},
    {"a/b://c", ADDRESS_FILE, "a/b://c"},
    {"C:x", ADDRESS_FILE, "C:x"},
    {"nats:x", ADDRESS_FILE, "nats:x"},
    {"tls/x", ADDRESS_FILE, "tls/x"},
};

void
test_good_addresses_and_their_paths(void)
{
	struct address a;
	struct err err;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (!eq_int(address_parse(&a, good[i].text, &err), 0))
			eq_str(err.msg, good[i].text);
		eq_int(a.kind, good[i].kind);
		eq_str(a.path, good[i].path);
		eq_str(a.shown, good[i].text);
		ok(address_is_store(&a) == (good[i].kind == ADDRESS_SQLITE));
		address_release(&a);
		address_release(&a);
		ok(a.path == NULL && a.shown == NULL);
	}
}

void
test_an_address_of_postgresql_has_no_path(void)
{
	struct address a;
	struct err err;

	eq_int(address_parse(&a, "postgresql://u:secret@h/d", &err), 0);
	eq_int(a.kind, ADDRESS_POSTGRES);
	ok(address_is_store(&a) && a.path == NULL);
	eq_str(a.shown, "postgres://u@h/d");
	address_release(&a);
	ok(a.pg.conninfo == NULL && a.shown == NULL);
}

void
test_an_address_of_nats_has_no_path(void)
{
	struct address a;
	struct err err;

	eq_int(address_parse(&a, "TLS://u:secret@h/S", &err), 0);
	eq_int(a.kind, ADDRESS_NATS);
	ok(address_is_store(&a) && a.path == NULL);
	eq_str(a.shown, "tls://u@h/S");
	eq_str(a.nats.stream, "S");
	address_release(&a);
	ok(a.nats.stream == NULL && a.shown == NULL);
}

void
test_a_star_behind_a_stream_stands_for_many(void)
{
	struct address a;
	struct err err;

	eq_int(address_parse(&a, "nats://h/S_*?retry=1", &err), 0);
	eq_int(a.kind, ADDRESS_NATS_MANY);
	ok(address_is_store(&a) && a.nats.many);
	eq_str(a.shown, "nats://h/S_*");
	eq_str(a.nats.stream, "S_");
	address_release(&a);
}

static const struct {
	const char *text, *says;
} bad[] = {
    {"", "empty"},
    {"sqlite://", "no path"},
    {"file://", "no path"},
    {"sqlite://x%", "%XX"},
    {"sqlite://x%2", "%XX"},
    {"sqlite://x%2g", "%XX"},
    {"sqlite://x%g2", "%XX"},
    {"sqlite://x%-1", "%XX"},
    {"sqlite://x%00y", "%XX"},
    {"sqlite://x?mode=ro", "%3F"},
    {"file://x?", "%3F"},
    {"postgres://u:secret/x@h/d", "not well-formed"},
    {"postgresql://u:secret", "port"},
    {"nats://u:secret@h", "no name of a stream"},
    {"nats://u:secret@h/*", "the name of the stream: it must be"},
    {"nats://u:secret@h/S*T", "the name of the stream: it must be"},
    {"nats://u:secret@h/S**", "the name of the stream: it must be"},
    {"tls://u:secret/x@h/S", "not well-formed"},
    {"NATS://u:secret/S", "port"},
    {"natss://u:secret@h/S", "address natss://...: unknown kind"},
    {"mysql://u:secret@h/d", "address mysql://...: unknown kind"},
    {"SQLITE://secret", "unknown kind"},
    {"://secret", "unknown kind"},
};

void
test_bad_addresses_are_refused_without_showing_secrets(void)
{
	struct address a;
	struct err err;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		eq_int(address_parse(&a, bad[i].text, &err), -1);
		eq_int(err.kind, ERR_USAGE);
		if (!ok(strstr(err.msg, bad[i].says) != NULL))
			eq_str(err.msg, bad[i].says);
		ok(strstr(err.msg, "secret") == NULL);
		address_release(&a);
	}
}
