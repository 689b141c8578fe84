#!/usr/bin/env bats
# Millions of events, and payloads of 64 MiB.  Needs 8 GB of disk and some minutes.

load ../cli/helpers
load ../sizes

payload=67108864

teardown() {
	rm -rf "${BATS_TEST_TMPDIR:?}"/* # the next test needs the room
}

@test "a store without events, and one of one event" {
	for n in 0 1; do
		store $n.db --events $n
		[ "$(events $n.db)" = $n ]
		round $n.db jsonl
		round $n.db cbor
	done
}

@test "a million events through JSON Lines" {
	store a.db --events 1000000
	round a.db jsonl
}

@test "a million events through CBOR" {
	store a.db --events 1000000 --seed 2
	round a.db cbor
}

@test "one stream of a million events" {
	store a.db --events 1000000 --streams 1 --payload-bytes 150
	[ "$(sqlite3 a.db "SELECT count(DISTINCT stream) FROM events")" = 1 ]
	round a.db jsonl
	round a.db cbor
}

@test "a million streams of one event" {
	store a.db --events 1000000 --streams 1000000 --payload-bytes 150
	[ "$(sqlite3 a.db "SELECT count(DISTINCT stream) FROM events")" = 1000000 ]
	round a.db jsonl
	round a.db cbor
}

@test "JSON payloads of 64 MiB" {
	store a.db --events 3 --payload-bytes $payload
	[ "$(sqlite3 a.db "SELECT min(octet_length(data)) FROM events" 2>/dev/null ||
		sqlite3 a.db "SELECT min(length(CAST(data AS BLOB))) FROM events")" = $payload ]
	round a.db jsonl
	round a.db cbor
}

@test "bytes of 64 MiB among small payloads" {
	store a.db --events 1000
	sqlite3 a.db "UPDATE events SET data = randomblob($payload) WHERE position IN (1, 500, 501, 1000)"
	round a.db jsonl
	round a.db cbor
}

# All three programs, and the same stores: making them is what takes long.  esverify sorts what
# it reads, and 100,000 events nearly fill its buffers.
@test "memory is the same for 100,000 and for 2,000,000 events" {
	skip_under_sanitizers
	for n in 100000 2000000; do
		store $n.db --events $n
		peak esexport --workers 2 --from sqlite://$n.db --out $n.jsonl.zst
		eval "export_$n=$peak"
		peak esexport --workers 2 --from sqlite://$n.db --out $n.cbor.zst
		eval "export_cbor_$n=$peak"
		rm $n.db
		peak esverify --workers 2 $n.jsonl.zst
		eval "verify_$n=$peak"
		peak esimport --workers 2 --from $n.jsonl.zst --to sqlite://$n.db
		eval "import_$n=$peak"
		rm $n.db
		peak esimport --workers 2 --from $n.cbor.zst --to sqlite://$n.db --batch-size 1000000
		eval "import_cbor_$n=$peak"
		rm $n.*
	done
	for what in export export_cbor verify import import_cbor; do
		few=${what}_100000 many=${what}_2000000
		level "${!few}" "${!many}"
	done
}

@test "comparing two stores of a million events takes the memory of comparing small ones" {
	skip_under_sanitizers
	store a.db --events 50000
	cp a.db b.db
	peak esverify sqlite://a.db sqlite://b.db
	few=$peak
	rm ./*.db
	store a.db --events 1000000
	cp a.db b.db
	peak esverify sqlite://a.db sqlite://b.db
	level "$few" "$peak"
}
